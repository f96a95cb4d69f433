"""pySHACL on rdflib graphs in memory, its report read: the engine to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyshacl
import rdflib
from pyshacl.errors import ReportableRuntimeError, ShapeLoadError
from rdflib.namespace import RDF, SH
from rdflib.plugins import sparql
from rdflib.plugins.sparql import prepareQuery

from fairmap.errors import InputError
from fairmap.model import Finding, Severity, ValidationReport
from fairmap.rdf import to_graph
from fairmap.shacl.findings import LONGEST, TITLES
from fairmap.shacl.validate import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyoxigraph import Quad

    from fairmap.shacl.shapes import Shapes

_PATHS = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


class _ParsesOnce(rdflib.Graph):
    """A graph that parses each query text once: pySHACL asks the same one for every focus node, and parsing costs 40 ms."""

    def __init__(self) -> None:
        super().__init__(bind_namespaces="none")
        self._parsed: dict[str, Any] = {}

    def query(self, query_object: Any, *args: Any, **extra: Any) -> rdflib.query.Result:
        if isinstance(query_object, str):
            if query_object not in self._parsed:
                self._parsed[query_object] = prepareQuery(query_object, initNs=extra.get("initNs") or {})
            query_object = self._parsed[query_object]
        return super().query(query_object, *args, **extra)


def validate_by_pyshacl(
    quads: Iterable[Quad], shapes: Shapes, record_of: Callable[[str], str | None]
) -> ValidationReport:
    """Judge as :func:`fairmap.shacl.validate` does. No inference, no ontology, nothing is fetched.

    :raises InputError: when pySHACL cannot use the shapes.
    """
    graph = _ParsesOnce()
    graph += to_graph(quads)
    try:
        sparql.SPARQL_LOAD_GRAPHS = False
        _, results, _ = pyshacl.validate(
            graph, shacl_graph=shapes.graph, inference="none", advanced=False, inplace=True, do_owl_imports=False
        )
    except (ShapeLoadError, ReportableRuntimeError) as error:
        raise InputError(f"the shapes cannot be used: {error}", where=", ".join(shapes.names)) from error
    if not isinstance(results, rdflib.Graph):
        raise InputError(f"the shapes cannot be used: {results}", where=", ".join(shapes.names))
    findings = [_finding(results, result, graph, shapes, record_of) for result in results.objects(None, SH.result)]
    return ValidationReport(in_order(findings))


def _finding(
    results: rdflib.Graph, result: Any, data: rdflib.Graph, shapes: Shapes, record_of: Callable[[str], str | None]
) -> Finding:
    focus = results.value(result, SH.focusNode)
    path = results.value(result, SH.resultPath)
    value = results.value(result, SH.value)
    shape = results.value(result, SH.sourceShape)
    constraint = results.value(result, SH.sourceConstraint)
    severity = str(results.value(result, SH.resultSeverity)).removeprefix(str(SH))
    record = _record(data, focus, record_of)
    return Finding(
        severity=Severity(severity) if severity in {s.value for s in Severity} else Severity.VIOLATION,
        record=record,
        focus=_name(focus),
        path=None if path is None else _path(results, path),
        value=None if value is None else value.n3(),
        message=_message(results, result, set(shapes.graph.objects(shape, SH.message)) if constraint else set()),
        shape=_shape(shapes.graph, constraint or shape),
        component=str(results.value(result, SH.sourceConstraintComponent)),
        name=_text(shapes.graph, shape, SH.name) if path == shapes.graph.value(shape, SH.path) else None,
        title=_title(data, record),
        kind=min(
            (str(kind) for kind in data.objects(focus, RDF.type) if isinstance(kind, rdflib.URIRef)), default=None
        ),
    )


def _text(graph: rdflib.Graph, node: Any, predicate: Any) -> str | None:
    texts = [value for value in graph.objects(node, predicate) if isinstance(value, rdflib.Literal)]
    best = min(texts, key=lambda t: (t.language != "en", t.language is not None, str(t)), default=None)
    return None if best is None else str(best)


def _title(data: rdflib.Graph, record: str | None) -> str | None:
    if record is None:
        return None
    texts = (_text(data, rdflib.URIRef(record), rdflib.URIRef(predicate.value)) for predicate in TITLES)
    found = next(filter(None, texts), None)
    return None if found is None else found[:LONGEST]


def _message(results: rdflib.Graph, result: Any, of_shape: set[Any]) -> str:
    """The message in English; of a SPARQL constraint its own, which goes before the shape's. Source: SHACL 5.3.2."""
    messages = set(results.objects(result, SH.resultMessage))
    best = sorted(messages - of_shape or messages, key=lambda m: (getattr(m, "language", None) != "en", m))
    return str(best[0]) if best else "does not conform"


def _name(node: Any) -> str:
    return str(node) if isinstance(node, rdflib.URIRef) else str(node.n3())


def _record(data: rdflib.Graph, node: Any, record_of: Callable[[str], str | None]) -> str | None:
    """The record of a node; of a blank node, that of what points to it."""
    seen = set()
    while isinstance(node, rdflib.BNode) and node not in seen:
        seen.add(node)
        node = next(data.subjects(None, node), node)
    return None if isinstance(node, rdflib.BNode) else record_of(str(node))


def _shape(graph: rdflib.Graph, shape: Any) -> str:
    """The IRI of a shape; of one without, that of the shape that holds it."""
    seen = set()
    while isinstance(shape, rdflib.BNode) and shape not in seen:
        seen.add(shape)
        shape = next(graph.subjects(None, shape), shape)
    return str(shape)


def _path(graph: rdflib.Graph, path: Any) -> str:
    """A SHACL path in SPARQL's writing. Source: SHACL 2.3.1."""
    if isinstance(path, rdflib.URIRef):
        return str(path)
    if (path, RDF.first, None) in graph:
        return "/".join(_part(graph, item) for item in graph.items(path))
    for predicate, node in graph.predicate_objects(path):
        if predicate == SH.inversePath:
            return f"^{_part(graph, node)}"
        if predicate == SH.alternativePath:
            return "|".join(_part(graph, item) for item in graph.items(node))
        if predicate in _PATHS:
            return f"{_part(graph, node)}{_PATHS[predicate]}"  # type: ignore[index]
    return str(path)


def _part(graph: rdflib.Graph, path: Any) -> str:
    text = _path(graph, path)
    return f"<{text}>" if isinstance(path, rdflib.URIRef) else f"({text})"
