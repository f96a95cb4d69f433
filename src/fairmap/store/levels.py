"""The levels of one store: the public one, one for each organisation, and that of proposals, in places of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.access import organisation_name
from fairmap.store.address import PROPOSALS
from fairmap.store.level import Level, open_level, open_organisation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.model import Record
    from fairmap.store.address import Address


class Levels:
    """The levels of a store, open for writing under one lock. Use it from one thread.

    An organisation's level is opened when it is first asked for.
    """

    def __init__(self, public: Level, address: Address) -> None:
        self.public = public
        self.address = address
        self._opened: dict[str, Level] = {}
        self._proposals: Level | None = None

    def organisations(self) -> list[str]:
        """The organisations that have a level, by name."""
        return sorted({*self._opened, *self.address.organisations()})

    def of(self, organisation: str | None) -> Level:
        """The level of an organisation, made when there is none; ``None``: the public one.

        :raises UsageError: when it cannot be the name of one.
        """
        if organisation is None:
            return self.public
        name = organisation_name(organisation)
        if name not in self._opened:
            self._opened[name] = open_organisation(self.address, name, self.public)
        return self._opened[name]

    def find(self, organisation: str) -> Level | None:
        """The level of an organisation; ``None`` when it has none."""
        return self.of(organisation) if organisation_name(organisation) in self.organisations() else None

    def record(self, iri: str, organisation: str | None = None) -> Record | None:
        """A record as an organisation sees it: its own version, else the public one."""
        level = self.holder(iri, organisation)
        return level.record(iri) if level else None

    def holder(self, iri: str, organisation: str | None = None) -> Level | None:
        """The level whose version of a record an organisation sees; ``None`` when there is no such record for it."""
        own = self.find(organisation) if organisation is not None else None
        return next((level for level in (own, self.public) if level and level.ledger.digest(iri) is not None), None)

    def revision(self, organisation: str | None = None) -> int:
        """How many writes changed what an organisation sees; ``None``: the public."""
        own = self.find(organisation) if organisation is not None else None
        return self.public.ledger.revision + (own.ledger.revision if own else 0)

    def all(self) -> Iterator[tuple[str | None, Level]]:
        """Each level with its organisation, the public one first."""
        yield None, self.public
        for name in self.organisations():
            yield name, self.of(name)

    @property
    def proposals(self) -> Level:
        """The level of what was proposed by the questionnaire, made when there is none. No view is made of it."""
        if self._proposals is None:
            self._proposals = open_organisation(self.address, PROPOSALS, self.public)
        return self._proposals

    def kept(self) -> Iterator[tuple[str | None, Level]]:
        """Each level that a backup has to hold: all, and that of proposals (:data:`PROPOSALS`) when there is one."""
        yield from self.all()
        if self._proposals is not None or self.address.has_proposals:
            yield PROPOSALS, self.proposals

    def close(self) -> None:
        """Put everything on disk and let others in."""
        if self._proposals is not None:
            self._proposals.close()
            self._proposals = None
        for level in self._opened.values():
            level.close()
        self._opened.clear()
        self.public.close()


def open_levels(address: Address) -> Levels:
    """Open a store for writing; a folder that is not there is made.

    :raises StoreInUse: when another process has it open.
    :raises StoreError: when the folder cannot be used.
    """
    return Levels(open_level(address), address)
