"""Validation as the parts above use it: from quads and shapes to findings in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode

from fairmap.errors import UsageError
from fairmap.model import Finding, Severity, ValidationReport
from fairmap.namespaces import SH
from fairmap.shacl.data import DataGraph
from fairmap.shacl.judge import judge
from fairmap.shacl.paths import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyoxigraph import Quad

    from fairmap.shacl.paths import Node, Term
    from fairmap.shacl.reading import ShapesGraph
    from fairmap.shacl.results import Result
    from fairmap.shacl.shapes import Shapes

ENGINES: Final = ("fairmap", "pyshacl")
_SEVERITIES: Final = {severity.value: severity for severity in Severity}


def validate(
    data: Iterable[Quad] | DataGraph,
    shapes: Shapes,
    record_of: Callable[[str], str | None],
    *,
    focus: frozenset[Term] | None = None,
    engine: str = "fairmap",
) -> ValidationReport:
    """Judge data by shapes, on the literals as they were written. No inference, nothing is fetched.

    :param data: quads, whose graph names do not matter, or a store.
    :param record_of: the record a focus node lies in; blank nodes are traced to the IRI that leads to them.
    :param focus: judge these focus nodes only.
    :param engine: one of :data:`ENGINES`.
    :return: findings in a fixed order (record, focus, path, message); ``records`` is left empty.
    :raises IllFormedShapes: with each fault of the shapes.
    :raises UsageError: for another engine, or when pySHACL is to judge a store or some focus nodes.
    """
    if engine == "pyshacl":
        from fairmap.shacl.reference import validate_by_pyshacl  # noqa: PLC0415 - loads rdflib and pySHACL

        if isinstance(data, DataGraph) or focus is not None:
            raise UsageError("pySHACL judges quads, and all focus nodes", expected="the engine fairmap")
        return validate_by_pyshacl(data, shapes, record_of)
    if engine != "fairmap":
        raise UsageError(f"there is no SHACL engine {engine!r}", expected=", ".join(ENGINES))
    graph = data if isinstance(data, DataGraph) else DataGraph.of_quads(data)
    results = judge(graph, shapes.parsed, focus=focus)
    return ValidationReport(in_order(finding(result, graph, shapes.parsed.graph, record_of) for result in results))


def finding(result: Result, data: DataGraph, shapes: ShapesGraph, record_of: Callable[[str], str | None]) -> Finding:
    """A result for people: one message, in English where there is one, and the record it lies in."""
    best = min(result.messages, key=lambda message: (message.language != "en", message.value))
    severity = result.severity.value.removeprefix(SH)
    return Finding(
        severity=_SEVERITIES.get(severity, Severity.VIOLATION),
        record=_record(data, result.focus, record_of),
        focus=str(result.focus) if isinstance(result.focus, BlankNode) else result.focus.value,
        path=None if result.path is None else as_text(result.path),
        value=None if result.value is None else str(result.value),
        message=best.value,
        shape=_name(shapes, result.constraint or result.shape.node),
        component=result.component,
    )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, by record, focus node, path and message."""
    return tuple(sorted(set(findings), key=_order))


def _order(found: Finding) -> tuple[str, ...]:
    return found.record or "", found.focus, found.path or "", found.message, found.value or "", found.shape


def _name(shapes: ShapesGraph, node: Node) -> str:
    return node.value if isinstance(node, NamedNode) else shapes.named(node)


def _record(data: DataGraph, node: Term, record_of: Callable[[str], str | None]) -> str | None:
    """The record of a node; of a blank node, that of what points to it."""
    seen: set[Term] = set()
    while isinstance(node, BlankNode) and node not in seen:
        seen.add(node)
        node = next(data.referrers(node), node)
    return None if isinstance(node, BlankNode) else record_of(node.value)
