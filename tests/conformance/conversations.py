"""Cases that are sequences of HTTP requests, as their manifests describe them with the ``ht:`` vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import rdflib
from pyoxigraph import NamedNode, Quad, RdfFormat, parse
from rdflib import RDFS, Namespace, URIRef
from rdflib.collection import Collection

from conformance.answers import Graph, document, read, same
from conformance.endpoints import ENDINGS
from conformance.judging import FailedError
from conformance.manifests import BASE, MF, manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rdflib.term import Node

    from conformance.endpoints import Heard, Remote
    from conformance.manifests import Case

_HT: Final = Namespace("http://www.w3.org/2011/http#")
_CNT: Final = Namespace("http://www.w3.org/2011/content#")
_UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
_LOCATION: Final = "$LOCATION$"
_STATUS: Final = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}
_TURTLE: Final = "text/turtle"
_FORMATS: Final = {
    "boolean": {"application/sparql-results+xml", "application/sparql-results+json"},
    "tabular": {
        "application/sparql-results+xml",
        "application/sparql-results+json",
        "text/csv",
        "text/tab-separated-values",
    },
    "RDF": {_TURTLE, "application/n-triples", "application/rdf+xml", "application/ld+json"},
}


@dataclass(frozen=True)
class Wanted:
    """What the answer to a request must be.

    :ivar statuses: one of these; ``2`` is any from 200 to 299.
    :ivar truth: the answer to ASK.
    :ivar form: ``boolean``, ``tabular`` or ``RDF``.
    :ivar media_type: of the answer.
    :ivar turtle: a graph that the answer is, in Turtle.
    :ivar location: it has a Location, which later requests name by ``$LOCATION$``.
    """

    statuses: frozenset[int]
    truth: bool | None = None
    form: str = ""
    media_type: str = ""
    turtle: str = ""
    location: bool = False


@dataclass(frozen=True)
class Exchange:
    """One request and what is wanted of its answer."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    wanted: Wanted


@dataclass(frozen=True)
class Conversation:
    """The exchanges of a case, and what the store holds before them."""

    quads: tuple[Quad, ...]
    exchanges: tuple[Exchange, ...]


def conversation(case: Case) -> Conversation:
    """What the manifest of the case says."""
    folder, _, name = case.name.rpartition("/")
    manifests = ["manifest.ttl"] if folder.endswith("/protocol") else ["manifest-direct.ttl", "manifest-indirect.ttl"]
    for path in manifests:
        triples = manifest(f"{folder}/{path}")
        test = next((t for t in triples.subjects(MF.action) if str(t).rpartition("#")[2] == name), None)
        if test is not None:
            requests = triples.value(triples.value(test, MF.action), _HT.requests)
            assert requests is not None
            exchanges = tuple(_exchange(triples, request) for request in Collection(triples, requests))
            return Conversation(tuple(_quads(triples, test)), exchanges)
    raise LookupError(case.name)


def hold(case: Case, remote: Remote) -> None:
    """Send the requests of the case one by one.

    :raises FailedError: at the first answer that is not as wanted.
    """
    spoken = conversation(case)
    remote.fill(spoken.quads)
    location = ""
    for exchange in spoken.exchanges:
        path = _path(exchange, case, remote).replace(_LOCATION, location)
        heard = remote.send(exchange.method, path, exchange.headers, exchange.body)
        fault = _fault(heard, exchange.wanted)
        if fault:
            raise FailedError(f"{exchange.method} {path}: {fault}: {heard.status} {heard.body[:300]!r}")
        location = heard.headers["Location"] if exchange.wanted.location else location


def _path(exchange: Exchange, case: Case, remote: Remote) -> str:
    """The path at this service: an update of the protocol suite goes to the address for updates."""
    if exchange.path.startswith("/gsp"):
        return remote.store_path + exchange.path.removeprefix("/gsp")
    is_update = "update" in case.name and exchange.headers.get("content-type") != "application/sparql-query"
    return (remote.update_path if is_update else remote.query_path) + exchange.path.removeprefix("/sparql/")


def _fault(heard: Heard, wanted: Wanted) -> str:
    """What is wrong with the answer; empty: nothing."""
    media_type = heard.media_type
    if not wanted.statuses & {heard.status, heard.status // 100}:
        return f"its status is not among {sorted(wanted.statuses)}"
    if wanted.location and not heard.headers["Location"]:
        return "it has no Location"
    if wanted.media_type not in {"", media_type} or (wanted.form and media_type not in _FORMATS[wanted.form]):
        return f"it is {media_type}, not {wanted.media_type or wanted.form}"
    if wanted.truth is not None and read(heard.body, ENDINGS[media_type]) is not wanted.truth:
        return f"it is not {wanted.truth}"
    return "it is another graph" if wanted.turtle and not _is_graph(heard.body.decode(), wanted.turtle) else ""


def _is_graph(found: str, wanted: str) -> bool:
    """Whether two documents in Turtle are of the same graph."""
    one, other = (Graph(frozenset(parse(text, format=RdfFormat.TURTLE, base_iri=BASE))) for text in (found, wanted))
    return same(one, other)


def _quads(triples: rdflib.Graph, test: Node) -> Iterator[Quad]:
    for data in triples.objects(test, _UT.graphData):
        name = NamedNode(str(triples.value(data, RDFS.label)))
        for quad in document(str(triples.value(data, _UT.graph))):
            yield Quad(quad.subject, quad.predicate, quad.object, name)


def _exchange(triples: rdflib.Graph, request: Node) -> Exchange:
    body = triples.value(request, _HT.body)
    encoding = triples.value(body, _CNT.characterEncoding) if body else None
    response = triples.value(request, _HT.resp)
    assert response is not None
    return Exchange(
        str(triples.value(request, _HT.methodName)),
        str(triples.value(request, _HT.absolutePath)),
        _headers(triples, request),
        str(triples.value(body, _CNT.chars)).encode(str(encoding or "UTF-8")) if body else None,
        _wanted(triples, response),
    )


def _headers(triples: rdflib.Graph, message: Node) -> dict[str, str]:
    headers = triples.value(message, _HT.headers)
    if headers is None:
        return {}
    return {
        str(triples.value(header, _HT.fieldName)).lower(): str(triples.value(header, _HT.fieldValue))
        for header in Collection(triples, headers)
    }


def _wanted(triples: rdflib.Graph, response: Node) -> Wanted:
    truth = triples.value(response, MF.expectedBoolean)
    body = triples.value(response, _HT.body)
    return Wanted(
        frozenset(_status(status) for status in triples.objects(response, MF.expectedStatus)),
        None if truth is None else bool(truth.toPython()) if isinstance(truth, rdflib.Literal) else None,
        str(triples.value(response, MF.expectedFormat) or ""),
        _headers(triples, response).get("content-type", "").partition(";")[0],
        str(triples.value(body, _CNT.chars)) if body else "",
        location=triples.value(response, MF.expectedLocation) is not None,
    )


def _status(status: Node) -> int:
    """The status of a name, or its first digit."""
    assert isinstance(status, URIRef)
    name = str(status).rpartition("#")[2]
    return _STATUS[name] if name in _STATUS else int(name.removeprefix("StatusCode")[0])
