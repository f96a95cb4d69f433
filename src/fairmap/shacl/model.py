"""Shapes as frozen values: what a shapes graph says once it was read and found well-formed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from fairmap.namespaces import SH

if TYPE_CHECKING:
    from pyoxigraph import Literal, NamedNode

    from fairmap.shacl.paths import Node, Path, Term
    from fairmap.shacl.prebinding import Query


@dataclass(frozen=True)
class Constraint:
    """One constraint of a shape.

    :cvar name: local name of the constraint component in the namespace of SHACL.
    """

    name: ClassVar[str] = ""

    @property
    def component(self) -> str:
        """IRI of the constraint component."""
        return f"{SH}{self.name}ConstraintComponent"


@dataclass(frozen=True)
class ClassOf(Constraint):
    """Each value node is a SHACL instance of the class."""

    name = "Class"
    iri: NamedNode


@dataclass(frozen=True)
class Datatype(Constraint):
    """Each value node is a well-formed literal of the datatype."""

    name = "Datatype"
    iri: NamedNode


@dataclass(frozen=True)
class NodeKind(Constraint):
    """Each value node is of one of the kinds, which are classes of terms."""

    name = "NodeKind"
    kinds: tuple[type, ...]
    kind: str


@dataclass(frozen=True)
class MinCount(Constraint):
    """At least so many value nodes."""

    name = "MinCount"
    count: int


@dataclass(frozen=True)
class MaxCount(Constraint):
    """At most so many value nodes."""

    name = "MaxCount"
    count: int


@dataclass(frozen=True)
class Range(Constraint):
    """Each value node compares with the bound.

    :ivar sign: SPARQL's operator: ``value sign bound`` must be true.
    :ivar which: ``MinInclusive``, ``MinExclusive``, ``MaxInclusive`` or ``MaxExclusive``.
    """

    bound: Literal
    sign: str
    which: str

    @property
    def component(self) -> str:
        """That of the kind of bound."""
        return f"{SH}{self.which}ConstraintComponent"


@dataclass(frozen=True)
class MinLength(Constraint):
    """At least so many characters."""

    name = "MinLength"
    length: int


@dataclass(frozen=True)
class MaxLength(Constraint):
    """At most so many characters."""

    name = "MaxLength"
    length: int


@dataclass(frozen=True)
class Pattern(Constraint):
    """Each value node matches SPARQL's REGEX with the flags."""

    name = "Pattern"
    pattern: Literal
    flags: Literal


@dataclass(frozen=True)
class LanguageIn(Constraint):
    """Each value node has a language tag in one of the ranges."""

    name = "LanguageIn"
    ranges: tuple[str, ...]


@dataclass(frozen=True)
class UniqueLang(Constraint):
    """No two value nodes share a language tag."""

    name = "UniqueLang"


@dataclass(frozen=True)
class Equals(Constraint):
    """The value nodes are those of the other property."""

    name = "Equals"
    other: NamedNode


@dataclass(frozen=True)
class Disjoint(Constraint):
    """No value node is one of the other property."""

    name = "Disjoint"
    other: NamedNode


@dataclass(frozen=True)
class LessThan(Constraint):
    """Each value node compares with each value of the other property."""

    name = "LessThan"
    sign: ClassVar[str] = "<"
    other: NamedNode


@dataclass(frozen=True)
class LessThanOrEquals(LessThan):
    """As :class:`LessThan`, or equal."""

    name = "LessThanOrEquals"
    sign: ClassVar[str] = "<="


@dataclass(frozen=True)
class Not(Constraint):
    """No value node conforms to the shape."""

    name = "Not"
    shape: Shape


@dataclass(frozen=True)
class And(Constraint):
    """Each value node conforms to all shapes."""

    name = "And"
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Or(Constraint):
    """Each value node conforms to at least one of the shapes."""

    name = "Or"
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Xone(Constraint):
    """Each value node conforms to exactly one of the shapes."""

    name = "Xone"
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Conforms(Constraint):
    """Each value node conforms to the node shape (``sh:node``)."""

    name = "Node"
    shape: Shape


@dataclass(frozen=True)
class Qualified(Constraint):
    """So many value nodes conform to the shape, and to none of the sibling shapes."""

    shape: Shape
    siblings: tuple[Shape, ...]
    least: int | None
    most: int | None

    def part(self, which: str) -> str:
        """IRI of the component that a result names: ``Min`` or ``Max``."""
        return f"{SH}Qualified{which}CountConstraintComponent"


@dataclass(frozen=True)
class Closed(Constraint):
    """Each value node has no properties but these."""

    name = "Closed"
    allowed: frozenset[NamedNode]


@dataclass(frozen=True)
class HasValue(Constraint):
    """One of the value nodes is the term."""

    name = "HasValue"
    term: Term


@dataclass(frozen=True)
class In(Constraint):
    """Each value node is one of the terms."""

    name = "In"
    terms: frozenset[Term]


@dataclass(frozen=True)
class Sparql(Constraint):
    """The query has no solution for a focus node.

    :ivar node: the constraint, for ``sh:sourceConstraint``.
    :ivar messages: its own, which go before the shape's.
    """

    name = "SPARQL"
    node: Node
    query: Query
    messages: tuple[Literal, ...]


@dataclass(frozen=True)
class Custom(Constraint):
    """A constraint of a component that the shapes graph defines.

    :ivar parameters: values by the names of the variables that stand for them.
    :ivar messages: those of the validator.
    """

    iri: Node
    query: Query
    parameters: tuple[tuple[str, Term], ...]
    messages: tuple[Literal, ...]

    @property
    def component(self) -> str:
        """The component that the shapes graph defines."""
        return self.iri.value


@dataclass(frozen=True)
class Target:
    """Where focus nodes come from.

    :ivar kind: ``class``, ``node``, ``subjects`` or ``objects`` (of a property).
    """

    kind: str
    term: Term


@dataclass(frozen=True, eq=False)
class Shape:
    """What node shapes and property shapes share. One shape is equal to itself only.

    :ivar properties: the property shapes of ``sh:property``.
    :ivar messages: they replace the messages of all results of this shape. Source: SHACL 2.1.5.
    """

    node: Node
    targets: tuple[Target, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    properties: tuple[PropertyShape, ...] = ()
    severity: NamedNode = field(kw_only=True)
    messages: tuple[Literal, ...] = ()
    deactivated: bool = False

    @property
    def path(self) -> Path | None:
        """The path to the value nodes; a node shape has none: its focus node is its value node."""
        return None


@dataclass(frozen=True, eq=False)
class NodeShape(Shape):
    """Constraints of the focus node itself."""


@dataclass(frozen=True, eq=False)
class PropertyShape(Shape):
    """Constraints of what is reached along a path."""

    along: Path = field(kw_only=True)

    @property
    def path(self) -> Path:
        """The path to the value nodes."""
        return self.along
