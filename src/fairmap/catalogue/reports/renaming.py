"""Things that have to be called otherwise, and how."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fairmap.model import Finding

_OWNER: Final = "/DistributionOwner"
_DATASET: Final = re.compile(r"/dataset/([^/]+)\Z")
_NUMBER: Final = re.compile(r"[0-9]+>?\Z")


def renamed(finding: Finding) -> str | None:
    """The IRI that the value of a finding must have; ``None`` when its name is not what is wrong.

    A distribution is called by its dataset's name and a number; the number that it has is kept.
    """
    if not finding.shape.endswith(_OWNER) or not _DATASET.search(finding.focus):
        return None
    number = _NUMBER.search(finding.value or "")
    return f"{_DATASET.sub(r'/distribution/', finding.focus)}{_name(finding)}-{number[0].rstrip('>') if number else 1}"


def _name(finding: Finding) -> str:
    match = _DATASET.search(finding.focus)
    return match[1] if match else ""
