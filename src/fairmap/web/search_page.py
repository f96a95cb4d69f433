"""What the page of a search shows, with each address worked out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from fairmap.search import FACETS, Facet
from fairmap.web.addresses import href, local
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fairmap.model import Count, Found, FoundRecord
    from fairmap.web.search_state import State

_SHOWN: Final = 7
"""Values of a facet that are shown at once."""
_CHIPS: Final = ("modality", "body_part", "topic")
_NOTES: Final = ("access", "country", "curation", "format_of", "licence")


@dataclass(frozen=True)
class Option:
    """A value of a facet and where choosing it, or taking it away, leads."""

    label: str
    number: int
    level: int
    is_chosen: bool
    href: str


@dataclass(frozen=True)
class Choice:
    """A facet: the options that are shown at once, and those behind them."""

    facet: Facet
    shown: Sequence[Option]
    more: Sequence[Option]


@dataclass(frozen=True)
class Row:
    """A result.

    :ivar name: as it is named in addresses: kind and slug, or the IRI of a record of others.
    :ivar holder: name and address of the repository of a dataset.
    :ivar chips: concepts with their addresses; ``notes``: what else it states, in words.
    """

    record: FoundRecord
    name: str
    href: str | None
    holder: tuple[str, str | None] | None
    chips: Sequence[tuple[str, str | None]]
    notes: Sequence[str]


def rows(records: Iterable[FoundRecord]) -> list[Row]:
    """The results of a page."""
    address = cache(href)
    return [_row(record, address) for record in records]


def _row(record: FoundRecord, address: Callable[[str], str | None]) -> Row:
    held = record.repository if record.kind == "dataset" else None
    chips = [(label, address(iri)) for name in _CHIPS for iri, label in record.values.get(name, ())]
    notes = [label for name in _NOTES for label in _note(record, name)]
    name = record.iri.removeprefix(deployment().settings.base_iri)
    return Row(record, name, address(record.iri), (held[1], address(held[0])) if held else None, chips, notes)


def _note(record: FoundRecord, name: str) -> list[str]:
    """What a facet says of a record; the EU's word for its access only where there is no finer one."""
    pairs = record.values.get(name, ())
    finer = [label for iri, label in pairs if "/access-right/" not in iri]
    return finer or [label for _, label in pairs]


def choices(state: State, found: Found) -> list[Choice]:
    """The facets that have values."""
    return [_choice(state, facet, found.facets[facet.name]) for facet in FACETS if found.facets[facet.name]]


def _choice(state: State, facet: Facet, counts: tuple[Count, ...]) -> Choice:
    """The most frequent values and what is chosen at once, in their places, the others behind them."""
    roots = [count for count in counts if count.level == 0]
    if len(roots) == 1 and len(counts) > 1 and not roots[0].is_chosen:  # everything has what stands above all
        counts = tuple(replace(count, level=count.level - 1) for count in counts if count.level)
    order = sorted(range(len(counts)), key=lambda n: (not counts[n].is_chosen, -counts[n].number, counts[n].level))
    first = {*order[:_SHOWN], *(n for n, count in enumerate(counts) if count.is_chosen)}
    addresses = state.with_each(facet.name, [count.key for count in counts])
    root = local("")
    options = [
        Option(
            count.label[:1].upper() + count.label[1:],
            count.number,
            min(count.level, 6),
            count.is_chosen,
            root + addresses[count.key],
        )
        for count in counts
    ]
    shown = [option for n, option in enumerate(options) if n in first]
    return Choice(facet, shown, [option for n, option in enumerate(options) if n not in first])
