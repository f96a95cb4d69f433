"""The plan of a validation: the questions that tell which focus nodes may have a fault."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

    from fairmap.shacl.model import Constraint, Custom, Shape, Sparql
    from fairmap.shacl.paths import Path

THIS: Final = "?this"
VALUE: Final = "?value"
MOST_OPERATORS: Final = 1000
"""In one query; the engine's stack ends somewhere above 5000."""


@dataclass(frozen=True, eq=False)
class Unit:
    """What is judged at once for a focus node.

    :ivar targeted: the shape whose focus nodes they are.
    :ivar judged: the shape that judges them: that one or one of its property shapes.
    :ivar whole: with its own property shapes.
    :ivar query: only this constraint, which is a query; without one, all others.
    """

    targeted: Shape
    judged: Shape
    whole: bool
    query: Sparql | Custom | None = None


@dataclass(frozen=True)
class AtValues:
    """A question about each value of a property.

    :ivar unit: what has a fault where the answer is yes.
    :ivar condition: when the value may be bad.
    :ivar test: that the node with the property is a focus node of the unit, or one that ``way`` leads to.
    :ivar way: from a focus node of the unit to the node that has the property.
    :ivar constraint: what the value itself has to satisfy or, with a shape, what is judged there.
    :ivar shape: the shape that the value is a focus node of.
    """

    unit: Unit
    condition: str
    test: str
    way: tuple[Path, ...]
    constraint: Constraint
    shape: Shape | None


@dataclass(frozen=True)
class Count:
    """The most values of a property that a node may have; ``way`` leads to it from a focus node of the unit."""

    unit: Unit
    most: int
    way: tuple[Path, ...]


@dataclass(frozen=True)
class Plan:
    """The questions to ask of a data graph.

    :ivar units: all of them, in the order of the shapes.
    :ivar everywhere: those that SPARQL cannot help with: they are judged at each focus node.
    :ivar at_targets: by shape with targets: the units that have a fault at a focus node only where the condition holds.
    :ivar at_values: by property: what is asked of its values in one scan.
    :ivar counts: by property: what limits the number of its values.
    :ivar queries: queries of the shapes that can be asked for many focus nodes at once.
    :ivar tables: functions that the conditions call (see :mod:`fairmap.shacl.tables`).
    :ivar patterns: by shape: a pattern of SPARQL that finds its focus nodes, named ones apart.
    :ivar tests: by shape: a condition that holds for its focus nodes, named ones apart.
    """

    units: list[Unit] = field(default_factory=list)
    everywhere: list[Unit] = field(default_factory=list)
    at_targets: dict[Shape, list[tuple[Unit, str]]] = field(default_factory=lambda: defaultdict(list))
    at_values: dict[NamedNode, list[AtValues]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[NamedNode, list[Count]] = field(default_factory=lambda: defaultdict(list))
    queries: list[tuple[Unit, Sparql | Custom, str]] = field(default_factory=list)
    tables: dict[NamedNode, tuple[NamedNode, Constraint]] = field(default_factory=dict)
    patterns: dict[Shape, str] = field(default_factory=dict)
    tests: dict[Shape, str] = field(default_factory=dict)


def size(condition: str) -> int:
    """How many operators a condition has, about; the engine parses them one inside the other."""
    return condition.count("||") + condition.count("&&") + condition.count("EXISTS") + 1
