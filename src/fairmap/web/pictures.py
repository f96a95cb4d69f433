"""``/map``: what the map holds as pictures, each mark of which leads to its search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, render_template, request

from fairmap.model import Search
from fairmap.rdf import negotiate
from fairmap.web.addresses import local
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, tag
from fairmap.web.representation import HTML
from fairmap.web.search_state import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.model import Count
    from fairmap.web.view import View

blueprint: Final = Blueprint("pictures", __name__)
PATH: Final = "/map"
_COLUMNS: Final = 10
_ROWS: Final = 14
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
    """A part of the body, with a mark for each modality."""

    head: Mark
    marks: Sequence[Mark]


@blueprint.get(PATH)
def pictures() -> Response:
    """Modalities by parts of the body, countries, access and what is unknown."""
    negotiate(request.headers.get("Accept"), [HTML])
    view = audience().view

    def make() -> Response:
        everything = view.find(Search(limit=1))
        columns = _top(everything.facets["modality"], _COLUMNS)
        lines = _lines(view, columns, _top(everything.facets["body_part"], _ROWS))
        bars = {
            name: [_bar(name, count) for count in everything.facets[name]] for name in ("country", "access", "unknown")
        }
        heads = [_bar("modality", count) for count in columns]
        page = render_template("map.html", heads=heads, lines=lines, bars_of=bars, total=everything.total, path=PATH)
        return Response(page, mimetype=HTML)

    return conditional(tag(view.revision(), PATH, HTML), make)


def _top(counts: Sequence[Count], most: int) -> list[Count]:
    """The most frequent concepts below the broadest one, in the order of their tree."""
    drawn = [count for count in counts if 0 < count.level <= _DEEPEST]
    best = sorted(drawn, key=lambda count: -count.number)[:most]
    return [count for count in drawn if count in best]


def _lines(view: View, columns: Sequence[Count], parts: Sequence[Count]) -> list[Line]:
    numbers = {part.key: _numbers(view, part.key) for part in parts}
    most = max((numbers[part.key].get(column.key, 0) for part in parts for column in columns), default=0)
    return [
        Line(
            _bar("body_part", part),
            [_mark(part, column, numbers[part.key].get(column.key, 0), most) for column in columns],
        )
        for part in parts
    ]


def _numbers(view: View, part: str) -> dict[str, int]:
    """How many records about a part of the body have each modality."""
    found = view.find(Search("", {"body_part": (part,)}, limit=1))
    return {count.key: count.number for count in found.facets["modality"]}


def _mark(part: Count, column: Count, number: int, most: int) -> Mark:
    address = State("", {"modality": (column.key,), "body_part": (part.key,)}).address()
    return Mark(f"{part.label}, {column.label}", number, local(address), -(-number * _SHADES // most) if most else 0)


def _bar(name: str, count: Count) -> Mark:
    return Mark(count.label, count.number, local(State().toggled(name, count.key).address()))
