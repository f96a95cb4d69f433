"""Records out of a level, as they were written, in canonical order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.errors import NotFound
from fairmap.rdf import canonical, serialise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Quad

    from fairmap.rdf import Format
    from fairmap.store import Store


def export(level: Store, form: Format, iris: Sequence[str] = ()) -> bytes:
    """The document of these records, or of everything.

    :raises NotFound: for an IRI that is no record; nothing is written then.
    """
    quads: Iterable[Quad] = level.dump() if not iris else [quad for iri in iris for quad in _record(level, iri)]
    ordered = canonical(quads)
    if not form.holds_graphs:
        return serialise(list(dict.fromkeys(quad.triple for quad in ordered)), form)
    return serialise(ordered, form)


def _record(level: Store, iri: str) -> Iterable[Quad]:
    record = level.record(iri)
    if record is None:
        raise NotFound(f"there is no record {iri}")
    return record.quads
