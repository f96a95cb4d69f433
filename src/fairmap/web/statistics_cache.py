"""How much the map holds, counted once for each revision."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from cachetools import LRUCache

from fairmap import describe

if TYPE_CHECKING:
    from fairmap.web.audience import Audience

_MOST: Final = 16
"""Audiences whose statistics are kept."""


class StatisticsCache:
    """For each audience the statistics of the last revision that was asked for. Safe in threads; who asks while another counts waits."""

    def __init__(self) -> None:
        self._counted: LRUCache[str, tuple[int, describe.Statistics]] = LRUCache(_MOST)
        self._lock = Lock()

    def of(self, audience: Audience, revision: int) -> describe.Statistics:
        """The statistics of what an audience sees.

        :param revision: of its view, read before this call.
        """
        with self._lock:
            known = self._counted.get(audience.name)
            if known is None or known[0] != revision:
                known = self._counted[audience.name] = (revision, describe.statistics(audience.view))
            return known[1]
