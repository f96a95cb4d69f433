"""Writing what was projected, piece by piece: one document, however many records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, Triple

from fairmap.errors import UsageError
from fairmap.rdf import FORMATS, by_name, serialise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.export.projection import Projected
    from fairmap.rdf import Format

RDF_FORMS: Final = tuple(form.name for form in FORMATS if form.engine)
"""The forms of an RDF profile, the default first."""

MEDIA_TYPES: Final = {
    **{form.name: form.media_type for form in FORMATS if form.engine},
    "json": "application/json",
    "xml": "application/xml",
    "csv": "text/csv",
}
"""The media types of the forms that projections are written in."""

SUFFIXES: Final = {
    **{form.name: form.suffix for form in FORMATS if form.engine},
    "json": ".json",
    "xml": ".xml",
    "csv": ".csv",
}
"""The suffixes of files in these forms."""

PIECE: Final = 5_000
"""Triples that are serialised together."""
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML document can hold. Source: XML 1.0, production 2."""


def form_of(forms: Iterable[str], name: str) -> str:
    """The name, when it is one of ``forms``.

    :raises UsageError: when it is not.
    """
    offered = tuple(forms)
    if name not in offered:
        raise UsageError(f"this profile is not written as {name!r}", expected=", ".join(offered))
    return name


def write_rdf(projected: Iterable[Projected], form: str) -> Iterator[bytes]:
    """The triples of all records as one RDF document, without graphs."""
    chosen = by_name(form_of(RDF_FORMS, form), FORMATS)
    return joined((serialise(piece, chosen) for piece in _pieces(projected, chosen)), chosen)


def joined(pieces: Iterator[bytes], form: Format) -> Iterator[bytes]:
    """Documents, each with some of the triples, as one."""
    return _JOIN.get(form.name, _join_lines)(pieces)


def _pieces(projected: Iterable[Projected], form: Format) -> Iterator[list[Triple]]:
    triples: list[Triple] = []
    for record in projected:
        triples += map(sayable_in_xml, record.triples) if form.name == "rdfxml" else record.triples
        if len(triples) >= PIECE:
            yield triples
            triples = []
    yield triples


def is_sayable_in_xml(text: str) -> bool:
    """Whether XML can hold every character of a text."""
    return _NOT_XML.search(text) is None


def in_xml(text: str) -> str:
    """The text with U+FFFD for each character that no XML document can hold."""
    return _NOT_XML.sub("\ufffd", text)


def sayable_in_xml(triple: Triple) -> Triple:
    """The triple with U+FFFD for each character of its text that no XML document can hold."""
    value = triple.object
    if not isinstance(value, Literal) or is_sayable_in_xml(value.value):
        return triple
    text = in_xml(value.value)
    made = Literal(text, language=value.language) if value.language else Literal(text, datatype=value.datatype)
    return Triple(triple.subject, triple.predicate, made)


def _join_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """N-Triples, N-Quads."""
    return pieces


def _join_turtle(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Turtle, TriG: all pieces have the same prefixes; the first that is not empty declares them."""
    declared = False
    for piece in pieces:
        start = 0
        while declared and piece.startswith(b"@prefix ", start):
            start = piece.index(b"\n", start) + 1
        declared = declared or bool(piece)
        yield piece[start:]


def _join_json(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """JSON-LD: each piece is an array of node objects."""
    separator = b"["
    for piece in pieces:
        inner = piece.strip()[1:-1]
        if inner:
            yield separator + inner
            separator = b",\n"
    yield b"[]\n" if separator == b"[" else b"]\n"


def _join_xml(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """RDF/XML: all pieces have the same root element."""
    end = b"</rdf:RDF>"
    head = next(pieces)
    yield head[: head.rindex(end)]
    for piece in pieces:
        start = piece.index(b"\n", piece.index(b"<rdf:RDF")) + 1
        yield piece[start : piece.rindex(end)]
    yield end + b"\n"


_JOIN: Final = {"turtle": _join_turtle, "trig": _join_turtle, "jsonld": _join_json, "rdfxml": _join_xml}
