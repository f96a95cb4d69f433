"""A small graph in memory: what stands before and behind a node by a property, and the triples along a SHACL path."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.shacl.paths import FIRST, NIL, REST, Alternative, Inverse, Predicate, Steps, as_sparql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad

    from fairmap.shacl.paths import Node, Path, Term


_NONE: Final[tuple[list[Node], list[Term]]] = ([], [])


class Graph:
    """Look-ups by property, which are prepared when a property is asked for first.

    The triples of some quads, without the names of their graphs; triple terms are left out, a triple of two graphs is there twice.
    """

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._pairs: dict[NamedNode, tuple[list[Node], list[Term]]] = defaultdict(lambda: ([], []))
        for quad in quads:
            subject, value = quad.subject, quad.object
            if not isinstance(subject, Triple) and not isinstance(value, Triple):
                before, behind = self._pairs[quad.predicate]
                before.append(subject)
                behind.append(value)
        self._objects: dict[NamedNode, dict[Term, list[Term]]] = {}
        self._subjects: dict[NamedNode, dict[Term, list[Node]]] = {}

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """What ``subject`` has for the property, in the order of the quads."""
        known = self._objects.get(predicate)
        if known is None:
            known = self._objects[predicate] = defaultdict(list)
            for before, behind in zip(*self._pairs.get(predicate, _NONE), strict=True):
                known[before].append(behind)
        return known.get(subject, [])

    def subjects(self, predicate: NamedNode, value: Term) -> list[Node]:
        """What has ``value`` for the property, in the order of the quads."""
        known = self._subjects.get(predicate)
        if known is None:
            known = self._subjects[predicate] = defaultdict(list)
            for before, behind in zip(*self._pairs.get(predicate, _NONE), strict=True):
                known[behind].append(before)
        return known.get(value, [])

    def properties(self, subject: Term) -> Iterator[tuple[NamedNode, Term]]:
        """What ``subject`` has, by property."""
        for predicate in self._pairs:
            for value in self.objects(subject, predicate):
                yield predicate, value

    def text(self, subject: Term, predicate: NamedNode) -> str | None:
        """The first literal, one in English first."""
        literals = [value for value in self.objects(subject, predicate) if isinstance(value, Literal)]
        best = sorted(literals, key=lambda value: (value.language or "en").partition("-")[0] != "en")
        return best[0].value if best else None

    def iri(self, subject: Term, predicate: NamedNode) -> str | None:
        """The first IRI."""
        return next(iter(self.iris(subject, predicate)), None)

    def iris(self, subject: Term, predicate: NamedNode) -> list[str]:
        """All IRIs."""
        return [value.value for value in self.objects(subject, predicate) if isinstance(value, NamedNode)]

    def items(self, head: Term) -> Iterator[Term]:
        """The members of an RDF list."""
        seen = set()
        while head != NIL and head not in seen:
            seen.add(head)
            yield from self.objects(head, FIRST)
            head = next(iter(self.objects(head, REST)), NIL)


Ways: TypeAlias = "list[tuple[Term, tuple[Triple, ...]]]"
"""Ends of a path, each with the triples that lead there."""


class Paths:
    """Follows paths in a graph; each step is looked up once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._steps: dict[tuple[Term, NamedNode, bool], Ways] = {}

    def follow(self, start: Term, path: Path) -> Ways:
        """Each end of the path from ``start``.

        :raises NotImplementedError: for a path that the criteria do not use: a repeated one, or one turned round that is no property.
        """
        match path:
            case Predicate(iri):
                return self._step(start, iri, back=False)
            case Steps(parts):
                ways: Ways = [(start, ())]
                for part in parts:
                    ways = [(end, (*way, *more)) for middle, way in ways for end, more in self.follow(middle, part)]
                return ways
            case Alternative(parts):
                return [found for part in parts for found in self.follow(start, part)]
            case Inverse(Predicate(iri)):
                return self._step(start, iri, back=True)
            case _:
                raise NotImplementedError(as_sparql(path))

    def _step(self, start: Term, iri: NamedNode, *, back: bool) -> Ways:
        key = (start, iri, back)
        found = self._steps.get(key)
        if found is None:
            if back:
                found = [(node, (Triple(node, iri, start),)) for node in self._graph.subjects(iri, start)]
            elif isinstance(start, Literal):
                found = []
            else:
                found = [(value, (Triple(start, iri, value),)) for value in self._graph.objects(start, iri)]
            self._steps[key] = found
        return found
