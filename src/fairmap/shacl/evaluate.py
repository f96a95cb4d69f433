"""The exact evaluator: one focus node and one shape at a time, on the data as they were written. Source: SHACL 3.4, 4, 5, 6.

It is what decides. The compiler (:mod:`fairmap.shacl.suspects`) only says where it need not look.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from fairmap.shacl import model
from fairmap.shacl.checks import CHECKS
from fairmap.shacl.expressions import Expressions
from fairmap.shacl.faults import Fault
from fairmap.shacl.follow import follow
from fairmap.shacl.messages import describe
from fairmap.shacl.paths import Predicate
from fairmap.shacl.queries import Queries
from fairmap.shacl.results import Part, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Constraint, Shape
    from fairmap.shacl.paths import Term
    from fairmap.shacl.plan import Unit

SHAPES_GRAPH: Final = NamedNode("urn:fairmap:shacl:shapes-graph")
_TEMPLATE: Final = re.compile(r"\{[?$](\w+)\}")


class Evaluator:
    """Judges nodes of one data graph."""

    def __init__(self, data: DataGraph, *, parts: bool = True) -> None:
        """``parts``: whether results have theirs, which takes time."""
        self.data = data
        self._with_parts = parts
        self.expressions = Expressions()
        self.queries = Queries(data)
        self._conforming: dict[tuple[int, Term], bool] = {}

    def results(self, shape: Shape, focus: Term) -> Iterator[Result]:
        """The results of a shape and its property shapes for a focus node."""
        if shape.deactivated:
            return
        values = self.values(shape, focus)
        yield from self._own(shape, focus, values)
        for inner in shape.properties:
            for value in values:
                yield from self.results(inner, value)

    def unit_results(self, unit: Unit, focus: Term) -> Iterator[Result]:
        """The results of a unit for a focus node."""
        shape = unit.judged
        if shape.deactivated:
            return
        values = self.values(shape, focus)
        if unit.query is not None:
            yield from self._broken(shape, focus, unit.query, values)
            return
        constraints = (c for c in shape.constraints if not isinstance(c, model.Sparql | model.Custom))
        for constraint in constraints:
            yield from self._broken(shape, focus, constraint, values)
        for inner in shape.properties if unit.whole else ():
            for value in values:
                yield from self.results(inner, value)

    def conforms(self, shape: Shape, node: Term) -> bool:
        """Whether a node conforms to a shape; asked once for each."""
        key = (id(shape), node)
        if key not in self._conforming:
            self._conforming[key] = next(self.results(shape, node), None) is None
        return self._conforming[key]

    def satisfies(self, constraint: Constraint, shape: Shape | None, node: Term) -> bool:
        """Whether a value node satisfies a constraint or, with a shape, a focus node that of the shape."""
        values = (node,) if shape is None else self.values(shape, node)
        check = CHECKS.get(type(constraint))
        if check is not None:
            return all(check(self, constraint, value) for value in values)
        return next(FAULTS[type(constraint)](self, shape, constraint, node, values), None) is None

    def holds_together(self, constraint: Constraint, values: Sequence[Term]) -> bool:
        """Whether value nodes satisfy a constraint that needs nothing but them: a count, or unique languages."""
        return next(FAULTS[type(constraint)](self, None, constraint, None, values), None) is None

    def values(self, shape: Shape, focus: Term) -> Sequence[Term]:
        """The value nodes of a focus node."""
        path = shape.path
        if path is None:
            return (focus,)
        if isinstance(path, Predicate):
            return self.data.objects(focus, path.iri)
        return list(follow(self.data, path, focus))

    def _own(self, shape: Shape, focus: Term, values: Sequence[Term]) -> Iterator[Result]:
        for constraint in shape.constraints:
            yield from self._broken(shape, focus, constraint, values)

    def _broken(self, shape: Shape, focus: Term, constraint: Constraint, values: Sequence[Term]) -> Iterator[Result]:
        check = CHECKS.get(type(constraint))
        if check is None:
            for fault in FAULTS[type(constraint)](self, shape, constraint, focus, values):
                yield self._result(shape, focus, constraint, fault)
            return
        for value in values:
            if not check(self, constraint, value):
                parts = self._parts(constraint, value) if self._with_parts else ()
                yield self._result(shape, focus, constraint, Fault(value, parts=parts))

    def _parts(self, constraint: Constraint, value: Term) -> tuple[Part, ...]:
        """What a value has to do with each inner shape: the results, or none where it conforms."""
        match constraint:
            case model.Conforms(shape) | model.Not(shape):
                shapes: tuple[Shape, ...] = (shape,)
            case model.And(shapes) | model.Or(shapes) | model.Xone(shapes):
                pass
            case _:
                return ()
        return tuple(self.part(shape, value) for shape in shapes)

    def part(self, shape: Shape, value: Term) -> Part:
        """A value held against an inner shape."""
        return Part(shape, value, tuple(self.results(shape, value)))

    def _result(self, shape: Shape, focus: Term, constraint: Constraint, fault: Fault) -> Result:
        path = fault.path or shape.path
        return Result(
            focus=focus,
            path=path,
            value=fault.value,
            shape=shape,
            component=fault.component or constraint.component,
            severity=shape.severity,
            messages=_messages(shape, constraint, fault),
            constraint=constraint.node if isinstance(constraint, model.Sparql) else None,
            parts=fault.parts,
        )


def _messages(shape: Shape, constraint: Constraint, fault: Fault) -> tuple[Literal, ...]:
    """The solution's own, the SPARQL constraint's, the shape's, the validator's, or ours. Source: SHACL 2.1.5, 5.3.2."""
    if fault.messages:
        return fault.messages
    own = constraint.messages if isinstance(constraint, model.Sparql) else ()
    theirs = constraint.messages if isinstance(constraint, model.Custom) else ()
    templates = own or shape.messages or theirs
    if not templates:
        return (Literal(describe(constraint, fault), language="en"),)
    return tuple(_filled(template, fault.bindings) for template in templates)


def _filled(template: Literal, bindings: Mapping[str, Term]) -> Literal:
    """A message with the values of variables in the places of ``{?name}``."""
    if not bindings or "{" not in template.value:
        return template
    text = _TEMPLATE.sub(lambda match: _shown(bindings.get(match[1]), match[0]), template.value)
    return Literal(text, language=template.language) if template.language else Literal(text)


def _shown(term: Term | None, otherwise: str) -> str:
    return otherwise if term is None else term.value


def _min_count(
    _: Evaluator, __: Shape, constraint: model.MinCount, ___: Term, values: Sequence[Term]
) -> Iterator[Fault]:
    if len(values) < constraint.count:
        yield Fault()


def _max_count(
    _: Evaluator, __: Shape, constraint: model.MaxCount, ___: Term, values: Sequence[Term]
) -> Iterator[Fault]:
    if len(values) > constraint.count:
        yield Fault()


def _unique_lang(_: Evaluator, __: Shape, ___: Constraint, ____: Term, values: Sequence[Term]) -> Iterator[Fault]:
    tags = [value.language.lower() for value in values if isinstance(value, Literal) and value.language]
    for tag in sorted({tag for tag in tags if tags.count(tag) > 1}):
        yield Fault(bindings={"language": Literal(tag)})


def _equals(
    judge: Evaluator, _: Shape, constraint: model.Equals, focus: Term, values: Sequence[Term]
) -> Iterator[Fault]:
    others = judge.data.objects(focus, constraint.other)
    for value in [*(v for v in values if v not in others), *(o for o in others if o not in values)]:
        yield Fault(value)


def _disjoint(
    judge: Evaluator, _: Shape, constraint: model.Disjoint, focus: Term, values: Sequence[Term]
) -> Iterator[Fault]:
    others = set(judge.data.objects(focus, constraint.other))
    yield from (Fault(value) for value in values if value in others)


def _less_than(
    judge: Evaluator, _: Shape, constraint: model.LessThan, focus: Term, values: Sequence[Term]
) -> Iterator[Fault]:
    others = judge.data.objects(focus, constraint.other)
    for value in values:
        for other in others:
            if not judge.expressions.compare(value, constraint.sign, other):
                yield Fault(value, bindings={"other": other})


def _qualified(
    judge: Evaluator, _: Shape, constraint: model.Qualified, __: Term, values: Sequence[Term]
) -> Iterator[Fault]:
    count = sum(
        judge.conforms(constraint.shape, value)
        and not any(judge.conforms(sibling, value) for sibling in constraint.siblings)
        for value in values
    )
    if constraint.least is not None and count < constraint.least:
        failing = (judge.part(constraint.shape, value) for value in values)
        yield Fault(component=constraint.part("Min"), parts=tuple(part for part in failing if part.results))
    if constraint.most is not None and count > constraint.most:
        yield Fault(component=constraint.part("Max"))


def _closed(judge: Evaluator, _: Shape, constraint: model.Closed, __: Term, values: Sequence[Term]) -> Iterator[Fault]:
    for node in values:
        for predicate, value in judge.data.properties(node):
            if predicate not in constraint.allowed:
                yield Fault(value, path=Predicate(predicate))


def _has_value(
    _: Evaluator, __: Shape, constraint: model.HasValue, ___: Term, values: Sequence[Term]
) -> Iterator[Fault]:
    if constraint.term not in values:
        yield Fault()


def _sparql(
    judge: Evaluator, shape: Shape, constraint: model.Sparql, focus: Term, _: Sequence[Term]
) -> Iterator[Fault]:
    bound = {"this": focus, "currentShape": shape.node, "shapesGraph": SHAPES_GRAPH}
    yield from _solutions(judge, shape, constraint, focus, bound)


def _custom(
    judge: Evaluator, shape: Shape, constraint: model.Custom, focus: Term, values: Sequence[Term]
) -> Iterator[Fault]:
    bound: dict[str, Term] = dict(constraint.parameters)
    bound |= {"this": focus, "currentShape": shape.node, "shapesGraph": SHAPES_GRAPH}
    if constraint.query.asks:
        for value in values:
            if not judge.queries.answer(shape, constraint, {**bound, "value": value}):
                yield Fault(value, bindings={**bound, "value": value})
        return
    yield from _solutions(judge, shape, constraint, focus, bound)


def _solutions(
    judge: Evaluator,
    shape: Shape,
    constraint: model.Sparql | model.Custom,
    focus: Term,
    bound: Mapping[str, Term],
) -> Iterator[Fault]:
    """One fault for each solution. Source: SHACL 5.3.2."""
    for solution in judge.queries.answer(shape, constraint, bound):
        message, path = solution.get("message"), solution.get("path")
        value = solution.get("value")
        if value is None and shape.path is None:
            value = focus
        yield Fault(
            value,
            path=Predicate(path) if isinstance(path, NamedNode) else None,
            messages=(message,) if isinstance(message, Literal) else (),
            bindings={**bound, **solution, "this": focus, **({} if value is None else {"value": value})},
        )


FAULTS: Final[Mapping[type[Constraint], Callable[..., Iterator[Fault]]]] = {
    model.MinCount: _min_count,
    model.MaxCount: _max_count,
    model.UniqueLang: _unique_lang,
    model.Equals: _equals,
    model.Disjoint: _disjoint,
    model.LessThan: _less_than,
    model.LessThanOrEquals: _less_than,
    model.Qualified: _qualified,
    model.Closed: _closed,
    model.HasValue: _has_value,
    model.Sparql: _sparql,
    model.Custom: _custom,
}
"""Constraints that are about all value nodes together, or about the focus node."""
