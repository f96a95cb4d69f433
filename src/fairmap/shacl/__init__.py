"""Judging a graph by shapes, where the data are: shapes become queries that find whom to judge; an exact evaluator judges."""

from typing import TYPE_CHECKING, Any

from fairmap.shacl.data import DataGraph
from fairmap.shacl.judge import judge
from fairmap.shacl.parse import ShapeSet, read_shapes
from fairmap.shacl.results import Result, report
from fairmap.shacl.shapes import Shapes, load_shapes
from fairmap.shacl.validate import ENGINES, validate

if TYPE_CHECKING:
    from fairmap.shacl.incremental import affected

__all__ = [
    "ENGINES",
    "DataGraph",
    "Result",
    "ShapeSet",
    "Shapes",
    "affected",
    "judge",
    "load_shapes",
    "read_shapes",
    "report",
    "validate",
]


def __getattr__(name: str) -> Any:
    """``affected`` when it is asked for: it loads rdflib, which takes as long as all that a command needs."""
    if name == "affected":
        from fairmap.shacl.incremental import affected  # noqa: PLC0415

        return affected
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
