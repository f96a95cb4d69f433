"""Stage, validate, replace: the only way into a live store."""

from fairmap.publish.judging import judge_records, pointed_to
from fairmap.publish.publisher import Publisher
from fairmap.publish.staging import Staged, stage
from fairmap.publish.upgrade import Upgrade, upgrade

__all__ = ["Publisher", "Staged", "Upgrade", "judge_records", "pointed_to", "stage", "upgrade"]
