"""The compiler: from shapes to conditions that tell which focus nodes may have a fault, grouped so that few queries ask them all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode

from fairmap.namespaces import RDF
from fairmap.shacl import model
from fairmap.shacl.checks import CHECKS
from fairmap.shacl.conditions import FALSE, TRUE, Writer, any_of
from fairmap.shacl.evaluate import SHAPES_GRAPH
from fairmap.shacl.paths import Predicate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Constraint, Shape
    from fairmap.shacl.paths import Term

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
    """

    targeted: Shape
    judged: Shape
    whole: bool


@dataclass(frozen=True)
class Plan:
    """The questions to ask of a data graph.

    :ivar units: all of them, in the order of the shapes.
    :ivar everywhere: those that SPARQL cannot help with: they are judged at each focus node.
    :ivar at_targets: by shape with targets: the units that have a fault at a focus node only where the condition holds.
    :ivar at_values: by property: the same for its subject and one value.
    :ivar counts: by property: units that limit the number of its values, and the limit.
    :ivar queries: queries of the shapes that can be asked for many focus nodes at once.
    :ivar tables: functions that the conditions call (see :mod:`fairmap.shacl.tables`).
    :ivar patterns: by shape: a pattern of SPARQL that finds its focus nodes, named ones apart.
    :ivar tests: by shape: a condition that holds for its focus nodes, named ones apart.
    """

    units: list[Unit] = field(default_factory=list)
    everywhere: list[Unit] = field(default_factory=list)
    at_targets: dict[Shape, list[tuple[Unit, str]]] = field(default_factory=lambda: defaultdict(list))
    at_values: dict[NamedNode, list[tuple[Unit, str]]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[NamedNode, list[tuple[Unit, int]]] = field(default_factory=lambda: defaultdict(list))
    queries: list[tuple[Unit, str]] = field(default_factory=list)
    tables: dict[NamedNode, tuple[NamedNode, Constraint]] = field(default_factory=dict)
    patterns: dict[Shape, str] = field(default_factory=dict)
    tests: dict[Shape, str] = field(default_factory=dict)


def make_plan(data: DataGraph, shapes: Iterable[Shape]) -> Plan:
    """The plan for the shapes; it holds for data with the same subclasses and the same properties of rewritten literals."""
    plan = Plan()
    for shape in shapes:
        writer = Writer(data, plan.tables)
        found = list(_units(shape))
        plan.units.extend(found)
        if any(target.kind == "objects" and target.term in data.rewritten for target in shape.targets):
            plan.everywhere.extend(found)
            continue
        patterns = list(_patterns(data, shape))
        if not patterns:
            continue
        plan.patterns[shape] = " UNION ".join(f"{{ {pattern} }}" for pattern in patterns)
        plan.tests[shape] = any_of(f"EXISTS {{ {pattern} }}" for pattern in patterns)
        for unit in found:
            _Parts(plan, writer, unit).sort()
    return plan


def _units(shape: Shape) -> Iterator[Unit]:
    if shape.path is not None:
        yield Unit(shape, shape, whole=True)
        return
    if shape.constraints:
        yield Unit(shape, shape, whole=False)
    for inner in shape.properties:
        if not inner.deactivated:
            yield Unit(shape, inner, whole=True)


def _patterns(data: DataGraph, shape: Shape) -> Iterator[str]:
    for target in shape.targets:
        if target.kind == "class":
            for iri in sorted(map(str, data.classes(target.term))):
                yield f"{THIS} <{RDF}type> {iri}"
        elif target.kind == "subjects":
            yield f"{THIS} {target.term} ?targeted_object"
        elif target.kind == "objects":
            yield f"?targeted_subject {target.term} {THIS}"


def size(condition: str) -> int:
    """How many operators a condition has, about; the engine parses them one inside the other."""
    return condition.count("||") + condition.count("&&") + condition.count("EXISTS") + 1


class _Parts:
    """Sorts the constraints of one unit into the plan."""

    def __init__(self, plan: Plan, writer: Writer, unit: Unit) -> None:
        self._plan = plan
        self._writer = writer
        self._unit = unit
        path = unit.judged.path
        self._property = path.iri if isinstance(path, Predicate) else None
        self._at_target: list[str] = []
        self._at_value: list[str] = []

    def sort(self) -> None:
        """Put each part of the unit where it is asked with others."""
        shape, plan = self._unit.judged, self._plan
        for constraint in shape.constraints:
            self._constraint(constraint)
        for inner in shape.properties if self._unit.whole else ():
            if self._property is not None:
                exact = self._writer.is_exact(Predicate(self._property))
                self._at_value.append(self._writer.shape(inner, VALUE, exact=exact).bad)
            else:
                self._at_target.append(self._writer.inner(inner, shape.path, THIS, exact=True).bad)
        at_target, at_value = any_of(self._at_target), any_of(self._at_value)
        if max(size(at_target), size(at_value)) > MOST_OPERATORS:
            at_target = TRUE
        if at_target == TRUE:
            plan.everywhere.append(self._unit)
            return
        if at_target != FALSE:
            plan.at_targets[self._unit.targeted].append((self._unit, at_target))
        if at_value != FALSE and self._property is not None:
            plan.at_values[self._property].append((self._unit, at_value))

    def _constraint(self, constraint: Constraint) -> None:
        if isinstance(constraint, model.Sparql | model.Custom):
            self._query(constraint)
        elif self._property is not None and type(constraint) in CHECKS:
            self._at_value.append(self._writer.value(constraint, VALUE, exact=True).bad)
        elif self._property is not None and isinstance(constraint, model.MaxCount):
            self._plan.counts[self._property].append((self._unit, constraint.count))
        else:
            path = self._unit.judged.path
            self._at_target.append(self._writer.constraint(constraint, path, THIS, exact=True).bad)

    def _query(self, constraint: model.Sparql | model.Custom) -> None:
        query, shape = constraint.query, self._unit.judged
        values: dict[str, Term] = {"currentShape": shape.node, "shapesGraph": SHAPES_GRAPH}
        if isinstance(constraint, model.Custom):
            values |= dict(constraint.parameters)
        values = {name: term for name, term in values.items() if name in query.names}
        if query.asks or not query.in_sets or any(isinstance(term, BlankNode) for term in values.values()):
            self._at_target.append(TRUE)
            return
        opening = f" {self._plan.patterns[self._unit.targeted]} "
        for name, term in values.items():
            opening += f"VALUES ?{name} {{ {term} }} "
        self._plan.queries.append((self._unit, query.text(opening, everywhere=False)))
