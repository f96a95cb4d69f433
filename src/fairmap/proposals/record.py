"""Answers as records: the repository, and the answered questionnaire as the source it comes from."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Quad

from fairmap.namespaces import CONCEPT, DCAT, DCT, DQV, FM, FOAF, PREFIXES, PROV, RDF, RDFS, SKOS, XSD
from fairmap.proposals.answers import ACCESS, one, reason, terms
from fairmap.proposals.questions import implied_rights, questions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.proposals.answers import Answers
    from fairmap.proposals.questions import Question

SOURCE: Final = "source/questionnaire-"
"""What the IRIs of answered questionnaires begin with, below the base."""
_DIMENSIONS: Final = ("findable", "accessible", "interoperable", "reusable")
_BASIS: Final = "The access condition implies these access rights."


@dataclass(frozen=True)
class Answered:
    """A questionnaire that somebody filled in.

    :ivar name: by which the proposal is known.
    :ivar slug: of the repository's record.
    :ivar received: when (ISO 8601, UTC).
    :ivar version: of fairmap.
    """

    name: str
    slug: str
    received: str
    version: str
    answers: Answers

    def quads(self, base_iri: str) -> list[Quad]:
        """Both records."""
        source, record = NamedNode(f"{base_iri}{SOURCE}{self.name}"), NamedNode(f"{base_iri}repository/{self.slug}")
        about_source = [Quad(s, _node(p), o, source) for s, p, o in self._source(source)]
        return [*about_source, *(Quad(s, _node(p), o, record) for s, p, o in self._repository(record, source))]

    def _source(self, source: NamedNode) -> Iterator[tuple[NamedNode, str, NamedNode | Literal]]:
        reading = _part(source, "reading")
        yield source, f"{RDF}type", _node(f"{FM}Source")
        yield source, f"{RDF}type", _node(f"{PROV}Entity")
        yield source, f"{DCT}title", Literal(f"Answers to the questionnaire about {one(self.answers, 'title')}")
        yield source, f"{DCT}issued", Literal(self.received[:10], datatype=_node(f"{XSD}date"))
        yield reading, f"{RDF}type", _node(f"{PROV}Activity")
        yield reading, f"{PROV}used", source
        yield reading, f"{PROV}endedAtTime", Literal(self.received, datatype=_node(f"{XSD}dateTime"))
        yield reading, f"{DCAT}version", Literal(self.version)
        for question in questions():
            place = _part(source, f"answer-{question.name}")
            yield place, f"{RDF}type", _node(f"{PROV}Entity")
            yield place, f"{DCT}isPartOf", source
            yield place, f"{RDFS}label", Literal(question.text, language="en")

    def _repository(self, record: NamedNode, source: NamedNode) -> Iterator[tuple[NamedNode, str, NamedNode | Literal]]:
        for kind in (f"{FM}Repository", f"{DCAT}Catalog", f"{PREFIXES['r3d']}Repository"):
            yield record, f"{RDF}type", _node(kind)
        yield record, f"{PROV}wasDerivedFrom", source
        yield record, f"{PROV}wasGeneratedBy", _part(source, "reading")
        for question in questions():
            yield from self._answer(record, source, question)
        access = one(self.answers, ACCESS)
        if access:
            yield record, f"{SKOS}editorialNote", Literal(f"Access, as answered: {access}", language="en")
        asked = _part(source, "answer-title")
        yield from _unknown(record, f"{DCAT}dataset", "dataset", "not-assessed", asked)
        for dimension in _DIMENSIONS:
            name = f"fair-{dimension}"
            yield from _unknown(record, f"{DQV}hasQualityMeasurement", name, "not-assessed", asked)
            yield _part(record, f"unknown-{name}"), f"{DQV}inDimension", _node(f"{CONCEPT}fair-dimension/{dimension}")

    def _answer(
        self, record: NamedNode, source: NamedNode, question: Question
    ) -> Iterator[tuple[NamedNode, str, NamedNode | Literal]]:
        place = _part(source, f"answer-{question.name}")
        values = terms(question, self.answers)
        if not values:
            if question.has_reason:
                yield from _unknown(record, question.iri, question.name, reason(self.answers, question), place)
            return
        if question.name == "qualifiedAttribution":
            yield from _control(record, values[0])
        else:
            yield from ((record, question.iri, value) for value in values)
        yield from _statement(record, question.iri, f"stated-{question.name}", "SourceStatement", place)
        if question.name == "accessCondition":
            yield from self._rights(record, values[0].value, place)

    @staticmethod
    def _rights(
        record: NamedNode, condition: str, place: NamedNode
    ) -> Iterator[tuple[NamedNode, str, NamedNode | Literal]]:
        """The access rights that follow, with the reason."""
        rights = implied_rights()[condition]
        yield from ((record, f"{DCT}accessRights", _node(iri)) for iri in rights)
        yield from _statement(record, f"{DCT}accessRights", "stated-accessRights", "SourceStatement", place)
        yield _part(record, "stated-accessRights"), f"{FM}basis", Literal(_BASIS, language="en")


def draft(answers: Answers, base_iri: str) -> list[Quad]:
    """The records that answers would make if they were sent now; their names are free for the asking and stand for nothing."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Answered("draft", slug_of(one(answers, "title")), now, version("fairmap"), answers).quads(base_iri)


def slug_of(title: str) -> str:
    """What may stand for a repository in its IRI.

    >>> slug_of("Château d'Images (CdI), 2.0"), slug_of("医学")
    ('chateau-d-images-cdi-2-0', 'repository')
    """
    words = unicodedata.normalize("NFKD", re.sub("['\u2019]", " ", title))
    plain = words.encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "repository"


def _control(record: NamedNode, who: NamedNode | Literal) -> Iterator[tuple[NamedNode, str, NamedNode | Literal]]:
    control, agent = _part(record, "data-inclusion-control"), _part(record, "data-inclusion-controller")
    yield record, f"{PROV}qualifiedAttribution", control
    yield control, f"{RDF}type", _node(f"{PROV}Attribution")
    yield control, f"{PROV}agent", agent
    yield control, f"{DCAT}hadRole", _node(f"{FM}dataInclusionControl")
    yield agent, f"{RDF}type", _node(f"{FOAF}Agent")
    yield agent, f"{FOAF}name", who


def _unknown(
    record: NamedNode, iri: str, name: str, why: str, place: NamedNode
) -> Iterator[tuple[NamedNode, str, NamedNode | Literal]]:
    yield from _statement(record, iri, f"unknown-{name}", "AbsenceStatement", place)
    yield _part(record, f"unknown-{name}"), f"{FM}reason", _node(f"{CONCEPT}unknown-reason/{why}")


def _statement(
    record: NamedNode, iri: str, name: str, kind: str, place: NamedNode
) -> Iterator[tuple[NamedNode, str, NamedNode | Literal]]:
    node = _part(record, name)
    yield node, f"{RDF}type", _node(f"{FM}{kind}")
    yield node, f"{FM}about", record
    yield node, f"{FM}property", _node(iri)
    yield node, f"{PROV}wasDerivedFrom", place


def _part(node: NamedNode, name: str) -> NamedNode:
    return NamedNode(f"{node.value}#{name}")


def _node(iri: str) -> NamedNode:
    return NamedNode(iri)
