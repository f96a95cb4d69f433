"""The audit log: each write and each refused access as a line of JSON. No query text, no address.

``audit.jsonl`` holds the lines of one day (UTC). When another day has begun it becomes ``audit-YYYY-MM-DD.jsonl``; whole
days are removed when they are older than they may be, so that no line which is to be kept is ever written anew.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from fairmap.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

    from fairmap.access.principal import Principal

_DAY: Final = re.compile(r"-(\d{4}-\d{2}-\d{2})\.jsonl\Z")
_TAIL: Final = 1 << 16
"""Bytes at a file's end in which its last line is looked for."""


def _now() -> datetime:
    return datetime.now(UTC)


class Audit:
    """Appends to one file; used by the writer's thread only."""

    def __init__(self, path: Path | None, days: int = 0, *, now: Callable[[], datetime] = _now) -> None:
        """A log that is open until :meth:`close`.

        :param path: of today's file; the others lie beside it. ``None``: nothing is kept (a store in memory).
        :param days: for which lines are kept; 0: for ever.
        """
        self._path = path
        self._days = days
        self._now = now
        self._file: IO[str] | None = None
        self._day = now().date()
        if path is not None:
            self._open(path)
            self._day = _last_day(path) or self._day
            self._remove_old(path)
            self.tidy()

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def note(
        self,
        principal: Principal,
        operation: str,
        outcome: str,
        *,
        graph: str | None = None,
        organisation: str | None = None,
    ) -> None:
        """Write one line; it is handed to the system when this returns.

        :param outcome: ``done``, or the class of the error.
        :param graph: the graph that was meant, where the operation names one.
        :param organisation: whose records were meant; ``None``: the public ones.
        """
        self.tidy()
        if self._file:
            self._file.write(_line(self._now(), principal, operation, outcome, graph, organisation))
            self._file.flush()

    def tidy(self) -> None:
        """When another day has begun: put the last one's lines aside, remove those that are too old.

        :raises StoreError: when the disk does not let it; the lines are where they were.
        """
        today = self._now().date()
        if self._path is None or today <= self._day:
            return
        try:
            self._put_aside(self._path)
            self._open(self._path)
            self._remove_old(self._path)
        except OSError as error:
            raise StoreError(f"the audit log cannot be put aside: {error.strerror}", where=str(self._path)) from error
        self._day = today

    def _open(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.close()
        self._file = os.fdopen(descriptor, "a")
        if not _is_whole(path):
            self._file.write("\n")

    def _put_aside(self, path: Path) -> None:
        """Give the file the name of its day. After a clock was set back there may be one: then the lines go to its end."""
        aside = path.with_name(f"{path.stem}-{self._day.isoformat()}{path.suffix}")
        if path.stat().st_size == 0:
            return
        if not aside.exists():
            path.rename(aside)
            return
        with aside.open("ab") as kept:
            kept.write(path.read_bytes())
            kept.flush()
            os.fsync(kept.fileno())
        path.unlink()

    def _remove_old(self, path: Path) -> None:
        if not self._days:
            return
        first = (self._now().date() - timedelta(days=self._days)).isoformat()
        for other in path.parent.glob(f"{path.stem}-*{path.suffix}"):
            named = _DAY.search(other.name)
            if named and named[1] < first:
                other.unlink()


def append(path: Path, principal: Principal, operation: str, outcome: str) -> None:
    """Write one line from another process than the one that has the log open."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "a") as file:
        file.write(_line(_now(), principal, operation, outcome, None, None))


def _line(
    now: datetime, principal: Principal, operation: str, outcome: str, graph: str | None, organisation: str | None
) -> str:
    told = {
        "time": now.isoformat(timespec="milliseconds"),
        "principal": principal.name,
        "scope": principal.scope.value if principal.scope else None,
        "operation": operation,
        "organisation": organisation,
        "graph": graph,
        "outcome": outcome,
    }
    return json.dumps(told) + "\n"


def _end(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        return file.read()


def _is_whole(path: Path) -> bool:
    """Whether the last line is complete; it is not when a crash fell into it."""
    return _end(path)[-1:] in {b"", b"\n"}


def _last_day(path: Path) -> date | None:
    """The day of the last line that can be read; ``None``: there is none."""
    for line in reversed(_end(path).splitlines()):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return datetime.fromisoformat(json.loads(line)["time"]).date()
    return None
