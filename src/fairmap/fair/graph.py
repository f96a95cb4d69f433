"""A small graph in memory: what stands before and behind a node by a property, and the triples along a SHACL path."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.namespaces import RDF, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad

Node: TypeAlias = NamedNode | BlankNode
Term: TypeAlias = NamedNode | BlankNode | Literal

_FIRST, _REST, _NIL = (NamedNode(f"{RDF}{name}") for name in ("first", "rest", "nil"))
_INVERSE, _ALTERNATIVE = NamedNode(f"{SH}inversePath"), NamedNode(f"{SH}alternativePath")


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
        while head != _NIL and head not in seen:
            seen.add(head)
            yield from self.objects(head, _FIRST)
            head = next(iter(self.objects(head, _REST)), _NIL)


@dataclass(frozen=True)
class Step:
    """A property, or with ``inverse`` a property backwards."""

    predicate: NamedNode
    inverse: bool = False


@dataclass(frozen=True)
class Sequence:
    """One path after the other."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """Any of the paths."""

    parts: tuple[Path, ...]


Path: TypeAlias = Step | Sequence | Alternative


def read_path(shapes: Graph, node: Term) -> Path:
    """The path that a node of a shapes graph stands for; the criteria use no repeated paths and turn only properties round.

    Source: SHACL 2.3.1.
    """
    if isinstance(node, NamedNode):
        return Step(node)
    for inverse in shapes.iris(node, _INVERSE):
        return Step(NamedNode(inverse), inverse=True)
    for parts in shapes.objects(node, _ALTERNATIVE):
        return Alternative(tuple(read_path(shapes, part) for part in shapes.items(parts)))
    return Sequence(tuple(read_path(shapes, part) for part in shapes.items(node)))


def follow(graph: Graph, start: Term, path: Path) -> Iterator[tuple[Term, tuple[Triple, ...]]]:
    """Each end of the path from ``start``, with the triples that lead there."""
    if isinstance(path, Alternative):
        for part in path.parts:
            yield from follow(graph, start, part)
    elif isinstance(path, Sequence):
        yield from _sequence(graph, start, path.parts)
    elif path.inverse:
        for subject in graph.subjects(path.predicate, start):
            yield subject, (Triple(subject, path.predicate, start),)
    elif not isinstance(start, Literal):
        for value in graph.objects(start, path.predicate):
            yield value, (Triple(start, path.predicate, value),)


def _sequence(graph: Graph, start: Term, parts: tuple[Path, ...]) -> Iterator[tuple[Term, tuple[Triple, ...]]]:
    if not parts:
        yield start, ()
        return
    for middle, before in follow(graph, start, parts[0]):
        for end, after in _sequence(graph, middle, parts[1:]):
            yield end, (*before, *after)
