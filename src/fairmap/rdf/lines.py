"""Reading RDF documents line by line, so that it is known on which line the value of each quad stands.

The engine's parser asks for more of a document only when it needs more. So it is given one line at a time, and what comes out
before it asks for the next line stands on the lines it had. No second parser has to agree with the first.
"""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, RdfFormat

from fairmap.errors import UnreadableInput
from fairmap.rdf.nested import rewritten
from fairmap.rdf.parse import parse, quads_of, refuse_entity_growth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Quad

    from fairmap.rdf.formats import Format

_IN_LINES: Final = frozenset({"turtle", "ntriples", "trig", "nquads", "rdfxml"})
_LARGEST: Final = 1 << 18
"""Bytes of the largest document of JSON-LD or YAML-LD whose lines are looked for: it is read three times for them."""


def parse_with_lines(
    data: bytes, form: Format, *, base_iri: str | None = None, name: str = "input"
) -> tuple[list[Quad], list[int]]:
    """The quads of a document as :func:`fairmap.rdf.parse` has them, and for each the line on which its value begins.

    :return: no lines where the document does not tell them.
    :raises UnreadableInput: as there.
    """
    if form.name in _IN_LINES:
        assert isinstance(form.engine, RdfFormat)  # noqa: S101 - the table of formats says so
        if form.name == "rdfxml":
            refuse_entity_growth(data, name)
        try:
            return _traced(data, form.engine, base_iri, name)
        except UnreadableInput:
            return parse(data, form, base_iri=base_iri, name=name), []
    quads = parse(data, form, base_iri=base_iri, name=name)
    if len(data) > _LARGEST:
        return quads, []
    return _nested(data, form, base_iri, name, quads)


def _nested(
    data: bytes, form: Format, base_iri: str | None, name: str, quads: list[Quad]
) -> tuple[list[Quad], list[int]]:
    """JSON-LD and YAML-LD, put into the order that the streaming parser wants, when it then says the same."""
    try:
        text, lines = rewritten(data, name=name, is_json=form.name == "jsonld")
        traced, found = _traced(b"".join(text), RdfFormat.STREAMING_JSON_LD, base_iri, name)
    except UnreadableInput:
        return quads, []
    if _outline(traced) != _outline(quads):
        return quads, []
    return traced, [lines[line - 1] for line in found]


def _traced(data: bytes, form: RdfFormat, base_iri: str | None, name: str) -> tuple[list[Quad], list[int]]:
    source = _Lines(data)
    quads, found = [], []
    for quad in quads_of(source, form, base_iri, name):
        quads.append(quad)
        written = quad.object.value.count("\n") if isinstance(quad.object, Literal) else 0
        found.append(max(1, source.number - written) if form in _LONG_TEXTS else source.number)
    return quads, found


_LONG_TEXTS: Final = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML)
"""Formats in which a text can go on over several lines."""


def _outline(quads: Iterable[Quad]) -> Counter[tuple[str, ...]]:
    """The quads without the labels of blank nodes."""
    terms = ((quad.subject, quad.predicate, quad.object, quad.graph_name) for quad in quads)
    return Counter(tuple("_:" if isinstance(term, BlankNode) else str(term) for term in four) for four in terms)


class _Lines(io.RawIOBase):
    """A document of which one line is read at a time.

    :ivar number: of the last line that was read, counted from 1.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data
        self._place = 0
        self._end = 0
        self.number = 0

    def read(self, size: int = -1) -> bytes:
        """The rest of the line, or the next one, but no more than ``size`` bytes."""
        if self._place == self._end < len(self._data):
            self._end = self._data.find(b"\n", self._place) + 1 or len(self._data)
            self.number += 1
        end = self._end if size < 0 else min(self._end, self._place + size)
        piece, self._place = self._data[self._place : end], end
        return piece
