"""Kept connections to a view process."""

from __future__ import annotations

import json
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from fairmap import errors, wire

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

_MOST: Final = 32


class Channels:
    """Connections to the view at a socket, each used by one query at a time. Safe in threads."""

    def __init__(self, path: Path, make: Callable[[], object] | None = None) -> None:
        """``make`` is called when nobody listens at the socket, and lets somebody listen.

        Then no connection is kept: who listens there changes, and one that was let go may still answer.
        """
        self._path = path
        self._make = make
        self._most = _MOST if make is None else 0
        self._kept: deque[wire.Incoming] = deque(maxlen=_MOST)
        weakref.finalize(self, _close_all, self._kept)

    def ask(self, request: dict[str, Any] | None) -> tuple[wire.Incoming, dict[str, Any]]:
        """Send a request, ``None`` for the view's status; the connection on which its answer comes, and the head of that.

        :raises ServiceDown: when the view is not up.
        :raises FairmapError: what it says instead of an answer.
        """
        message = wire.frame(wire.REQUEST, json.dumps(request).encode() if request else b"")
        incoming, found = self._sent(message)
        if found[0] == wire.HEAD:
            return incoming, found[1]
        if found[0] == wire.ERROR:
            self.keep(incoming)
        else:
            incoming.connection.close()
        raise wire.error_of(found[1])

    def keep(self, incoming: wire.Incoming) -> None:
        """Take a connection back whose answer was read to its end."""
        if len(self._kept) < self._most:
            self._kept.append(incoming)
        else:
            incoming.connection.close()

    def _sent(self, message: bytes) -> tuple[wire.Incoming, tuple[bytes, Any]]:
        """A kept connection may lead to a view process that is gone; then, and only then, another is tried."""
        while self._kept:
            try:
                incoming = self._kept.pop()
            except IndexError:
                break  # another thread took the last one
            if found := _exchange(incoming, message):
                return incoming, found
        incoming = wire.Incoming(self._connected())
        if found := _exchange(incoming, message):
            return incoming, found
        raise errors.ServiceDown("the view broke off", where=str(self._path))

    def _connected(self) -> socket.socket:
        try:
            return wire.connect(self._path, "the view")
        except errors.ServiceDown:
            if self._make is None:
                raise
            self._make()
            return wire.connect(self._path, "the view")


def _exchange(incoming: wire.Incoming, message: bytes) -> tuple[bytes, Any] | None:
    """The first frame of the answer; ``None``: the view has closed the connection, as has this."""
    try:
        incoming.connection.sendall(message)
        found = incoming.next_json()
    except (ConnectionError, errors.ServiceDown):
        found = None
    except BaseException:
        incoming.connection.close()
        raise
    if found is None:
        incoming.connection.close()
    return found


def _close_all(kept: deque[wire.Incoming]) -> None:
    while kept:
        kept.pop().connection.close()
