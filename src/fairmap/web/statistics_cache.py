"""How much the map holds, counted once for each revision."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from fairmap import describe

if TYPE_CHECKING:
    from fairmap.web.view import View


class StatisticsCache:
    """The statistics of the last revision that was asked for. Safe in threads; who asks while another counts waits."""

    def __init__(self) -> None:
        self._counted: tuple[int, describe.Statistics] | None = None
        self._lock = Lock()

    def of(self, view: View, revision: int) -> describe.Statistics:
        """The statistics of the view.

        :param revision: of the view, read before this call.
        """
        with self._lock:
            if self._counted is None or self._counted[0] != revision:
                self._counted = (revision, describe.statistics(view))
            return self._counted[1]
