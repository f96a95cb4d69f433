"""The view process seen from the writer: started, fed, started again when it dies."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fairmap import wire
from fairmap.errors import ServiceDown
from fairmap.views.snapshot import checkpoint, delta, send_frames, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.config import Settings
    from fairmap.model import Change
    from fairmap.store import Level
    from fairmap.views.snapshot import Frames


_LARGE_PAGES: Final = "glibc.malloc.hugetlb=1"
"""Pages of 2 MiB where the kernel has them to give: a fork of a large graph takes a fifth of the time, and queries a tenth less.

A fork that writes to one still copies 4 KiB. Source: glibc manual, 3.2.4 Memory Allocation Tunables (an older glibc passes over it).
"""
_GRACE: Final = 5.0
"""Seconds that a process gets to end by itself."""
_PER_QUAD: Final = 400
_PER_LITERAL: Final = 600
"""Bytes that a quad and a written literal take in memory, about; for the decision between memory and disk only."""


class ChildProcess(ABC):
    """A process of the writer, which holds a socket that leads to it: started again when it dies."""

    _process: subprocess.Popen[bytes]
    _socket: socket.socket

    @abstractmethod
    def _start(self) -> None:
        """Start it, and have the socket."""

    def revive(self) -> bool:
        """Start the process again when it has died; whether that was so."""
        if self._process.poll() is None:
            return False
        self._socket.close()
        self._start()
        return True

    def close(self) -> None:
        """Stop the process, once what it is at is done, and its workers."""
        self._socket.close()
        await_end(self._process)


class ViewProcess(ChildProcess):
    """The view of one level, behind the socket ``path``."""

    def __init__(self, level: Level, settings: Settings, path: Path, snapshots: Path | None = None) -> None:
        """``snapshots``: the folder for snapshots of a level on disk; ``None``: the graph is always held in memory."""
        self._level = level
        self._snapshots = snapshots
        self._most = settings.view_memory << 20
        self._options = {"socket": str(path), **options(settings, settings.query_workers), **_federation(settings)}
        self._start()

    def _start(self) -> None:
        if self._snapshots is not None:
            shutil.rmtree(self._snapshots, ignore_errors=True)  # of a process that died
        self._size = size_in_memory(self._level)
        self._on_disk = self._snapshots is not None and self._size > self._most
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = spawn({**self._options, "disk": self._on_disk}, theirs)
        self._socket = ours
        self._send(self._checkpoint() if self._on_disk else whole(self._level))

    def _checkpoint(self) -> Frames:
        assert self._snapshots is not None  # noqa: S101 - it is on disk
        return checkpoint(self._level, new_folder(self._snapshots))

    def follow(self, change: Change) -> None:
        """Bring the view to the state after ``change``; queries from now on see it."""
        self._size += (change.more.lines - change.less.lines) * _PER_QUAD
        if self._snapshots is not None and not self._on_disk and self._size > self._most:
            self.close()  # it has grown too large: queries wait for the one on disk
        if not self.revive():
            self._send(self._checkpoint() if self._on_disk else delta(change))

    def _send(self, frames: Frames) -> None:
        try:
            send_frames(self._socket, frames)
            if wire.receive(self._socket) is None:
                raise ServiceDown("the view process ended while it took over a change")
        except OSError as error:
            raise ServiceDown(f"the view process cannot be reached: {error}") from error


def options(settings: Settings, workers: int) -> dict[str, Any]:
    """What a view process must know of the settings."""
    return {
        "deadline": settings.query_deadline,
        "memory": settings.query_memory,
        "workers": workers,
        "queue": settings.query_queue,
        "rewrite": settings.rewrite,
    }


def _federation(settings: Settings) -> dict[str, Any]:
    """What queries over what is public may ask elsewhere; those of an organisation's view ask nobody."""
    if not settings.endpoints:
        return {}
    told = (settings.endpoints, settings.federation_deadline, settings.federation_size)
    return {"federation": dict(zip(("endpoints", "deadline", "size"), told, strict=True))}


def spawn(
    told: dict[str, Any], writer: socket.socket, listeners: Sequence[int] = (), module: str = "fairmap.views.main"
) -> subprocess.Popen[bytes]:
    """Start a view process.

    :param writer: its side of the connection to this process.
    :param listeners: sockets that it takes over.
    :param module: of another kind of process with workers.
    """
    command = [sys.executable, "-m", module, json.dumps(told)]
    environment = {
        **os.environ,
        "GLIBC_TUNABLES": ":".join(filter(None, (os.environ.get("GLIBC_TUNABLES"), _LARGE_PAGES))),
    }
    return subprocess.Popen(command, stdin=writer.fileno(), pass_fds=tuple(listeners), env=environment)


def await_end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was told to stop; kill it when it does not."""
    try:
        process.wait(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def new_folder(snapshots: Path) -> Path:
    """A new folder for a snapshot; the view process that serves it removes it."""
    snapshots.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Path(tempfile.mkdtemp(dir=snapshots))


def size_in_memory(level: Level) -> int:
    """Bytes that a view of the level would take in memory, about."""
    return len(level.engine) * _PER_QUAD + level.ledger.literal_count() * _PER_LITERAL
