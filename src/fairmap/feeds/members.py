"""The entries of feeds: the map, repositories and datasets, in the order in which they changed last.

Agents, criteria and sources are no entries of their own: what is told of an entry has them in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.model import time_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fairmap.model import Dated, Dates

KINDS: Final = ("catalog", "repository", "dataset")
"""The kinds of record that are entries."""


@dataclass(frozen=True)
class Page:
    """Some entries in their order.

    :ivar following: the moment after which the next page begins; ``None``: this is the last one.
    """

    entries: tuple[Dated, ...]
    following: int | None


def page(
    dates: Dates,
    prefixes: Sequence[str],
    *,
    after: int = 0,
    before: int | None = None,
    size: int,
    deleted: bool = True,
) -> Page:
    """The first entries that changed after a moment.

    Who follows the pages to the last misses none: what changes meanwhile moves to the end.
    """
    found = dates.entries(prefixes, after=after, before=before, limit=size + 1, deleted=deleted)
    return Page(tuple(found[:size]), found[size - 1].moment if len(found) > size else None)


def prefixes_of(base_iri: str, kinds: Collection[str]) -> list[str]:
    """How the IRIs of records of these kinds begin."""
    return [f"{base_iri}{kind}/" for kind in KINDS if kind in kinds]


def iso(moment: int) -> str:
    """A moment as ``xsd:dateTime``, exact.

    >>> iso(1_500_000)
    '1970-01-01T00:00:01.500000Z'
    """
    return time_of(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")
