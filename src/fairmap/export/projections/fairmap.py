"""The lossless projection: each record's whole graph, as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.export.projection import FAILED, Projected, Remark
from fairmap.export.source import CLASSES
from fairmap.export.writing import RDF_FORMS, write_rdf
from fairmap.namespaces import ONTOLOGY_GRAPH

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
        for iri, triples in source.graphs(iris):
            missing = () if triples else (Remark(FAILED, iri, "", "There is no such record."),)
            yield Projected(iri, triples, remarks=missing)

    def write(self, projected: Iterable[Projected], form: str) -> Iterator[bytes]:
        """As :meth:`fairmap.export.Projection.write`."""
        return write_rdf(projected, form, graphs=True)


PROJECTION: Final = Lossless()
