"""A large answer on its way: a thread takes it from the worker at full speed, the reader follows at its own."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from tempfile import TemporaryFile
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final, Self

from fairmap import errors, wire

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHUNK: Final = 1 << 18


def next_part(incoming: wire.Incoming) -> bytes | None:
    """The next part of an answer, ``None`` at its end.

    :raises FairmapError: what the worker or the view says instead.
    :raises QueryCrashed: when the answer breaks off without a word.
    """
    try:
        found = incoming.next()
    except (OSError, errors.ServiceDown) as error:
        raise errors.QueryCrashed("the answer broke off") from error
    if found is None:
        raise errors.QueryCrashed("the answer broke off")
    kind, payload = found
    if kind in {wire.ERROR, wire.LAST}:
        raise wire.error_of(json.loads(payload))
    return None if kind == wire.END else payload


class Gathered:
    """The chunks of a large answer, while it grows. Whoever stops early ends the query with :meth:`close`.

    :raises FairmapError: while it is iterated, when the query fails after all that came before.
    """

    def __init__(self, incoming: wire.Incoming, first: Sequence[bytes], limit: int) -> None:
        """``first``: the parts that were taken already; ``limit``: bytes of the whole answer."""
        self._first = b"".join(first)
        self._place = 0
        self._spool = _Spool(incoming, len(self._first), limit)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._first:
            chunk, self._first = self._first, b""
        else:
            chunk = self._spool.read(self._place)
            self._place += len(chunk)
        if not chunk:
            self.close()
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Let go of the file, and of the query when it still runs."""
        self._first = b""
        self._spool.stop()

    def __del__(self) -> None:
        self.close()


class _Spool:
    """The file between the thread that gathers and the reader."""

    def __init__(self, incoming: wire.Incoming, taken: int, limit: int) -> None:
        self._incoming = incoming
        self._taken = taken
        self._limit = limit
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - closed when the reader is done
        self._size = 0
        self._is_over = False
        self._error: errors.FairmapError | None = None
        self._changed = Condition()
        self._thread = Thread(target=self._gather, name="fairmap-gathering", daemon=True)
        self._thread.start()

    def read(self, place: int) -> bytes:
        """What stands at ``place``, waited for; empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._size > place or self._is_over)
            if self._size > place:
                return os.pread(self._file.fileno(), min(_CHUNK, self._size - place), place)
            if self._error:
                raise self._error
            return b""

    def stop(self) -> None:
        """End the query, if it still runs, and forget the answer. May be called again."""
        with suppress(OSError):
            self._incoming.connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._file.close()

    def _gather(self) -> None:
        try:
            while (part := next_part(self._incoming)) is not None:
                self._taken += len(part)
                if self._taken > self._limit:
                    what = f"the answer is larger than {self._limit >> 20} MiB"
                    raise errors.QueryStopped(what, expected="a LIMIT, or several queries")
                self._write(part)
        except errors.FairmapError as error:
            self._error = error
        except OSError as error:
            self._error = errors.StoreError(f"the answer cannot be held: {error.strerror}")
        finally:
            self._incoming.connection.close()
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def _write(self, part: bytes) -> None:
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(self._file.fileno(), rest) :]
        with self._changed:
            self._size += len(part)
            self._changed.notify_all()
