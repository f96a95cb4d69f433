"""The judging process seen from the writer: started, started again when it dies."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from fairmap import wire
from fairmap.views.process import ChildProcess, await_end, spawn
from fairmap.views.stats import stats_path

if TYPE_CHECKING:
    from pathlib import Path

    from fairmap.config import Settings


class JudgeProcess(ChildProcess):
    """Judges for those who ask at the socket ``path``. Who asks while it starts waits: the listening socket is this process's."""

    def __init__(self, settings: Settings, path: Path) -> None:
        self._options = {
            "deadline": settings.judge_deadline,
            "memory": settings.judge_memory,
            "workers": settings.judge_workers,
            "queue": settings.judge_queue,
            "base_iri": settings.base_iri,
            "what": ("judgement", "judgements"),
        }
        self._doors = [wire.listen(path), wire.listen(stats_path(path))]
        self._start()

    def _start(self) -> None:
        numbers = [door.fileno() for door in self._doors]
        ours, theirs = socket.socketpair()
        with theirs:
            options = {**self._options, "listeners": numbers}
            self._process = spawn(options, theirs, numbers, "fairmap.judging.main")
        self._socket = ours
        wire.send(ours, wire.REQUEST)

    def close(self) -> None:
        """Stop the process and its workers."""
        with contextlib.suppress(OSError):  # it has died
            self._socket.shutdown(socket.SHUT_WR)
        await_end(self._process)
        self._socket.close()
        for door in self._doors:
            door.close()
