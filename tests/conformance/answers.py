"""Answers, expected ones read from their files, and when two of them are the same."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar
from urllib.parse import quote

import rdflib
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)
from rdflib.compare import isomorphic

from conformance.manifests import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.manifests import Data

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
Row: TypeAlias = tuple[Term | str | None, ...]

_Cell = TypeVar("_Cell", bound="Term | str | None")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_RS: Final = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_RDF_TYPE: Final = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_RDF_FORMATS: Final = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "rdf": RdfFormat.RDF_XML}
_RESULT_FORMATS: Final = {
    "srx": QueryResultsFormat.XML,
    "srj": QueryResultsFormat.JSON,
    "tsv": QueryResultsFormat.TSV,
}
MEDIA_TYPES: Final = {
    "srx": "application/sparql-results+xml",
    "srj": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}


@dataclass(frozen=True)
class Solutions:
    """The answer of SELECT; in CSV its cells are strings.

    :ivar ordered: the order of the rows counts.
    """

    variables: tuple[str, ...]
    rows: tuple[Row, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Graph:
    """The answer of CONSTRUCT or DESCRIBE, or, with its graphs' names, what a store holds."""

    quads: frozenset[Quad]


Answer: TypeAlias = Solutions | Graph | bool


def quads_of(data: Data) -> list[Quad]:
    """What a store with these documents holds; blank nodes of two documents are two."""
    default = [quad for address in data.default for quad in document(address)]
    named = [
        Quad(quad.subject, quad.predicate, quad.object, NamedNode(name))
        for name, address in data.named
        for quad in document(address)
    ]
    return [*default, *named]


@cache
def document(address: str) -> tuple[Quad, ...]:
    """The triples of a document, in the default graph."""
    text = path_of(address).read_bytes()
    form = _RDF_FORMATS[address.rpartition(".")[2]]
    return tuple(parse(text, format=form, base_iri=address, rename_blank_nodes=True))


def expected(address: str) -> Answer:
    """The answer that a file gives: in a format of results, as a graph, or as a graph that describes results."""
    ending = address.rpartition(".")[2]
    if ending not in _RDF_FORMATS:
        return read(path_of(address).read_bytes(), ending)
    quads = document(address)
    described = next((q.subject for q in quads if q.predicate == _RDF_TYPE and q.object == _rs("ResultSet")), None)
    return Graph(frozenset(quads)) if described is None else _described(described, quads)


def read(text: bytes, ending: str) -> Answer:
    """The answer in a format of results or, for ``nt``, of RDF.

    :raises SyntaxError: when it is not in this format.
    """
    if ending == "csv":
        header, *rows = csv.reader(io.StringIO(text.decode()))
        return Solutions(tuple(header), tuple(_cells(row) for row in rows))
    if ending == "nt":
        return Graph(frozenset(parse(text, format=RdfFormat.N_TRIPLES)))
    results = parse_query_results(text, format=_RESULT_FORMATS[ending])
    if isinstance(results, QueryBoolean):
        return bool(results)
    return of_solutions(results)


def of_solutions(results: QuerySolutions) -> Solutions:
    """The solutions, gathered."""
    variables = tuple(variable.value for variable in results.variables)
    return Solutions(variables, tuple(tuple(solution[name] for name in variables) for solution in results))


def _cells(row: list[str]) -> Row:
    return tuple(BlankNode(cell.removeprefix("_:")) if cell.startswith("_:") else cell for cell in row)


def _rs(name: str) -> NamedNode:
    return NamedNode(f"{_RS}{name}")


def _described(results: object, quads: Iterable[Quad]) -> Answer:
    """The answer that a graph describes. Source: DAWG result set vocabulary (rs:ResultSet, rs:solution, rs:index)."""
    objects: dict[tuple[object, NamedNode], list[Term]] = {}
    for quad in quads:
        objects.setdefault((quad.subject, quad.predicate), []).append(quad.object)

    def one(subject: object, name: str) -> Term | None:
        return next(iter(objects.get((subject, _rs(name)), ())), None)

    truth = one(results, "boolean")
    if isinstance(truth, Literal):
        return truth.value == "true"
    variables = tuple(v.value for v in objects.get((results, _rs("resultVariable")), ()) if isinstance(v, Literal))
    numbered = []
    for solution in objects.get((results, _rs("solution")), ()):
        bindings = objects.get((solution, _rs("binding")), ())
        values = {getattr(one(binding, "variable"), "value", ""): one(binding, "value") for binding in bindings}
        index = one(solution, "index")
        numbered.append((int(index.value) if isinstance(index, Literal) else None, tuple(map(values.get, variables))))
    ordered = bool(numbered) and all(index is not None for index, _ in numbered)
    if ordered:
        numbered.sort(key=lambda pair: pair[0] or 0)
    return Solutions(variables, tuple(row for _, row in numbered), ordered)


def same(found: Answer, wanted: Answer, *, lax: bool = False) -> bool:
    """Whether one answer is the other but for the names of blank nodes.

    :param lax: solutions may be repeated less often than wanted.
    """
    if isinstance(found, Graph) and isinstance(wanted, Graph):
        return isomorphic(_named_as_predicate(found), _named_as_predicate(wanted))
    if not isinstance(found, Solutions) or not isinstance(wanted, Solutions):
        return found == wanted
    if set(found.variables) != set(wanted.variables):
        return False
    places = [found.variables.index(name) for name in wanted.variables]
    rows = [tuple(row[place] for place in places) for row in found.rows]
    if lax:
        return set(rows) == set(wanted.rows) and not Counter(rows) - Counter(wanted.rows)
    if wanted.ordered:
        return len(rows) == len(wanted.rows) and _in_order(rows, wanted.rows)
    return len(rows) == len(wanted.rows) and _paired(rows, list(wanted.rows), {})


def by_value(answer: Answer) -> Answer:
    """The answer with each literal as the engine stores it, unless that changes its datatype."""
    if isinstance(answer, Solutions):
        rows = tuple(tuple(_stored(term) for term in row) for row in answer.rows)
        return Solutions(answer.variables, rows, answer.ordered)
    if isinstance(answer, Graph):
        kept = (Quad(q.subject, q.predicate, _stored(q.object), q.graph_name) for q in answer.quads)
        return Graph(frozenset(kept))
    return answer


@cache
def _stored(term: _Cell) -> _Cell | Literal:
    """A number in CSV as a double, a literal as the engine stores it; other terms as they are."""
    if isinstance(term, str) and _NUMBER.fullmatch(term):
        return _kept(Literal(term, datatype=NamedNode(f"{_XSD}double")))
    return _kept(term) if isinstance(term, Literal) else term


def _kept(literal: Literal) -> Literal:
    probe = Store()
    probe.add(Quad(_RDF_TYPE, _RDF_TYPE, literal))
    kept = next(iter(probe)).object
    return kept if isinstance(kept, Literal) and kept.datatype == literal.datatype else literal


def _named_as_predicate(graph: Graph) -> rdflib.Graph:
    """The quads as a graph: those of a named graph with its name put before their predicates."""
    triples = rdflib.Graph()
    for quad in graph.quads:
        name = "" if isinstance(quad.graph_name, DefaultGraph) else quote(quad.graph_name.value, safe="")
        predicate = rdflib.URIRef(f"urn:in:{name}:{quad.predicate.value}")
        triples.add((_rdflib(quad.subject), predicate, _rdflib(quad.object)))
    return triples


def _rdflib(term: Term) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Triple):
        raise TypeError("no case has a triple as a term")
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def _in_order(rows: list[Row], wanted: tuple[Row, ...]) -> bool:
    names: dict[BlankNode, BlankNode] | None = {}
    for row, other in zip(rows, wanted, strict=True):
        names = None if names is None else _matched(row, other, names)
    return names is not None


def _paired(rows: list[Row], wanted: list[Row], names: Mapping[BlankNode, BlankNode]) -> bool:
    """Whether each row has its own among the wanted, under one renaming of blank nodes that goes on from ``names``."""
    plain = Counter(row for row in rows if not _blank(row)), Counter(row for row in wanted if not _blank(row))
    if plain[0] != plain[1]:
        return False
    rows, wanted = [row for row in rows if _blank(row)], [row for row in wanted if _blank(row)]
    if not rows:
        return True
    return any(
        _paired(rows[1:], wanted[:place] + wanted[place + 1 :], more)
        for place, more in _partners(rows[0], wanted, names)
    )


def _partners(
    row: Row, wanted: list[Row], names: Mapping[BlankNode, BlankNode]
) -> Iterator[tuple[int, dict[BlankNode, BlankNode]]]:
    for place, other in enumerate(wanted):
        more = _matched(row, other, names)
        if more is not None:
            yield place, more


def _blank(row: Row) -> bool:
    return any(isinstance(term, BlankNode) for term in row)


def _matched(row: Row, other: Row, names: Mapping[BlankNode, BlankNode]) -> dict[BlankNode, BlankNode] | None:
    """The renaming that makes one row the other, going on from ``names``, or ``None``."""
    more = dict(names)
    for term, wanted in zip(row, other, strict=True):
        if isinstance(term, BlankNode) and isinstance(wanted, BlankNode):
            if more.setdefault(term, wanted) != wanted:
                return None
        elif term != wanted:
            return None
    return more if len(set(more.values())) == len(more) else None
