"""Where a case is run: a service over HTTP, or the engine in this process."""

from __future__ import annotations

import contextlib
import http.client
import json
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    Store,
)

from conformance.answers import MEDIA_TYPES, Graph, Solutions, of_solutions, read
from fairmap.errors import QuerySyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.answers import Answer, Row

_SYNTAX_ERROR: Final = QuerySyntaxError.__name__
_EVERYTHING: Final = "SELECT ?s ?p ?o ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
ENDINGS: Final = {media_type: ending for ending, media_type in MEDIA_TYPES.items()} | {"application/n-triples": "nt"}


class RefusedError(Exception):
    """The request was not carried out.

    :ivar malformed: it is called no request of the language.
    :ivar by_service: the fault is said to be the service's own.
    """

    def __init__(self, message: str, *, malformed: bool, by_service: bool = False) -> None:
        super().__init__(message)
        self.malformed = malformed
        self.by_service = by_service


class Endpoint(Protocol):
    """What a case needs."""

    def fill(self, quads: Iterable[Quad]) -> None:
        """Let the store hold these and nothing else."""

    def query(self, text: str, ending: str) -> Answer:
        """The answer, in the format with this ending when it is one of SELECT or ASK.

        :raises RefusedError: without an answer.
        """

    def update(self, text: str) -> None:
        """Carry it out.

        :raises RefusedError: when it was not.
        """

    def holds(self) -> Graph:
        """All that the store holds."""


@dataclass
class Engine:
    """The engine alone."""

    store: Store = field(default_factory=Store)

    def fill(self, quads: Iterable[Quad]) -> None:
        """See :class:`Endpoint`."""
        self.store = Store()
        self.store.extend(quads)

    def query(self, text: str, ending: str) -> Answer:
        """See :class:`Endpoint`; a CSV answer is written and read."""
        try:
            found = self.store.query(text)
            if ending == "csv" and isinstance(found, QuerySolutions):
                return read(found.serialize(format=QueryResultsFormat.CSV) or b"", ending)
            if isinstance(found, QueryBoolean):
                return bool(found)
            if isinstance(found, QuerySolutions):
                return of_solutions(found)
            return Graph(frozenset(Quad(t.subject, t.predicate, t.object) for t in found))
        except (SyntaxError, ValueError, RuntimeError, OSError) as error:
            raise RefusedError(str(error), malformed=isinstance(error, SyntaxError)) from error

    def update(self, text: str) -> None:
        """See :class:`Endpoint`."""
        try:
            self.store.update(text)
        except (SyntaxError, ValueError, RuntimeError, OSError) as error:
            raise RefusedError(str(error), malformed=isinstance(error, SyntaxError)) from error

    def holds(self) -> Graph:
        """See :class:`Endpoint`."""
        return Graph(frozenset(self.store))


@dataclass(frozen=True)
class Heard:
    """An answer of HTTP."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def media_type(self) -> str:
        """Without its parameters."""
        return self.headers.get_content_type()


@dataclass
class Remote:
    """A service over HTTP.

    :ivar address: ``http://host:port``.
    :ivar token: what its writes need.
    """

    address: str
    token: str = ""
    query_path: str = "/sparql"
    update_path: str = "/sparql/update"
    store_path: str = "/store"
    _holds: frozenset[Quad] | None = field(default=None, init=False)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Heard:
        """Send one request, with the token."""
        self._holds = None if method != "GET" else self._holds
        authority = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with contextlib.closing(http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=60)) as sender:
            sender.request(method, path, body, {**authority, **headers})
            answer = sender.getresponse()
            return Heard(answer.status, answer.headers, answer.read())

    def fill(self, quads: Iterable[Quad]) -> None:
        """See :class:`Endpoint`; nothing is sent when the store holds them already."""
        wanted = frozenset(quads)
        if self._holds != wanted:
            self.update(f"DROP ALL ;\nINSERT DATA {{\n{''.join(map(_block, wanted))}}}")
            self._holds = wanted

    def query(self, text: str, ending: str) -> Answer:
        """See :class:`Endpoint`."""
        accept = f"{MEDIA_TYPES[ending]}, application/n-triples;q=0.9"
        path = f"{self.query_path}?{urllib.parse.urlencode({'query': text})}"
        if len(path) < 4000:
            heard = self.send("GET", path, {"Accept": accept})
        else:
            headers = {"Accept": accept, "Content-Type": "application/sparql-query"}
            heard = self.send("POST", self.query_path, headers, text.encode())
        _check(heard)
        return read(heard.body, ENDINGS[heard.media_type])

    def update(self, text: str) -> None:
        """See :class:`Endpoint`."""
        _check(self.send("POST", self.update_path, {"Content-Type": "application/sparql-update"}, text.encode()))

    def holds(self) -> Graph:
        """See :class:`Endpoint`."""
        found = self.query(_EVERYTHING, "srj")
        assert isinstance(found, Solutions)
        return Graph(frozenset(map(_quad, found.rows)))


def _check(heard: Heard) -> None:
    """Raise what an error status says; a problem document names the kind of error, other services only give 400."""
    if heard.status < 300:
        return
    problem = json.loads(heard.body) if heard.media_type == "application/problem+json" else {}
    malformed = heard.status == 400 and problem.get("error", _SYNTAX_ERROR) == _SYNTAX_ERROR
    text = heard.body[:300].decode(errors="replace")
    raise RefusedError(f"{heard.status} {text}", malformed=malformed, by_service=heard.status >= 500)


def _quad(row: Row) -> Quad:
    subject, predicate, value, graph = row
    assert isinstance(subject, NamedNode | BlankNode)
    assert isinstance(predicate, NamedNode)
    assert isinstance(value, NamedNode | BlankNode | Literal)
    assert isinstance(graph, NamedNode | None)
    return Quad(subject, predicate, value, graph)


def _block(quad: Quad) -> str:
    triple = f"{quad.subject} {quad.predicate} {quad.object} ."
    return f"{triple}\n" if isinstance(quad.graph_name, DefaultGraph) else f"GRAPH {quad.graph_name} {{ {triple} }}\n"
