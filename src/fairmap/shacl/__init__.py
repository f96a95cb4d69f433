"""Judging a graph by shapes, where the data are: shapes become queries that find whom to judge; an exact evaluator judges."""

from fairmap.shacl.data import DataGraph
from fairmap.shacl.incremental import affected
from fairmap.shacl.judge import judge
from fairmap.shacl.parse import ShapeSet, read_shapes
from fairmap.shacl.results import Result, report
from fairmap.shacl.shapes import Shapes, load_shapes
from fairmap.shacl.validate import ENGINES, validate

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
