"""Queries to a view process, from any other process of this user."""

from __future__ import annotations

import json
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import RdfFormat
from pyoxigraph import parse as engine_parse

from fairmap import errors, wire
from fairmap.model import Answer
from fairmap.sparql import Limits, Request, guard
from fairmap.views.lookups import LookUps
from fairmap.views.stats import read_stats

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Quad

IN_MEMORY: Final = 1 << 18
"""Bytes up to which an answer is held in memory."""

PATIENCE: Final = 30.0
"""Seconds for which a view is waited for that takes over a change."""


@dataclass(frozen=True)
class Difference:
    """What an update would change in a view of a revision."""

    added: tuple[Quad, ...]
    removed: tuple[Quad, ...]
    revision: int


class ViewClient(LookUps):
    """The view behind a socket. Safe in threads: each query has its own connection."""

    def __init__(
        self, path: Path, base_iri: str, *, length: int = Limits.length, answer_limit: int = 512 << 20
    ) -> None:
        """``length`` is the longest query in characters, ``answer_limit`` the largest answer in bytes."""
        self._path = path
        self._answer_limit = answer_limit
        self._limits = Limits(length=length)
        self._refused = 0
        self._counting = Lock()
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
        """The answer of a query, when all of it is there; a large one lies in a temporary file.

        So an answer never breaks off half-way, and a slow reader holds no query worker (ADR 6).

        :param results: name of the format for SELECT and ASK; ``None``: not wanted.
        :param graph: name of the format for CONSTRUCT and DESCRIBE; ``None``: not wanted.
        :raises QueryRefused: before anything runs.
        :raises QuerySyntaxError, NotAcceptable, QueryTimeout, QueryCrashed, QueryStopped, Busy: as they are named.
        """
        self._guard(text)
        request = Request(text, results, graph, union, tuple(default_graphs), tuple(named_graphs), self.base_iri)
        spool = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when its chunks are read
        try:
            with wire.talk(self._path, "the view") as connection:
                wire.send_json(connection, wire.REQUEST, request.as_json())
                head = _expect(connection)
                size = _gather(connection, spool, self._answer_limit)
        except BaseException:
            spool.close()
            raise
        return Answer(head["media_type"], _chunks(spool), size, head["revision"])

    def update(self, text: str) -> Difference:
        """What an update would change; nothing is changed. Runs in a worker, with deadline and memory limit.

        :raises QueryRefused, QuerySyntaxError, QueryTimeout, QueryCrashed, Busy: as they are named.
        """
        guard(text, self._limits)
        with wire.talk(self._path, "the view") as connection:
            wire.send_json(connection, wire.REQUEST, {"update": text, "base_iri": self.base_iri})
            found = _expect(connection)
        return Difference(_quads(found["added"]), _quads(found["removed"]), found["revision"])

    def stats(self) -> dict[str, Any]:
        """As :func:`fairmap.views.stats.read_stats`; queries that were refused here are among its ``outcomes``."""
        found = read_stats(self._path)
        found["outcomes"]["refused"] += self._refused
        return found

    def _guard(self, text: str) -> None:
        try:
            guard(text, self._limits)
        except errors.QueryRefused:
            with self._counting:
                self._refused += 1
            raise

    def status(self) -> dict[str, Any]:
        """``revision`` of the view and ``gone``, its withdrawn records.

        :raises ServiceDown: when the view is not up.
        """
        with wire.talk(self._path, "the view") as connection:
            wire.send(connection, wire.REQUEST)
            return _expect(connection)

    def gone(self) -> Mapping[str, str]:
        """Withdrawn records: IRI to the time of withdrawal."""
        gone: dict[str, str] = self.status()["gone"]
        return gone

    def revision(self) -> int:
        """How many writes the view has followed; told by the view process itself, so no query worker need be free.

        :raises ServiceDown: when the view is not up.
        """
        try:
            revision: int = read_stats(self._path, PATIENCE)["revision"]
        except OSError as error:
            raise errors.ServiceDown("the view does not answer", where=str(self._path)) from error
        return revision


def _expect(connection: socket.socket) -> dict[str, Any]:
    frame = wire.receive_json(connection)
    if frame is None:
        raise errors.QueryCrashed("the answer ended before it began")
    kind, value = frame
    if kind == wire.ERROR:
        raise wire.error_of(value)
    found: dict[str, Any] = value
    return found


def _gather(connection: socket.socket, spool: SpooledTemporaryFile[bytes], limit: int) -> int:
    """Take the whole answer into ``spool``; its size."""
    size = 0
    while True:
        try:
            frame = wire.receive(connection)
        except errors.ServiceDown as error:
            raise errors.QueryCrashed("the answer broke off") from error
        if frame is None:
            raise errors.QueryCrashed("the answer broke off")
        kind, payload = frame
        if kind == wire.END:
            spool.seek(0)
            return size
        if kind == wire.ERROR:
            raise wire.error_of(json.loads(payload))
        size += len(payload)
        if size > limit:
            raise errors.QueryStopped(
                f"the answer is larger than {limit >> 20} MiB", expected="a LIMIT, or several queries"
            )
        spool.write(payload)


def _quads(text: str) -> tuple[Quad, ...]:
    """Blank nodes keep their labels, which are the store's own."""
    return tuple(engine_parse(text, format=RdfFormat.N_QUADS))


def _chunks(spool: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    with spool:
        while chunk := spool.read(IN_MEMORY):
            yield chunk
