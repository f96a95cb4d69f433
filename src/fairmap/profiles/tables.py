"""The tables that profiles take values from: authority tables of the EU and others, built in as IRIs and labels.

A description names a term of such a table by its IRI and does not repeat what kind of thing it is. So a judgement needs the kinds
of these IRIs beside the data; nothing is fetched for it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

from pyoxigraph import Literal, NamedNode, Quad

from fairmap.namespaces import RDF, RDFS, SKOS
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_TYPE = NamedNode(f"{RDF}type")


@dataclass(frozen=True)
class Table:
    """A list of terms.

    :ivar namespaces: what IRIs of its terms begin with; the first is the one to write, the others are older or test hosts. Empty when
        other terms share the namespace: then only the terms listed are of this table.
    :ivar scheme: IRI of the table itself, or empty.
    :ivar types: classes of its terms.
    :ivar labels: English labels by IRI, empty where only the IRI is known; ``None``: the terms are not listed here.
    """

    name: str
    title: str
    namespaces: tuple[str, ...]
    scheme: str
    types: tuple[str, ...]
    labels: Mapping[str, str] | None

    def holds(self, iri: str) -> bool:
        """Whether ``iri`` is a term of this table, listed or not."""
        return any(iri.startswith(space) and iri != space for space in self.namespaces) or iri in (self.labels or {})

    def label(self, iri: str) -> str | None:
        """The English label, empty where it is not known; ``None`` when the term is not listed."""
        listed = self.labels or {}
        spellings = (f"{self.namespaces[0]}{iri[len(space) :]}" for space in self.namespaces if iri.startswith(space))
        return next((listed[term] for term in (iri, *spellings) if term in listed), None)


class Tables:
    """All tables, and the subclasses that descriptions use in place of the classes profiles name."""

    def __init__(self, tables: Iterable[Table], subclasses: Iterable[tuple[str, str]]) -> None:
        self._tables = tuple(tables)
        self._subclasses = tuple(subclasses)
        self._spaces = tuple(space for table in self._tables for space in table.namespaces)
        self._listed = frozenset(iri for table in self._tables for iri in table.labels or ())

    @classmethod
    @cache
    def shipped(cls) -> Self:
        """Those in ``shapes/tables``, read once; they never change."""
        place = folder("shapes") / "tables"
        subclasses = [(row["class"], row["superclass"]) for row in _rows(place / "subclasses.csv")]
        return cls((_table(place, row) for row in _rows(place / "index.csv")), subclasses)

    def __iter__(self) -> Iterator[Table]:
        return iter(self._tables)

    def of(self, iri: str) -> list[Table]:
        """The tables that ``iri`` is a term of."""
        if not iri.startswith(self._spaces) and iri not in self._listed:
            return []
        return [table for table in self._tables if table.holds(iri)]

    def unlisted(self, iri: str) -> Table | None:
        """The table whose namespace ``iri`` is in, though the table lists its terms and this one is not among them."""
        found = self.of(iri)
        missing = [table for table in found if table.labels is not None and table.label(iri) is None]
        return missing[0] if missing and len(missing) == len(found) else None

    def background(self, iris: Iterable[str]) -> Iterator[Quad]:
        """What kinds of thing the terms among ``iris`` are, their labels and tables; and the subclasses."""
        for part, whole in self._subclasses:
            yield Quad(NamedNode(part), NamedNode(f"{RDFS}subClassOf"), NamedNode(whole))
        for iri in iris:
            for table in self.of(iri):
                node = NamedNode(iri)
                yield from (Quad(node, _TYPE, NamedNode(kind)) for kind in table.types)
                if label := table.label(iri):
                    yield Quad(node, NamedNode(f"{SKOS}prefLabel"), Literal(label, language="en"))
                if table.scheme:
                    yield Quad(node, NamedNode(f"{SKOS}inScheme"), NamedNode(table.scheme))


def _table(place: Path, row: dict[str, str]) -> Table:
    file = place / f"{row['name']}.csv"
    labels = {term["iri"]: term["label"] for term in _rows(file)} if file.is_file() else None
    spaces = [row["namespace"], *row["aliases"].split()] if row["namespace"] else []
    return Table(row["name"], row["title"], tuple(spaces), row["scheme"], tuple(row["types"].split()), labels)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
