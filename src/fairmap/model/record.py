"""A record and what a write changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fairmap.model.packed import Packed

if TYPE_CHECKING:
    from pyoxigraph import Quad


@dataclass(frozen=True)
class Record:
    """One IRI with its own named graph; a vocabulary graph is handled as one, too.

    :ivar iri: the record's IRI, which is its graph's name.
    :ivar quads: the graph, terms as written; each quad's graph name is ``iri``.
    """

    iri: str
    quads: tuple[Quad, ...]


class PackedRecord(Record):
    """A record among so many that their quads do not all fit into memory as objects: they are made each time they are asked for."""

    def __init__(self, iri: str, packed: Packed) -> None:
        object.__setattr__(self, "iri", iri)
        object.__setattr__(self, "_packed", packed)

    @property
    def quads(self) -> tuple[Quad, ...]:
        """The graph, terms as written, made anew."""
        packed: Packed = vars(self)["_packed"]
        return tuple(packed.quads())


@dataclass(frozen=True)
class Change:
    """What one write, or a group of writes, changed in a store.

    :ivar revision: the store's revision after it.
    :ivar records: IRIs of the records written or withdrawn.
    :ivar more: quads added, as the engine stores them.
    :ivar less: quads removed, as the engine stored them.
    :ivar literals: rows of written literals in their order: JSON, the sign ``+`` or ``-`` before it.
    :ivar dates: rows of what was dated, for :meth:`fairmap.store.History.take`.
    :ivar gone: withdrawn records with the time of withdrawal; ``None`` for one that came back.
    """

    revision: int
    records: tuple[str, ...]
    more: Packed = field(default_factory=Packed)
    less: Packed = field(default_factory=Packed)
    literals: Packed = field(default_factory=Packed)
    dates: Packed = field(default_factory=Packed)
    gone: dict[str, str | None] = field(default_factory=dict)

    @property
    def added(self) -> tuple[Quad, ...]:
        """The quads added, made anew."""
        return tuple(self.more.quads())

    @property
    def removed(self) -> tuple[Quad, ...]:
        """The quads removed, made anew."""
        return tuple(self.less.quads())
