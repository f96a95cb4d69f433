"""Constraints that judge each value node by itself: whether it satisfies them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from pyoxigraph import BlankNode, Literal

from fairmap.shacl import model
from fairmap.shacl.datatypes import is_well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.expressions import Expressions
    from fairmap.shacl.model import Constraint, Shape
    from fairmap.shacl.paths import Term


class Judge(Protocol):
    """What a check needs to know of the data."""

    data: DataGraph
    expressions: Expressions

    def conforms(self, shape: Shape, node: Term) -> bool:
        """Whether a node conforms to a shape."""
        ...


def _class(judge: Judge, constraint: model.ClassOf, value: Term) -> bool:
    return judge.data.is_instance(value, judge.data.classes(constraint.iri))


def _datatype(_: Judge, constraint: model.Datatype, value: Term) -> bool:
    return isinstance(value, Literal) and value.datatype == constraint.iri and is_well_formed(value)


def _node_kind(_: Judge, constraint: model.NodeKind, value: Term) -> bool:
    return isinstance(value, constraint.kinds)


def _range(judge: Judge, constraint: model.Range, value: Term) -> bool:
    return judge.expressions.compare(value, constraint.sign, constraint.bound)


def _min_length(_: Judge, constraint: model.MinLength, value: Term) -> bool:
    return not isinstance(value, BlankNode) and len(value.value) >= constraint.length


def _max_length(_: Judge, constraint: model.MaxLength, value: Term) -> bool:
    return not isinstance(value, BlankNode) and len(value.value) <= constraint.length


def _pattern(judge: Judge, constraint: model.Pattern, value: Term) -> bool:
    if isinstance(value, BlankNode):
        return False
    return judge.expressions.matches(value.value, constraint.pattern, constraint.flags)


def _language_in(_: Judge, constraint: model.LanguageIn, value: Term) -> bool:
    if not isinstance(value, Literal) or not value.language:
        return False
    tag = value.language.lower()
    return any(range_ in {"*", tag} or tag.startswith(f"{range_}-") for range_ in constraint.ranges)


def _not(judge: Judge, constraint: model.Not, value: Term) -> bool:
    return not judge.conforms(constraint.shape, value)


def _and(judge: Judge, constraint: model.And, value: Term) -> bool:
    return all(judge.conforms(shape, value) for shape in constraint.shapes)


def _or(judge: Judge, constraint: model.Or, value: Term) -> bool:
    return any(judge.conforms(shape, value) for shape in constraint.shapes)


def _xone(judge: Judge, constraint: model.Xone, value: Term) -> bool:
    return sum(judge.conforms(shape, value) for shape in constraint.shapes) == 1


def _conforms(judge: Judge, constraint: model.Conforms, value: Term) -> bool:
    return judge.conforms(constraint.shape, value)


def _in(_: Judge, constraint: model.In, value: Term) -> bool:
    return value in constraint.terms


CHECKS: Final[Mapping[type[Constraint], Callable[..., bool]]] = {
    model.ClassOf: _class,
    model.Datatype: _datatype,
    model.NodeKind: _node_kind,
    model.Range: _range,
    model.MinLength: _min_length,
    model.MaxLength: _max_length,
    model.Pattern: _pattern,
    model.LanguageIn: _language_in,
    model.Not: _not,
    model.And: _and,
    model.Or: _or,
    model.Xone: _xone,
    model.Conforms: _conforms,
    model.In: _in,
}
