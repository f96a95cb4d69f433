"""Queries of the shapes on literals as they were written: by rdflib, which keeps them, at the focus nodes where it matters.

The engine holds ``"042"^^xsd:integer`` as ``42``, so ``STR`` and ``DATATYPE`` in its queries answer for another literal. What a
query looks at tells from which focus nodes it can meet a rewritten literal; there rdflib answers, on the data read one triple
pattern at a time. A query that sees nothing but values is asked of the engine first: where that finds nothing, there is nothing.
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
from fairmap.shacl.datatypes import INTEGERS, is_well_formed
from fairmap.shacl.follow import follow
from fairmap.shacl.paths import backwards, one
from fairmap.shacl.sight import sight

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rdflib.plugins.sparql.sparql import Query as Prepared

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Custom, Shape, Sparql
    from fairmap.shacl.paths import Path, Term
    from fairmap.shacl.prebinding import Query
    from fairmap.shacl.sight import Sight

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


def sight_of(shape: Shape, query: Query) -> Sight:
    """What a query of the shape sees."""
    starts: dict[str, tuple[Path, ...]] = {"this": ()}
    if query.asks:
        starts["value"] = () if shape.path is None else (shape.path,)
    return sight(query.prepared.algebra, starts)


class WrittenQueries:
    """Queries on one data graph."""

    def __init__(self, data: DataGraph) -> None:
        self._data = data
        self._graph = rdflib.Graph(store=_AsWritten(data), bind_namespaces="none")
        self._sights: dict[tuple[Shape, Query], tuple[frozenset[Term] | None, bool]] = {}

    def touched(self, shape: Shape, constraint: Sparql | Custom) -> frozenset[Term] | None:
        """The focus nodes from which the query can meet a literal that the engine rewrote; ``None``: all may."""
        return self._seen(shape, constraint.query)[0]

    def by_value(self, shape: Shape, constraint: Sparql | Custom) -> bool:
        """Whether the engine can be trusted when it finds nothing."""
        return self._seen(shape, constraint.query)[1]

    def matters(self, shape: Shape, constraint: Sparql | Custom, bound: Mapping[str, Term]) -> bool:
        """Whether the query has to be asked on the literals as they were written, for a focus node and what else is given."""
        given = (term for term in bound.values() if isinstance(term, Literal))
        if any(self._data.as_stored(term) != term for term in given):
            return True
        if not self._data.rewritten:
            return False
        touched = self.touched(shape, constraint)
        return touched is None or bound["this"] in touched

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

    def _seen(self, shape: Shape, query: Query) -> tuple[frozenset[Term] | None, bool]:
        key = (shape, query)
        if key not in self._sights:
            if not self._data.rewritten or "shapesGraph" in query.names:
                self._sights[key] = frozenset(), False
            else:
                seen = sight_of(shape, query)
                self._sights[key] = self._met(seen), seen.by_value and self._are_well_formed(seen)
        return self._sights[key]

    def _met(self, seen: Sight) -> frozenset[Term] | None:
        if seen.looks is None:
            return None
        found: set[Term] = set()
        for way, predicate in seen.looks:
            for rewritten, forms in self._data.rewritten.items():
                if predicate not in {None, rewritten}:
                    continue
                if way is None:
                    return None
                for node in map(_node, dict.fromkeys(subject for subject, _ in forms)):
                    found.update((node,) if not way else follow(self._data, backwards(one(way)), node))
        return frozenset(found)

    def _are_well_formed(self, seen: Sight) -> bool:
        wanted = None if seen.looks is None else {look.property for look in seen.looks}
        return all(
            is_well_formed(literal)
            for predicate, forms in self._data.rewritten.items()
            if wanted is None or None in wanted or predicate in wanted
            for literals in forms.values()
            for literal in literals
        )


class _AsWritten(Store):
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


def _node(name: str) -> Term:
    """The node of an N-Triples form."""
    return BlankNode(name.removeprefix("_:")) if name.startswith("_:") else NamedNode(name[1:-1])
