"""A record and what a write changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


@dataclass(frozen=True)
class Change:
    """What one write changed in a store.

    :ivar revision: the store's revision after the write.
    :ivar added: quads as the engine stores them.
    :ivar removed: quads as the engine stored them.
    :ivar records: IRIs of the records written or withdrawn.
    """

    revision: int
    added: tuple[Quad, ...]
    removed: tuple[Quad, ...]
    records: tuple[str, ...]
