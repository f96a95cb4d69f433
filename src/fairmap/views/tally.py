"""A count that several processes keep together, for things that are rare."""

from __future__ import annotations

import fcntl
import os
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_SIZE: Final = 8


class Tally:
    """A number in a file. Safe in threads and between processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def add_one(self) -> None:
        """One more."""
        with self._lock:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                number = int.from_bytes(os.pread(descriptor, _SIZE, 0), "little")
                os.pwrite(descriptor, (number + 1).to_bytes(_SIZE, "little"), 0)
            finally:
                os.close(descriptor)

    def clear(self) -> None:
        """From nothing again."""
        self._path.unlink(missing_ok=True)

    @property
    def number(self) -> int:
        """The count."""
        try:
            return int.from_bytes(self._path.read_bytes(), "little")
        except FileNotFoundError:
            return 0
