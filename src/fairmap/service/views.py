"""The views of a running service, seen from its writer: the public one, and organisations' on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.store import address
from fairmap.views import OrganisationViews, ViewClient, ViewProcess

if TYPE_CHECKING:
    from pathlib import Path

    from fairmap.config import Settings
    from fairmap.model import Change
    from fairmap.service.places import Places
    from fairmap.store import Levels


class Views:
    """What each audience sees follows the levels: a change is seen by the next query of those whom it concerns."""

    def __init__(self, levels: Levels, settings: Settings, places: Places) -> None:
        state = address(settings.store).state
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
