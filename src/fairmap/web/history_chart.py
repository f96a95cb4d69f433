"""The kept audits of a record as a picture: the share of testable points of each metric set over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from fairmap.fair.criteria import ANSWERED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.fair import Kept

WIDTH, HEIGHT = 640, 240
"""Of the whole picture, in its own units."""
LEFT, RIGHT, TOP, BOTTOM = 44, 500, 14, 206
"""Edges of what the lines are drawn in."""
_APART: Final = 15
"""Between the names at the ends of two lines."""
_FULL: Final = 100


@dataclass(frozen=True)
class Mark:
    """An audit on a line.

    :ivar text: when, and the share.
    """

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Line:
    """A metric set.

    :ivar name_y: where its name stands, apart from the others'.
    :ivar told: the line in words.
    """

    name: str
    marks: tuple[Mark, ...]
    name_y: float
    told: str


@dataclass(frozen=True)
class Chart:
    """The picture.

    :ivar first, last: days of the first and of the last audit.
    """

    lines: tuple[Line, ...]
    first: str
    last: str


def chart(kept: Sequence[Kept], names: Sequence[str]) -> Chart | None:
    """The picture of these audits, the newest first; ``None`` when no line would have two marks.

    :param names: of the metric sets that are drawn; those of which each share is the same have one line.
    """
    if not kept:
        return None
    audits = [(datetime.fromisoformat(one.made), one) for one in reversed(kept)]
    drawn: dict[tuple[Mark, ...], list[str]] = {}
    for name in names:
        marks = _marks(name, audits)
        if name != ANSWERED and len(marks) > 1:
            drawn.setdefault(marks, []).append(name)
    if not drawn:
        return None
    found = {", ".join(same): marks for marks, same in drawn.items()}
    places = _apart({name: marks[-1].y for name, marks in found.items()})
    lines = [Line(name, marks, places[name], _told(name, marks)) for name, marks in found.items()]
    return Chart(tuple(lines), f"{audits[0][0]:%Y-%m-%d}", f"{audits[-1][0]:%Y-%m-%d}")


def _marks(name: str, audits: Sequence[tuple[datetime, Kept]]) -> tuple[Mark, ...]:
    """The audits that could test something by this metric set."""
    begin, end = audits[0][0], audits[-1][0]
    length = (end - begin).total_seconds() or 1
    found = []
    for made, one in audits:
        points, testable, _ = one.scores.get(name, [0, 0, 0])
        if testable:
            share = _FULL * points / testable
            x = LEFT + (RIGHT - LEFT) * (made - begin).total_seconds() / length
            text = f"{made:%Y-%m-%d %H:%M}: {share:.0f} %"
            found.append(Mark(round(x, 1), round(height(share), 1), text))
    return tuple(found)


def height(share: float) -> float:
    """Where a share (0 to 100) stands."""
    return BOTTOM - (BOTTOM - TOP) * share / _FULL


def _apart(ends: dict[str, float]) -> dict[str, float]:
    """Places for names near the ends of their lines, none over another."""
    found: dict[str, float] = {}
    lowest = float(TOP)
    for name, y in sorted(ends.items(), key=lambda item: item[1]):
        found[name] = max(y + 4, lowest)
        lowest = found[name] + _APART
    return found


def _told(name: str, marks: Sequence[Mark]) -> str:
    return f"{name}: {', '.join(mark.text for mark in marks)}."
