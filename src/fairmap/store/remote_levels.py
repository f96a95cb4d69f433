"""The levels of a store whose engine is elsewhere: the public one only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.access import organisation_name
from fairmap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.model import Record
    from fairmap.store.address import Address
    from fairmap.store.remote import RemoteLevel


class RemoteLevels:
    """As :class:`fairmap.store.levels.Levels`, without organisations: these see what is public."""

    def __init__(self, public: RemoteLevel, address: Address) -> None:
        self.public = public
        self.address = address

    def of(self, organisation: str | None) -> RemoteLevel:
        """The public level.

        :raises UsageError: when an organisation is named.
        """
        if organisation is not None:
            what = f"the records of organisation {organisation_name(organisation)} need a level of their own, which this store has not"
            raise UsageError(what, where=str(self.address), expected="no organisation, or --store oxigraph:PATH")
        return self.public

    def record(self, iri: str, organisation: str | None = None) -> Record | None:
        """A record as everybody sees it."""
        level = self.holder(iri, organisation)
        return level.record(iri) if level else None

    def holder(self, iri: str, _: str | None = None) -> RemoteLevel | None:
        """The public level when it has the record."""
        return None if self.public.ledger.digest(iri) is None else self.public

    def revision(self, _: str | None = None) -> int:
        """How many writes there were."""
        return self.public.ledger.revision

    @property
    def proposals(self) -> RemoteLevel:
        """There is none.

        :raises UsageError: always.
        """
        what = "proposals need a level of their own, which this store has not"
        raise UsageError(what, where=str(self.address), expected="--store oxigraph:PATH")

    def all(self) -> Iterator[tuple[str | None, RemoteLevel]]:
        """The public level, which is no organisation's."""
        yield None, self.public

    def close(self) -> None:
        """Let others in."""
        self.public.close()
