"""What a search asks for and what it finds, as the parts hand it to each other and as frames carry it between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

Chosen = Mapping[str, tuple[str, ...]]
"""Values by the name of their facet: keys, or IRIs."""


@dataclass(frozen=True)
class Search:
    """One state of the search page.

    :ivar text: words that must all match; empty: every record.
    :ivar chosen: a record has one of the values of each facet.
    :ivar whole: facets of which a record must have all chosen values.
    :ivar sort: ``relevance``, ``title``, ``newest`` or ``people``; without a text ``relevance`` is ``title``.
    :ivar exact: misspelt words are not corrected.
    :ivar counted: facets whose values are counted; ``None``: all.
    """

    text: str = ""
    chosen: Chosen = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    sort: str = "relevance"
    offset: int = 0
    limit: int = 20
    exact: bool = False
    counted: tuple[str, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """For the wire."""
        return {**asdict(self), "whole": sorted(self.whole)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """From the wire."""
        chosen = {name: tuple(values) for name, values in value["chosen"].items()}
        counted = None if value["counted"] is None else tuple(value["counted"])
        return cls(**{**value, "chosen": chosen, "whole": frozenset(value["whole"]), "counted": counted})


@dataclass(frozen=True)
class Count:
    """How many records have a value of a facet.

    :ivar key: as it stands in addresses.
    :ivar iri: what the value is; ``None`` for a plain one.
    :ivar level: how many of the concepts above it are in the list.
    """

    key: str
    iri: str | None
    label: str
    number: int
    level: int = 0
    is_chosen: bool = False


@dataclass(frozen=True)
class Why:
    """One thing of a record that matched.

    :ivar field: ``title``, ``keyword``, ``description`` or ``concept``.
    :ivar text: in words for people.
    :ivar concept: the record's concept.
    """

    field: str
    text: str
    concept: str | None = None


@dataclass(frozen=True)
class FoundRecord:
    """A record that a search found, with what a list tells of it.

    :ivar kind: ``repository`` or ``dataset``.
    :ivar repository: IRI and title of the one that holds it; of a repository itself.
    :ivar values: IRI and label of what it states, by facet.
    """

    iri: str
    title: str
    description: str
    kind: str
    repository: tuple[str, str] | None
    why: tuple[Why, ...]
    values: Mapping[str, tuple[tuple[str, str], ...]]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """From the wire."""
        repository = tuple(value["repository"]) if value["repository"] else None
        why = tuple(Why(**reason) for reason in value["why"])
        values = {name: tuple((iri, label) for iri, label in pairs) for name, pairs in value["values"].items()}
        return cls(**{**value, "repository": repository, "why": why, "values": values})


@dataclass(frozen=True)
class Found:
    """One page of what a search found, and the counts beside it.

    :ivar text: what was searched for, mended where it was misspelt.
    :ivar is_mended: whether that is not what was asked.
    :ivar facets: values that some record has, by facet that was to be counted; what is chosen in a facet does not count for it.
    """

    total: int
    text: str
    is_mended: bool
    records: tuple[FoundRecord, ...]
    facets: Mapping[str, tuple[Count, ...]]
    revision: int = 0

    def as_json(self) -> dict[str, Any]:
        """For the wire."""
        records = [{**vars(record), "why": [vars(why) for why in record.why]} for record in self.records]
        facets = {name: [vars(count) for count in counts] for name, counts in self.facets.items()}
        return {**vars(self), "records": records, "facets": facets}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """From the wire."""
        records = tuple(FoundRecord.from_json(record) for record in value["records"])
        facets = {name: tuple(Count(**count) for count in counts) for name, counts in value["facets"].items()}
        return cls(**{**value, "records": records, "facets": facets})


@dataclass(frozen=True)
class Suggestion:
    """What somebody who types may mean.

    :ivar kind: the facet of a concept, or the kind of a record.
    :ivar iri: the concept or record.
    :ivar number: records of a concept; 0 for a record.
    """

    text: str
    kind: str
    key: str
    iri: str
    number: int = 0
