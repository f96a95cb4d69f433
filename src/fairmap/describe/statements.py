"""A record's graph, indexed, with a tally of what has been told."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.describe.queries import load
from fairmap.describe.words import TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Triple

    from fairmap.model import Reader

Node: TypeAlias = NamedNode | BlankNode
Term: TypeAlias = NamedNode | BlankNode | Literal


MOST: Final = 20
"""Datasets of a repository that a page lists; the limit in ``record_page.rq``."""


class Statements:
    """The triples of one graph. What :meth:`take` hands out counts as told; :meth:`untold` is the rest."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._index: defaultdict[Node, defaultdict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            if isinstance(triple.subject, NamedNode | BlankNode) and isinstance(triple.object, Term):
                self._index[triple.subject][triple.predicate.value].append(triple.object)
        for properties in self._index.values():
            for objects in properties.values():
                objects.sort(key=_order)
        self._told: set[tuple[Node, str]] = set()

    @classmethod
    def of_graph(cls, reader: Reader, graph: str) -> Statements:
        """The whole graph of that name; empty when there is none."""
        return cls(reader.construct(load("record"), graph=NamedNode(graph)))

    @classmethod
    def of_record(cls, reader: Reader, record: str) -> Statements:
        """The graph of a record with at most :data:`MOST` of the datasets that it holds; empty when there is none."""
        return cls(reader.construct(load("record_page"), graph=NamedNode(record)))

    def __bool__(self) -> bool:
        return bool(self._index)

    def __contains__(self, subject: object) -> bool:
        return subject in self._index

    def things(self) -> set[str]:
        """The IRIs of all properties and objects."""
        objects = (term for of in self._index.values() for terms in of.values() for term in terms)
        properties = {name for of in self._index.values() for name in of}
        return properties | {term.value for term in objects if isinstance(term, NamedNode)}

    def look(self, subject: Node, name: str) -> list[Term]:
        """The objects of a property in a fixed order; does not count as told."""
        return list(self._index[subject][name]) if subject in self._index and name in self._index[subject] else []

    def take(self, subject: Node, name: str) -> list[Term]:
        """The objects of a property in a fixed order; from now on they are told."""
        self._told.add((subject, name))
        return self.look(subject, name)

    def value(self, subject: Node, name: str) -> str | None:
        """The first object of a property as text; told."""
        found = self.take(subject, name)
        return found[0].value if found else None

    def iris(self, subject: Node, name: str) -> list[str]:
        """The objects of a property that are IRIs; told."""
        return [term.value for term in self.take(subject, name) if isinstance(term, NamedNode)]

    def properties(self, subject: Node) -> list[str]:
        """The properties of a subject, sorted."""
        return sorted(self._index[subject]) if subject in self._index else []

    def subjects(self) -> list[Node]:
        """All subjects, sorted."""
        return sorted(self._index, key=_order)

    def instances(self, *classes: str) -> list[NamedNode]:
        """The IRIs of that class (any of them), sorted."""
        return [
            subject
            for subject in self.subjects()
            if isinstance(subject, NamedNode) and any(kind.value in classes for kind in self.look(subject, TYPE))
        ]

    def is_told(self, subject: Node, name: str) -> bool:
        """Whether the property has been taken."""
        return (subject, name) in self._told

    def untold(self) -> list[tuple[Node, str]]:
        """Subject and property of all that has not been taken, sorted."""
        return [
            (subject, name)
            for subject in self.subjects()
            for name in self.properties(subject)
            if (subject, name) not in self._told
        ]


def _order(term: Term) -> tuple[str, str]:
    return term.value, str(term)
