"""The views of a running service: seen from its writer the public one, and organisations' on demand; for others, where to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.errors import ServiceDown
from fairmap.store import Levels, address_of
from fairmap.views import OrganisationViews, RemoteView, ViewClient, ViewProcess
from fairmap.views.stats import SharedQueryStats

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from fairmap.config import Settings
    from fairmap.model import Change
    from fairmap.service.places import Places
    from fairmap.store import Address, RemoteLevels


class Views:
    """What each audience sees follows the levels: a change is seen by the next query of those whom it concerns.

    :ivar revived: what :meth:`tidy` did when it says so, for people.
    """

    revived = "the view process died and was started again"

    def __init__(self, levels: Levels, settings: Settings, places: Places) -> None:
        state = address_of(settings).state
        snapshots = state / "snapshots" if state else None
        self._settings = settings
        self._process = ViewProcess(levels.public, settings, places.view, snapshots / "public" if snapshots else None)
        self.public = self._client(places.view)
        self.organisations = OrganisationViews(
            levels, settings, places.organisations, snapshots / "org" if snapshots else None
        )

    def of(self, organisation: str | None) -> ViewClient:
        """The view of an organisation, made when there is none; ``None``: the public one."""
        if organisation is None:
            return self.public
        return self._client(self.organisations.view(organisation))

    def _client(self, path: Path) -> ViewClient:
        return ViewClient(path, self._settings.base_iri, length=self._settings.query_length)

    def follow(self, organisation: str | None, change: Change) -> None:
        """Bring the views to the state after a change in a level."""
        self.organisations.let_go(organisation)
        if organisation is None:
            self._process.follow(change)

    def tidy(self) -> bool:
        """Let go of what nobody uses, start again what died; whether that was the public view."""
        self.organisations.tidy()
        return self._process.revive()

    def close(self) -> None:
        """Stop all processes."""
        self.organisations.close()
        self._process.close()


class RemoteViews:
    """The same for a store whose engine is elsewhere: there is nothing to feed, but an engine that may come back.

    :ivar revived: as in :class:`Views`.
    """

    revived = "the engine is back and has what was written meanwhile"

    def __init__(self, levels: RemoteLevels, settings: Settings, places: Places) -> None:
        SharedQueryStats(_figures(places)).clear()  # of a run before
        self._levels = levels
        self.public = _remote_view(levels.address, settings, places)

    def of(self, organisation: str | None) -> RemoteView:
        """The public view.

        :raises UsageError: when an organisation is named.
        """
        self._levels.of(organisation)
        return self.public

    def follow(self, organisation: str | None, change: Change) -> None:
        """Nothing: the engine itself answers the next query."""

    def tidy(self) -> bool:
        """Carry out what is unfinished; whether there was something and it is done. An engine that is still away is tried again."""
        level = self._levels.public
        if not level.ledger.has_unfinished:
            return False
        try:
            level.catch_up()
        except ServiceDown:
            return False
        return True

    def close(self) -> None:
        """Close connections."""
        self.public.close()


def follower(levels: Levels | RemoteLevels, settings: Settings, places: Places) -> Views | RemoteViews:
    """What follows the writer's changes, so that the next query sees them."""
    return Views(levels, settings, places) if isinstance(levels, Levels) else RemoteViews(levels, settings, places)


def view_of(settings: Settings, places: Places, endpoints: Collection[str] = ()) -> ViewClient | RemoteView:
    """The public view of a service, for any other process of it and for the command line beside it.

    :param endpoints: that SERVICE may name.
    """
    where = address_of(settings)
    if where.remote:
        return _remote_view(where, settings, places)
    limit = settings.answer_size << 20
    return ViewClient(
        places.view, settings.base_iri, length=settings.query_length, answer_limit=limit, endpoints=endpoints
    )


def _figures(places: Places) -> Path:
    return places.view.with_suffix(".figures")


def _remote_view(where: Address, settings: Settings, places: Places) -> RemoteView:
    assert where.remote is not None and where.state is not None  # noqa: PT018, S101 - a store elsewhere has both
    return RemoteView(
        where.remote,
        where.state / "ledger.sqlite",
        settings.base_iri,
        deadline=settings.query_deadline,
        length=settings.query_length,
        answer_limit=settings.answer_size << 20,
        workers=settings.query_workers,
        queue=settings.query_queue,
        figures=_figures(places),
    )
