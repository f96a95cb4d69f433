"""After a change: the focus nodes it can touch, found by going backwards along the shapes' paths."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from fairmap.shacl import model
from fairmap.shacl.data import SUBCLASS, TYPE
from fairmap.shacl.follow import follow
from fairmap.shacl.paths import backwards
from fairmap.shacl.sight import Look, along, sight_of
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
        if narrower or None in looks or any(_is_anywhere(look, changed) for look in looks):
            found.update(focus_nodes(data, shape))
            continue
        reached = {node for look in looks if look is not None for node in _from(data, look, changed)}
        found.update(node for node in reached if is_target(data, shape, node))
    return frozenset(found)


def _is_anywhere(look: Look | None, changed: Mapping[Term, AbstractSet[NamedNode]]) -> bool:
    return look is not None and look.way is None and any(look.property in found for found in changed.values())


def _from(data: DataGraph, look: Look, changed: Mapping[Term, AbstractSet[NamedNode]]) -> Iterator[Term]:
    """The nodes from which the look meets a changed triple."""
    if look.way is None:
        return
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
        yield from along(shape.path, before)
        after = (*before, shape.path)
    for constraint in shape.constraints:
        if isinstance(constraint, model.Sparql | model.Custom):
            yield from _of_query(shape, constraint, before)
        else:
            yield from _of_constraint(constraint, before, after)
    for inner in shape.properties:
        yield from _looks(inner, after)


def _of_query(shape: Shape, constraint: model.Sparql | model.Custom, before: tuple[Path, ...]) -> Iterator[Look | None]:
    looks = None if constraint.query.sees_shapes else sight_of(shape, constraint).looks
    if looks is None:
        yield None
    else:
        yield from (Look(None if look.way is None else (*before, *look.way), look.property) for look in looks)


def _of_constraint(
    constraint: model.Constraint, before: tuple[Path, ...], after: tuple[Path, ...]
) -> Iterator[Look | None]:
    match constraint:
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
