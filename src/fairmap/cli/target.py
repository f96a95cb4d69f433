"""The store a command works on: in the running service that has it open, else opened here."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any, Protocol

from fairmap.catalogue import Catalogue
from fairmap.service import places, running, view_of
from fairmap.store import address_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fairmap.catalogue import Document
    from fairmap.config import Settings
    from fairmap.export.source import View
    from fairmap.model import Answer, ValidationReport
    from fairmap.service import ControlClient
    from fairmap.views import RemoteView, ViewClient


class Target(Protocol):
    """What commands do with a store."""

    def load(self, documents: Sequence[Document], graph: str | None, organisation: str | None) -> ValidationReport:
        """Publish the records in ``documents``, or bring them into an organisation's level."""
        ...

    def validate(
        self, documents: Sequence[Document], iris: Sequence[str] = (), organisation: str | None = None
    ) -> ValidationReport:
        """Judge ``documents`` beside what the store holds, or records of the store, or all of it."""
        ...

    def query(self, text: str, results: str | None, graph: str | None) -> Answer:
        """Run a query."""
        ...

    @property
    def view(self) -> View:
        """The public records, for look-ups and exports."""
        ...

    def export(self, iris: Sequence[str], form: str, organisation: str | None) -> bytes:
        """Records of the public level, or of an organisation's, as they were written."""
        ...

    def backup(self, folder: Path) -> dict[str, Any]:
        """Back up the store; the manifest."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


def target(settings: Settings) -> Target:
    """The store of the settings, wherever it is open.

    :raises StoreError: when it cannot be opened.
    """
    where = address_of(settings)
    control, found = running(where), places(where)
    if control and found:
        status = control.status()
        return _Running(control, view_of(settings, found, status["federation"]), union=bool(status["union"]))
    catalogue = Catalogue(where, settings.base_iri, rewriting=settings.rewrite)
    return _Here(catalogue, union=settings.union)


class _Running:
    """The store of a running service."""

    def __init__(self, control: ControlClient, view: ViewClient | RemoteView, *, union: bool) -> None:
        self._union = union
        self.load = control.load
        self.validate = control.validate
        self.export = control.export
        self.backup = control.backup
        self._view = view

    @property
    def view(self) -> View:
        """The public records, for look-ups and exports."""
        return self._view

    def query(self, text: str, results: str | None, graph: str | None) -> Answer:
        """Run a query in a worker of the service."""
        return self._view.query(text, results=results, graph=graph, union=self._union)

    def close(self) -> None:
        """Nothing is held."""


class _Here:
    """The store opened by this process."""

    def __init__(self, catalogue: Catalogue, *, union: bool) -> None:
        self._catalogue = catalogue
        self._union = union

    @property
    def view(self) -> View:
        """The public records, for look-ups and exports."""
        return self._catalogue.view

    def load(self, documents: Sequence[Document], graph: str | None, organisation: str | None) -> ValidationReport:
        """Publish the records in ``documents``, or bring them into an organisation's level."""
        return self._catalogue.load(*documents, graph=graph, organisation=organisation)

    def validate(
        self, documents: Sequence[Document], iris: Sequence[str] = (), organisation: str | None = None
    ) -> ValidationReport:
        """Judge ``documents``, records or the store."""
        return self._catalogue.validate(*documents, iris=iris, organisation=organisation)

    def query(self, text: str, results: str | None, graph: str | None) -> Answer:
        """Run a query in this process; Ctrl-C ends it, since the engine itself cannot be interrupted."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        return self._catalogue.view.query(text, results=results, graph=graph, union=self._union)

    def export(self, iris: Sequence[str], form: str, organisation: str | None) -> bytes:
        """Records of the public level, or of an organisation's, as they were written."""
        return self._catalogue.export(*iris, form=form, organisation=organisation)

    def backup(self, folder: Path) -> dict[str, Any]:
        """Back up the store; the manifest."""
        return self._catalogue.backup(folder).as_json()

    def close(self) -> None:
        """Let go of the store."""
        self._catalogue.close()
