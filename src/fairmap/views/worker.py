"""A query worker: a fork of the view process that runs one query at a time and may be killed at any moment."""

from __future__ import annotations

import ctypes
import io
import json
import mmap
import os
import resource
import signal
import socket
import sqlite3
import sys
import time
from dataclasses import asdict, replace
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn, cast

from pyoxigraph import Store

from fairmap import wire
from fairmap.errors import FairmapError, QueryCrashed, ServiceDown
from fairmap.model import Search
from fairmap.search import find, suggest
from fairmap.sparql import Request, changed_graphs, engine_error, evaluate, redirected, syntax_error, with_graphs
from fairmap.store import node_of
from fairmap.store.dump import dumped, graph_names, graphs, packed
from fairmap.text import with_matches
from fairmap.views.dates import answer
from fairmap.views.federation import failure
from fairmap.views.stats import ANSWERED, NO_QUERY, UPDATED, byte_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fairmap.views.federation import Broker
    from fairmap.views.snapshot import AnySnapshot

FRAME: Final = 1 << 16
_ONE_DESCRIPTOR: Final = socket.CMSG_SPACE(4)
_SOCKETS: Final = 64
"""Files of a federated query's worker beyond those of another."""
_PR_SET_PDEATHSIG: Final = 1
_PAGE: Final = resource.getpagesize()
_NOTED: Final = 64 << 20
"""Bytes of new pages after which a worker looks how many it has of its own."""
_UNIT: Final = 16 << 20
"""Bytes for which one unit stands in what a worker says when it is done."""


class Frames(io.RawIOBase):
    """Bytes out, gathered into frames of 64 KiB; the head goes before the first."""

    def __init__(self, connection: socket.socket, head: dict[str, object]) -> None:
        super().__init__()
        self._connection = connection
        self._head: dict[str, object] | None = head
        self._buffer = bytearray()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
        """Take all of it."""
        self._buffer += data
        if len(self._buffer) >= FRAME:
            self._send()
        return len(data)

    def end(self) -> None:
        """Send what is left and the end."""
        self._send(wire.frame(wire.END))

    def _send(self, more: bytes = b"") -> None:
        """A small answer goes whole at once."""
        told = b"" if self._head is None else wire.frame(wire.HEAD, json.dumps(self._head).encode())
        self._head = None
        head = wire.head_of(wire.DATA, len(self._buffer)) if self._buffer else b""
        wire.send_together(self._connection, told + head, self._buffer, more)
        self._buffer.clear()


class Outcome:
    """How the query that a worker runs ends: one byte that worker and view process share.

    The worker writes it before the reader gets the end, so a reader who goes then is not taken for one who left.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 2)

    def tell(self, byte: bytes) -> None:
        r"""Say it; ``b"\0"`` stands for not known yet."""
        self._memory[0] = byte[0]
        if byte == b"\0":
            self._memory[1] = 0

    def take_time(self) -> None:
        """Say that this one may take longer than a query."""
        self._memory[1] = 1

    @property
    def takes_time(self) -> bool:
        """Whether it was said."""
        return self._memory[1] == 1

    @property
    def told(self) -> bytes:
        """What was said last."""
        return self._memory[:1]

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()


def run(
    snapshot: AnySnapshot, control: socket.socket, outcome: Outcome, memory_mib: int, broker: Broker | None = None
) -> NoReturn:
    """Serve queries until the other side of ``control`` closes. Never returns into the fork's caller.

    Each message on ``control`` brings one connection with a request on it; a byte goes back when the query is over (:func:`copied_of`).

    :param broker: of a worker for one federated query; without it no socket can be opened.
    """
    die_with_parent()
    _open(snapshot, sends=broker is not None)
    if broker:
        broker.close()
    limit(memory_mib, None if snapshot.is_on_disk else _SOCKETS if broker else 1)
    copies = _Copies()
    while True:
        with next_connection(control) as connection:
            _serve(snapshot, connection, outcome, broker)
        control.send(bytes([1 + min(254, copies.size() // _UNIT)]))


def next_connection(control: socket.socket) -> socket.socket:
    """The connection of the next who asks; the process ends when there will be none."""
    data, ancillary, _, _ = control.recvmsg(1, _ONE_DESCRIPTOR)
    if not data:
        os._exit(0)
    descriptor = int.from_bytes(ancillary[0][2], sys.byteorder)
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=descriptor)


def copied_of(told: bytes) -> int:
    """Bytes of pages of its own that a worker had when it said so at the end of its query."""
    return (told[0] - 1) * _UNIT


class _Copies:
    """The pages of its own that this process has: the engine counts references, so even reading copies what the fork shares."""

    def __init__(self) -> None:
        self._faults = 0
        self._size = 0

    def size(self) -> int:
        """Their bytes, about; looked up again when many are new, since that takes some milliseconds."""
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        if (faults - self._faults) * _PAGE > _NOTED:
            self._faults = faults
            with open("/proc/self/smaps_rollup") as rollup:  # noqa: PTH123 - no Path import in a process with few files
                self._size = next(int(line.split()[1]) << 10 for line in rollup if line.startswith("Private_Dirty:"))
        return self._size


def _open(snapshot: AnySnapshot, *, sends: bool) -> None:
    """Open what the queries run on; when that fails, end, a moment later, since another worker takes this one's place at once."""
    try:
        snapshot.open(sends=sends)
    except (OSError, RuntimeError, sqlite3.Error, FairmapError) as error:
        os.write(2, f"fairmap: a query worker cannot open its snapshot: {error}\n".encode())
        time.sleep(1)
        os._exit(1)


def _serve(snapshot: AnySnapshot, connection: socket.socket, outcome: Outcome, broker: Broker | None) -> None:
    try:
        found = wire.Incoming(connection).next_json()
        if found is None:
            return
        if found[1] is None:
            outcome.tell(NO_QUERY)
            head = {"revision": snapshot.revision, "gone": snapshot.gone}
            connection.sendall(wire.frame(wire.HEAD, json.dumps(head).encode()) + wire.frame(wire.END))
        elif broker:
            _answer_federated(snapshot, connection, outcome, Request(**found[1]), broker)
        elif "updates" in found[1]:
            _update(snapshot, connection, outcome, **found[1])
        elif "dump" in found[1]:
            outcome.take_time()  # more than a query may take
            _send(snapshot, connection, outcome, dumped(snapshot.store, found[1]["dump"], snapshot.written.texts))
        elif "graphs" in found[1]:
            _send(snapshot, connection, outcome, _graphs(snapshot, found[1]["graphs"]))
        elif "dates" in found[1]:
            _tell_dates(snapshot, connection, outcome, **found[1])
        elif kind := next((name for name in _SEARCHES if name in found[1]), None):
            _search(snapshot, connection, outcome, lambda: _SEARCHES[kind](snapshot, found[1]))
        else:
            _answer(snapshot, connection, outcome, Request(**found[1]))
    except (OSError, ServiceDown):
        return  # the reader has left


def _answer(snapshot: AnySnapshot, connection: socket.socket, outcome: Outcome, request: Request) -> None:
    try:
        try:
            request = with_matches(request, lambda: snapshot.search.text)
            prepared = snapshot.prepare(request)
        except OSError as error:  # of the engine, not of the connection
            raise engine_error(error) from error
        frames = Frames(connection, {"media_type": prepared.format.media_type, "revision": snapshot.revision})
        prepared.write(cast("IO[bytes]", frames))
        outcome.tell(ANSWERED)
        frames.end()
    except FairmapError as error:
        fail(connection, outcome, wire.error_as_json(failure(error)))
    except (MemoryError, ValueError) as error:
        fail(connection, outcome, wire.error_as_json(engine_error(error)))


def _answer_federated(
    snapshot: AnySnapshot, connection: socket.socket, outcome: Outcome, request: Request, broker: Broker
) -> None:
    """The engine sees only the broker's addresses; a mistake is told with its place in the query as it came."""
    try:
        evaluate(Store(), replace(request, query=with_graphs(request.query, broker.endpoints)), iter)
        query = redirected(request.query, broker.endpoints, broker.address)
    except FairmapError as error:
        fail(connection, outcome, wire.error_as_json(error))
    else:
        _answer(snapshot, connection, outcome, replace(request, query=query))


def _search(
    snapshot: AnySnapshot, connection: socket.socket, outcome: Outcome, look: Callable[[], dict[str, Any]]
) -> None:
    try:
        found = look()
    except FairmapError as error:
        fail(connection, outcome, wire.error_as_json(error))
        return
    outcome.tell(ANSWERED)
    head = json.dumps({**found, "revision": snapshot.revision}).encode()
    connection.sendall(wire.frame(wire.HEAD, head) + wire.frame(wire.END))


def _hits(snapshot: AnySnapshot, told: dict[str, Any]) -> dict[str, Any]:
    hits = snapshot.search.text.explained(snapshot.store, told["search"], told["limit"])
    return {"hits": [hit.as_json() for hit in hits]}


def _find(snapshot: AnySnapshot, told: dict[str, Any]) -> dict[str, Any]:
    return find(snapshot.search, snapshot.store, Search.from_json(told["find"])).as_json()


def _suggest(snapshot: AnySnapshot, told: dict[str, Any]) -> dict[str, Any]:
    return {"suggestions": [asdict(found) for found in suggest(snapshot.search, told["suggest"], told["limit"])]}


_SEARCHES: Final = {"search": _hits, "find": _find, "suggest": _suggest}


def _graphs(snapshot: AnySnapshot, names: list[str] | None) -> Iterator[bytes]:
    """Some graphs, or, when none are named, the names of all."""
    if names is None:
        return iter(["".join(f"{name}\n" for name in graph_names(snapshot.store)).encode()])
    return packed(graphs(snapshot.store, names, snapshot.written.texts))


def _send(snapshot: AnySnapshot, connection: socket.socket, outcome: Outcome, pieces: Iterator[bytes]) -> None:
    wire.send_json(connection, wire.HEAD, {"revision": snapshot.revision})
    try:
        for piece in pieces:
            wire.send(connection, wire.DATA, piece)
    except (RuntimeError, ValueError, MemoryError, sqlite3.Error) as error:
        fail(connection, outcome, wire.error_as_json(engine_error(error)))
        return
    outcome.tell(ANSWERED)
    wire.send(connection, wire.END)


def _tell_dates(
    snapshot: AnySnapshot, connection: socket.socket, outcome: Outcome, dates: str, arguments: dict[str, Any]
) -> None:
    """What a client asks when records changed; see :class:`fairmap.views.dates.AskedDates`."""
    try:
        told = answer(snapshot.dates, dates, arguments)
    except sqlite3.Error as error:
        fail(connection, outcome, wire.error_as_json(QueryCrashed(f"the ledger cannot be read: {error}")))
        return
    outcome.tell(ANSWERED)
    head = {"revision": snapshot.revision, "told": told}
    connection.sendall(wire.frame(wire.HEAD, json.dumps(head).encode()) + wire.frame(wire.END))


def fail(connection: socket.socket, outcome: Outcome, fault: dict[str, str | None]) -> None:
    """Tell an error as JSON in place of an answer."""
    outcome.tell(byte_of(str(fault["kind"])))
    wire.send_json(connection, wire.ERROR, fault)


def _update(
    snapshot: AnySnapshot, connection: socket.socket, outcome: Outcome, updates: list[str], base_iri: str | None
) -> NoReturn:
    """Run updates one after another on this fork's own copy, tell what the graphs that each may have changed hold after it, and end.

    The first that fails is the last: the copy is worth nothing after that.
    """
    try:
        store = snapshot.scratch()
        for update in updates:
            names = sorted(changed_graphs(store, update, base_iri))
            outcome.tell(UPDATED)
            wire.send_json(connection, wire.HEAD, {"revision": snapshot.revision, "graphs": names})
            for piece in _contents(store, names):
                wire.send(connection, wire.DATA, piece)
            wire.send(connection, wire.END)
    except FairmapError as error:
        fail(connection, outcome, wire.error_as_json(error))
    except (SyntaxError, ValueError) as error:
        fail(connection, outcome, wire.error_as_json(syntax_error(str(error))))
    except (OSError, RuntimeError, MemoryError) as error:
        fail(connection, outcome, wire.error_as_json(engine_error(error)))
    connection.close()
    os._exit(0)


def _contents(store: Store, graphs: list[str]) -> Iterator[bytes]:
    """The graphs as N-Quads, in frames of about 64 KiB."""
    lines: list[str] = []
    size = 0
    for graph in graphs:
        for quad in store.quads_for_pattern(None, None, None, node_of(graph)):
            lines.append(f"{quad} .\n")
            size += len(lines[-1])
            if size >= FRAME:
                yield "".join(lines).encode()
                lines, size = [], 0
    yield "".join(lines).encode()


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Let the kernel send this process a signal when its parent ends. Source: prctl(2)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def limit(memory_mib: int, files: int | None) -> None:
    """No more memory than this process has now and ``memory_mib``.

    :param files: no more files than now and so many, either: with one, which is the connection's, no socket can be opened.
    """
    with open("/proc/self/statm") as statm:  # noqa: PTH123 - no Path import in a process that is about to be closed
        in_use = int(statm.read().split()[0]) * _PAGE
    ceiling = in_use + (memory_mib << 20)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if files is None:
        return
    lowest_free = os.open("/", os.O_RDONLY)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free + files, lowest_free + files))
