"""The process that keeps audits of what is published, and what the writer knows of it.

It finds out by itself what changed (:mod:`fairmap.fair.keeping`) and asks the public view, as readers do. The writer only tells
it that there is something, and never waits for it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

from fairmap.errors import Busy, ServiceDown, StoreError
from fairmap.fair import Criteria, History
from fairmap.fair.keeping import Keeper
from fairmap.fair.progress import Progress
from fairmap.service.places import Assignment
from fairmap.service.views import view_of
from fairmap.store import address_of
from fairmap.views.process import ChildProcess
from fairmap.views.worker import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable

_NICE: Final = 10
_QUIET: Final = 1.0
"""Seconds without a change before audits begin, so that they do not take the processor from those who publish."""
_LONGEST: Final = 30.0
"""Seconds for which audits wait for that."""
_PAUSE: Final = 1.0
"""Seconds before a view that did not answer is asked again, or a file tried again."""


class KeeperProcess(ChildProcess):
    """Seen from the writer, whose environment it inherits: started, told of changes, started again when it dies."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "fairmap.service.keeper"]
            self._process = subprocess.Popen(command, stdin=theirs.fileno())

    def tell(self) -> None:
        """That something changed. When it has been told often enough already, or has died, that is enough, too."""
        with contextlib.suppress(OSError):
            self._socket.send(b".", socket.MSG_DONTWAIT)


class Door:
    """The writer, seen from the process."""

    def __init__(self, writer: socket.socket) -> None:
        self._writer = writer

    def is_quiet(self) -> bool:
        """Whether the writer has told nothing since it was last heard, and is still there."""
        return not self._hears(0)

    def is_open(self, seconds: float | None = 0) -> bool:
        """Whether the writer is still there when it tells something, or after these seconds (``None``: for ever)."""
        return not self._hears(seconds) or bool(self._writer.recv(1 << 12))

    def settles(self, quiet: float, longest: float) -> bool | None:
        """Whether the writer was quiet for so many seconds before the longest time was over; ``None``: it has ended."""
        end = time.monotonic() + longest
        while time.monotonic() < end:
            if not self._hears(quiet):
                return True
            if not self._writer.recv(1 << 12):
                return None
        return False

    def _hears(self, seconds: float | None) -> bool:
        return bool(select.select([self._writer], [], [], seconds)[0])


def serve(keeper: Keeper, door: Door, tell: Callable[[str], None]) -> None:
    """Keep audits until the writer ends: while it writes nothing, or when it has been writing without a pause for long."""
    pause: float | None = 0
    while door.is_open(pause):
        has_settled = door.settles(_QUIET, _LONGEST)
        try:
            keeper.catch_up(door.is_quiet if has_settled else door.is_open)
            pause = None
        except (ServiceDown, Busy):
            pause = _PAUSE
        except StoreError as error:
            tell(str(error))
            pause = 60 * _PAUSE


def _tell(text: str) -> None:
    sys.stderr.write(f"fairmap: {text}\n")
    sys.stderr.flush()


def main() -> None:
    """Entry of the process: the writer on standard input."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service's own process decides when to stop
    os.nice(_NICE)
    assignment = Assignment.from_environment()
    settings = assignment.settings
    state = address_of(settings).state
    assert state is not None  # noqa: S101 - a store in memory is refused when the service starts
    view = view_of(settings, assignment.places)
    keeper = Keeper(view, Criteria(settings.base_iri), History(state), Progress(state), _tell)
    serve(keeper, Door(socket.socket(fileno=0)), _tell)


if __name__ == "__main__":
    main()
