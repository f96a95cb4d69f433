"""The cases of the suites, read from their manifests. Source: https://www.w3.org/2009/sparql/docs/tests/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rdflib.term import Node

SUITES: Final = ROOT.parent / "shared/w3c/rdf-tests/sparql"
BASE: Final = "https://w3c.github.io/rdf-tests/sparql/"
MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_QT: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
_UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
_MANIFESTS: Final = ("sparql10/manifest.ttl", "sparql11/manifest-all.ttl")
_FROM: Final = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE)

QUERY, CSV, UPDATE = "QueryEvaluationTest", "CSVResultFormatTest", "UpdateEvaluationTest"
PROTOCOL, GRAPH_STORE, DESCRIPTION = "ProtocolTest", "GraphStoreProtocolTest", "ServiceDescriptionTest"


@dataclass(frozen=True)
class Data:
    """Addresses of documents.

    :ivar default: those whose triples are the default graph.
    :ivar named: name of a graph and the document with its triples.
    """

    default: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Case:
    """One case of a suite.

    :ivar name: folder and name, ``sparql11/bind/bind01``.
    :ivar kind: local name of its class in the manifest.
    :ivar request: address of the query or update.
    :ivar data: what the store holds before.
    :ivar result: address of the expected answer of a query.
    :ivar after: what the store holds after an update.
    :ivar lax: an answer may repeat solutions less often than expected (REDUCED).
    :ivar entails: it is judged under an entailment regime.
    """

    name: str
    kind: str
    request: str = ""
    data: Data = Data()
    result: str = ""
    after: Data = Data()
    lax: bool = False
    entails: bool = False

    @property
    def suite(self) -> str:
        """The folder."""
        return self.name.rpartition("/")[0]

    @property
    def positive(self) -> bool:
        """Whether the request is one of the language; evaluation tests are."""
        return not self.kind.startswith("Negative")

    @property
    def updates(self) -> bool:
        """Whether the request is an update."""
        return "Update" in self.kind

    @property
    def text(self) -> str:
        """The query or update, with its own address as the base of relative IRIs."""
        return f"BASE <{self.request}>\n{path_of(self.request).read_text(encoding='utf-8')}"


def path_of(address: str) -> Path:
    """Where the document with this address lies."""
    return SUITES / address.removeprefix(BASE)


@cache
def cases() -> tuple[Case, ...]:
    """All cases in the order of the manifests; none when the suites are missing."""
    return tuple(case for manifest in _MANIFESTS if SUITES.is_dir() for case in _cases(manifest))


def manifest(path: str) -> Graph:
    """A manifest as triples."""
    return Graph().parse(SUITES / path, format="turtle", publicID=BASE + path)


def _cases(path: str) -> Iterator[Case]:
    triples = manifest(path)
    for included in triples.objects(None, MF.include):
        for address in Collection(triples, included):
            yield from _cases(str(address).removeprefix(BASE))
    folder = path.rpartition("/")[0]
    # One case of the Graph Store Protocol is described but left out of its list of entries, so a test is what has such a class.
    seen = set()
    for entries in triples.objects(None, MF.entries):
        for test in Collection(triples, entries):
            seen.add(test)
            yield _case(triples, test, folder)
    for test in triples.subjects(RDF.type, MF[GRAPH_STORE]):
        if test not in seen:
            yield _case(triples, test, folder)


def _case(triples: Graph, test: Node, folder: str) -> Case:
    name = f"{folder}/{str(test).rpartition('#')[2]}"
    kind = str(triples.value(test, RDF.type)).rpartition("#")[2]
    action, result = triples.value(test, MF.action), triples.value(test, MF.result)
    if kind in {PROTOCOL, GRAPH_STORE, DESCRIPTION} or action is None:
        return Case(name, kind)
    if isinstance(action, URIRef):
        return Case(name, kind, str(action))
    request = str(triples.value(action, _QT.query) or triples.value(action, _UT.request))
    data = _data(triples, action)
    if data == Data():
        data = _named_in(request)
    return Case(
        name,
        kind,
        request,
        data,
        str(result) if isinstance(result, URIRef) else "",
        _data(triples, result) if result is not None else Data(),
        lax=triples.value(test, MF.resultCardinality) == MF.LaxCardinality,
        entails="entailment" in folder,
    )


def _data(triples: Graph, node: Node) -> Data:
    default = [str(document) for name in (_QT.data, _UT.data) for document in triples.objects(node, name)]
    named = []
    for graph in (*triples.objects(node, _QT.graphData), *triples.objects(node, _UT.graphData)):
        document = triples.value(graph, _UT.graph) or triples.value(graph, _QT.graph) or graph
        label = triples.value(graph, RDFS.label)
        named.append((str(label) if isinstance(label, Literal) else str(document), str(document)))
    return Data(tuple(sorted(default)), tuple(sorted(named)))


def _named_in(request: str) -> Data:
    """The documents that a query names by FROM and FROM NAMED, when its manifest gives no data."""
    folder = request.rpartition("/")[0]
    names = _FROM.findall(path_of(request).read_text(encoding="utf-8"))
    return Data(named=tuple((f"{folder}/{name}", f"{folder}/{name}") for name in sorted(set(names))))
