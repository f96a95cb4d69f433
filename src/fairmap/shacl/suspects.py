"""Asking the plan's questions: which focus nodes may have a fault. The answer may have too many, never too few."""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeVar

from pyoxigraph import BlankNode, NamedNode

from fairmap.shacl import model
from fairmap.shacl.checks import CHECKS
from fairmap.shacl.conditions import TRUE, any_of
from fairmap.shacl.follow import follow
from fairmap.shacl.paths import backwards, node_of, one
from fairmap.shacl.plan import MOST_OPERATORS, THIS, VALUE, size
from fairmap.shacl.prebinding import run
from fairmap.shacl.tables import Tables
from fairmap.shacl.targets import focus_nodes, is_target, some_nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Literal

    from fairmap.shacl.evaluate import Evaluator
    from fairmap.shacl.model import Constraint, Custom, Shape, Sparql
    from fairmap.shacl.paths import Path, Term
    from fairmap.shacl.plan import AtValues, Plan, Unit

Question = TypeVar("Question")
_ALIKE: Final = frozenset({model.ClassOf, model.NodeKind})
"""Constraints that all literals satisfy, or none."""
_FEW_VALUES: Final = 256
"""Values of a property that are asked about one by one; the engine finds them in a quarter of the time that it takes to ask at each."""


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
        for predicate, at_values in plan.at_values.items():
            if self._data.describes(predicate):
                for questions in _batches(at_values, _both):
                    self._values(predicate, questions)
        for predicate in plan.counts:
            self._counts(predicate)
        for shape, asked in plan.at_targets.items():
            for batch in _batches(asked, itemgetter(1)):
                self._at_targets(shape, batch)
        for unit, constraint, text in plan.queries:
            self._query(unit, constraint, text)

    def _query(self, unit: Unit, constraint: Sparql | Custom, text: str) -> None:
        """A query of the shapes, asked for all focus nodes; those that it may judge wrongly are judged one by one."""
        if next(some_nodes(self._data, unit.targeted), None) is None:
            return
        self.found[unit].update(dict.fromkeys(self._nodes(text)))
        queries = self._judge.queries
        if queries.trusted(unit.judged, constraint):
            return
        touched = queries.touched(unit.judged, constraint)
        if touched is None or any(target.kind == "objects" for target in unit.targeted.targets):
            self.found[unit].update(focus_nodes(self._data, unit.targeted))
        else:
            self._suspect([(unit, ())], touched)

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

    def _values(self, predicate: NamedNode, asked: Sequence[AtValues]) -> None:
        """One scan of a property for all that is asked of its values; whose focus nodes they are comes last."""
        condition = _of_value(_needed(asked))
        rewritten = self._data.rewritten.get(predicate)
        pattern = f"{THIS} {predicate} {VALUE}"
        if rewritten is None:
            as_held = self._nodes_with(self._bad_values(pattern, asked), pattern, condition)
        elif any(question.condition == TRUE for question in asked):
            as_held = self._data.as_held(predicate)
        else:
            rows = self._run(f"SELECT {THIS} {VALUE} {{ {pattern} FILTER ({condition}) }}")
            as_held = [row["this"] for row in rows if (str(row["this"]), str(row["value"])) not in rewritten]
        self._suspect(((question.unit, question.way) for question in asked), as_held)
        if rewritten is not None:
            self._rewritten(asked, rewritten)

    def _bad_values(self, pattern: str, asked: Sequence[AtValues]) -> list[Term] | None:
        """The bad ones of a property's few values: what leads on from a value is asked once for each; ``None``: they are many."""
        bad = any_of(question.condition for question in _needed(asked))
        if "EXISTS" not in bad:
            return None
        values = f"{{ SELECT DISTINCT {VALUE} {{ {pattern} }} LIMIT {_FEW_VALUES + 1} }}"
        rows = self._run(f"SELECT {VALUE} (COALESCE({bad}, false) AS ?bad) {{ {values} }}")
        return None if len(rows) > _FEW_VALUES else [row["value"] for row in rows if row["bad"].value == TRUE]

    def _nodes_with(self, values: Sequence[Term] | None, pattern: str, condition: str) -> list[Term]:
        """The nodes that have one of the values, or any if none are given, for which the condition holds."""
        if values is None or any(isinstance(value, BlankNode) for value in values):
            return self._nodes(f"SELECT {THIS} {{ {pattern} FILTER ({condition}) }}")
        if not values:
            return []
        these = f"VALUES {VALUE} {{ {' '.join(map(str, values))} }}"
        return self._nodes(f"SELECT {THIS} {{ {these} {pattern} FILTER ({condition}) }}")

    def _rewritten(self, asked: Sequence[AtValues], rewritten: Mapping[tuple[str, str], Sequence[Literal]]) -> None:
        """Literals that the engine holds in another form are judged as they were written."""
        found: dict[tuple[Constraint, Shape | None], list[Term]] = {}
        for question in asked:
            key = (question.constraint, question.shape)
            if key not in found:
                found[key] = self._failing(question, rewritten)
            self._suspect([(question.unit, question.way)], found[key])

    def _failing(self, question: AtValues, rewritten: Mapping[tuple[str, str], Sequence[Literal]]) -> list[Term]:
        constraint, shape = question.constraint, question.shape
        if type(constraint) in _ALIKE:
            some = next(iter(rewritten.values()))[0]
            if self._judge.satisfies(constraint, shape, some):
                return []
            return [node_of(subject) for subject, _ in rewritten]
        holds = self._check(constraint, shape)
        rows = rewritten.items()
        return [node_of(subject) for (subject, _), literals in rows if not all(map(holds, literals))]

    def _check(self, constraint: Constraint, shape: Shape | None) -> Callable[[Term], bool]:
        check = CHECKS.get(type(constraint)) if shape is None else None
        if check is None:
            return partial(self._judge.satisfies, constraint, shape)
        return partial(check, self._judge, constraint)

    def _counts(self, predicate: NamedNode) -> None:
        if not self._data.describes(predicate):
            return
        asked = self._plan.counts[predicate]
        least = min(count.most for count in asked)
        pattern = f"{THIS} {predicate} {VALUE}"
        nodes: list[Term] = []
        if least < 1 or not self._is_single(pattern):
            nodes = self._with_more(predicate, least)
        several = self._data.rewritten.get(predicate, {})
        nodes += [node_of(subject) for (subject, _), literals in several.items() if len(literals) > 1]
        self._suspect(((count.unit, count.way) for count in asked), nodes)

    def _with_more(self, predicate: NamedNode, most: int) -> list[Term]:
        """The nodes that have more stored values."""
        counts = self._data.counts(predicate)
        if counts is not None:
            return [NamedNode(name) for name, found in counts.items() if found > most]
        pattern = f"{THIS} {predicate} {VALUE}"
        return self._nodes(f"SELECT {THIS} {{ {pattern} }} GROUP BY {THIS} HAVING (COUNT(*) > {most})")

    def _is_single(self, pattern: str) -> bool:
        """Whether no subject has more than one value; cheaper than to group."""
        text = f"SELECT (COUNT(*) AS ?all) (COUNT(DISTINCT {THIS}) AS ?subjects) {{ {pattern} }}"
        (row,) = self._run(text)
        return bool(row["all"] == row["subjects"])

    def _suspect(self, asked: Iterable[tuple[Unit, Sequence[Path]]], nodes: Iterable[Term]) -> None:
        """Note the focus nodes of units from which a way leads to one of the nodes."""
        nodes = dict.fromkeys(nodes)
        for unit, way in dict.fromkeys(asked):
            back = backwards(one(way)) if way else None
            for node in nodes:
                for focus in (node,) if back is None else follow(self._data, back, node):
                    if self._is_target(unit.targeted, focus):
                        self.found[unit][focus] = None

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


def _needed(asked: Sequence[AtValues]) -> list[AtValues]:
    """Without the question whether a value is a literal where its class is asked for: a literal has none."""
    of_class = {question.test for question in asked if isinstance(question.constraint, model.ClassOf)}
    return [
        question
        for question in asked
        if question.test not in of_class
        or not isinstance(question.constraint, model.NodeKind)
        or question.constraint.kind != "BlankNodeOrIRI"
    ]


def _of_value(asked: Sequence[AtValues]) -> str:
    """When a value is bad for a node that is a focus node; IF, since the engine asks both sides of && when it may."""
    tests: dict[str, dict[str, None]] = {}
    for question in asked:
        tests.setdefault(question.condition, {})[question.test] = None
    by_test: dict[str, dict[str, None]] = {}
    for condition, found in tests.items():
        by_test.setdefault(any_of(found), {})[condition] = None
    return any_of(
        test if (bad := any_of(conditions)) == TRUE else f"IF({bad}, {test}, false)"
        for test, conditions in by_test.items()
    )


def _batches(asked: Sequence[Question], condition_of: Callable[[Question], str]) -> Iterator[list[Question]]:
    """Questions whose conditions fit in one query."""
    batch: list[Question] = []
    operators = 0
    for question in asked:
        more = size(condition_of(question))
        operators += more
        if batch and operators > MOST_OPERATORS:
            yield batch
            batch, operators = [], more
        batch.append(question)
    yield batch


def _both(question: AtValues) -> str:
    return question.condition + question.test
