"""Asking the plan's questions: which focus nodes may have a fault. The answer may have too many, never too few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.shacl import model
from fairmap.shacl.checks import CHECKS
from fairmap.shacl.conditions import TRUE, any_of
from fairmap.shacl.plan import MOST_OPERATORS, THIS, VALUE, size
from fairmap.shacl.prebinding import run
from fairmap.shacl.tables import Tables
from fairmap.shacl.targets import focus_nodes, is_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fairmap.shacl.evaluate import Evaluator
    from fairmap.shacl.model import Constraint, Shape
    from fairmap.shacl.paths import Term
    from fairmap.shacl.plan import Plan, Unit

_ALIKE: Final = frozenset({model.ClassOf, model.NodeKind})
"""Constraints that all literals satisfy, or none."""


class Suspects:
    """Whom to judge by what, for one data graph.

    :ivar found: by unit, focus nodes, each once.
    """

    def __init__(self, plan: Plan, evaluator: Evaluator) -> None:
        self._plan = plan
        self._judge = evaluator
        self._data = evaluator.data
        self._functions = Tables(evaluator, plan.tables).functions
        self._targets: dict[tuple[Shape, Term], bool] = {}
        self.found: dict[Unit, dict[Term, None]] = {unit: {} for unit in plan.units}
        self._named()
        self._everywhere()
        for predicate, asked in plan.at_values.items():
            if self._data.describes(predicate):
                for batch in _batches(asked):
                    self._values(predicate, batch)
        for predicate in plan.counts:
            self._counts(predicate)
        for shape, asked in plan.at_targets.items():
            for batch in _batches(asked):
                self._at_targets(shape, batch)
        for unit, text in plan.queries:
            self.found[unit].update(dict.fromkeys(self._nodes(text)))

    def _named(self) -> None:
        """Nodes that a target names are few: all are judged."""
        for unit in self._plan.units:
            nodes = (target.term for target in unit.targeted.targets if target.kind == "node")
            self.found[unit].update(dict.fromkeys(nodes))

    def _everywhere(self) -> None:
        nodes: dict[Shape, dict[Term, None]] = {}
        for unit in self._plan.everywhere:
            if unit.targeted not in nodes:
                nodes[unit.targeted] = focus_nodes(self._data, unit.targeted)
            self.found[unit].update(nodes[unit.targeted])

    def _at_targets(self, shape: Shape, asked: Sequence[tuple[Unit, str]]) -> None:
        condition = any_of(condition for _, condition in asked)
        nodes = self._nodes(f"SELECT {THIS} {{ {self._plan.patterns[shape]} FILTER ({condition}) }}")
        for unit, _ in asked:
            self.found[unit].update(dict.fromkeys(nodes))

    def _values(self, predicate: NamedNode, asked: Sequence[tuple[Unit, str]]) -> None:
        """One scan of a property for the constraints of units on its values; whose focus nodes they are comes last."""
        condition = self._of_value(asked)
        rewritten = self._data.rewritten.get(predicate)
        shown = THIS if rewritten is None else f"{THIS} {VALUE}"
        text = f"SELECT {shown} {{ {THIS} {predicate} {VALUE} FILTER ({condition}) }}"
        if rewritten is None:
            self._suspect([unit for unit, _ in asked], self._nodes(text))
            return
        if any(bad == TRUE for _, bad in asked):
            as_held = self._data.as_held(predicate)
        else:
            rows = self._run(text)
            as_held = [row["this"] for row in rows if (str(row["this"]), str(row["value"])) not in rewritten]
        self._suspect([unit for unit, _ in asked], as_held)
        for unit, _ in asked:
            self._rewritten(unit, rewritten)

    def _of_value(self, asked: Sequence[tuple[Unit, str]]) -> str:
        """When a value is bad for a node that is a focus node; IF, since the engine asks both sides of && when it may."""
        by_test: dict[str, dict[str, None]] = {}
        tests: dict[str, dict[str, None]] = {}
        for unit, condition in asked:
            tests.setdefault(condition, {})[self._plan.tests[unit.targeted]] = None
        for condition, found in tests.items():
            by_test.setdefault(any_of(found), {})[condition] = None
        return any_of(
            test if (bad := any_of(conditions)) == TRUE else f"IF({bad}, {test}, false)"
            for test, conditions in by_test.items()
        )

    def _rewritten(self, unit: Unit, rewritten: Mapping[tuple[str, str], Sequence[Literal]]) -> None:
        """Literals that the engine holds in another form are judged as they were written."""
        shape = unit.judged
        checks = [(CHECKS[type(c)], c) for c in shape.constraints if type(c) in CHECKS and type(c) not in _ALIKE]
        alike = [(CHECKS[type(c)], c) for c in shape.constraints if type(c) in _ALIKE]
        some = next(iter(rewritten.values()))[0]
        bad = not all(check(self._judge, c, some) for check, c in alike)
        nodes = []
        if bad or checks or shape.properties:
            for (subject, _), literals in rewritten.items():
                if bad or not all(self._satisfies(checks, shape, literal) for literal in literals):
                    nodes.append(_term(subject))
        self._suspect([unit], nodes)

    def _satisfies(
        self, checks: Sequence[tuple[Callable[..., bool], Constraint]], shape: Shape, value: Literal
    ) -> bool:
        for check, constraint in checks:
            if not check(self._judge, constraint, value):
                return False
        return all(self._judge.conforms(inner, value) for inner in shape.properties)

    def _counts(self, predicate: NamedNode) -> None:
        if not self._data.describes(predicate):
            return
        asked = self._plan.counts[predicate]
        least = min(count for _, count in asked)
        pattern = f"{THIS} {predicate} {VALUE}"
        nodes: list[Term] = []
        if least < 1 or not self._is_single(pattern):
            nodes = self._nodes(f"SELECT {THIS} {{ {pattern} }} GROUP BY {THIS} HAVING (COUNT(*) > {least})")
        several = self._data.rewritten.get(predicate, {})
        nodes += [_term(subject) for (subject, _), literals in several.items() if len(literals) > 1]
        self._suspect([unit for unit, _ in asked], nodes)

    def _is_single(self, pattern: str) -> bool:
        """Whether no subject has more than one value; cheaper than to group."""
        text = f"SELECT (COUNT(*) AS ?all) (COUNT(DISTINCT {THIS}) AS ?subjects) {{ {pattern} }}"
        (row,) = self._run(text)
        return bool(row["all"] == row["subjects"])

    def _suspect(self, units: Sequence[Unit], nodes: Iterable[Term]) -> None:
        """Note nodes for those units whose focus nodes they are."""
        for node in dict.fromkeys(nodes):
            for unit in units:
                if self._is_target(unit.targeted, node):
                    self.found[unit][node] = None

    def _is_target(self, shape: Shape, node: Term) -> bool:
        key = (shape, node)
        if key not in self._targets:
            self._targets[key] = is_target(self._data, shape, node)
        return self._targets[key]

    def _nodes(self, text: str) -> list[Term]:
        return list(dict.fromkeys(row["this"] for row in self._run(text)))

    def _run(self, text: str) -> list[dict[str, Term]]:
        found: list[dict[str, Term]] = run(self._data.store, text, self._functions, union=self._data.union)
        return found


def _batches(asked: Sequence[tuple[Unit, str]]) -> Iterator[list[tuple[Unit, str]]]:
    """Conditions that fit in one query."""
    batch: list[tuple[Unit, str]] = []
    operators = 0
    for unit, condition in asked:
        operators += size(condition)
        if batch and operators > MOST_OPERATORS:
            yield batch
            batch, operators = [], size(condition)
        batch.append((unit, condition))
    yield batch


def _term(name: str) -> Term:
    """The node of an N-Triples form."""
    return BlankNode(name.removeprefix("_:")) if name.startswith("_:") else NamedNode(name[1:-1])
