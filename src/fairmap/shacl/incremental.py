"""After a change: the focus nodes it can touch, found by going backwards along the shapes' paths."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from fairmap.shacl import model
from fairmap.shacl.data import SUBCLASS, TYPE
from fairmap.shacl.follow import follow
from fairmap.shacl.paths import Alternative, Inverse, Predicate, Repeat, Steps, backwards
from fairmap.shacl.targets import focus_nodes, is_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from pyoxigraph import NamedNode, Quad

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Shape
    from fairmap.shacl.parse import ShapeSet
    from fairmap.shacl.paths import Path, Term


def affected(data: DataGraph, shapes: ShapeSet, changes: Iterable[Quad]) -> frozenset[Term]:
    """The focus nodes whose results may be others than before the change; all others have the same ones.

    The nodes of the changed triples are always among them: they may have been focus nodes before.

    :param data: the data after the change.
    :param changes: the quads that were added or removed.
    """
    changed: dict[Term, set[NamedNode]] = defaultdict(set)
    for quad in changes:
        changed[quad.subject].add(quad.predicate)  # type: ignore[index]
        changed[quad.object].add(quad.predicate)  # type: ignore[index]
    narrower = [node for node, properties in changed.items() if SUBCLASS in properties]
    found = {*changed, *(node for iri in narrower for node in data.instances(iri))}
    for shape in shapes.targeted:
        looks = set(_looks(shape, ()))
        if narrower or None in looks:
            found.update(focus_nodes(data, shape))
            continue
        reached = {node for look in looks if look is not None for node in _from(data, look, changed)}
        found.update(node for node in reached if is_target(data, shape, node))
    return frozenset(found)


class Look(NamedTuple):
    """Where triples are looked at.

    :ivar way: paths from a focus node, one after the other, to the node whose triples they are.
    :ivar property: the property of that node, forwards or backwards; ``None``: all.
    """

    way: tuple[Path, ...]
    property: NamedNode | None


def _from(data: DataGraph, look: Look, changed: Mapping[Term, AbstractSet[NamedNode]]) -> Iterator[Term]:
    """The nodes from which the look meets a changed triple."""
    for node, properties in changed.items():
        if look.property is None or look.property in properties:
            found = {node: None}
            for path in reversed(look.way):
                back = backwards(path)
                found = {reached: None for start in found for reached in follow(data, back, start)}
            yield from found


def _looks(shape: Shape, before: tuple[Path, ...]) -> Iterator[Look | None]:
    """All looks of a shape at a node that is reached by ``before``; ``None`` when a query may look anywhere."""
    after = before
    if shape.path is not None:
        yield from _along(shape.path, before)
        after = (*before, shape.path)
    for constraint in shape.constraints:
        yield from _of_constraint(constraint, before, after)
    for inner in shape.properties:
        yield from _looks(inner, after)


def _of_constraint(
    constraint: model.Constraint, before: tuple[Path, ...], after: tuple[Path, ...]
) -> Iterator[Look | None]:
    match constraint:
        case model.Sparql() | model.Custom():
            yield None
        case model.ClassOf():
            yield Look(after, TYPE)
        case model.Closed():
            yield Look(after, None)
        case model.Equals(other) | model.Disjoint(other) | model.LessThan(other):
            yield Look(before, other)
    for inner in _inner(constraint):
        yield from _looks(inner, after)


def _inner(constraint: model.Constraint) -> tuple[Shape, ...]:
    match constraint:
        case model.Not(shape) | model.Conforms(shape):
            return (shape,)
        case model.And(shapes) | model.Or(shapes) | model.Xone(shapes):
            return shapes
        case model.Qualified(shape, siblings):
            return (shape, *siblings)
    return ()


def _along(path: Path, before: tuple[Path, ...]) -> Iterator[Look]:
    """The looks that following a path takes."""
    match path:
        case Predicate(iri):
            yield Look(before, iri)
        case Inverse(Predicate(iri)):
            yield Look(before, iri)
        case Inverse(inner):
            yield from _along(backwards(inner), before)
        case Steps(parts):
            for number, part in enumerate(parts):
                yield from _along(part, before + parts[:number])
        case Alternative(parts):
            for part in parts:
                yield from _along(part, before)
        case Repeat(inner):
            yield from _along(inner, (*before, Repeat(inner, zero=True, many=True)))
