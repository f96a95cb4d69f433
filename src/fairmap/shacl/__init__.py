"""Judging a graph by shapes: pySHACL on rdflib graphs in memory, its report as :class:`~fairmap.model.ValidationReport`."""

from fairmap.shacl.shapes import Shapes, load_shapes
from fairmap.shacl.validate import validate

__all__ = ["Shapes", "load_shapes", "validate"]
