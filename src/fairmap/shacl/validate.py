"""Validation as the parts above use it: from quads and shapes to findings in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fairmap.errors import UsageError
from fairmap.model import ValidationReport
from fairmap.shacl.data import DataGraph
from fairmap.shacl.findings import Findings
from fairmap.shacl.judge import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyoxigraph import Quad

    from fairmap.model import Finding
    from fairmap.shacl.paths import Term
    from fairmap.shacl.shapes import Shapes

ENGINES: Final = ("fairmap", "pyshacl")


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
    return ValidationReport(in_order(map(Findings(graph, shapes.parsed.graph, record_of).of, results)))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, by record, focus node, path and message."""
    return tuple(sorted(set(findings), key=_order))


def _order(found: Finding) -> tuple[str, ...]:
    return found.record or "", found.focus, found.path or "", found.message, found.value or "", found.shape
