"""A verdict: about which node and property, and how bad. Both sides are brought to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyshacl
import rdflib
from rdflib.namespace import SH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fairmap.model import ValidationReport


class Verdict(NamedTuple):
    """One fault as both sides name it; ``path`` is ``-`` for a fault of the node itself."""

    focus: str
    path: str
    severity: str


def ours(report: ValidationReport) -> set[Verdict]:
    """The verdicts of a report of fairmap; what is only told (Info) is left out."""
    return {
        Verdict(finding.focus.removeprefix("_:"), finding.path or "-", finding.severity.value)
        for finding in report.findings
        if finding.severity.value != "Info"
    }


def official(data: rdflib.Graph, shapes: rdflib.Graph, leave_out: Iterable[str] = ()) -> set[Verdict]:
    """The verdicts of pySHACL by official shapes.

    :param leave_out: nodes that are not to be judged, though the data describe them.
    """
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False, do_owl_imports=False)
    assert isinstance(report, rdflib.Graph), report
    out = set(leave_out)
    found = set()
    for result in report.objects(None, SH.result):
        focus = str(report.value(result, SH.focusNode))
        severity = str(report.value(result, SH.resultSeverity)).removeprefix(str(SH))
        if focus not in out:
            found.add(Verdict(focus, _path(report, report.value(result, SH.resultPath)), severity))
    return found


def _path(graph: rdflib.Graph, path: object) -> str:
    if path is None:
        return "-"
    if isinstance(path, rdflib.BNode):
        if inverse := graph.value(path, SH.inversePath):
            return f"^<{inverse}>"
        parts = graph.value(path, SH.alternativePath)
        assert parts is not None
        return "|".join(f"<{part}>" for part in graph.items(parts))
    return str(path)
