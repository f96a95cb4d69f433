"""Queries that look into the shapes graph (``GRAPH $shapesGraph``), on its literals and those of the data as they were written.

What such a query can meet is not worked out: when the engine rewrote any literal of the shapes or of the data, rdflib answers
at each focus node. Source: SHACL 5.3.1, pre-bound variables.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import rdflib
from pyoxigraph import Quad
from rdflib.store import Store

from fairmap.rdf import to_graph
from fairmap.shacl.evaluate import SHAPES_GRAPH
from fairmap.shacl.queries import Queries
from fairmap.shacl.written import AsWritten, WrittenGraph
from fairmap.store.literals import stored_forms

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from pyoxigraph import Triple

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Custom, Shape, Sparql
    from fairmap.shacl.paths import Term


class ShapesGraphQueries(Queries):
    """Queries on a data graph that has the shapes graph beside it."""

    def __init__(self, data: DataGraph, shapes: Sequence[Triple]) -> None:
        super().__init__(data)
        self._shapes = shapes
        self._is_any_rewritten = bool(
            data.rewritten or stored_forms(Quad(one.subject, one.predicate, one.object) for one in shapes)
        )

    def answer(self, shape: Shape, constraint: Sparql | Custom, bound: Mapping[str, Term]) -> Any:
        """As :meth:`Queries.answer`."""
        if constraint.query.sees_shapes and self._is_any_rewritten:
            return self.written.run(constraint.query, bound)
        return super().answer(shape, constraint, bound)

    @cached_property
    def written(self) -> WrittenGraph:
        """Data and shapes for rdflib."""
        store = _Both(AsWritten(self._data), to_graph(self._shapes))
        return WrittenGraph(rdflib.Dataset(store=store, default_union=False))


class _Both(Store):
    """The data as the default graph, the shapes as a named one; read only."""

    context_aware = True
    graph_aware = True

    def __init__(self, data: Store, shapes: rdflib.Graph) -> None:
        super().__init__()
        self._data = data
        self._shapes = shapes
        self._name = rdflib.URIRef(SHAPES_GRAPH.value)

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:
        """The triples of the graph that match, literals as written."""
        if context is not None and context.identifier == self._name:
            for found in self._shapes.triples(triple_pattern):
                yield found, iter(())
        elif context is None or context.identifier == rdflib.graph.DATASET_DEFAULT_GRAPH_ID:
            yield from self._data.triples(triple_pattern)

    def contexts(self, triple: Any = None) -> Generator[Any, None, None]:  # noqa: ARG002 - which graphs hold it is not asked
        """The named graph."""
        yield rdflib.Graph(store=self, identifier=self._name)

    def add_graph(self, graph: Any) -> None:
        """Nothing: both graphs are there."""

    def __len__(self, context: Any = None) -> int:
        """Not known, and not asked for by queries."""
        return 1
