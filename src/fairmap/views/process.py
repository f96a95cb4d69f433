"""The view process seen from the writer: started, fed, started again when it dies."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from fairmap import wire
from fairmap.errors import ServiceDown
from fairmap.views.snapshot import delta, whole

if TYPE_CHECKING:
    from pathlib import Path

    from fairmap.config import Settings
    from fairmap.model import Change
    from fairmap.store import Level


class ViewProcess:
    """The view of one level, behind the socket ``path``."""

    def __init__(self, level: Level, settings: Settings, path: Path) -> None:
        self._level = level
        self._options = {
            "socket": str(path),
            "deadline": settings.query_deadline,
            "memory": settings.query_memory,
            "workers": settings.query_workers,
            "queue": settings.query_queue,
        }
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "fairmap.views.server", json.dumps(self._options)]
        with theirs:
            self._process = subprocess.Popen(command, stdin=theirs.fileno())
        self._socket = ours
        self._send(whole(self._level))

    def follow(self, change: Change) -> None:
        """Bring the view to the state after ``change``; queries from now on see it."""
        if self.revive():
            return
        self._send(delta(self._level, change))

    def revive(self) -> bool:
        """Start the process again when it has died; whether that was so."""
        if self._process.poll() is None:
            return False
        self._socket.close()
        self._start()
        return True

    def close(self) -> None:
        """Stop the process and its workers."""
        self._socket.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        try:
            wire.send_json(self._socket, wire.REQUEST, message)
            if wire.receive(self._socket) is None:
                raise ServiceDown("the view process ended while it took over a change")
        except OSError as error:
            raise ServiceDown(f"the view process cannot be reached: {error}") from error
