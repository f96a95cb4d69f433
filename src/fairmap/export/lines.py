"""Writing records that are held as lines of N-Triples: as they are, or by the engine's serialisers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

from fairmap.export.writing import PIECE, RDF_FORMS, form_of, joined, sayable_in_xml
from fairmap.namespaces import DEFAULT_GRAPH
from fairmap.rdf import FORMATS, Statements, by_name, serialise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.export.projection import Projected
    from fairmap.rdf import Format


def write_lines(projected: Iterable[Projected], form: str) -> Iterator[bytes]:
    """The triples of all records as one RDF document, in graphs of the records' IRIs where the form can name graphs.

    :raises UsageError: for a form that there is not.
    """
    chosen = by_name(form_of(RDF_FORMS, form), FORMATS)
    pieces = _pieces(projected, named=chosen.holds_graphs)
    if chosen.name in {"ntriples", "nquads"}:
        return pieces
    return joined((_serialised(piece, chosen) for piece in pieces), chosen)


def _pieces(projected: Iterable[Projected], *, named: bool) -> Iterator[bytes]:
    """N-Triples or N-Quads, some thousand statements at a time."""
    waiting: list[bytes] = []
    count = 0
    for record in projected:
        lines = _lines(record)
        if named and record.iri != DEFAULT_GRAPH:
            lines = lines.replace(b" .\n", b" <%s> .\n" % record.iri.encode())
        waiting.append(lines)
        count += len(record.triples)
        if count >= PIECE:
            yield b"".join(waiting)
            waiting, count = [], 0
    yield b"".join(waiting)


def _lines(record: Projected) -> bytes:
    if isinstance(record.triples, Statements):
        return record.triples.lines
    return "".join(f"{triple} .\n" for triple in record.triples).encode()


def _serialised(piece: bytes, form: Format) -> bytes:
    """A piece in another form; blank nodes keep their labels, which are the same in each piece."""
    quads = parse(piece, format=RdfFormat.N_QUADS)
    return serialise([sayable_in_xml(quad.triple) for quad in quads] if form.name == "rdfxml" else quads, form)
