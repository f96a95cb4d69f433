"""A shapes graph to look things up in, and the faults found while reading it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.namespaces import RDF, SH, XSD
from fairmap.shacl.paths import (
    FIRST,
    NIL,
    REPEATS,
    REST,
    Alternative,
    Inverse,
    Predicate,
    Repeat,
    Steps,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad

    from fairmap.shacl.paths import Node, Path, Term

MAX_DEPTH: Final = 50
"""Shapes in shapes and paths in paths; deeper ones would exhaust the stack."""

_TYPE: Final = NamedNode(f"{RDF}type")
_BOOLEANS: Final = frozenset({"true", "false", "1", "0"})


def sh(name: str) -> NamedNode:
    """The term of SHACL's namespace.

    >>> sh("path").value
    'http://www.w3.org/ns/shacl#path'
    """
    return NamedNode(f"{SH}{name}")


class Broken(Exception):
    """A fault was noted; the constraint it lies in is left out."""


class ShapesGraph:
    """The triples of a shapes graph, graph names dropped.

    :ivar faults: what breaks a rule of SHACL: node, what, clause.
    """

    def __init__(self, statements: Iterable[Quad] | Iterable[Triple]) -> None:
        self.faults: list[str] = []
        self._objects: dict[tuple[Node, NamedNode], dict[Term, None]] = defaultdict(dict)
        self._subjects: dict[tuple[NamedNode, Term], dict[Node, None]] = defaultdict(dict)
        self._by_predicate: dict[NamedNode, dict[Node, None]] = defaultdict(dict)
        self._holders: dict[Term, Node] = {}
        self._described: set[Term] = set()
        for statement in statements:
            subject, predicate, value = statement.subject, statement.predicate, statement.object
            self._described.add(subject)  # type: ignore[arg-type]
            self._objects[subject, predicate][value] = None  # type: ignore[index]
            self._subjects[predicate, value][subject] = None  # type: ignore[index]
            self._by_predicate[predicate][subject] = None  # type: ignore[index]
            self._holders.setdefault(value, subject)  # type: ignore[arg-type]

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """The values of a property, in the order of the document."""
        return list(self._objects.get((subject, predicate), ()))  # type: ignore[arg-type]

    def subjects(self, predicate: NamedNode, value: Term | None = None) -> list[Node]:
        """What has the property, or this value of it."""
        if value is None:
            return list(self._by_predicate.get(predicate, ()))
        return list(self._subjects.get((predicate, value), ()))

    def triples(self) -> Iterator[Triple]:
        """All of them."""
        for (subject, predicate), values in self._objects.items():
            for value in values:
                yield Triple(subject, predicate, value)

    def describes(self, node: Term) -> bool:
        """Whether any triple is about the node."""
        return node in self._described

    def is_a(self, node: Term, kind: NamedNode) -> bool:
        """Whether the node has that class itself, not by a subclass."""
        return kind in self.objects(node, _TYPE)

    def named(self, node: Node) -> str:
        """The IRI of a node; of a blank one, that of what leads to it."""
        seen: set[Term] = set()
        while isinstance(node, BlankNode) and node not in seen:
            seen.add(node)
            node = self._holders.get(node, node)
        return str(node) if isinstance(node, BlankNode) else node.value

    def fault(self, node: Term, what: str, clause: str) -> Broken:
        """Note a fault; raise what comes back to leave out what it lies in."""
        name = node if not isinstance(node, BlankNode) else self.named(node)
        self.faults.append(f"{name if isinstance(name, str) else str(name)}: {what} (SHACL {clause})")
        return Broken()

    def one(self, node: Term, name: str, clause: str) -> Term | None:
        """The only value of a property of SHACL, or ``None``."""
        values = self.objects(node, sh(name))
        if len(values) > 1:
            raise self.fault(node, f"sh:{name} has {len(values)} values, at most one is allowed", clause)
        return values[0] if values else None

    def members(self, node: Term, owner: Term, what: str) -> list[Term]:
        """The members of a list.

        :raises Broken: when it is none, or has no end.
        """
        found: list[Term] = []
        seen: set[Term] = set()
        while node != NIL:
            first, rest = self.objects(node, FIRST), self.objects(node, REST)
            if len(first) != 1 or len(rest) != 1 or node in seen:
                raise self.fault(owner, f"{what} is not a well-formed list", "1.1")
            seen.add(node)
            found.append(first[0])
            node = rest[0]
        return found

    def iri(self, node: Term, value: Term, name: str, clause: str) -> NamedNode:
        """The value, when it is an IRI."""
        if isinstance(value, NamedNode):
            return value
        raise self.fault(node, f"sh:{name} is {value}, not an IRI", clause)

    def string(self, node: Term, value: Term, name: str, clause: str) -> Literal:
        """The value, when it is a plain string."""
        if isinstance(value, Literal) and value.datatype.value == f"{XSD}string":
            return value
        raise self.fault(node, f"sh:{name} is {value}, not a string", clause)

    def integer(self, node: Term, value: Term, name: str, clause: str) -> int:
        """The value, when it is an xsd:integer."""
        if isinstance(value, Literal) and value.datatype.value == f"{XSD}integer":
            try:
                return int(value.value)
            except ValueError:
                pass
        raise self.fault(node, f"sh:{name} is {value}, not an xsd:integer", clause)

    def boolean(self, node: Term, value: Term, name: str, clause: str) -> bool:
        """Whether the value is ``true``; ``1`` is a boolean, too, but is not the term that SHACL names."""
        known = isinstance(value, Literal) and value.datatype.value == f"{XSD}boolean" and value.value
        if known in _BOOLEANS:
            return known == "true"
        raise self.fault(node, f"sh:{name} is {value}, not true or false", clause)

    def texts(self, node: Term) -> tuple[Literal, ...]:
        """The values of sh:message. Source: SHACL 2.1.5."""
        found = []
        for value in self.objects(node, sh("message")):
            if not isinstance(value, Literal) or value.datatype.value not in {f"{XSD}string", f"{RDF}langString"}:
                raise self.fault(node, f"sh:message is {value}, not a text", "2.1.5")
            found.append(value)
        return tuple(found)

    def path(self, node: Term, owner: Term, depth: int = 0) -> Path:
        """The path that a node describes. Source: SHACL 2.3.1.

        :raises Broken: when it describes none.
        """
        if isinstance(node, NamedNode) and not self.objects(node, REST):
            return Predicate(node)
        if depth > MAX_DEPTH:
            raise self.fault(owner, f"the path is deeper than {MAX_DEPTH} levels or contains itself", "2.3.1")
        if self.objects(node, FIRST):
            return Steps(self._paths(node, owner, depth))
        if alternatives := self.objects(node, sh("alternativePath")):
            return Alternative(self._paths(alternatives[0], owner, depth))
        if inverse := self.objects(node, sh("inversePath")):
            return Inverse(self.path(inverse[0], owner, depth + 1))
        for name, (zero, many) in REPEATS.items():
            if inner := self.objects(node, sh(name)):
                return Repeat(self.path(inner[0], owner, depth + 1), zero=zero, many=many)
        raise self.fault(owner, f"sh:path leads to {node}, which is not a path", "2.3.1")

    def _paths(self, node: Term, owner: Term, depth: int) -> tuple[Path, ...]:
        members = self.members(node, owner, "the path")
        if len(members) < 2:  # noqa: PLR2004 - SHACL 2.3.1.2, 2.3.1.3
            raise self.fault(owner, "a sequence or alternative path has less than two members", "2.3.1")
        return tuple(self.path(member, owner, depth + 1) for member in members)
