"""A document that cannot be read, as a page or for programs: where it stops, the lines around it, and what the reader of it expected."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.catalogue.reports.page import alone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.errors import UnreadableInput

_PLACE: Final = re.compile(r"(?P<name>.*?):(?P<line>\d+)(?::(?P<column>\d+))?\Z")
_AROUND: Final = 3
_LONGEST: Final = 400
_DOT: Final = "A dot is expected"
_ENDS: Final = (".", ";", ",", "[", "(", "{", "}")


@dataclass(frozen=True)
class Row:
    """A line near the place; ``is_place``: the reader stopped in it."""

    number: int
    text: str
    is_place: bool


def as_unreadable(error: UnreadableInput, text: str | None, form: str) -> str | None:
    """A page that stands alone, or a JSON object; ``None``: this form of a report has nothing to say of it.

    :param text: the document, where it is at hand.
    """
    match = _PLACE.match(error.where or "")
    line = int(match["line"]) if match else 0
    column = int(match["column"] or 0) if match else 0
    rows = (text or "").splitlines()
    name = match["name"] if match else error.where or "the document"
    cause = _cause(error.what, rows, line)
    if form == "json":
        told: dict[str, str | int | None] = {
            "detail": error.what,
            "expected": error.expected,
            "file": name,
            "line": line,
            "column": column,
        }
        told = {name: value for name, value in {**told, "cause": cause}.items() if value}
        return json.dumps({"error": type(error).__name__, **told}, indent=2, ensure_ascii=False) + "\n"
    if form != "html":
        return None
    around = _around(rows, line)
    place = {"name": name, "line": line, "column": column, "rows": around}
    return alone("unreadable.html", **place, cause=cause, what=error.what, expected=error.expected)


def _around(rows: Sequence[str], line: int) -> list[Row]:
    first, last = max(1, line - _AROUND), min(len(rows), line + _AROUND)
    return (
        [Row(number, rows[number - 1][:_LONGEST], number == line) for number in range(first, last + 1)] if line else []
    )


def _cause(what: str, rows: Sequence[str], line: int) -> str:
    """What is likely wrong, where one line tells; empty when the reader's own words have to do."""
    before = next((number for number in range(line - 1, 0, -1) if number <= len(rows) and _code(rows[number - 1])), 0)
    if _DOT in what and before and not _code(rows[before - 1]).endswith(_ENDS):
        return f"Line {before} has no ; or . at its end. Write ; when more about the same thing follows, else a dot."
    return ""


def _code(row: str) -> str:
    """A line without the comment at its end."""
    return re.sub(r"(?:^|\s)#.*\Z", "", row).strip()
