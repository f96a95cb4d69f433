"""Frames over a local stream: one byte of kind, four of length, then the payload. Used between fairmap's own processes."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from typing import TYPE_CHECKING, Any, Final

from fairmap import errors
from fairmap.errors import FairmapError, ServiceDown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEAD: Final = struct.Struct(">cI")
MAX_FRAME: Final = 1 << 31
PIECE: Final = 1 << 20
"""Bytes read at a time."""
_FEW: Final = 1 << 16
"""Bytes read at a time where most messages are small: room for more costs the allocator more than the reading."""

_KINDS: Final[dict[str, type[FairmapError]]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, FairmapError)
}

REQUEST: Final = b"R"
HEAD: Final = b"H"
DATA: Final = b"D"
END: Final = b"E"
ERROR: Final = b"X"
LAST: Final = b"L"
"""An error, behind which the sender closes."""


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """One frame as bytes, for who sends several at once."""
    return head_of(kind, len(payload)) + payload


def send(connection: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    """Send one frame; blocks until it is handed to the kernel."""
    if len(payload) < PIECE:
        connection.sendall(frame(kind, payload))
    else:
        connection.sendall(head_of(kind, len(payload)))
        connection.sendall(payload)


def send_together(connection: socket.socket, *parts: bytes | bytearray) -> None:
    """Send parts one behind the other without copying them together first. Source: sendmsg(2)."""
    sent = connection.sendmsg(parts)
    if sent < sum(map(len, parts)):  # a signal came
        connection.sendall(b"".join(parts)[sent:])


def head_of(kind: bytes, length: int) -> bytes:
    """What stands before the payload of a frame."""
    return _HEAD.pack(kind, length)


def send_json(connection: socket.socket, kind: bytes, value: object) -> None:
    """Send ``value`` as a JSON frame."""
    send(connection, kind, json.dumps(value).encode())


def receive(connection: socket.socket) -> tuple[bytes, bytes] | None:
    """The next frame as (kind, payload), or ``None`` when the other side closed between frames.

    :raises ServiceDown: when it closed inside a frame.
    """
    head = _exactly(connection, _HEAD.size)
    if head is None:
        return None
    kind, length = _HEAD.unpack(head)
    payload = _exactly(connection, length) if length else b""
    if payload is None:
        raise ServiceDown("the answer broke off inside a frame")
    return kind, payload


class Incoming:
    """The frames of one connection, taken out of the kernel many at a time; nobody else may read from it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._held = b""

    def next(self) -> tuple[bytes, bytes] | None:
        """As :func:`receive`; a :data:`LAST` frame counts also where it cuts another short, whose sender was killed."""
        if len(self._held) < _HEAD.size and not self._fill(_HEAD.size):
            return self._cut() if self._held else None
        kind, length = _HEAD.unpack_from(self._held)
        if length > MAX_FRAME:
            raise ServiceDown("a frame larger than 2 GiB was announced")
        end = _HEAD.size + length
        if len(self._held) < end and not self._fill(end):
            return self._cut()
        payload, self._held = self._held[_HEAD.size : end], self._held[end:]
        return kind, payload

    def _cut(self) -> tuple[bytes, bytes]:
        start = self._held.rfind(LAST + b"\0\0")  # such a frame is short
        if (
            start >= 0
            and _HEAD.unpack_from(self._held + bytes(_HEAD.size), start)[1] == len(self._held) - start - _HEAD.size
        ):
            return LAST, self._held[start + _HEAD.size :]
        raise ServiceDown("the answer broke off inside a frame")

    def next_json(self) -> tuple[bytes, Any] | None:
        """As :func:`receive_json`."""
        found = self.next()
        return None if found is None else (found[0], json.loads(found[1]) if found[1] else None)

    def _fill(self, size: int) -> bool:
        """Hold at least ``size`` bytes; whether the other side sent that many."""
        missing = size - len(self._held)
        parts = [self._held]
        while missing > 0 and (data := self.connection.recv(max(_FEW, min(missing, PIECE)))):
            parts.append(data)
            missing -= len(data)
        self._held = b"".join(parts)
        return missing <= 0


def receive_json(connection: socket.socket) -> tuple[bytes, Any] | None:
    """The next frame with its payload read as JSON."""
    found = receive(connection)
    return None if found is None else (found[0], json.loads(found[1]) if found[1] else None)


def error_as_json(error: FairmapError) -> dict[str, Any]:
    """An error for an :data:`ERROR` frame; :func:`error_of` reads it."""
    return {"kind": type(error).__name__, "what": error.what, "where": error.where, "expected": error.expected}


def error_of(told: dict[str, Any]) -> FairmapError:
    """The error that :func:`error_as_json` wrote."""
    return _KINDS[told["kind"]](told["what"], where=told.get("where"), expected=told.get("expected"))


def listen(path: Path) -> socket.socket:
    """A listening socket that only this user may connect to."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        with short(path) as name:
            listener.bind(name)
    finally:
        os.umask(mask)
    listener.listen(512)
    return listener


@contextlib.contextmanager
def short(path: Path) -> Iterator[str]:
    """A name of ``path`` that fits into a socket address, however deep the folder lies. Source: unix(7), 108 bytes."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def connect(path: Path, what: str) -> socket.socket:
    """A connection to the listener at ``path``.

    :raises ServiceDown: when nobody listens there; ``what`` names who should.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        with short(path) as name:
            connection.connect(name)
    except OSError as error:
        connection.close()
        raise ServiceDown(f"{what} is not up", where=str(path)) from error
    return connection


@contextlib.contextmanager
def talk(path: Path, what: str) -> Iterator[socket.socket]:
    """A connection to the listener at ``path``, closed at the end.

    :raises ServiceDown: when nobody listens there, or the other side dies meanwhile; ``what`` names who that is.
    """
    connection = connect(path, what)
    with kept(connection, path, what):
        yield connection


@contextlib.contextmanager
def kept(connection: socket.socket, path: Path, what: str) -> Iterator[None]:
    """Close a connection at the end.

    :raises ServiceDown: when the other side dies meanwhile; ``what`` names who that is.
    """
    try:
        with connection:
            yield
    except ConnectionError as error:
        raise ServiceDown(f"{what} broke off", where=str(path)) from error


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    if size > MAX_FRAME:
        raise ServiceDown("a frame larger than 2 GiB was announced")
    parts: list[bytes] = []
    missing = size
    while missing:
        part = connection.recv(min(missing, PIECE))
        if not part:
            if missing == size:
                return None
            raise ServiceDown("the answer broke off inside a frame")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
