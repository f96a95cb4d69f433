"""How many records have each value of one facet together with each of another, each number with the address of its search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.model import Search
from fairmap.web.addresses import local
from fairmap.web.search_state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fairmap.model import Count, Found
    from fairmap.web.view import View

_SHADES: Final = 4
_DEEPEST: Final = 3
"""Levels below the broadest concept that are drawn."""


@dataclass(frozen=True)
class Mark:
    """A cell or bar.

    :ivar shade: from 0, for none, to 4, for the most.
    """

    label: str
    number: int
    href: str
    shade: int = 0


@dataclass(frozen=True)
class Line:
    """A row: its own mark, and one for each column."""

    head: Mark
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Matrix:
    """Values of one facet by values of another.

    :ivar key: for anchors.
    :ivar title: what the rows and columns are.
    """

    key: str
    title: str
    heads: Sequence[Mark]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Axis:
    """A facet whose most frequent values are drawn.

    :ivar most: how many of them.
    """

    facet: str
    most: int

    def values(self, found: Found) -> list[Count]:
        """The most frequent ones; of concepts those below the broadest one, in the order of their tree."""
        counts = [count for count in found.facets[self.facet] if count.number]
        if any(count.level for count in counts):
            roots = sum(count.level == 0 for count in counts)
            first = 1 if roots == 1 else 0
            counts = [count for count in counts if first <= count.level <= _DEEPEST]
            counts = [
                one for one, after in zip(counts, [*counts[1:], None], strict=True) if not _says_the_same(one, after)
            ]
        best = sorted(counts, key=lambda count: -count.number)[: self.most]
        return [count for count in counts if count in best]


def _says_the_same(count: Count, after: Count | None) -> bool:
    """Whether the next concept is below this one and has as many records, so that both rows would hold the same."""
    return after is not None and after.level > count.level and after.number == count.number


def matrix(view: View, everything: Found, title: str, rows: Axis, columns: Axis) -> Matrix:
    """How the values of two facets meet: one search for each row.

    :param everything: the counts of all records.
    """
    heads, sides = columns.values(everything), rows.values(everything)
    numbers = {side.key: _numbers(view, rows.facet, side.key, columns.facet) for side in sides}
    most = max((numbers[side.key].get(head.key, 0) for side in sides for head in heads), default=0)
    return Matrix(
        f"{rows.facet}-{columns.facet}".replace("_", "-"),
        title,
        [bar(columns.facet, head) for head in heads],
        [
            Line(
                bar(rows.facet, side),
                [_mark(rows.facet, side, columns.facet, head, numbers[side.key], most) for head in heads],
            )
            for side in sides
        ],
    )


def bar(name: str, count: Count, most: int = 0) -> Mark:
    """The mark of one value of a facet, shaded when ``most`` is told."""
    return Mark(count.label, count.number, local(State().toggled(name, count.key).address()), shade(count.number, most))


def shade(number: int, most: int) -> int:
    """How dark a number is drawn beside the greatest one.

    >>> shade(0, 8), shade(1, 8), shade(8, 8)
    (0, 1, 4)
    """
    return -(-number * _SHADES // most) if most else 0


def _numbers(view: View, facet: str, key: str, other: str) -> dict[str, int]:
    """How many records with one value have each value of another facet."""
    found = view.find(Search("", {facet: (key,)}, limit=1, counted=(other,)))
    return {count.key: count.number for count in found.facets[other]}


def _mark(row: str, side: Count, column: str, head: Count, numbers: Mapping[str, int], most: int) -> Mark:
    number = numbers.get(head.key, 0)
    address = State("", {row: (side.key,), column: (head.key,)}).address()
    return Mark(f"{side.label}, {head.label}", number, local(address), shade(number, most))
