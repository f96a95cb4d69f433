"""An answer that fails on its way: its connection is shut, so that nobody takes what came for the whole.

The server ends a body properly whatever the app does, and tells the app the reader's address but not the port. So the
connection is found by what it has carried: the bytes of this answer, neither more nor less, since the answer began.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import termios
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from fairmap.errors import FairmapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_STATUS_LINE: Final = len(b"HTTP/1.1 200 OK\r\n") + len(b"\r\n")
_SERVERS_OWN: Final = 200
"""Bytes that the server's own header fields take at most."""
_PATIENCE: Final = 30.0
"""Seconds for which a reader may stand still that has not taken what came before the failure."""
_ACKNOWLEDGED: Final = 120
"""Source: linux/tcp.h, struct tcp_info, place of tcpi_bytes_acked, 64 bits."""


class Streamed:
    """The body of an answer whose length is not known when it begins."""

    def __init__(
        self,
        body: Iterable[bytes],
        environ: dict[str, Any],
        headers: list[tuple[str, str]],
        tell: Callable[[FairmapError], None],
    ) -> None:
        """``tell`` is called with the error that ended the answer."""
        self._body = body
        self._chunks = iter(body)
        self._tell = tell
        self._connections = Connections(str(environ.get("REMOTE_ADDR", "")))
        self._sent = _STATUS_LINE + sum(len(name) + len(value) + 4 for name, value in headers)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._chunks)
        except FairmapError as error:
            self._tell(error)
            if not self._connections.shut(self._sent):
                raise
            raise StopIteration from error
        self._sent += len(f"{len(chunk):x}\r\n\r\n") + len(chunk)
        return chunk

    def close(self) -> None:
        """Whoever iterates has had enough."""
        close = getattr(self._body, "close", None)
        if close:
            close()


class Connections:
    """The connections of this process with one address, and what each had carried when this was made."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._before = {key: _written(found) for key, found in self._open()}

    def shut(self, sent: int) -> bool:
        """Shut the connection that has carried ``sent`` bytes since, and the server's own header fields; whether there is one.

        Waits for a reader who still has to take some of them. When that takes too long, all are shut that might be the one.
        """
        end = time.monotonic() + _PATIENCE
        least = sent
        while self._before:
            late = time.monotonic() > end
            found = 0
            for key, connection in self._open():
                carried = _written(connection) - self._before.get(key, 1 << 63)
                if least <= carried <= sent + _SERVERS_OWN:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
                    found += 1
            if found or late:
                return bool(found)
            least = 1 if time.monotonic() + 0.1 > end else sent
            time.sleep(0.005)
        return False

    def _open(self) -> Iterator[tuple[str, socket.socket]]:
        """Those that are open now, by number and inode. They are looked at through copies, closed again at once."""
        for entry in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                target = str(entry.readlink())
                if not target.startswith("socket:"):
                    continue
                with closing(socket.socket(fileno=os.dup(int(entry.name)))) as connection:
                    if connection.family in {socket.AF_INET, socket.AF_INET6} and self._is_with(connection):
                        yield entry.name + target, connection

    def _is_with(self, connection: socket.socket) -> bool:
        try:
            peer: str = connection.getpeername()[0]
        except OSError:
            return False  # it listens
        return peer.removeprefix("::ffff:") == self._address.removeprefix("::ffff:")


def _written(connection: socket.socket) -> int:
    """Bytes given to the kernel: those that the peer acknowledged, and those that wait. Source: tcp(7), TCP_INFO, SIOCOUTQ."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    acknowledged: int = struct.unpack_from("Q", told, _ACKNOWLEDGED)[0]
    waiting: int = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0]
    return acknowledged + waiting
