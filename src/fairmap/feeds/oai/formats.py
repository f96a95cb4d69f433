"""The metadata formats: Dublin Core, DataCite, and DCAT-AP as RDF/XML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, fromstring

from pyoxigraph import Literal, NamedNode

from fairmap.export import projection
from fairmap.export.writing import in_xml
from fairmap.namespaces import DCAT, DCT, FOAF, RDF, SKOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pyoxigraph import Triple

    from fairmap.export import Projected

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
LOCATION: Final = f"{{{XSI}}}schemaLocation"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class MetadataFormat:
    """A form in which records are given.

    :ivar profile: the projection that it is made of.
    :ivar make: the element for what was projected; ``None`` when there is nothing.
    """

    prefix: str
    namespace: str
    schema: str
    profile: str
    make: Callable[[Projected], Element | None]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of record that it tells of."""
        return projection(self.profile).kinds


def _written(record: Projected, profile: str, form: str) -> Element:
    return fromstring(b"".join(projection(profile).write([record], form)))  # noqa: S314 - we wrote it ourselves


def _dcat(record: Projected) -> Element | None:
    return _written(record, "dcat-ap", "rdfxml") if record.triples else None


def _datacite(record: Projected) -> Element | None:
    """The envelope of DataCite's own service. Source: https://schema.datacite.org/oai/oai-1.1/."""
    if record.document is None:
        return None
    root = Element(f"{{{_OAI_DATACITE}}}oai_datacite", {LOCATION: f"{_OAI_DATACITE} {_OAI_DATACITE}oai.xsd"})
    SubElement(root, f"{{{_OAI_DATACITE}}}schemaVersion").text = "4.5"
    SubElement(root, f"{{{_OAI_DATACITE}}}datacentreSymbol").text = "FAIRMAP"
    SubElement(root, f"{{{_OAI_DATACITE}}}payload").append(_written(record, "datacite", "xml"))
    return root


def _dublin_core(record: Projected) -> Element | None:
    """Simple Dublin Core, of DCAT-AP. Source: OAI-PMH 2.0, clause 2.5; DCMI Metadata Terms, properties in the /elements/1.1/ namespace."""
    if not record.triples:
        return None
    root = Element(f"{{{_OAI_DC}}}dc", {LOCATION: f"{_OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd"})
    for name, text, language in dict.fromkeys(_statements(record)):
        element = SubElement(root, f"{{{_DC}}}{name}", {_LANG: language} if language else {})
        element.text = in_xml(text)
    return root


_LABELLED: Final = {
    "creator": (f"{DCT}creator",),
    "contributor": (f"{DCT}contributor",),
    "publisher": (f"{DCT}publisher",),
    "subject": (f"{DCT}subject", f"{DCAT}theme"),
    "coverage": (f"{DCT}spatial",),
    "rights": (f"{DCT}accessRights", f"{DCT}rights"),
    "language": (f"{DCT}language",),
}
"""By element of Dublin Core, the properties whose values are told by their names."""
_PLAIN: Final = {
    "title": (f"{DCT}title", f"{DCT}alternative"),
    "description": (f"{DCT}description",),
    "subject": (f"{DCAT}keyword",),
    "date": (f"{DCT}issued", f"{DCT}modified"),
    "identifier": (f"{DCT}identifier",),
    "rights": (f"{DCT}license",),
    "relation": (f"{DCAT}landingPage", f"{FOAF}page", f"{FOAF}homepage", f"{DCT}isReferencedBy"),
}
"""The same for values that are told as they are."""


def _statements(record: Projected) -> Iterator[tuple[str, str, str]]:
    """Element, text and language of each statement, in an order that stays."""
    node = NamedNode(record.iri)
    own = [triple for triple in record.triples if triple.subject == node]
    labels = _labels(record.triples)
    yield from sorted(_of(own, _PLAIN, {}))
    yield from sorted(_of(own, _LABELLED, labels))
    yield "identifier", record.iri, ""
    is_dataset = any(triple.object == NamedNode(f"{DCAT}Dataset") for triple in own)
    yield "type", "Dataset" if is_dataset else "Collection", ""


def _of(
    own: Iterable[Triple], mapping: Mapping[str, tuple[str, ...]], labels: Mapping[object, list[Literal]]
) -> Iterator[tuple[str, str, str]]:
    for triple in own:
        for name, properties in mapping.items():
            if triple.predicate.value in properties:
                values: list[object] = [*labels.get(triple.object, ())] or [triple.object]
                for value in values:
                    if isinstance(value, Literal):
                        yield name, value.value, value.language or ""
                    elif isinstance(value, NamedNode):
                        yield name, value.value, ""


def _labels(triples: Iterable[Triple]) -> Mapping[object, list[Literal]]:
    """The names of the things that a record leads to."""
    found: dict[object, list[Literal]] = {}
    for triple in triples:
        if triple.predicate.value in {f"{SKOS}prefLabel", f"{FOAF}name"} and isinstance(triple.object, Literal):
            found.setdefault(triple.subject, []).append(triple.object)
    return found


_OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_OAI_DATACITE: Final = "http://schema.datacite.org/oai/oai-1.1/"
FORMATS: Final[Mapping[str, MetadataFormat]] = {
    one.prefix: one
    for one in (
        MetadataFormat("oai_dc", _OAI_DC, "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", "dcat-ap", _dublin_core),
        MetadataFormat("oai_datacite", _OAI_DATACITE, f"{_OAI_DATACITE}oai.xsd", "datacite", _datacite),
        MetadataFormat("dcat_ap", RDF, "http://www.openarchives.org/OAI/2.0/rdf.xsd", "dcat-ap", _dcat),
    )
}
"""By their prefixes."""
