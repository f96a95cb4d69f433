"""The focus nodes of shapes. Source: SHACL 2.1.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import NamedNode

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Shape, Target
    from fairmap.shacl.paths import Term


def focus_nodes(data: DataGraph, shape: Shape) -> dict[Term, None]:
    """The focus nodes that the targets of a shape name, each once."""
    found: dict[Term, None] = {}
    for target in shape.targets:
        found.update(dict.fromkeys(_nodes(data, target)))
    return found


def some_nodes(data: DataGraph, shape: Shape) -> Iterator[Term]:
    """Focus nodes, perhaps more than once; those not taken are not looked up."""
    for target in shape.targets:
        yield from _nodes(data, target)


def _nodes(data: DataGraph, target: Target) -> Iterator[Term]:
    match target.kind:
        case "class":
            yield from data.instances(target.term)
        case "node":
            yield target.term
        case "subjects":
            yield from (subject for subject, _ in data.pairs(_iri(target)))
        case _:
            for subject in dict.fromkeys(subject for subject, _ in data.pairs(_iri(target))):
                yield from data.objects(subject, _iri(target))


def is_target(data: DataGraph, shape: Shape, node: Term) -> bool:
    """Whether the node is a focus node of the shape."""
    return any(_covers(data, target, node) for target in shape.targets)


def _covers(data: DataGraph, target: Target, node: Term) -> bool:
    match target.kind:
        case "class":
            return data.is_instance(node, data.classes(target.term))
        case "node":
            return node == target.term
        case "subjects":
            return bool(data.objects(node, _iri(target)))
        case _:
            return bool(data.subjects(_iri(target), node))


def _iri(target: Target) -> NamedNode:
    return target.term  # type: ignore[return-value]
