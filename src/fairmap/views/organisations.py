"""The views of organisations: the public records with the organisation's on top, each made when somebody asks for it.

A view is that of one moment. When a record changes in one of its levels, it is let go before the change is acknowledged: its
socket is taken away, it answers those who came before, and ends. Who comes next asks the writer for a new one.
"""

from __future__ import annotations

import contextlib
import select
import shutil
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap import wire
from fairmap.access import organisation_name
from fairmap.views.process import new_folder, options, spawn
from fairmap.views.snapshot import checkpoint_of, send_frames, whole_of
from fairmap.views.stats import stats_path

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from fairmap.config import Settings
    from fairmap.store import Levels

IDLE: Final = 300.0
"""Seconds without a question after which a view is let go."""
_WORKERS: Final = 2
"""Query workers of a view, at most."""
_MOST: Final = 16
"""Views at the same time; the one that was made first makes room."""


@dataclass
class _Made:
    """A view that can be asked.

    :ivar snapshots: where its snapshot lies; ``None``: in memory.
    """

    process: subprocess.Popen[bytes]
    connection: socket.socket
    snapshots: Path | None


class OrganisationViews:
    """The views of the organisations of one store; used by the writer's thread only."""

    def __init__(
        self, levels: Levels, settings: Settings, sockets: Path, snapshots: Path | None, *, idle: float = IDLE
    ) -> None:
        """``sockets``: the folder of their sockets; ``snapshots``: that of their snapshots, ``None``: they are held in memory."""
        self._levels = levels
        self._settings = settings
        self._sockets = sockets
        self._snapshots = snapshots
        self._idle = idle
        self._made: dict[str, _Made] = {}
        self._leaving: list[_Made] = []
        for folder in (sockets, snapshots):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)  # of a service that was killed
                folder.mkdir(parents=True, mode=0o700)

    def view(self, organisation: str) -> Path:
        """The socket of the organisation's view, which shows its level as it is now.

        :raises UsageError: when it cannot be the name of one.
        """
        organisation_name(organisation)
        path = socket_of(self._sockets, organisation)
        made = self._made.get(organisation)
        if made is None or made.process.poll() is not None:
            self.let_go(organisation)
            if len(self._made) >= _MOST:
                self.let_go(next(iter(self._made)))
            self._made[organisation] = self._make(organisation, path)
        return path

    def let_go(self, organisation: str | None = None) -> None:
        """Take an organisation's view away, or that of each: who asks from now on gets a new one."""
        for name in list(self._made) if organisation is None else [organisation]:
            path = socket_of(self._sockets, name)
            path.unlink(missing_ok=True)
            stats_path(path).unlink(missing_ok=True)
            made = self._made.pop(name, None)
            if made:
                with contextlib.suppress(OSError):  # it has died
                    made.connection.shutdown(socket.SHUT_WR)
                self._leaving.append(made)

    def tidy(self) -> None:
        """Let go of views that nobody asks or that died, and forget those that have ended."""
        for name, made in list(self._made.items()):
            if made.process.poll() is not None or _is_idle(made.connection):
                self.let_go(name)
        ended = [made for made in self._leaving if made.process.poll() is not None]
        for made in ended:
            self._leaving.remove(made)
            made.connection.close()
            if made.snapshots:
                shutil.rmtree(made.snapshots, ignore_errors=True)

    def close(self) -> None:
        """Stop them all."""
        self.let_go()
        for made in self._leaving:
            made.process.kill()
            made.process.wait()
        self.tidy()

    def _make(self, organisation: str, path: Path) -> _Made:
        """Start a view; nothing is waited for, since who asks waits at its socket."""
        public, own = self._levels.public, self._levels.of(organisation)
        folder = new_folder(self._snapshots) if self._snapshots else None
        told = whole_of(public, own) if folder is None else checkpoint_of(public, own, folder)
        listeners = [wire.listen(path), wire.listen(stats_path(path))]
        numbers = [listener.fileno() for listener in listeners]
        workers = min(_WORKERS, self._settings.query_workers)
        known = {"disk": folder is not None, "idle": self._idle, "listeners": numbers}
        ours, theirs = socket.socketpair()
        with theirs, listeners[0], listeners[1]:
            process = spawn({**options(self._settings, workers), **known}, theirs, numbers)
        made = _Made(process, ours, folder)
        try:
            send_frames(ours, told)
        except BrokenPipeError:
            process.wait()  # it died; who asks finds nobody, and tries again
        return made


def socket_of(folder: Path, organisation: str) -> Path:
    """Where the view of an organisation is asked; it is there only while the view shows the present state."""
    return folder / f"{organisation}.sock"


def _is_idle(connection: socket.socket) -> bool:
    """Whether the view has said so; that it has taken over its snapshot is passed over."""
    while select.select([connection], [], [], 0)[0]:
        frame = wire.receive(connection)
        if frame is None or frame[0] == wire.REQUEST:
            return True
    return False
