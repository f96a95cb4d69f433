"""Judging a data graph by shapes: which focus nodes, and in which way."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from fairmap.shacl.evaluate import SHAPES_GRAPH, Evaluator
from fairmap.shacl.suspects import Suspects
from fairmap.shacl.targets import focus_nodes, is_target, some_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.parse import ShapeSet
    from fairmap.shacl.paths import Term
    from fairmap.shacl.results import Result

Strategy = Literal["auto", "exact", "compiled"]

_FEW: Final = 40
"""Focus nodes that are judged one by one sooner than the queries for all of them have run."""


def judge(
    data: DataGraph,
    shapes: ShapeSet,
    *,
    focus: frozenset[Term] | None = None,
    strategy: Strategy = "auto",
    parts: bool = True,
) -> Iterator[Result]:
    """The results, found as they are taken.

    :param focus: judge these focus nodes only.
    :param strategy: ``exact`` judges one focus node after the other, ``compiled`` asks the store first who may have a
        fault; the results are the same. ``auto`` takes what is faster.
    :param parts: whether the results have their parts, the shapes that values were held against.
    """
    evaluator = _evaluator(data, shapes, parts=parts)
    data = evaluator.data
    few = focus is not None and len(focus) <= _FEW
    if strategy == "exact" or (strategy == "auto" and (few or not _are_many(data, shapes))):
        yield from _one_by_one(evaluator, shapes, focus)
        return
    suspects = Suspects(shapes.plan(data), evaluator)
    for unit, nodes in suspects.found.items():
        for node in nodes:
            if focus is None or node in focus:
                yield from evaluator.unit_results(unit, node)


def _evaluator(data: DataGraph, shapes: ShapeSet, *, parts: bool) -> Evaluator:
    if not shapes.needs_shapes_graph:
        return Evaluator(data, parts=parts)
    from fairmap.shacl.shapes_graph import ShapesGraphQueries  # noqa: PLC0415 - loads rdflib

    triples = list(shapes.graph.triples())
    evaluator = Evaluator(data.with_graph(SHAPES_GRAPH, triples), parts=parts)
    evaluator.queries = ShapesGraphQueries(evaluator.data, triples)
    return evaluator


def _are_many(data: DataGraph, shapes: ShapeSet) -> bool:
    nodes = (node for shape in shapes.targeted for node in some_nodes(data, shape))
    return len(list(islice(nodes, _FEW + 1))) > _FEW


def _one_by_one(evaluator: Evaluator, shapes: ShapeSet, focus: frozenset[Term] | None) -> Iterator[Result]:
    for shape in shapes.targeted:
        if focus is None:
            nodes = list(focus_nodes(evaluator.data, shape))
        else:
            nodes = [node for node in focus if is_target(evaluator.data, shape, node)]
        for node in nodes:
            yield from evaluator.results(shape, node)
