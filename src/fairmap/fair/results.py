"""Assessments as RDF: measurements (DQV), test results (FTR 1.2) and assertions (EARL) in one, with where they come from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.fair.assessment import Outcome
from fairmap.fair.criteria import Check
from fairmap.namespaces import DCAT, DCT, DQV, EARL, FM, FOAF, PROV, RDF, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.fair.assessment import Assessment, Failure, Judgement, Score
    from fairmap.fair.criteria import Criterion, MetricSet
    from fairmap.shacl.paths import Node

FTR: Final = "https://w3id.org/ftr#"
SPDX: Final = "http://spdx.org/rdf/terms#"
LICENCE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
SOFTWARE: Final = "https://w3id.org/fairmap/ns"
_IMPLEMENTS: Final = "http://semanticscience.org/resource/SIO_000233"
_TYPE: Final = NamedNode(f"{RDF}type")
_VALUES: Final = {Outcome.PASSED: "pass", Outcome.FAILED: "fail"}
"""Values of a test result that FTR names; every other outcome is ``indeterminate``."""


def triples(assessments: Iterable[Assessment]) -> list[Triple]:
    """All that the assessments say, and the criteria they judge by."""
    made: dict[Triple, None] = {}
    for assessment in assessments:
        made.update(dict.fromkeys(_assessment(assessment)))
    return list(made)


def kept_iri(assessment: Assessment) -> str:
    """The IRI of an assessment that is kept: that of the audit, and when it was made."""
    return f"{assessment.iri}/{assessment.made.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def brief(assessment: Assessment) -> list[Triple]:
    """An assessment to be kept: outcomes, points, scores and where they come from, without evidence and remedies."""
    kept = replace(assessment, iri=kept_iri(assessment))
    whole, activity, software = NamedNode(kept.iri), _part(kept, "activity"), _part(kept, "software")
    found = [
        Triple(NamedNode(assessment.iri), NamedNode(f"{DCT}hasVersion"), whole),
        *_whole(kept),
        *(triple for triple in _activity(kept, activity, software)),
    ]
    for score in kept.scores:
        found += _score(kept, score)
    for judgement in kept.judgements:
        found += _measured(kept, judgement, activity)
    return list(dict.fromkeys(found))


def _measured(kept: Assessment, judgement: Judgement, activity: NamedNode) -> Iterator[Triple]:
    """The outcome of one criterion."""
    criterion, outcome = judgement.criterion, judgement.outcome
    points = _integer(criterion.weight if outcome is Outcome.PASSED else 0) if outcome in _VALUES else None
    node = _part(kept, criterion.notation)
    about = {
        _TYPE.value: [NamedNode(f"{DQV}QualityMeasurement"), NamedNode(f"{EARL}Assertion")],
        f"{DQV}computedOn": kept.node,
        f"{DQV}isMeasurementOf": NamedNode(criterion.iri),
        f"{DQV}value": points,
        f"{EARL}result": NamedNode(f"{node.value}-result"),
        f"{PROV}wasGeneratedBy": activity,
    }
    yield from _about(node, about)
    result = NamedNode(f"{node.value}-result")
    yield from _about(result, {f"{EARL}outcome": NamedNode(f"{EARL}{outcome.value}")})


def _about(subject: Node, properties: dict[str, Any]) -> Iterator[Triple]:
    """Triples of a node: an IRI, or a list of objects, for each property; ``None`` is left out."""
    for name, value in properties.items():
        for item in value if isinstance(value, list | tuple) else [value]:
            if item is not None:
                yield Triple(subject, NamedNode(name), item)


def _text(text: str) -> Literal:
    return Literal(text, language="en")


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(f"{XSD}integer"))


def _part(assessment: Assessment, name: str) -> NamedNode:
    return NamedNode(f"{assessment.iri}#{name}")


def _whole(assessment: Assessment) -> Iterator[Triple]:
    """The set of results and scores."""
    results = [_part(assessment, judgement.criterion.notation) for judgement in assessment.judgements]
    scores = [_part(assessment, f"score-{score.metric_set.name}") for score in assessment.scores]
    yield from _about(
        NamedNode(assessment.iri),
        {
            _TYPE.value: NamedNode(f"{FTR}TestResultSet"),
            f"{DCT}title": _text(f"FAIR audit of {assessment.title or assessment.dataset}"),
            f"{DCT}license": NamedNode(LICENCE),
            f"{FTR}assessmentTarget": assessment.node,
            f"{PROV}hadMember": [*results, *scores],
            f"{PROV}wasGeneratedBy": _part(assessment, "activity"),
        },
    )


def _assessment(assessment: Assessment) -> Iterator[Triple]:
    activity = _part(assessment, "activity")
    yield from _whole(assessment)
    yield from _activity(assessment, activity, NamedNode(SOFTWARE))
    for score in assessment.scores:
        yield from _score(assessment, score)
        yield from of_metric_set(score.metric_set)
    for judgement in assessment.judgements:
        yield from _result(assessment, judgement, activity)
        yield from of_criterion(judgement.criterion, assessment.version)


def _activity(assessment: Assessment, activity: NamedNode, software: NamedNode) -> Iterator[Triple]:
    """What made the results, with which version, from which files."""
    shapes, graph = _part(assessment, "shapes"), _part(assessment, "graph")
    made = {
        _TYPE.value: [NamedNode(f"{FTR}TestExecutionActivity"), NamedNode(f"{PROV}Activity")],
        f"{PROV}used": [assessment.node, shapes, graph],
        f"{PROV}wasAssociatedWith": software,
        f"{PROV}endedAtTime": Literal(assessment.made.isoformat(), datatype=NamedNode(f"{XSD}dateTime")),
    }
    agent = {
        _TYPE.value: NamedNode(f"{PROV}SoftwareAgent"),
        f"{FOAF}name": Literal("fairmap"),
        f"{DCAT}version": Literal(assessment.version),
        f"{PROV}specializationOf": None if software.value == SOFTWARE else NamedNode(SOFTWARE),
    }
    yield from _about(activity, made)
    yield from _about(software, agent)
    yield from _input(shapes, "The criteria", assessment.shapes)
    yield from _input(graph, "The graph that was judged", assessment.graph)


def _input(node: NamedNode, title: str, digest: str) -> Iterator[Triple]:
    """Something that was used, with its SHA-256."""
    checksum = NamedNode(f"{node.value}-checksum")
    entity = {
        _TYPE.value: NamedNode(f"{PROV}Entity"),
        f"{DCT}title": _text(title),
        f"{SPDX}checksum": checksum,
    }
    value = {
        _TYPE.value: NamedNode(f"{SPDX}Checksum"),
        f"{SPDX}algorithm": NamedNode(f"{SPDX}checksumAlgorithm_sha256"),
        f"{SPDX}checksumValue": Literal(digest, datatype=NamedNode(f"{XSD}hexBinary")),
    }
    yield from _about(node, entity)
    yield from _about(checksum, value)


def _score(assessment: Assessment, score: Score) -> Iterator[Triple]:
    yield from _about(
        _part(assessment, f"score-{score.metric_set.name}"),
        {
            _TYPE.value: NamedNode(f"{FTR}BenchmarkScore"),
            f"{DQV}computedOn": assessment.node,
            f"{DQV}isMeasurementOf": NamedNode(score.metric_set.iri),
            f"{DQV}value": _integer(score.points),
            f"{FM}testablePoints": _integer(score.testable),
            f"{FTR}scoredTestResults": NamedNode(assessment.iri),
            f"{DCT}description": _text(
                f"{score.points} of {score.testable} testable points, of {score.total} in all; "
                f"{score.known} of {score.asked} criteria have a known outcome"
            ),
        },
    )


def of_metric_set(metric_set: MetricSet) -> Iterator[Triple]:
    """What results say of a metric set."""
    yield from _about(
        NamedNode(metric_set.iri),
        {
            _TYPE.value: [NamedNode(f"{FM}MetricSet"), NamedNode(f"{FTR}Benchmark")],
            f"{DCT}title": _text(metric_set.title),
            f"{SKOS}notation": Literal(metric_set.name),
        },
    )


def _result(assessment: Assessment, judgement: Judgement, activity: NamedNode) -> Iterator[Triple]:
    """A result: measurement, test result and assertion at once."""
    criterion, outcome = judgement.criterion, judgement.outcome
    node = _part(assessment, criterion.notation)
    points = _integer(criterion.weight if outcome is Outcome.PASSED else 0) if outcome in _VALUES else None
    measurement = {
        _TYPE.value: NamedNode(f"{DQV}QualityMeasurement"),
        f"{DQV}computedOn": assessment.node,
        f"{DQV}isMeasurementOf": NamedNode(criterion.iri),
        f"{DQV}value": points,
        f"{PROV}wasGeneratedBy": activity,
        f"{PROV}wasAttributedTo": NamedNode(SOFTWARE),
        f"{FM}fix": [Literal(fix) for fix in fixes(judgement.failures)],
    }
    test_result = {
        _TYPE.value: NamedNode(f"{FTR}TestResult"),
        f"{DCT}identifier": Literal(node.value),
        f"{DCT}title": _text(f"{criterion.notation}: {criterion.title}"),
        f"{DCT}description": _text(criterion.why or criterion.title),
        f"{DCT}license": NamedNode(LICENCE),
        f"{PROV}value": Literal(_VALUES.get(outcome, "indeterminate")),
        f"{FTR}log": Literal("\n".join(_log(judgement))),
        f"{FTR}completion": _integer(0 if outcome is Outcome.UNTESTED else 100),
        f"{FTR}outputFromTest": NamedNode(f"{criterion.iri}#test"),
        f"{FTR}assessmentTarget": assessment.node,
    }
    for properties in (measurement, test_result):
        yield from _about(node, properties)
    yield from _assertion(assessment, judgement, node)


def _assertion(assessment: Assessment, judgement: Judgement, node: NamedNode) -> Iterator[Triple]:
    """What EARL says of a result, with the triples that the outcome rests on."""
    outcome = NamedNode(f"{node.value}-result")
    statements = [NamedNode(f"{node.value}-triple-{number}") for number, _ in enumerate(judgement.evidence, 1)]
    mode = "manual" if judgement.criterion.options else "automatic"
    assertion = {
        _TYPE.value: NamedNode(f"{EARL}Assertion"),
        f"{EARL}test": NamedNode(judgement.criterion.iri),
        f"{EARL}subject": assessment.node,
        f"{EARL}assertedBy": NamedNode(SOFTWARE),
        f"{EARL}mode": NamedNode(f"{EARL}{mode}"),
        f"{EARL}result": outcome,
    }
    result = {
        _TYPE.value: NamedNode(f"{EARL}TestResult"),
        f"{EARL}outcome": NamedNode(f"{EARL}{judgement.outcome.value}"),
        f"{DCT}description": [_text(line) for line in dict.fromkeys(_log(judgement))],
        f"{EARL}pointer": statements,
    }
    yield from _about(node, assertion)
    yield from _about(outcome, result)
    for statement, triple in zip(statements, judgement.evidence, strict=True):
        told = {"subject": triple.subject, "predicate": triple.predicate, "object": triple.object}
        yield Triple(statement, _TYPE, NamedNode(f"{RDF}Statement"))
        yield from _about(statement, {f"{RDF}{name}": term for name, term in told.items()})


def _log(judgement: Judgement) -> list[str]:
    """What was found, in words."""
    return [failure.message for failure in judgement.failures] or [judgement.note or judgement.outcome.value]


def fixes(failures: Iterable[Failure]) -> list[str]:
    """The remedies of the failures, each once, in their order."""
    return list(dict.fromkeys(failure.fix for failure in failures if failure.fix))


def of_criterion(criterion: Criterion, version: str) -> Iterator[Triple]:
    """The metric and its test, as FTR wants them."""
    node, test = NamedNode(criterion.iri), NamedNode(f"{criterion.iri}#test")
    yield from _about(
        node,
        {
            _TYPE.value: [NamedNode(f"{DQV}Metric"), NamedNode(f"{FTR}Metric")],
            f"{DCT}identifier": Literal(criterion.iri),
            f"{SKOS}notation": Literal(criterion.notation),
            f"{DCT}title": _text(criterion.title),
            f"{DCT}description": _text(criterion.why or criterion.title),
            f"{DCAT}version": Literal(version),
            f"{DQV}inDimension": NamedNode(criterion.dimension) if criterion.dimension else None,
            f"{FM}weight": _integer(criterion.weight),
            f"{FM}check": NamedNode(f"{FM}{Check.MANUAL.value if criterion.options else criterion.check.value}"),
        },
    )
    yield from _about(
        test,
        {
            _TYPE.value: NamedNode(f"{FTR}Test"),
            f"{DCT}title": _text(f"Test of {criterion.notation}"),
            _IMPLEMENTS: node,
        },
    )
