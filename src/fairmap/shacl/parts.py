"""From one unit of judgement to questions: each constraint goes where it is asked with others.

A unit has a fault where one of its constraints is broken, at its focus node or further along its paths, in property shapes and
in shapes that each value has to conform to. So each constraint is asked for by itself, and as near to the triples it is about as
can be: one scan of a property is cheaper than to go from each focus node to where the property is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode

from fairmap.shacl import model
from fairmap.shacl.checks import CHECKS
from fairmap.shacl.conditions import FALSE, TRUE, any_of
from fairmap.shacl.evaluate import SHAPES_GRAPH
from fairmap.shacl.paths import Alternative, Predicate, Steps, backwards, one
from fairmap.shacl.plan import MOST_OPERATORS, THIS, VALUE, AtValues, Count, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import NamedNode

    from fairmap.shacl.conditions import Writer
    from fairmap.shacl.model import Constraint, Shape
    from fairmap.shacl.paths import Path, Term
    from fairmap.shacl.plan import Plan, Unit

_DEEPEST: Final = 6
_MOST_PARTS: Final = 200
_MOST_STEPS: Final = 8
_THIS: Final = re.compile(rf"{re.escape(THIS)}\b")
_Way = tuple["Path", ...]


class Parts:
    """Sorts the constraints of one unit into the plan."""

    def __init__(self, plan: Plan, writer: Writer, unit: Unit) -> None:
        self._plan = plan
        self._writer = writer
        self._unit = unit
        self._count = 0
        self._at_target: list[str] = []
        self._at_values: list[tuple[NamedNode, AtValues]] = []
        self._counts: list[tuple[NamedNode, Count]] = []

    def sort(self) -> None:
        """Put each part of the unit where it is asked with others."""
        plan = self._plan
        if self._unit.query is not None:
            self._query(self._unit.judged, self._unit.query)
        else:
            self._shape(self._unit.judged, (), 0)
        at_target = any_of(self._at_target)
        if at_target == TRUE or size(at_target) > MOST_OPERATORS:
            plan.everywhere.append(self._unit)
            return
        if at_target != FALSE:
            plan.at_targets[self._unit.targeted].append((self._unit, at_target))
        for predicate, asked in self._at_values:
            plan.at_values[predicate].append(asked)
        for predicate, count in self._counts:
            plan.counts[predicate].append(count)

    def _shape(self, shape: Shape, way: _Way, depth: int) -> None:
        """Ask for the faults of a shape at the nodes that ``way`` leads to from a focus node."""
        if shape.deactivated:
            return
        after = (*way, *_steps(shape.path))
        if depth > _DEEPEST or len(after) > _MOST_STEPS or self._count > _MOST_PARTS:
            self._at_target.append(TRUE)
            return
        for constraint in shape.constraints:
            self._count += 1
            self._constraint(shape, constraint, way, depth)
        for inner in shape.properties if self._unit.whole or shape is not self._unit.judged else ():
            self._shape(inner, after, depth + 1)

    def _constraint(self, shape: Shape, constraint: Constraint, way: _Way, depth: int) -> None:
        after = (*way, *_steps(shape.path))
        match constraint:
            case model.Sparql() | model.Custom():
                if shape is not self._unit.judged:
                    self._at_target.append(TRUE)
            case model.Conforms(inner):
                self._shape(inner, after, depth + 1)
            case model.And(shapes):
                for inner in shapes:
                    self._shape(inner, after, depth + 1)
            case model.MaxCount(count) if isinstance(shape.path, Predicate):
                self._counts.append((shape.path.iri, Count(self._unit, count, way)))
            case _ if type(constraint) in CHECKS:
                self._at(after, None, constraint)
            case _:
                self._at(way, shape, constraint)

    def _at(self, way: _Way, shape: Shape | None, constraint: Constraint) -> None:
        """Ask for a constraint of the nodes that ``way`` leads to, or of what they have along the path of ``shape``."""
        writer, path = self._writer, None if shape is None else shape.path
        if not way:
            self._at_target.append(writer.constraint(constraint, path, THIS, exact=True).bad)
            return
        *before, last = way
        if isinstance(last, Alternative):
            for part in last.parts:
                self._at((*before, *_steps(part)), shape, constraint)
        elif isinstance(last, Predicate):
            bad = writer.constraint(constraint, path, VALUE, exact=True).bad
            if bad != FALSE:
                asked = AtValues(self._unit, bad, self._test(before), tuple(before), constraint, shape)
                self._at_values.append((last.iri, asked))
        else:
            exact = writer.is_exact(Steps(way))
            bad = writer.exists(one(way), THIS, lambda v: writer.constraint(constraint, path, v, exact=exact).bad)
            self._at_target.append(bad if exact else TRUE)

    def _test(self, way: Sequence[Path]) -> str:
        """That a node can be reached from a focus node."""
        test = self._plan.tests[self._unit.targeted]
        if not way:
            return test
        return self._writer.exists(backwards(one(way)), THIS, lambda focus: _THIS.sub(focus, test))

    def _query(self, shape: Shape, constraint: model.Sparql | model.Custom) -> None:
        query = constraint.query
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
        self._plan.queries.append((self._unit, constraint, query.text(opening, everywhere=False)))


def _steps(path: Path | None) -> _Way:
    """The steps of a path, one after the other."""
    if path is None:
        return ()
    if isinstance(path, Steps):
        return tuple(step for part in path.parts for step in _steps(part))
    return (path,)
