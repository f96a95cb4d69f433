"""The lossless projection: each record's whole graph, as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from fairmap.export.projection import FAILED, Projected, Remark
from fairmap.export.source import CLASSES
from fairmap.export.writing import RDF_FORMS, write_rdf
from fairmap.namespaces import ONTOLOGY_GRAPH, RDF
from fairmap.rdf import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairmap.export.source import Source


_TYPE: Final = f"{RDF}type"


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
        for iri, triples in source.graphs(iris):
            missing = () if triples else (Remark(FAILED, iri, "", "There is no such record."),)
            yield Projected(iri, tuple(_in_order(iri, triples)), remarks=missing)

    def write(self, projected: Iterable[Projected], form: str) -> Iterator[bytes]:
        """As :meth:`fairmap.export.Projection.write`."""
        return write_rdf(projected, form, graphs=True)


def _in_order(iri: str, triples: Sequence[Triple]) -> Iterable[Triple]:
    """The triples in canonical order; labels of blank nodes are the same each time, and differ from those of other records."""
    if not any(isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode) for triple in triples):
        return sorted(triples, key=_order)
    mark = blake2b(iri.encode(), digest_size=8).hexdigest()
    quads = canonical(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return [Triple(_marked(quad.subject, mark), quad.predicate, _marked(quad.object, mark)) for quad in quads]


def _order(triple: Triple) -> tuple[str, str, str]:
    """As :func:`fairmap.rdf.canonical` orders triples without blank nodes."""
    subject, link, value = triple.subject, triple.predicate.value, triple.object
    assert isinstance(subject, NamedNode)  # noqa: S101 - asked of triples without blank nodes
    return subject.value, "" if link == _TYPE else link, value.value if isinstance(value, NamedNode) else str(value)


def _marked(term: Any, mark: str) -> Any:
    return BlankNode(f"r{mark}{term.value}") if isinstance(term, BlankNode) else term


PROJECTION: Final = Lossless()
