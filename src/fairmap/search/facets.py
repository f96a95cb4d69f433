"""By what found records are counted and narrowed down.

A facet's values are IRIs or plain words. Those of a facet that is deep are concepts, and a record has a concept, too, when it has
one below it: a kind, a part of that part of the body, or what concerns one (a record about dementia is one about the brain).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fairmap.errors import UsageError
from fairmap.namespaces import CONCEPT, DCAT, DCT, DQV, FM, FOAF, PROV

EU: Final = "http://publications.europa.eu/resource/authority/"
KIND: Final = "kind"
HELD: Final = "held_by"
DOI: Final = "has_doi"
UNKNOWN: Final = "unknown"
REPOSITORY: Final = "repository"
DATASET: Final = "dataset"

PLAIN: Final = {
    KIND: {REPOSITORY: "Repositories", DATASET: "Datasets"},
    DOI: {"true": "With a DOI", "false": "Without a DOI"},
}
"""Values that are no IRIs, with their labels."""

PROPERTIES: Final = {
    f"{FOAF}homepage": "link",
    f"{FM}dataObject": "type of data",
    f"{FM}metadataAvailable": "whether metadata are available",
    f"{FM}downloadable": "whether data can be downloaded as they are",
    f"{FM}accessCondition": "access",
    f"{PROV}qualifiedAttribution": "who decides what gets in",
    f"{DCT}description": "description",
    f"{DQV}hasQualityMeasurement": "a FAIR answer",
    f"{FM}modality": "modality",
    f"{FM}bodyPart": "body part",
    f"{FM}topic": "topic",
    f"{DCT}spatial": "country",
    f"{DCT}format": "format",
    f"{FM}repositoryKind": "kind of repository",
    f"{DCAT}dataset": "what it holds",
}
"""Properties that a record may say to be unknown. Source: docs/model.md, statements about properties."""


@dataclass(frozen=True)
class Facet:
    """A way to narrow down.

    :ivar name: as it stands in addresses.
    :ivar links: properties of a record that lead to values.
    :ivar spaces: beginnings of its values' IRIs.
    :ivar of_distributions: those of its distributions count, too.
    :ivar most: values that are counted, the most frequent ones; 0: all.
    """

    name: str
    label: str
    links: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    is_deep: bool = False
    of_distributions: bool = False
    most: int = 0

    def has(self, value: str) -> bool:
        """Whether it may be a value."""
        return value.startswith(self.spaces) if self.spaces else True

    def values_of(self, key: str) -> tuple[str, ...]:
        """What the key in an address may stand for.

        :raises UsageError: when it is no word of a facet of plain words.
        """
        plain = PLAIN.get(self.name)
        if plain is not None:
            if key not in plain:
                raise UsageError(f"{self.name} is not {key[:80]!r}", expected=" or ".join(plain))
            return (key,)
        if ":" in key or not (self.spaces or self.name == UNKNOWN):
            return (key,)
        known = tuple(iri for iri in PROPERTIES if self.name == UNKNOWN and key_of(iri) == key)
        return (*(f"{space}{key}" for space in self.spaces), *known)


FACETS: Final = (
    Facet(KIND, "Kind of record"),
    Facet("modality", "Modality", (f"{FM}modality",), (f"{CONCEPT}modality/",), is_deep=True),
    Facet(
        "body_part",
        "Body part",
        (f"{FM}bodyPart", f"{FM}topic", f"{FM}modality"),
        (f"{CONCEPT}body-part/",),
        is_deep=True,
    ),
    Facet("topic", "Topic", (f"{FM}topic",), (f"{CONCEPT}topic/",), is_deep=True),
    Facet(
        "access",
        "Access",
        (f"{FM}accessCondition", f"{DCT}accessRights"),
        (f"{CONCEPT}access-condition/", f"{EU}access-right/"),
    ),
    Facet("curation", "Curation level", (f"{FM}curationLevel",), (f"{CONCEPT}curation-level/",)),
    Facet("format_of", "Format", (f"{DCT}format",), (f"{CONCEPT}format/", f"{EU}file-type/"), of_distributions=True),
    Facet("country", "Country", (f"{DCT}spatial",), (f"{EU}country/",)),
    Facet("licence", "Licence", (f"{DCT}license",), (), of_distributions=True),
    Facet(HELD, "Held by", most=50),
    Facet(DOI, "DOI"),
    Facet(UNKNOWN, "Not known", (), (f"{CONCEPT}unknown-reason/",)),
)
BY_NAME: Final = {facet.name: facet for facet in FACETS}


def key_of(value: str) -> str:
    """A value as it stands in addresses: the last part of a known IRI, all of another.

    >>> key_of(f"{CONCEPT}modality/mri"), key_of(f"{EU}country/ESP"), key_of(f"{FM}modality"), key_of("https://example.org/a")
    ('mri', 'ESP', 'modality', 'https://example.org/a')
    """
    if value in PROPERTIES or value.startswith((CONCEPT, f"{EU}country/", f"{EU}access-right/", f"{EU}file-type/")):
        return value.replace("#", "/").rpartition("/")[2]
    return value
