"""Where harvested records come from: the document as a source, and what each record states or leaves open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.harvest.reading import TYPE
from fairmap.namespaces import CONCEPT, DCAT, DCT, DQV, FM, FOAF, PREFIXES, PROV, RDFS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from fairmap.harvest.reading import Draft

HARVESTED: Final = "source/from-"
"""What the IRIs of sources begin with that are harvested documents, below the base."""

_HEALTH: Final = PREFIXES["healthdcatap"]
_OPEN: Final = (
    f"{FOAF}homepage",
    *(f"{FM}{name}" for name in ("dataObject", "metadataAvailable", "downloadable", "accessCondition")),
    f"{PROV}qualifiedAttribution",
    f"{DCT}description",
    *(f"{FM}{name}" for name in ("modality", "bodyPart", "topic")),
    f"{DCT}spatial",
    f"{DCT}format",
    f"{FM}repositoryKind",
    f"{DCAT}dataset",
)
"""The properties of a repository of which a missing one is a statement of its own (docs/model.md)."""
_STATED: Final = frozenset(
    {
        *(f"{DCT}{name}" for name in ("title", "alternative", "publisher", "contributor", "accessRights", "temporal")),
        *(f"{FM}{name}" for name in ("species", "accessRequirement", "curationLevel", "sex", "quantity")),
        *(f"{FM}numberOf{name}" for name in ("Studies", "Series", "Instances")),
        *(
            f"{_HEALTH}{name}"
            for name in ("numberOfUniqueIndividuals", "numberOfRecords", "minTypicalAge", "maxTypicalAge")
        ),
        f"{DCAT}landingPage",
        *_OPEN,
    }
)
"""The properties that have a source statement each."""
_DIMENSIONS: Final = ("findable", "accessible", "interoperable", "reusable")


@dataclass(frozen=True)
class Source:
    """The document that records are read from.

    :ivar name: of the file, or its address.
    :ivar digest: of its content.
    :ivar read: when.
    :ivar version: of fairmap.
    """

    name: str
    digest: str
    read: datetime
    version: str

    def iri(self, base_iri: str) -> str:
        """The IRI of its record: the same for the same content."""
        words = re.sub(r"[^A-Za-z0-9]+", "-", self.name.rpartition("/")[2]).strip("-").lower()[:40]
        return f"{base_iri}{HARVESTED}{words or 'document'}-{self.digest[:8]}"

    def triples(self, base_iri: str, drafts: Iterable[Draft]) -> Iterator[Triple]:
        """The source's record: the document, its reading, and each record in it as a part."""
        iri = self.iri(base_iri)
        source, reading = NamedNode(iri), NamedNode(f"{iri}#reading")
        yield _type(source, f"{FM}Source")
        yield _type(source, f"{PROV}Entity")
        yield Triple(source, NamedNode(f"{DCT}title"), Literal(self.name))
        yield _type(reading, f"{PROV}Activity")
        yield Triple(reading, NamedNode(f"{PROV}used"), source)
        ended = Literal(self.read.isoformat(timespec="seconds"), datatype=NamedNode(f"{XSD}dateTime"))
        yield Triple(reading, NamedNode(f"{PROV}endedAtTime"), ended)
        yield Triple(reading, NamedNode(f"{DCAT}version"), Literal(self.version))
        for draft in drafts:
            part = self.place(base_iri, draft)
            yield _type(part, f"{PROV}Entity")
            yield Triple(part, NamedNode(f"{DCT}isPartOf"), source)
            yield Triple(part, NamedNode(f"{RDFS}label"), Literal(f"{draft.kind} {draft.name}", language="en"))

    def place(self, base_iri: str, draft: Draft) -> NamedNode:
        """The part of the source that a record is read from."""
        return NamedNode(f"{self.iri(base_iri)}#{draft.kind}-{draft.iri.rpartition('/')[2]}")


def sourced(draft: Draft, triples: Sequence[Triple], document: Source, base_iri: str) -> list[Triple]:
    """The record with where it comes from; of a repository also what the document states of it and what it leaves open."""
    record, place = NamedNode(draft.iri), document.place(base_iri, draft)
    reading = NamedNode(f"{document.iri(base_iri)}#reading")
    found = [
        *triples,
        Triple(record, NamedNode(f"{PROV}wasDerivedFrom"), place),
        Triple(record, NamedNode(f"{PROV}wasGeneratedBy"), reading),
    ]
    if draft.kind == "repository":
        said = sorted({triple.predicate.value for triple in triples if triple.subject == record})
        found += [
            t
            for name in said
            if name in _STATED
            for t in _statement(record, "stated", name, f"{FM}SourceStatement", place)
        ]
        for name in _OPEN:
            if name not in said:
                found += _open(record, name, "not-stated", place)
        for dimension in _DIMENSIONS:
            found += _open(record, f"{DQV}hasQualityMeasurement", "not-assessed", place, dimension)
    return found


def _open(record: NamedNode, name: str, reason: str, place: NamedNode, dimension: str = "") -> Iterator[Triple]:
    """That the document does not tell a property, or answers no question about a FAIR dimension."""
    yield from _statement(
        record, "unknown", name, f"{FM}AbsenceStatement", place, f"fair-{dimension}" if dimension else ""
    )
    node = _part(record, "unknown", name, f"fair-{dimension}" if dimension else "")
    yield Triple(node, NamedNode(f"{FM}reason"), NamedNode(f"{CONCEPT}unknown-reason/{reason}"))
    if dimension:
        yield Triple(node, NamedNode(f"{DQV}inDimension"), NamedNode(f"{CONCEPT}fair-dimension/{dimension}"))


def _statement(record: NamedNode, what: str, name: str, of: str, place: NamedNode, local: str = "") -> Iterator[Triple]:
    node = _part(record, what, name, local)
    yield _type(node, of)
    yield Triple(node, NamedNode(f"{FM}about"), record)
    yield Triple(node, NamedNode(f"{FM}property"), NamedNode(name))
    yield Triple(node, NamedNode(f"{PROV}wasDerivedFrom"), place)


def _part(record: NamedNode, what: str, name: str, local: str) -> NamedNode:
    return NamedNode(f"{record.value}#{what}-{local or re.split('[#/]', name)[-1]}")


def _type(node: NamedNode, of: str) -> Triple:
    return Triple(node, NamedNode(TYPE), NamedNode(of))
