"""The projection to schema.org, which those to Croissant, DataCite and RO-Crate build on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.export.description import SCHEMA, TYPE, Description
from fairmap.export.framing import Frame, written
from fairmap.export.projection import TO_TELL, Projected, Remark
from fairmap.export.rdf_projection import Demand, RdfProjection
from fairmap.export.writing import RDF_FORMS, form_of, write_rdf
from fairmap.namespaces import DCT

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from fairmap.export.batch import Batch
    from fairmap.export.source import Source

SHORTEST: Final = 50
LONGEST: Final = 5000
"""Characters that Google wants a description to have. Source: Google Search Central, structured data of datasets."""

DATASET: Final = f"{SCHEMA}Dataset"
DEMANDS: Final = (
    Demand(DATASET, f"{SCHEMA}name", "the title of the dataset"),
    Demand(DATASET, f"{SCHEMA}description", "what the dataset is, in 50 to 5000 characters"),
    Demand(DATASET, f"{SCHEMA}license", "the licence of the dataset, by its web address"),
    Demand(DATASET, f"{SCHEMA}identifier", "an identifier of the dataset, such as a DOI"),
    Demand(DATASET, f"{SCHEMA}creator", "who made the dataset"),
    Demand(f"{SCHEMA}DataCatalog", f"{SCHEMA}name", "the name of the repository"),
    Demand(f"{SCHEMA}DataDownload", f"{SCHEMA}contentUrl", "the address from which the distribution can be downloaded"),
)

_HOLDERS: Final = tuple(f"{SCHEMA}{name}" for name in ("includedInDataCatalog", "isPartOf"))
_NAME: Final = NamedNode(f"{SCHEMA}name")


class SchemaOrg(RdfProjection):
    """Datasets, repositories and the map in the words of schema.org; JSON-LD as a tree for each record."""

    def write(self, projected: Iterable[Projected], form: str) -> Iterator[bytes]:
        """As :meth:`fairmap.export.Projection.write`."""
        if form_of(self.forms, form) != "jsonld":
            return write_rdf(projected, form)
        return written(found for told in projected if (found := tree(told)) is not None)

    def loses(self, name: str, values: Iterable[object], told: Container[str], texts: Container[str]) -> bool:  # noqa: ARG002
        """Properties have other names here, so it is not seen."""
        return False

    def _one(self, batch: Batch, iri: str, found: list[Triple], source: Source) -> Projected:
        told = super()._one(batch, iri, [*found, *_holders(batch, found)], source)
        lengths = tuple(_length(iri, told.triples))
        return Projected(iri, told.triples, remarks=(*told.remarks, *lengths))


def tree(told: Projected) -> dict[str, Any] | None:
    """A projected record as a tree of JSON-LD; ``None`` for one that could not be told."""
    return Frame(Description(told.iri, told.triples)).document() if told.triples else None


def _holders(batch: Batch, found: Iterable[Triple]) -> Iterator[Triple]:
    """Name and type of what holds a record: a record of the batch itself is not told of at other records."""
    title = NamedNode(f"{DCT}title")
    for triple in found:
        holder = triple.object
        if triple.predicate.value in _HOLDERS and isinstance(holder, NamedNode):
            yield Triple(holder, NamedNode(TYPE), NamedNode(f"{SCHEMA}DataCatalog"))
            for quad in batch.store.quads_for_pattern(holder, title, None):
                yield Triple(holder, _NAME, quad.object)


def _length(iri: str, triples: Iterable[Triple]) -> Iterator[Remark]:
    """What is amiss with the lengths of a record's descriptions."""
    for triple in triples:
        about = isinstance(triple.subject, NamedNode) and triple.subject.value == iri
        if about and triple.predicate.value == f"{SCHEMA}description" and isinstance(triple.object, Literal):
            size = len(triple.object.value)
            if not SHORTEST <= size <= LONGEST:
                text = f"The description has {size} characters; search engines want {SHORTEST} to {LONGEST}."
                yield Remark(TO_TELL, iri, triple.predicate.value, text)


FORMS: Final = ("jsonld", *(form for form in RDF_FORMS if form != "jsonld"))
