"""FAIR Data Point: specification 1.2 and reference implementation 4.1.0. The mapping is ``fdp.rq``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import NamedNode, Triple

from fairmap.export.projections import load
from fairmap.export.rdf_projection import Demand, RdfProjection
from fairmap.namespaces import DCAT, DCT, FOAF, RDF, record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.export.source import Source

_CATALOG, _DATASET, _DISTRIBUTION = f"{DCAT}Catalog", f"{DCAT}Dataset", f"{DCAT}Distribution"
_FDP: Final = "https://w3id.org/fdp/fdp-o#"
_TYPE: Final = NamedNode(f"{RDF}type")
_RESOURCE: Final = NamedNode(f"{DCAT}Resource")


@dataclass(frozen=True)
class FairDataPoint(RdfProjection):
    """Its clients take the IRI of a record for its address, so IRIs are public addresses here."""

    def finish(self, triples: list[Triple], source: Source) -> list[Triple]:
        """With the addresses that only the service knows."""
        return [_moved(triple, source) for triple in (*triples, *_addresses(triples, source))]


def _addresses(triples: Iterable[Triple], source: Source) -> Iterator[Triple]:
    """The profile of each resource, and the endpoint and the identifier of the metadata of catalogues."""
    for triple in triples:
        node = triple.subject
        if triple.predicate != _TYPE or not isinstance(node, NamedNode):
            continue
        if triple.object == _RESOURCE:
            yield Triple(node, NamedNode(f"{DCT}conformsTo"), NamedNode(f"{source.public_url}profile/fdp"))
        elif triple.object == NamedNode(_CATALOG):
            yield Triple(node, NamedNode(f"{DCAT}endpointURL"), NamedNode(f"{source.public_url}fdp"))
            yield Triple(node, NamedNode(f"{_FDP}metadataIdentifier"), node)


def _moved(triple: Triple, source: Source) -> Triple:
    """The triple with public addresses in place of the IRIs of records, their parts and distributions."""
    if source.public_url == source.base_iri:
        return triple
    return Triple(_address(triple.subject, source), triple.predicate, _address(triple.object, source))


def _address(term: Any, source: Source) -> Any:
    if isinstance(term, NamedNode) and record_of(term.value, source.base_iri):
        return NamedNode(f"{source.public_url}{term.value[len(source.base_iri) :]}")
    return term


PROJECTION: Final = FairDataPoint(
    name="fdp",
    title="FAIR Data Point 1.2",
    specification="https://specs.fairdatapoint.org/fdp-specs-v1.2.html",
    query=load("fdp"),
    judge="fdp",
    demands=(
        Demand(_CATALOG, f"{DCT}publisher", "who publishes the catalogue"),
        Demand(_CATALOG, f"{DCT}license", "the licence of the catalogue"),
        Demand(_CATALOG, f"{DCAT}version", "which version of the catalogue it is"),
        Demand(_CATALOG, f"{_FDP}metadataIssued", "when the description was made"),
        Demand(_CATALOG, f"{_FDP}metadataModified", "when the description was changed"),
        Demand(_DATASET, f"{DCT}publisher", "who publishes the dataset"),
        Demand(_DATASET, f"{DCAT}version", "which version of the dataset it is"),
        Demand(_DISTRIBUTION, f"{DCT}title", "a title of the distribution"),
        Demand(_DISTRIBUTION, f"{DCT}publisher", "who publishes the distribution"),
        Demand(_DISTRIBUTION, f"{DCAT}version", "which version of the distribution it is"),
        Demand(_DISTRIBUTION, f"{DCAT}mediaType", "the media type of the distribution"),
        Demand(f"{FOAF}Agent", f"{FOAF}name", "the name of each organisation"),
    ),
)
