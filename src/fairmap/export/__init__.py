"""Records out: as they were written, and as published profiles want them (projections)."""

from fairmap.export.batch import Batch
from fairmap.export.checking import Check, Checked, check
from fairmap.export.projection import FAILED, LEFT_OUT, TO_TELL, Projected, Projection, Remark
from fairmap.export.records import export
from fairmap.export.registry import projection, projection_names
from fairmap.export.source import Source

__all__ = [
    "FAILED",
    "LEFT_OUT",
    "TO_TELL",
    "Batch",
    "Check",
    "Checked",
    "Projected",
    "Projection",
    "Remark",
    "Source",
    "check",
    "export",
    "projection",
    "projection_names",
]
