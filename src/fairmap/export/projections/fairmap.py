"""The lossless projection: each record's whole graph, as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, Quad, Triple

from fairmap.export.lines import write_lines
from fairmap.export.projection import FAILED, Projected, Remark
from fairmap.export.source import CLASSES
from fairmap.export.writing import RDF_FORMS
from fairmap.namespaces import ONTOLOGY_GRAPH
from fairmap.rdf import Statements, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.export.source import Source


@dataclass(frozen=True)
class Lossless:
    """Records as they are, in graphs of their own where the form can name graphs."""

    name: str = "fairmap"
    title: str = "fairmap (lossless)"
    specification: str = ONTOLOGY_GRAPH
    kinds: frozenset[str] = frozenset(CLASSES)
    forms: tuple[str, ...] = ("trig", *(form for form in RDF_FORMS if form != "trig"))
    judge: str | None = "fairmap"

    def project(self, source: Source, iris: Iterable[str]) -> Iterator[Projected]:
        """As :meth:`fairmap.export.Projection.project`."""
        for iri, lines in source.graphs(iris):
            missing = () if lines else (Remark(FAILED, iri, "", "There is no such record."),)
            yield Projected(iri, _in_order(iri, Statements(lines)), remarks=missing)

    def write(self, projected: Iterable[Projected], form: str) -> Iterator[bytes]:
        """As :meth:`fairmap.export.Projection.write`."""
        return write_lines(projected, form)


def _in_order(iri: str, statements: Statements) -> Statements:
    """The triples in canonical order; labels of blank nodes are the same each time, and differ from those of other records."""
    if not statements.has_blank_nodes:
        return statements.in_order()
    mark = blake2b(iri.encode(), digest_size=8).hexdigest()
    quads = canonical(Quad(triple.subject, triple.predicate, triple.object) for triple in statements)
    marked = (Triple(_marked(quad.subject, mark), quad.predicate, _marked(quad.object, mark)) for quad in quads)
    return Statements("".join(f"{triple} .\n" for triple in marked).encode())


def _marked(term: Any, mark: str) -> Any:
    return BlankNode(f"r{mark}{term.value}") if isinstance(term, BlankNode) else term


PROJECTION: Final = Lossless()
