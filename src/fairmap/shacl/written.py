"""Queries of the shapes asked of rdflib, which keeps literals as they were written, on the data read one triple pattern at a time.

It takes milliseconds for what the engine does in a hundredth of that: see :mod:`fairmap.shacl.queries`.
"""

from __future__ import annotations

from threading import Lock
from types import MethodType
from typing import TYPE_CHECKING, Any, Final

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.algebra import translateGroupGraphPattern
from rdflib.plugins.sparql.operators import RelationalExpression
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import SPARQLError
from rdflib.store import Store

from fairmap.namespaces import XSD
from fairmap.rdf import to_rdflib
from fairmap.shacl.datatypes import INTEGERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rdflib.plugins.sparql.sparql import Query as Prepared

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.paths import Term
    from fairmap.shacl.prebinding import Query

_ORDER: Final = frozenset({"<", "<=", ">", ">="})
_NUMBERS: Final = INTEGERS | {f"{XSD}{name}" for name in ("decimal", "double", "float")}
_PREPARING: Final = Lock()
"""Preparing a query changes a setting of rdflib for all threads."""


def prepared(query: Query) -> Prepared:
    """The query as rdflib has it, its constants as written."""
    with _PREPARING:
        kept = rdflib.NORMALIZE_LITERALS
        rdflib.NORMALIZE_LITERALS = False
        try:
            found = prepareQuery(query.text(""))
        finally:
            rdflib.NORMALIZE_LITERALS = kept
    _mend(found.algebra)
    return found


def _mend(part: Any) -> None:
    """Translate EXISTS inside other expressions, which rdflib leaves as it was parsed, and compare as SPARQL does."""
    if isinstance(part, CompValue):
        if part.name in {"Builtin_EXISTS", "Builtin_NOTEXISTS"} and part.graph.name == "GroupGraphPatternSub":
            part.graph = translateGroupGraphPattern(part.graph)
        if part.name == "RelationalExpression" and part.op in _ORDER:
            part._evalfn = MethodType(_compared, part)  # noqa: SLF001 - rdflib has no other place for it
        for inner in list(part.values()):
            _mend(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            _mend(inner)


def _compared(expression: Any, context: Any) -> Any:
    """A comparison; rdflib puts terms in an order that SPARQL does not compare. Source: SPARQL 1.1, 17.3."""
    one, other = _kind(expression.expr), _kind(expression.other)
    if one is None or one != other:
        raise SPARQLError("not comparable")
    return RelationalExpression(expression, context)


def _kind(term: Any) -> Any:
    """What a literal can be compared with; ``None`` for what cannot be compared."""
    if not isinstance(term, rdflib.Literal) or term.language or term.ill_typed:
        return None
    datatype = str(term.datatype or rdflib.XSD.string)
    return "number" if datatype in _NUMBERS else datatype


class WrittenGraph:
    """A graph of rdflib that queries of the shapes are asked of."""

    def __init__(self, graph: rdflib.Graph) -> None:
        self._graph = graph

    @classmethod
    def of(cls, data: DataGraph) -> WrittenGraph:
        """A data graph alone."""
        return cls(rdflib.Graph(store=AsWritten(data), bind_namespaces="none"))

    def run(self, query: Query, bound: Mapping[str, Term]) -> Any:
        """As :func:`fairmap.shacl.prebinding.run`."""
        given = {name: to_rdflib(term) for name, term in bound.items() if name in query.names}
        found = self._graph.query(query.prepared, initBindings=given)
        if query.asks:
            return bool(found.askAnswer)
        return [
            {str(name): _term(value) for name, value in solution.items() if value is not None}
            for solution in found.bindings
        ]


class AsWritten(Store):
    """The data graph for rdflib, read only."""

    def __init__(self, data: DataGraph) -> None:
        super().__init__()
        self._data = data

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:  # noqa: ARG002 - there is one graph
        """The triples that match, literals as written."""
        subject, predicate, value = (None if term is None else _term(term) for term in triple_pattern)
        for found in self._data.triples(subject, predicate, value):
            yield tuple(map(to_rdflib, found)), iter(())

    def __len__(self, context: Any = None) -> int:
        """Not known, and not asked for by queries."""
        return 1


def _term(term: Any) -> Any:
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype))) if term.datatype else Literal(str(term))
