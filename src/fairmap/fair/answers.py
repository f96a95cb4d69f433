"""What people answered: measurements in the graph by questions of D3.1. An unknown with its reason is no answer, and never counts as no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Triple

from fairmap.fair.assessment import Failure, Judgement, Outcome
from fairmap.model import Severity
from fairmap.namespaces import DQV, EARL, FM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.fair.criteria import Criterion
    from fairmap.fair.graph import Graph
    from fairmap.shacl.paths import Node

_COMPUTED_ON, _MEASURED, _VALUE = (NamedNode(f"{DQV}{name}") for name in ("computedOn", "isMeasurementOf", "value"))
_OUTCOME, _RESULT = NamedNode(f"{EARL}outcome"), NamedNode(f"{EARL}result")
_REASON, _PHRASE, _BASIS = (NamedNode(f"{FM}{name}") for name in ("reason", "phrase", "basis"))
_TOLD: Final = (_COMPUTED_ON, _MEASURED, _OUTCOME, _VALUE, _REASON, _PHRASE)
_OUTCOMES: Final = {f"{EARL}{outcome.value}": outcome for outcome in Outcome}
NOBODY: Final = "nobody has answered it"


def answer(graph: Graph, node: Node, criterion: Criterion) -> Judgement:
    """The answer to a question about a dataset or repository; untested when there is none."""
    asked = NamedNode(criterion.iri)
    for measurement in graph.subjects(_COMPUTED_ON, node):
        if asked in graph.objects(measurement, _MEASURED):
            return _read(graph, measurement, criterion)
    return Judgement(criterion, Outcome.UNTESTED, note=NOBODY)


def _read(graph: Graph, measurement: Node, criterion: Criterion) -> Judgement:
    told = [measurement, *graph.objects(measurement, _RESULT)]
    outcome = next((found for name in told if (found := graph.iri(name, _OUTCOME))), "")
    note = "; ".join(_words(graph, measurement, criterion)) or None
    judged = _OUTCOMES.get(outcome, Outcome.CANT_TELL)
    failure = Failure(
        f"The answer scores no points: {note or 'no option was chosen'}.", None, None, Severity.INFO, None
    )
    evidence = [Triple(measurement, name, value) for name in _TOLD for value in graph.objects(measurement, name)]
    failures = (failure,) if judged is Outcome.FAILED else ()
    return Judgement(criterion, judged, failures, tuple(evidence), note)


def _words(graph: Graph, measurement: Node, criterion: Criterion) -> Iterator[str]:
    """The chosen options, the reason why it is unknown, the evidence, in words."""
    for option in graph.iris(measurement, _VALUE):
        yield criterion.options.get(option, option)
    for reason in graph.iris(measurement, _REASON):
        yield f"unknown: {reason.rpartition('/')[2].replace('-', ' ')}"
    for name, form in ((_PHRASE, "“{}”"), (_BASIS, "{}")):
        text = graph.text(measurement, name)
        if text:
            yield form.format(text.rstrip("."))
