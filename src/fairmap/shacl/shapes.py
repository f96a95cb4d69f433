"""Reading shapes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fairmap.rdf import by_file_name, parse, to_graph
from fairmap.resources import folder
from fairmap.shacl.parse import ShapeSet, read_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import rdflib
    from pyoxigraph import Quad


@dataclass(frozen=True, eq=False)
class Shapes:
    """A shapes graph.

    :ivar quads: its triples; graph names do not matter.
    :ivar names: the files it was read from, for messages.
    """

    quads: tuple[Quad, ...]
    names: tuple[str, ...]

    @cached_property
    def parsed(self) -> ShapeSet:
        """The shapes as values, with the queries made of them; read once.

        :raises IllFormedShapes: with each fault and the clause of SHACL it breaks.
        """
        return read_shapes(self.quads, where=", ".join(self.names))

    @cached_property
    def graph(self) -> rdflib.Graph:
        """The triples for rdflib and pySHACL."""
        return to_graph(self.quads)


def load_shapes(files: Sequence[Path] | None = None) -> Shapes:
    """The shapes of these files; without files, those that say what fairmap accepts.

    :raises UnreadableInput: with file, line and column.
    :raises IllFormedShapes: when the user's shapes are ill-formed, with each fault.
    """
    paths = sorted(folder("shapes").glob("*.ttl")) if files is None else list(files)
    quads = [
        quad
        for path in paths
        for quad in parse(path.read_bytes(), by_file_name(path), base_iri=path.absolute().as_uri(), name=str(path))
    ]
    shapes = Shapes(tuple(quads), tuple(str(path) for path in paths))
    if not all(path.is_relative_to(folder("shapes")) for path in paths):
        _ = shapes.parsed
    return shapes
