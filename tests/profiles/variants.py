"""Records with one fault each, made from a complete one: what a data manager may get wrong, property by property."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDF, XSD

from fairmap.profiles import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    Fault = tuple[str, list[rdflib.term.Node]]

BASE: Final = "https://example.org/"
_TEXT: Final = rdflib.Literal("something else")
_OUTSIDE: Final = rdflib.URIRef("https://elsewhere.example/term")
_WRONG: Final = rdflib.URIRef("https://elsewhere.example/Class")
_RECORDS: Final = {
    rdflib.URIRef(f"{DCAT}{kind}") for kind in ("Catalog", "CatalogRecord", "DataService", "Dataset", "DatasetSeries")
}
_UNREAD: Final = {XSD.gYear, XSD.gYearMonth}
"""Datatypes whose form rdflib, and so the judge of the official shapes, does not look at."""

_SECOND: Final = {
    XSD.boolean: "false",
    XSD.date: "2027-01-01",
    XSD.dateTime: "2027-01-01T00:00:00Z",
    XSD.duration: "P2D",
    XSD.gYear: "2027",
    XSD.gYearMonth: "2027-01",
    XSD.hexBinary: "00ff",
}


class Variant(NamedTuple):
    """A record with one fault.

    :ivar node: the node whose property is at fault, as it is named in the complete record.
    """

    fault: str
    node: str
    path: str
    graph: rdflib.Graph


def variants(complete: rdflib.Graph) -> Iterator[Variant]:
    """One for each property of each node and each fault that its value can have."""
    for node in sorted(set(complete.subjects(RDF.type)), key=str):
        around = _around(complete, node)
        for path in sorted(set(complete.predicates(node)) - {RDF.type}, key=str):
            value = min(complete.objects(node, path), key=str)
            for fault, instead in _faults(complete, value):
                graph = rdflib.Graph()
                graph += around
                graph.remove((node, path, None) if fault == "missing" else (node, path, value))
                for replacement in instead:
                    graph.add((node, path, replacement))
                yield Variant(fault, str(node), str(path), graph)
            if (value, RDF.type, None) in complete:
                yield Variant("wrong class", str(node), str(path), _retyped(around, node, path, value))


def _around(complete: rdflib.Graph, node: rdflib.term.Node) -> rdflib.Graph:
    """What a record says: the node, its parts, and for a part the smallest thing that it is a part of."""
    mine = _described(complete, node)
    wholes = [
        _described(complete, whole) for whole in sorted(set(complete.subjects(None, node)), key=str) if whole != node
    ]
    return min(wholes, key=len) + mine if wholes and not _is_record(complete, node) else mine


def _described(complete: rdflib.Graph, node: rdflib.term.Node) -> rdflib.Graph:
    """The triples of a node and its parts; of other records only their class and access right."""
    graph, nodes = rdflib.Graph(), [node]
    for part in nodes:
        is_whole = part == node or not _is_record(complete, part)
        for triple in complete.triples((part, None, None)):
            if not is_whole and triple[1] not in {RDF.type, DCTERMS.accessRights}:
                continue
            graph.add(triple)
            if triple[2] not in nodes and triple[1] != RDF.type:
                nodes.append(triple[2])
    return graph


def _is_record(complete: rdflib.Graph, node: rdflib.term.Node) -> bool:
    return any(kind in _RECORDS for kind in complete.objects(node, RDF.type))


def _faults(complete: rdflib.Graph, value: rdflib.term.Node) -> list[Fault]:
    if isinstance(value, rdflib.Literal):
        text = _SECOND.get(value.datatype, f"{value}2") if value.datatype else f"{value}2"
        second = rdflib.Literal(text, lang=value.language, datatype=value.datatype, normalize=False)
        found: list[Fault] = [("missing", []), ("doubled", [value, second]), ("IRI for text", [_OUTSIDE])]
        if value.datatype not in {None, XSD.string}:
            found.append(("wrong datatype", [rdflib.Literal(str(value), lang="en")]))
            found += [] if value.datatype in _UNREAD else [("ill-formed", [_ill(value)])]
        return found
    other = rdflib.BNode() if isinstance(value, rdflib.BNode) else rdflib.URIRef(f"{value}-2")
    found = [("missing", []), ("doubled", [value, other]), ("text for IRI", [_TEXT])]
    if (value, RDF.type, None) in complete:
        return found
    found.append(("outside", [_OUTSIDE]))
    if Tables.shipped().of(str(value)):
        found.append(("unlisted term", [rdflib.URIRef(f"{value}-NOT-LISTED")]))
    return found


def _ill(value: rdflib.Literal) -> rdflib.Literal:
    return rdflib.Literal("no value", datatype=value.datatype, normalize=False)


def _retyped(
    complete: rdflib.Graph, node: rdflib.term.Node, path: rdflib.term.Node, value: rdflib.term.Node
) -> rdflib.Graph:
    """The value is another node, which has the wrong class and is otherwise the same."""
    graph = rdflib.Graph()
    graph += complete
    other = rdflib.URIRef(f"{BASE}of-wrong-class")
    graph.remove((node, path, value))
    graph.add((node, path, other))
    for link, target in complete.predicate_objects(value):
        graph.add((other, link, _WRONG if link == RDF.type else target))
    return graph


def moved(graph: rdflib.Graph, to: str) -> Iterator[tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]]:
    """The triples with all IRIs of the record at another place, so that many records fit into one graph."""
    for triple in graph:
        yield tuple(_moved(term, to) for term in triple)  # type: ignore[misc]


def _moved(term: rdflib.term.Node, to: str) -> rdflib.term.Node:
    if isinstance(term, rdflib.BNode):
        return rdflib.BNode(f"{term}x{re.sub('[^a-z0-9]', '', to)}")
    if isinstance(term, rdflib.URIRef) and term.startswith(BASE):
        return rdflib.URIRef(f"{to}{term[len(BASE) :]}")
    return term
