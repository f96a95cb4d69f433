"""The writer process: owns the store, loads the map, feeds the view process, answers the control socket."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from fairmap.catalogue import Catalogue
from fairmap.errors import FairmapError
from fairmap.judging import JudgeProcess
from fairmap.service.control import ControlServer
from fairmap.service.keeper import KeeperProcess
from fairmap.service.operations import Operations
from fairmap.service.places import Assignment
from fairmap.service.views import follower
from fairmap.store import address_of
from fairmap.views.worker import die_with_parent

if TYPE_CHECKING:
    from fairmap.model import Change
    from fairmap.publish import Upgrade
    from fairmap.service.views import RemoteViews, Views


class Writer:
    """The loop of the writer process."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._views: Views | RemoteViews | None = None
        self._keeper: KeeperProcess | None = None
        self._stopping = False

    def run(self) -> None:
        """Serve until told to stop; what was acknowledged is on disk."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides when to stop
        settings, places = self._assignment.settings, self._assignment.places
        judging = settings.shapes
        with Catalogue(address_of(settings), settings.base_iri, follow=self._follow, judging=judging) as catalogue:
            if self._assignment.load_map:
                _tell_upgrade(catalogue.load_map())
            self._views = follower(catalogue.levels, settings, places)
            operations = Operations(catalogue, settings, places, self._views)
            control = ControlServer(places.control, operations)
            judge = JudgeProcess(settings, places.judge)
            self._keeper = KeeperProcess() if settings.audit_keep else None
            while not self._stopping:
                control.serve(timeout=0.5)
                operations.tidy()
                if self._views.tidy():
                    _tell(self._views.revived)
                if judge.revive():
                    _tell("the judging process died and was started again")
                if self._keeper and self._keeper.revive():
                    _tell("the process that keeps audits died and was started again")
            if self._keeper:
                self._keeper.close()
            judge.close()
            self._views.close()
            operations.close()

    def _follow(self, organisation: str | None, change: Change) -> None:
        if self._views:
            self._views.follow(organisation, change)
        if self._keeper and organisation is None:
            self._keeper.tell()

    def _stop(self, *_: object) -> None:
        self._stopping = True


def _tell_upgrade(upgrade: Upgrade) -> None:
    counts = {"added": upgrade.added, "replaced": upgrade.replaced, "withdrawn": upgrade.withdrawn}
    told = ", ".join(f"{len(records)} {what}" for what, records in counts.items() if records)
    if told:
        _tell(f"map {upgrade.version}: {told}")
    for iri in upgrade.kept:
        _tell(f"map {upgrade.version}: {iri} was changed here and in the map; yours is kept")


def _tell(text: str) -> None:
    sys.stderr.write(f"fairmap: {text}\n")
    sys.stderr.flush()


def main() -> int:
    """Entry of the process."""
    die_with_parent(signal.SIGTERM)
    try:
        Writer(Assignment.from_environment()).run()
    except FairmapError as error:
        _tell(str(error))
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
