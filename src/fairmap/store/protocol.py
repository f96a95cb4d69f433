"""What the parts above need of a level, wherever its engine runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import NamedNode, Quad

    from fairmap.model import Change, Record
    from fairmap.store.ledger import Ledger


class Store(Protocol):
    """A level that is open for writing. Use it from one thread."""

    @property
    def ledger(self) -> Ledger:
        """Which records there are, and who wrote them."""
        ...

    def write(self, changes: Mapping[str, Record | None], *, origin: str) -> Change:
        """Replace records as a whole, or withdraw them (``None``), all or nothing; durable when this returns.

        Nothing is judged here: :mod:`fairmap.publish` does that, and is the only caller.
        """
        ...

    def note(self, changes: Mapping[str, Record | None], *, origin: str) -> None:
        """Note a write that :meth:`commit` carries out with others, all of it or nothing."""
        ...

    def commit(self) -> Change:
        """Carry out what was noted, as one group; durable when this returns.

        :raises StoreError: when it is not done.
        """
        ...

    def rollback(self) -> None:
        """Forget what was noted since the last commit."""
        ...

    def record(self, iri: str) -> Record | None:
        """The record with its literals as written; ``None`` when there is none, or when it is empty."""
        ...

    def dump(self) -> Iterator[Quad]:
        """Every quad, literals as written."""
        ...

    def stored(self, iri: str) -> Iterable[Quad]:
        """A record's quads, noted writes included; literals as written or as the engine stores them."""
        ...

    def about(self, node: NamedNode, iri: str) -> Iterable[Quad]:
        """As :meth:`stored`, those with ``node`` as their subject."""
        ...

    def agrees(self, iri: str) -> bool:
        """Whether the engine holds the record that the ledger says was written."""
        ...

    def close(self) -> None:
        """Put everything on disk and let others in."""
        ...
