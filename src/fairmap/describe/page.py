"""The page models: what a page tells, in its order, without saying how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Standing(Enum):
    """How a property of a record is known. Source: ``docs/model.md``, statements about properties."""

    STATED = "stated"
    INFERRED = "inferred"
    UNKNOWN = "unknown"
    BARE = "bare"
    """The triple is there; no statement says where it is from."""


@dataclass(frozen=True)
class Ref:
    """A thing by its name.

    :ivar iri: ``None`` when the thing has no IRI to go to.
    """

    label: str
    iri: str | None = None


@dataclass(frozen=True)
class Value:
    """One value of a property, ready to be read.

    :ivar iri: what it leads to: a record, a concept, a web page.
    :ivar code: a short code told beside it, such as ``RID10312``.
    :ivar hint: the definition of the concept.
    :ivar chip: it is a term of a vocabulary.
    :ivar anchor: the fragment of the part of the record that it stands for.
    """

    text: str
    iri: str | None = None
    code: str | None = None
    hint: str | None = None
    chip: bool = False
    anchor: str | None = None


@dataclass(frozen=True)
class Claim:
    """What is known of one property in one standing.

    :ivar values: empty when unknown.
    :ivar sources: the cells of the source that it comes from.
    :ivar basis: why the source's words are read like this.
    :ivar reason: why it is unknown.
    :ivar phrase: the source's words, verbatim.
    :ivar anchor: the fragment of the statement's IRI.
    """

    standing: Standing
    values: tuple[Value, ...] = ()
    sources: tuple[Ref, ...] = ()
    basis: str | None = None
    reason: Value | None = None
    phrase: str | None = None
    anchor: str | None = None


@dataclass(frozen=True)
class Fact:
    """A property of a record with all that is claimed about it: stated first, then inferred, then unknown.

    :ivar property: its IRI.
    """

    property: str
    label: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Section:
    """Facts that answer one question.

    :ivar key: for anchors.
    :ivar steps: what a reader has to do, in words.
    """

    key: str
    title: str
    facts: tuple[Fact, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """The answer to one FAIR question.

    :ivar options: the chosen options.
    :ivar outcome: local name of the EARL outcome.
    :ivar words: the outcome in plain words.
    """

    question: Ref
    options: tuple[Ref, ...]
    outcome: str
    words: str
    claim: Claim


@dataclass(frozen=True)
class Dimension:
    """The answers of one FAIR dimension, and what its column of the source withholds."""

    label: str
    iri: str | None
    answers: tuple[Answer, ...]
    unknown: tuple[Claim, ...]


@dataclass(frozen=True)
class Fair:
    """The FAIR answers of a repository.

    :ivar answered: questions with a known answer.
    :ivar asked: questions in all.
    :ivar unknown: why there are no answers at all.
    """

    dimensions: tuple[Dimension, ...] = ()
    answered: int = 0
    asked: int = 0
    unknown: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Mentions:
    """Other things that point here by one property.

    :ivar label: the property read backwards.
    :ivar is_cut: there are more of them.
    """

    property: str
    label: str
    things: tuple[Ref, ...]
    is_cut: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a source: a table, a row, a cell, a reference.

    :ivar label: short: a cell of a row is named by its column.
    :ivar records: records drawn from it.
    """

    anchor: str
    label: str
    values: tuple[Fact, ...] = ()
    parts: tuple[Part, ...] = ()
    records: tuple[Ref, ...] = ()


@dataclass(frozen=True)
class Origin:
    """The source of a record and its date."""

    source: Ref
    as_of: str | None


@dataclass(frozen=True)
class RecordPage:
    """A record of any kind.

    :ivar kind: as in its IRI.
    :ivar lead: its description with the source of that.
    :ivar distributions: a section each, with the number in its IRI as key.
    :ivar reasons: what each reason means for which something here is unknown.
    :ivar datasets: how many it holds, when only the first ones are told.
    """

    iri: str
    kind: str
    title: str
    lead: Fact | None
    origins: tuple[Origin, ...]
    sections: tuple[Section, ...]
    fair: Fair | None = None
    distributions: tuple[Section, ...] = ()
    mentions: tuple[Mentions, ...] = ()
    parts: tuple[Part, ...] = ()
    reasons: tuple[Value, ...] = ()
    datasets: int | None = None


@dataclass(frozen=True)
class ConceptPage:
    """A concept of a scheme.

    :ivar above: the ways down to it from the broadest concepts.
    :ivar matches: terms of other vocabularies, by kind of match.
    :ivar used: records with it as a facet, by property and standing.
    """

    iri: str
    title: str
    definition: str | None
    scheme: Ref
    facts: tuple[Fact, ...]
    above: tuple[tuple[Ref, ...], ...]
    narrower: tuple[Ref, ...]
    matches: tuple[Fact, ...]
    used: tuple[Mentions, ...]


@dataclass(frozen=True)
class Term:
    """A term in a list of a vocabulary.

    :ivar level: how deep it stands under the top of its hierarchy.
    :ivar uses: repositories that it is stated for; ``None`` where that is not asked.
    """

    iri: str
    label: str
    code: str | None = None
    definition: str | None = None
    facts: tuple[Fact, ...] = ()
    level: int = 0
    uses: int | None = None


@dataclass(frozen=True)
class VocabularyPage:
    """A concept scheme, the ontology or an excerpt of another vocabulary.

    :ivar groups: terms by kind (classes, properties); a scheme has one group.
    """

    iri: str
    title: str
    description: str | None
    facts: tuple[Fact, ...]
    groups: tuple[tuple[str, tuple[Term, ...]], ...]


@dataclass(frozen=True)
class RepositoryRow:
    """A repository in the list of all.

    :ivar answered: FAIR questions with a known answer; ``None``: it was not assessed.
    """

    repository: Ref
    countries: tuple[str, ...]
    modalities: tuple[Ref, ...]
    access: Ref | None
    answered: int | None
    asked: int


@dataclass(frozen=True)
class Overview:
    """What the map holds.

    :ivar catalog: the map's own record, where there is one.
    :ivar repositories: the first ones by name.
    """

    catalog: Ref | None
    version: str | None
    license: str | None
    origins: tuple[Origin, ...]
    kinds: tuple[tuple[str, int], ...]
    repositories: tuple[RepositoryRow, ...]
