"""The records by country, as a picture of tiles and as a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.web.addresses import local
from fairmap.web.matrix import Mark, bar
from fairmap.web.search_state import State
from fairmap.web.tiles import PLACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.model import Found

_FACET: Final = "country"
_UNTOLD: Final = "spatial"
"""The key of the country among what records say not to know."""


@dataclass(frozen=True)
class Tile:
    """A country at its place.

    :ivar mark: ``None`` when no record is of it.
    """

    code: str
    column: int
    row: int
    mark: Mark | None


@dataclass(frozen=True)
class Countries:
    """All countries.

    :ivar bars: those that some record is of, the most frequent first.
    :ivar untold: records that say that their country is not known.
    """

    tiles: Sequence[Tile]
    bars: Sequence[Mark]
    untold: Mark | None


def countries(everything: Found) -> Countries:
    """The countries of all records that were found."""
    counts = [count for count in everything.facets[_FACET] if count.number]
    most = max((count.number for count in counts), default=0)
    marks = {count.key: bar(_FACET, count, most) for count in counts}
    tiles = [Tile(code, column, row, marks.get(code)) for code, (column, row) in PLACES.items()]
    unknown = {count.key: count.number for count in everything.facets["unknown"]}
    number = unknown.get(_UNTOLD, 0)
    address = local(State("", {"unknown": (_UNTOLD,)}).address())
    return Countries(tiles, list(marks.values()), Mark("Country not known", number, address) if number else None)
