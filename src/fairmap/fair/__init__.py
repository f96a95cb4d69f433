"""The FAIR audit: datasets judged by criteria that are data, with the remedy of each failure."""

from fairmap.fair.assessment import Assessment, Failure, Judgement, Outcome, Score
from fairmap.fair.audit import Auditor, datasets
from fairmap.fair.criteria import METRIC_SETS, Check, Criteria, Criterion, MetricSet
from fairmap.fair.described import Described
from fairmap.fair.history import History, Kept
from fairmap.fair.records import RecordAuditor, neighbours

__all__ = [
    "METRIC_SETS",
    "Assessment",
    "Auditor",
    "Check",
    "Criteria",
    "Criterion",
    "Described",
    "Failure",
    "History",
    "Judgement",
    "Kept",
    "MetricSet",
    "Outcome",
    "RecordAuditor",
    "Score",
    "datasets",
    "neighbours",
]
