"""A query worker: a fork of the view process that runs one query at a time and may be killed at any moment."""

from __future__ import annotations

import ctypes
import io
import os
import resource
import signal
import socket
from typing import IO, TYPE_CHECKING, Final, NoReturn, cast

from fairmap import wire
from fairmap.errors import FairmapError, ServiceDown
from fairmap.sparql import Request, engine_error, evaluate, syntax_error
from fairmap.views.stats import ANSWERED, NO_QUERY, UPDATED, byte_of

if TYPE_CHECKING:
    from pyoxigraph import Quad

    from fairmap.views.snapshot import Snapshot

FRAME: Final = 1 << 16
_PR_SET_PDEATHSIG: Final = 1
_PAGE: Final = resource.getpagesize()


class _Frames(io.RawIOBase):
    """Bytes out, gathered into frames of 64 KiB; the head goes before the first."""

    def __init__(self, connection: socket.socket, head: dict[str, object]) -> None:
        super().__init__()
        self._connection = connection
        self._head: dict[str, object] | None = head
        self._buffer = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
        self._buffer += data
        if len(self._buffer) >= FRAME:
            self._send()
        return len(data)

    def end(self) -> None:
        """Send what is left and the end."""
        self._send()
        wire.send(self._connection, wire.END)

    def _send(self) -> None:
        if self._head is not None:
            wire.send_json(self._connection, wire.HEAD, self._head)
            self._head = None
        if self._buffer:
            wire.send(self._connection, wire.DATA, bytes(self._buffer))
            self._buffer.clear()


def run(snapshot: Snapshot, control: socket.socket, memory_mib: int) -> NoReturn:
    """Serve queries until the other side of ``control`` closes. Never returns into the fork's caller."""
    die_with_parent()
    _limit(memory_mib)
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not data:
            os._exit(0)
        with socket.socket(fileno=descriptors[0]) as connection:
            _serve(snapshot, connection, control)
        control.send(b".")


def _serve(snapshot: Snapshot, connection: socket.socket, control: socket.socket) -> None:
    try:
        frame = wire.receive_json(connection)
        if frame is None:
            return
        if frame[1] is None:
            control.send(NO_QUERY)
            wire.send_json(connection, wire.HEAD, {"revision": snapshot.revision, "gone": snapshot.gone})
            wire.send(connection, wire.END)
            return
        if "update" in frame[1]:
            _update(snapshot, connection, control, **frame[1])
        else:
            _answer(snapshot, connection, control, Request(**frame[1]))
    except (OSError, ServiceDown):
        return  # the reader has left


def _answer(snapshot: Snapshot, connection: socket.socket, control: socket.socket, request: Request) -> None:
    try:
        prepared = evaluate(snapshot.store, request, snapshot.written.triples)
        frames = _Frames(connection, {"media_type": prepared.format.media_type, "revision": snapshot.revision})
        prepared.write(cast("IO[bytes]", frames))
        control.send(ANSWERED)
        frames.end()
    except FairmapError as error:
        _fail(connection, control, wire.error_as_json(error))
    except (MemoryError, ValueError) as error:
        _fail(connection, control, wire.error_as_json(engine_error(error)))


def _fail(connection: socket.socket, control: socket.socket, fault: dict[str, str | None]) -> None:
    control.send(byte_of(str(fault["kind"])))
    wire.send_json(connection, wire.ERROR, fault)


def _update(
    snapshot: Snapshot, connection: socket.socket, control: socket.socket, update: str, base_iri: str | None
) -> NoReturn:
    """Run an update on this fork's own copy, tell what it would change, and end: the copy is worth nothing after that."""
    store = snapshot.store
    before = set(store)
    try:
        store.update(update, base_iri=base_iri)
    except (SyntaxError, ValueError) as error:
        _fail(connection, control, wire.error_as_json(syntax_error(str(error))))
    except (OSError, RuntimeError, MemoryError) as error:
        _fail(connection, control, wire.error_as_json(engine_error(error)))
    else:
        after = set(store)
        changed = {"added": "".join(map(_line, after - before)), "removed": "".join(map(_line, before - after))}
        control.send(UPDATED)
        wire.send_json(connection, wire.HEAD, {"revision": snapshot.revision, **changed})
    connection.close()
    os._exit(0)


def _line(quad: Quad) -> str:
    return f"{quad} .\n"


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Let the kernel send this process a signal when its parent ends. Source: prctl(2)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def _limit(memory_mib: int) -> None:
    """No more memory than the graph and ``memory_mib``; no more files than now and one: no query can open a socket."""
    with open("/proc/self/statm") as statm:  # noqa: PTH123 - no Path import in a process that is about to be closed
        in_use = int(statm.read().split()[0]) * _PAGE
    ceiling = in_use + (memory_mib << 20)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    lowest_free = os.open("/", os.O_RDONLY)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free + 1, lowest_free + 1))
