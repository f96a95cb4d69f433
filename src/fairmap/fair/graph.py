"""A small graph in memory: what stands before and behind a node by a property, and the triples along a SHACL path."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.shacl.paths import FIRST, NIL, REST, Alternative, Inverse, Predicate, Steps, as_sparql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad

    from fairmap.shacl.paths import Node, Path, Term


class Graph:
    """Look-ups by property, which are prepared when a property is asked for first.

    The triples of some quads, without the names of their graphs; triple terms are left out, a triple of two graphs is there twice.
    """

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._pairs: dict[NamedNode, list[tuple[Node, Term]]] = defaultdict(list)
        for quad in quads:
            subject, value = quad.subject, quad.object
            if not isinstance(subject, Triple) and not isinstance(value, Triple):
                self._pairs[quad.predicate].append((subject, value))
        self._objects: dict[NamedNode, dict[Term, list[Term]]] = {}
        self._subjects: dict[NamedNode, dict[Term, list[Node]]] = {}

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """What ``subject`` has for the property, in the order of the quads."""
        known = self._objects.get(predicate)
        if known is None:
            known = self._objects[predicate] = defaultdict(list)
            for before, behind in self._pairs.get(predicate, ()):
                known[before].append(behind)
        return known.get(subject, [])

    def subjects(self, predicate: NamedNode, value: Term) -> list[Node]:
        """What has ``value`` for the property, in the order of the quads."""
        known = self._subjects.get(predicate)
        if known is None:
            known = self._subjects[predicate] = defaultdict(list)
            for before, behind in self._pairs.get(predicate, ()):
                known[behind].append(before)
        return known.get(value, [])

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


def follow(graph: Graph, start: Term, path: Path) -> Iterator[tuple[Term, tuple[Triple, ...]]]:
    """Each end of the path from ``start``, with the triples that lead there.

    :raises NotImplementedError: for a path that the criteria do not use: a repeated one, or one turned round that is no property.
    """
    match path:
        case Alternative(parts):
            for part in parts:
                yield from follow(graph, start, part)
        case Steps(parts):
            yield from _steps(graph, start, parts)
        case Inverse(Predicate(iri)):
            for subject in graph.subjects(iri, start):
                yield subject, (Triple(subject, iri, start),)
        case Predicate(iri):
            if not isinstance(start, Literal):
                for value in graph.objects(start, iri):
                    yield value, (Triple(start, iri, value),)
        case _:
            raise NotImplementedError(as_sparql(path))


def _steps(graph: Graph, start: Term, parts: tuple[Path, ...]) -> Iterator[tuple[Term, tuple[Triple, ...]]]:
    if not parts:
        yield start, ()
        return
    for middle, before in follow(graph, start, parts[0]):
        for end, after in _steps(graph, middle, parts[1:]):
            yield end, (*before, *after)
