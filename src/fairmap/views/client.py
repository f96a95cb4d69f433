"""Queries to a view process, from any other process of this user."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from fairmap import errors, wire
from fairmap.model import Answer
from fairmap.rdf import by_name, parse
from fairmap.rdf.formats import FORMATS
from fairmap.sparql import Limits, Request, bind, guard
from fairmap.views.results import read_solutions

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

HELD: Final = 1 << 16
"""Bytes of an answer that are held back, so that an early failure is told as one."""

_KINDS: Final = {
    kind.__name__: kind
    for kind in (
        errors.Busy,
        errors.NotAcceptable,
        errors.QueryCrashed,
        errors.QueryRefused,
        errors.QuerySyntaxError,
        errors.QueryTimeout,
    )
}


class ViewClient:
    """The view behind a socket. Safe in threads: each query has its own connection."""

    def __init__(self, path: Path, base_iri: str, *, length: int = Limits.length) -> None:
        self._path = path
        self._limits = Limits(length=length)
        self.base_iri = base_iri

    def query(
        self,
        text: str,
        *,
        results: str | None = "json",
        graph: str | None = "turtle",
        union: bool = True,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        """The answer of a query; returns when 64 KiB of it or all of it are there.

        :param results: name of the format for SELECT and ASK; ``None``: not wanted.
        :param graph: name of the format for CONSTRUCT and DESCRIBE; ``None``: not wanted.
        :raises QueryRefused: before anything runs.
        :raises QuerySyntaxError, NotAcceptable, QueryTimeout, QueryCrashed, Busy: before the first byte.
        """
        guard(text, self._limits)
        request = Request(text, results, graph, union, tuple(default_graphs), tuple(named_graphs), self.base_iri)
        connection = wire.connect(self._path, "the view")
        try:
            wire.send_json(connection, wire.REQUEST, request.as_json())
            head = _expect(connection)
            chunks = _data(connection)
            held, done = _hold(chunks)
        except BaseException:
            connection.close()
            raise
        if done:
            connection.close()
        return Answer(head["media_type"], _chain(held, chunks, connection), head["revision"])

    def select(self, query: str, /, **terms: NamedNode | Literal) -> list[Mapping[str, NamedNode | BlankNode | Literal]]:
        """The solutions of a fixed SELECT query."""
        return read_solutions(b"".join(self.query(bind(query, terms)).chunks))

    def construct(self, query: str, /, **terms: NamedNode | Literal) -> list[Triple]:
        """The triples of a fixed CONSTRUCT query, literals as written."""
        body = b"".join(self.query(bind(query, terms), graph="ntriples").chunks)
        return [quad.triple for quad in parse(body, by_name("ntriples", FORMATS))]

    def status(self) -> dict[str, Any]:
        """``revision`` of the view and ``gone``, its withdrawn records.

        :raises ServiceDown: when the view is not up.
        """
        with wire.connect(self._path, "the view") as connection:
            wire.send(connection, wire.REQUEST)
            return _expect(connection)

    def gone(self) -> Mapping[str, str]:
        """Withdrawn records: IRI to the time of withdrawal."""
        gone: dict[str, str] = self.status()["gone"]
        return gone


def _expect(connection: socket.socket) -> dict[str, Any]:
    frame = wire.receive_json(connection)
    if frame is None:
        raise errors.QueryCrashed("the answer ended before it began")
    kind, value = frame
    if kind == wire.ERROR:
        raise _fault(value)
    found: dict[str, Any] = value
    return found


def _fault(value: dict[str, Any]) -> errors.FairmapError:
    return _KINDS[value["kind"]](value["what"], where=value.get("where"), expected=value.get("expected"))


def _data(connection: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            frame = wire.receive(connection)
        except errors.ServiceDown as error:
            raise errors.QueryCrashed("the answer broke off") from error
        if frame is None:
            raise errors.QueryCrashed("the answer broke off")
        kind, payload = frame
        if kind == wire.END:
            return
        if kind == wire.ERROR:
            raise _fault(json.loads(payload))
        yield payload


def _hold(chunks: Iterator[bytes]) -> tuple[list[bytes], bool]:
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size > HELD:
            return held, False
    return held, True


def _chain(held: list[bytes], chunks: Iterator[bytes], connection: socket.socket) -> Iterator[bytes]:
    with connection:
        yield from held
        yield from chunks
