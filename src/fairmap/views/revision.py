"""The revision of a view in a small file that both sides map into memory: it is read for each request, so it must cost nothing.

The view process holds a lock on the file, which the kernel gives back when that process ends; so nobody takes the file of a
view that is gone for one that is up.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import weakref
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_SIZE: Final = 8
_LOCK: Final = struct.Struct("hhqqi4x")
"""Source: fcntl(2), struct flock on 64-bit Linux."""
_ASK: Final = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, _SIZE, 0)


def revision_path(view: Path) -> Path:
    """Where the revision of the view at socket ``view`` stands."""
    return view.with_suffix(".revision")


class RevisionFile:
    """The view's side. Its lock belongs to the process and not to its forks."""

    def __init__(self, view: Path) -> None:
        self._descriptor = os.open(revision_path(view), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._descriptor, _SIZE)
        self._number = memoryview(mmap.mmap(self._descriptor, _SIZE)).cast("Q")

    def tell(self, revision: int) -> None:
        """The view is up and has followed so many writes."""
        self._number[0] = revision
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _SIZE)


class RevisionReader:
    """The side of those who ask. Safe in threads."""

    def __init__(self, view: Path) -> None:
        self._path = revision_path(view)
        self._opened: tuple[int, memoryview] | None = None
        self._lock = Lock()

    def read(self) -> int | None:
        """The revision, or ``None`` when no view that is up tells it here."""
        try:
            descriptor, number = self._opened or self._open()
        except (OSError, ValueError):
            return None  # not there, or empty yet
        kind = _LOCK.unpack(fcntl.fcntl(descriptor, fcntl.F_GETLK, _ASK))[0]
        return None if kind == fcntl.F_UNLCK else number[0]

    def _open(self) -> tuple[int, memoryview[int]]:
        with self._lock:
            if self._opened is None:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
                try:
                    number = memoryview(mmap.mmap(descriptor, _SIZE, prot=mmap.PROT_READ)).cast("Q")
                except (OSError, ValueError):
                    os.close(descriptor)
                    raise
                weakref.finalize(self, os.close, descriptor)
                self._opened = descriptor, number
            return self._opened
