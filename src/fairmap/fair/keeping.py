"""Keeping an audit of each record that changed: the change is published first, and nobody waits for the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from fairmap.errors import Busy, FairmapError, NotFound, ServiceDown
from fairmap.fair.progress import Counts
from fairmap.fair.records import RecordAuditor
from fairmap.model import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fairmap.fair.criteria import Criteria
    from fairmap.fair.history import History
    from fairmap.fair.progress import Progress
    from fairmap.model import Dated, Dates

_KINDS: Final = ("dataset/", "repository/")
_KEPT, _SAME, _FAILED, _GONE = Counts(kept=1), Counts(same=1), Counts(failed=1), Counts()


class DatedReader(Reader, Protocol):
    """A view that tells when records changed."""

    @property
    def dates(self) -> Dates:
        """When they did."""
        ...


class Keeper:
    """Audits the datasets and repositories that changed, the oldest change first, by all metric sets that fit.

    A record that changed several times meanwhile is audited as it is now. One that cannot be audited is told, counted and passed over.

    :param tell: takes a line for the log.
    """

    def __init__(
        self,
        view: DatedReader,
        criteria: Criteria,
        history: History,
        progress: Progress,
        tell: Callable[[str], None],
    ) -> None:
        self._view = view
        self._auditor = RecordAuditor(view, criteria)
        self._history = history
        self._progress = progress
        self._tell = tell

    def catch_up(self, goes_on: Callable[[], bool]) -> None:
        """Audit what changed since it was last called, by this process or one before it.

        :param goes_on: asked before each record; when it says no, the rest is left for the next time.
        :raises ServiceDown, Busy: when the view does not answer now; the rest is left for the next time.
        """
        for dated in self._due():
            if not goes_on():
                return
            is_to_be_tried = self._progress.begin(dated.moment)
            self._progress.end(dated.moment, self._keep(dated.iri) if is_to_be_tried else self._give_up(dated.iri))

    def _due(self) -> Iterator[Dated]:
        prefixes = [f"{self._view.base_iri}{kind}" for kind in _KINDS]
        while found := self._view.dates.entries(prefixes, after=self._progress.moment, deleted=False):
            yield from found

    def _keep(self, iri: str) -> Counts:
        try:
            return _KEPT if self._history.keep(self._auditor.assess(iri)) else _SAME
        except NotFound:
            return _GONE  # withdrawn since
        except (ServiceDown, Busy):
            raise
        except FairmapError as error:
            self._tell(f"no audit of {iri} was kept: {error}")
            return _FAILED

    def _give_up(self, iri: str) -> Counts:
        self._tell(f"no audit of {iri} was kept: the process ended with it")
        return _FAILED
