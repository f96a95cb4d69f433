"""When what an audience sees changed last: for ``Last-Modified``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fairmap.web.audience import Audience

_SECOND: Final = 1_000_000
_SETTLED: Final = 2
"""Seconds after a change until which another one may have the same second, which is all that HTTP can tell."""


class LatestChanges:
    """The last moment of each audience, kept as long as its revision stands. Safe in threads."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int]] = {}

    def of(self, seen: Audience, revision: int) -> int:
        """The last moment at which anything changed, in microseconds since 1970; 0 when it cannot be told for sure.

        :param revision: of the view, read before.
        """
        known = self._known.get(seen.name)
        if known and known[0] == revision:
            return known[1]
        latest = seen.view.dates.latest()
        if seen.view.revision() != revision:
            return 0
        self._known[seen.name] = revision, latest
        return latest


def seconds(moment: int) -> int | None:
    """The moment as HTTP tells it; ``None`` while another change may come in the same second."""
    told = moment // _SECOND
    return told if moment and told + _SETTLED <= time.time() else None
