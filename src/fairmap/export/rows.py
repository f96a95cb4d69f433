"""Records as rows of a table that spreadsheets open: UTF-8 with a byte order mark, which Excel needs to see that it is; RFC 4180 else."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal

from fairmap.export.rdf_projection import RdfProjection
from fairmap.export.writing import form_of, in_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairmap.export.description import Term
    from fairmap.export.projection import Projected

SEPARATOR: Final = "; "
"""Between several values in one cell."""

MARK: Final = "\ufeff"
_COLUMN: Final = "urn:fairmap:column:"
_NAMED: Final = re.compile(r"\bcolumn:(\w+)")
_FORMULA: Final = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What a formula begins with, also in full width."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?\Z")


class Rows(RdfProjection):
    """A row for each record; the columns are those that the mapping names, in its order, after the record's IRI."""

    @cached_property
    def columns(self) -> Sequence[str]:
        """The names of the columns; each with what is unknown or inferred about it beside it."""
        found = list(dict.fromkeys(_NAMED.findall(self.query)))
        places = {name: place for place, name in enumerate(found)}
        return ["iri", *sorted(found, key=lambda name: (places.get(_stem(name), places[name]), places[name]))]

    def write(self, projected: Iterable[Projected], form: str) -> Iterator[bytes]:
        """As :meth:`fairmap.export.Projection.write`."""
        form_of(self.forms, form)
        yield (MARK + _line(self.columns)).encode()
        for told in projected:
            if told.triples:
                yield _line([_guarded(text) for text in self._row(told)]).encode()

    def _row(self, told: Projected) -> Iterator[str]:
        cells: defaultdict[str, set[Term]] = defaultdict(set)
        for triple in told.triples:
            cells[triple.predicate.value.removeprefix(_COLUMN)].add(triple.object)  # type: ignore[arg-type] # no triple terms
        yield told.iri
        yield from (SEPARATOR.join(map(_text, sorted(cells[name], key=_order))) for name in self.columns[1:])


def _stem(name: str) -> str:
    return re.sub(r"_(unknown|inferred|radlex)\Z", "", name)


def _text(term: Term) -> str:
    """A value as text; one in another language than English tells which."""
    if isinstance(term, Literal) and term.language and not term.language.lower().startswith("en"):
        return f"{term.value} [{term.language}]"
    return "" if isinstance(term, BlankNode) else term.value


def _order(term: Term) -> tuple[bool, str]:
    """English and plain text first."""
    text = _text(term)
    return text.endswith("]"), text


def _guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula, without characters that it cannot hold.

    Source: OWASP, CSV injection: an apostrophe goes before what begins like a formula.

    >>> _guarded("=1+1"), _guarded("-5"), _guarded("a-b")
    ("'=1+1", '-5', 'a-b')
    """
    text = in_xml(text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
