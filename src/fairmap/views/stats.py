"""Figures of a view process: queries by outcome, how long they took, workers, waiting queries. Nothing of what was asked.

They are told at a socket of their own beside the view's, by the view process itself: when all workers are busy, they are wanted most.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from bisect import bisect_left
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TextIO

from fairmap import wire
from fairmap.errors import ServiceDown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OUTCOMES: Final = (
    "answered",
    "syntax",
    "refused",
    "not_acceptable",
    "update",
    "timeout",
    "crashed",
    "endpoint",
    "left",
    "busy",
)
"""``endpoint``: one that SERVICE names failed;
``update``: an update was worked out; ``left``: the reader went away; ``busy``: no worker, sent away."""

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histogram's buckets in seconds."""

ANSWERED: Final = b"a"
UPDATED: Final = b"u"
NO_QUERY: Final = b"q"
OUTCOME_OF: Final[dict[bytes, str | None]] = {
    ANSWERED: "answered",
    b"s": "syntax",
    b"r": "refused",
    b"n": "not_acceptable",
    UPDATED: "update",
    b"c": "crashed",
    b"e": "endpoint",
    NO_QUERY: None,
}
"""The byte by which a worker tells how its query ends, before the reader gets the end; so a reader who goes then is not
taken for one who left. What was no query is not counted."""

_BYTE_OF: Final = {
    "QuerySyntaxError": b"s",
    "QueryRefused": b"r",
    "NotAcceptable": b"n",
    "InputError": b"r",
    "UnreadableInput": b"r",
    "UsageError": b"r",
    "IllFormedShapes": b"r",
    "EndpointFailed": b"e",
    "EndpointTimeout": b"e",
}


def byte_of(fault: str) -> bytes:
    """The byte for a query that ended with an error of the class ``fault``."""
    return _BYTE_OF.get(fault, b"c")


@dataclass
class QueryStats:
    """Counts since the process started.

    :ivar longest: the most seconds that a query had a worker, without waiting.
    :ivar seconds: queries whose time, with waiting, lies in each bucket of :data:`BOUNDS`; the last is above them.
    """

    outcomes: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(OUTCOMES, 0)))
    seconds: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total_seconds: float = 0.0
    longest: float = 0.0

    def count(self, outcome: str, started: float) -> None:
        """Count a query that came at ``started`` (monotonic) and is over."""
        took = time.monotonic() - started
        self.outcomes[outcome] += 1
        self.seconds[bisect_left(BOUNDS, took)] += 1
        self.total_seconds += took

    def ran(self, seconds: float) -> None:
        """Note how long a query had a worker."""
        self.longest = max(self.longest, seconds)

    def as_json(self) -> dict[str, Any]:
        """For the wire."""
        return {
            "pid": os.getpid(),
            "outcomes": dict(self.outcomes),
            "seconds": self.seconds,
            "total_seconds": self.total_seconds,
            "longest": self.longest,
        }


class SharedQueryStats:
    """The same, counted by several processes together, in a file. Safe in threads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def count(self, outcome: str, started: float) -> None:
        """As :meth:`QueryStats.count`."""
        with self._locked() as file:
            stats = _read(file)
            stats.count(outcome, started)
            file.seek(0)
            file.truncate()
            json.dump(stats.as_json(), file)

    def as_json(self) -> dict[str, Any]:
        """As :meth:`QueryStats.as_json`."""
        with self._locked() as file:
            return _read(file).as_json()

    def clear(self) -> None:
        """From nothing again."""
        self._path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[TextIO]:
        with self._path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            yield file


def _read(file: TextIO) -> QueryStats:
    text = file.read()
    if not text:
        return QueryStats()
    told = json.loads(text)
    return QueryStats(Counter(told["outcomes"]), told["seconds"], told["total_seconds"], told["longest"])


def stats_path(view: Path) -> Path:
    """Where the figures of the view at socket ``view`` are told."""
    return view.with_suffix(".stats")


def refused_path(view: Path) -> Path:
    """Where clients of the view at socket ``view`` count the queries that they refuse to send."""
    return view.with_suffix(".refused")


def read_stats(view: Path, timeout: float = 2.0) -> dict[str, Any]:
    """The figures of a view: those of :class:`QueryStats`, and ``pid``, ``workers`` (process: busy), ``waiting``, ``revision``.

    :raises ServiceDown: when the view is not up.
    :raises TimeoutError: when it does not answer, such as while it takes over a change.
    """
    with wire.talk(stats_path(view), "the view") as connection:
        connection.settimeout(timeout)
        frame = wire.receive_json(connection)
    if frame is None:
        raise ServiceDown("the view ended before it told its figures", where=str(view))
    found: dict[str, Any] = frame[1]
    return found
