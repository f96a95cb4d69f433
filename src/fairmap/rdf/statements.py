"""Triples as lines of N-Triples, which become terms only when somebody looks at them: that is most of what reading and writing cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, overload

from pyoxigraph import RdfFormat, Triple, parse

from fairmap.namespaces import RDF

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPE: Final = f"<{RDF}type>".encode()
_BLANK: Final = re.compile(rb'^_:| _:[^\s"]+ \.$', re.MULTILINE)
"""A subject or an object that is a blank node; what ends a literal has a quotation mark in it."""


@dataclass(frozen=True)
class Statements(Sequence[Triple]):
    """Triples in the order of their lines.

    :ivar lines: N-Triples as the engine writes them: one space between terms, a point and a line feed at the end.
    """

    lines: bytes

    def __len__(self) -> int:
        """How many there are; none is read for that."""
        return self.lines.count(b"\n")

    @overload
    def __getitem__(self, place: int) -> Triple: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Triple]: ...
    def __getitem__(self, place: int | slice) -> Triple | Sequence[Triple]:
        """One or some of them."""
        return self._triples[place]

    def __iter__(self) -> Iterator[Triple]:
        """All of them."""
        return iter(self._triples)

    @cached_property
    def _triples(self) -> tuple[Triple, ...]:
        return tuple(quad.triple for quad in parse(self.lines, format=RdfFormat.N_TRIPLES))

    @property
    def has_blank_nodes(self) -> bool:
        """Whether a subject or an object is one."""
        return b"_:" in self.lines and _BLANK.search(self.lines) is not None

    def in_order(self) -> Statements:
        """The same as :func:`fairmap.rdf.canonical` orders quads of one graph; ask it only of what has no blank nodes."""
        lines = self.lines.split(b"\n")[:-1]
        return Statements(b"".join(b"%s\n" % line for line in sorted(lines, key=_order)))


def _order(line: bytes) -> tuple[bytes, bytes, bytes]:
    """UTF-8 sorts as characters do; IRIs go without brackets, so that one comes before those that begin with it."""
    subject, predicate, value = line.split(b" ", 2)
    link = b"" if predicate == _TYPE else predicate[1:-1]
    return subject[1:-1], link, value[1:-3] if value.startswith(b"<") else value
