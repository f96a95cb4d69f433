"""Records like one, with what they share: found by its own facets, so that a reader sees why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.errors import QueryRefused
from fairmap.model import Search
from fairmap.search import BY_NAME
from fairmap.web.addresses import href
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fairmap.describe import RecordPage
    from fairmap.model import FoundRecord
    from fairmap.web.view import View

_BY: Final = ("topic", "body_part", "modality")
"""Facets that make records alike, the one that tells most first."""
_WEIGHTS: Final = {"topic": 3, "body_part": 2, "modality": 1}
_SHOWN: Final = 5
_LOOKED_AT: Final = 60
_KINDS: Final = frozenset({"repository", "dataset"})


@dataclass(frozen=True)
class Similar:
    """A record and what it shares.

    :ivar name: as it is named in addresses.
    :ivar shared: labels of concepts that both state.
    """

    title: str
    href: str | None
    name: str
    shared: Sequence[str]


def similar(view: View, page: RecordPage) -> Sequence[Similar]:
    """Records of the same kind that share the most with one, at most two searches; none where records are not searched.

    The first search wants something of each facet that the record has, the second something of the one that tells most.
    """
    own = _own(page)
    if page.kind not in _KINDS or not own:
        return []
    found: dict[str, FoundRecord] = {}
    for chosen in [own, dict([next(iter(own.items()))])]:
        if len(found) <= _SHOWN:
            found |= {record.iri: record for record in _search(view, page.kind, chosen)}
    found.pop(page.iri, None)
    ranked = sorted(found.values(), key=lambda record: (-_likeness(own, record), record.title.casefold()))
    return [_told(own, record) for record in ranked[:_SHOWN] if _likeness(own, record)]


def _own(page: RecordPage) -> dict[str, tuple[str, ...]]:
    """The concepts that a record states, by facet."""
    facts = {fact.property: fact for section in page.sections for fact in section.facts}
    own = {}
    for name in _BY:
        fact = facts.get(BY_NAME[name].links[0])
        claims = fact.claims if fact else ()
        iris = (value.iri for claim in claims if claim.standing.value != "inferred" for value in claim.values)
        values = tuple(iri for iri in iris if iri and BY_NAME[name].has(iri))
        if values:
            own[name] = values
    return own


def _search(view: View, kind: str, chosen: Mapping[str, tuple[str, ...]]) -> Iterable[FoundRecord]:
    try:
        return view.find(Search("", {"kind": (kind,), **chosen}, limit=_LOOKED_AT, counted=())).records
    except QueryRefused:  # the store's engine is elsewhere, and has no index
        return ()


def _shared(own: Mapping[str, tuple[str, ...]], record: FoundRecord) -> list[tuple[str, str]]:
    """Facet and label of each concept that both state."""
    return [(name, label) for name in _BY for iri, label in record.values.get(name, ()) if iri in own.get(name, ())]


def _likeness(own: Mapping[str, tuple[str, ...]], record: FoundRecord) -> int:
    return sum(_WEIGHTS[name] for name, _ in _shared(own, record))


def _told(own: Mapping[str, tuple[str, ...]], record: FoundRecord) -> Similar:
    name = record.iri.removeprefix(deployment().settings.base_iri)
    shared = dict.fromkeys(label for _, label in _shared(own, record))
    return Similar(record.title, href(record.iri), name, list(shared))
