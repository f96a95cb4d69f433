"""Bringing a newer map into a store: only what nobody touched is replaced, the rest is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairmap.rdf import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fairmap.model import Record
    from fairmap.publish.publisher import Publisher


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade did, as record IRIs.

    :ivar kept: changed here since the last map, and in the new map too: left as they are.
    """

    version: str
    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def upgrade(publisher: Publisher, records: Mapping[str, Record], version: str) -> Upgrade:
    """Bring the records of a map (already judged when it was built) into the store.

    A record that is as the last map brought it is replaced or withdrawn; one that somebody wrote or withdrew since then stays.
    """
    ledger = publisher.level.ledger
    before = ledger.shipped()
    now = {iri: digest(record.quads) for iri, record in records.items()}
    present = {iri: ledger.digest(iri) for iri in {*before, *now}}
    untouched = {iri for iri in present if present[iri] == before.get(iri)}
    wanted = {iri for iri in now if now[iri] != present[iri]}
    added = {iri for iri in wanted if iri not in before and present[iri] is None}
    replaced = {iri for iri in wanted & untouched if iri in before}
    withdrawn = {iri for iri in untouched if iri in before and iri not in now}
    changed_there = {iri for iri in now if now[iri] != before.get(iri)} | (set(before) - set(now))
    kept = {iri for iri in changed_there - untouched if present[iri] != now.get(iri)} - added
    changes: dict[str, Record | None] = {iri: records[iri] for iri in sorted(added | replaced)}
    changes |= dict.fromkeys(sorted(withdrawn))
    publisher.write(changes, origin=f"map {version}")
    ledger.set_shipped(version, now)
    return Upgrade(version, *(tuple(sorted(group)) for group in (added, replaced, withdrawn, kept)))
