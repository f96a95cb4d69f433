"""The beginning of an answer, for a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fairmap.model import Answer

ROWS: Final = 500
_BYTES: Final = 1 << 18
_LITERAL: Final = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"(?:@(?P<language>[\w-]+)|\^\^<.*>)?\Z', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True)
class Cell:
    """A term in a table.

    :ivar iri: set when the term is an IRI.
    """

    text: str
    iri: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Preview:
    """The beginning of an answer.

    :ivar truth: of ASK.
    :ivar text: of CONSTRUCT and DESCRIBE, Turtle.
    :ivar cut: there is more than is shown.
    """

    header: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    truth: bool | None = None
    text: str | None = None
    cut: bool = False


def preview(answer: Answer) -> Preview:
    """As much of an answer in TSV or Turtle as a page can show; the rest is not asked for.

    :raises QueryStopped: when the query ends before that much is there.
    """
    text, cut = _beginning(answer)
    if answer.media_type == "text/turtle":
        return Preview(text=text, cut=cut)
    if text.strip() in {"true", "false"}:
        return Preview(truth=text.strip() == "true")
    lines = text.split("\n")
    rows = lines[1:-1]  # the last line is cut off, or empty since every line ends
    header = tuple(name.lstrip("?") for name in lines[0].split("\t")) if lines[0] else ()
    shown = tuple(tuple(cell(term) for term in row.split("\t")) for row in rows[:ROWS])
    return Preview(header, shown, cut=cut or len(rows) > ROWS)


def _beginning(answer: Answer) -> tuple[str, bool]:
    held, size = [], 0
    for chunk in answer.chunks:
        held.append(chunk)
        size += len(chunk)
        if size > _BYTES:
            return b"".join(held)[:_BYTES].decode(errors="ignore"), True
    return b"".join(held).decode(), False


def cell(term: str) -> Cell:
    r"""A term of a TSV answer.

    >>> cell('"a\\tb"@en').text, cell("<https://example.org/>").iri, cell("12").text
    ('a\tb', 'https://example.org/', '12')
    """
    if term.startswith("<") and term.endswith(">"):
        return Cell(term[1:-1], term[1:-1])
    match = _LITERAL.match(term)
    if not match:
        return Cell(term)
    text = _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), match["text"])
    return Cell(text, language=match["language"])
