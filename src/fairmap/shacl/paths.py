"""Property paths: what they are, as SPARQL text and as RDF. Source: SHACL 2.3.1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.namespaces import RDF, SH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal


def node_of(name: str) -> Node:
    """The node of an N-Triples form."""
    return BlankNode(name.removeprefix("_:")) if name.startswith("_:") else NamedNode(name[1:-1])


FIRST: Final = NamedNode(f"{RDF}first")
REST: Final = NamedNode(f"{RDF}rest")
NIL: Final = NamedNode(f"{RDF}nil")


@dataclass(frozen=True)
class Predicate:
    """One property, forwards."""

    iri: NamedNode


@dataclass(frozen=True)
class Inverse:
    """A path backwards."""

    path: Path


@dataclass(frozen=True)
class Steps:
    """Paths one after another."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """Any of these paths."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Repeat:
    """A path any number of times.

    :ivar zero: not at all counts, too.
    :ivar many: more than once counts, too.
    """

    path: Path
    zero: bool
    many: bool

    @property
    def sign(self) -> str:
        """The sign after the path in SPARQL."""
        return ("*" if self.zero else "+") if self.many else "?"


Path = Predicate | Inverse | Steps | Alternative | Repeat

REPEATS: Final = {"zeroOrMorePath": (True, True), "oneOrMorePath": (False, True), "zeroOrOnePath": (True, False)}


def as_sparql(path: Path) -> str:
    """The path in SPARQL's writing; parts of a longer path stand in brackets.

    >>> a = Predicate(NamedNode("http://e/a"))
    >>> as_sparql(Steps((a, Inverse(Repeat(a, zero=True, many=True)))))
    '<http://e/a>/(^(<http://e/a>*))'
    """
    match path:
        case Predicate(iri):
            return str(iri)
        case Inverse(inner):
            return f"^{_part(inner)}"
        case Repeat(inner):
            return f"{_part(inner)}{path.sign}"
        case Steps(parts):
            return "/".join(map(_part, parts))
        case Alternative(parts):
            return "|".join(map(_part, parts))


def _part(path: Path) -> str:
    text = as_sparql(path)
    return text if isinstance(path, Predicate) else f"({text})"


def as_text(path: Path) -> str:
    """The path for a finding: the IRI of a single property, else SPARQL's writing."""
    return path.iri.value if isinstance(path, Predicate) else as_sparql(path)


def as_triples(path: Path) -> tuple[Node, list[Triple]]:
    """The node that stands for the path in a report, and the triples that describe it; blank nodes are new ones."""
    match path:
        case Predicate(iri):
            return iri, []
        case Steps(parts):
            return _list(parts)
        case Alternative(parts):
            members, triples = _list(parts)
            return _described("alternativePath", members, triples)
        case Inverse(inner):
            return _described("inversePath", *as_triples(inner))
        case Repeat(inner, zero, many):
            kind = next(name for name, signs in REPEATS.items() if signs == (zero, many))
            return _described(kind, *as_triples(inner))


def _described(kind: str, inner: Node, triples: list[Triple]) -> tuple[Node, list[Triple]]:
    node = BlankNode()
    return node, [Triple(node, NamedNode(f"{SH}{kind}"), inner), *triples]


def _list(parts: Sequence[Path]) -> tuple[Node, list[Triple]]:
    nodes: list[Node] = [BlankNode() for _ in parts]
    triples: list[Triple] = []
    for node, part, rest in zip(nodes, parts, [*nodes[1:], NIL], strict=True):
        first, described = as_triples(part)
        triples += [Triple(node, FIRST, first), Triple(node, REST, rest), *described]
    return nodes[0], triples


def predicates(path: Path) -> Iterator[NamedNode]:
    """The properties that the path goes along."""
    match path:
        case Predicate(iri):
            yield iri
        case Inverse(inner) | Repeat(inner):
            yield from predicates(inner)
        case Steps(parts) | Alternative(parts):
            for part in parts:
                yield from predicates(part)


def one(steps: Sequence[Path]) -> Path:
    """The path that goes along these steps, which are at least one."""
    return steps[0] if len(steps) == 1 else Steps(tuple(steps))


def backwards(path: Path) -> Path:
    """The path from a value node to its focus nodes."""
    match path:
        case Predicate():
            return Inverse(path)
        case Inverse(inner):
            return inner
        case Repeat(inner, zero, many):
            return Repeat(backwards(inner), zero, many)
        case Steps(parts):
            return Steps(tuple(backwards(part) for part in reversed(parts)))
        case Alternative(parts):
            return Alternative(tuple(backwards(part) for part in parts))
