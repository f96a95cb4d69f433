"""An assessment on its way between fairmap's own processes: as JSON, criteria and metric sets by their names."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, parse

from fairmap.fair.assessment import Assessment, Failure, Judgement, Outcome, Score
from fairmap.model import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.fair.criteria import Criteria


def to_text(assessment: Assessment) -> str:
    """The assessment as text that :func:`of_text` reads."""
    told = {name: getattr(assessment, name) for name in ("iri", "title", "version", "shapes", "graph", "dimensions")}
    told["node"] = str(assessment.node)
    told["made"] = assessment.made.isoformat()
    told["judgements"] = [_judgement_json(judgement) for judgement in assessment.judgements]
    told["scores"] = [{**vars(score), "metric_set": score.metric_set.name} for score in assessment.scores]
    return json.dumps(told)


def of_text(text: str | bytes, criteria: Criteria) -> Assessment:
    """The assessment that :func:`to_text` wrote, with the same criteria."""
    told = json.loads(text)
    names = [score["metric_set"] for score in told["scores"]]
    sets = {found.name: found for found in criteria.sets(names)}
    known = {criterion.iri: criterion for found in sets.values() for criterion in found.criteria}
    judgements = [_judgement({**judged, "criterion": known[judged["criterion"]]}) for judged in told["judgements"]]
    scores = [Score(**{**score, "metric_set": sets[score["metric_set"]]}) for score in told["scores"]]
    node = told["node"]
    return Assessment(
        **{
            **told,
            "node": BlankNode(node[2:]) if node.startswith("_:") else NamedNode(node[1:-1]),
            "made": datetime.fromisoformat(told["made"]),
            "judgements": tuple(judgements),
            "scores": tuple(scores),
        }
    )


def _judgement_json(judgement: Judgement) -> dict[str, Any]:
    return {
        "criterion": judgement.criterion.iri,
        "outcome": judgement.outcome.value,
        "failures": [{**asdict(failure), "severity": failure.severity.value} for failure in judgement.failures],
        "evidence": [str(triple) for triple in judgement.evidence],
        "note": judgement.note,
    }


def _judgement(told: dict[str, Any]) -> Judgement:
    failures = [Failure(**{**failure, "severity": Severity(failure["severity"])}) for failure in told["failures"]]
    return Judgement(
        **{
            **told,
            "outcome": Outcome(told["outcome"]),
            "failures": tuple(failures),
            "evidence": tuple(_triples(told["evidence"])),
        }
    )


def _triples(lines: Sequence[str]) -> list[Triple]:
    document = "".join(f"{line} .\n" for line in lines).encode()
    found: list[Quad] = list(parse(document, format=RdfFormat.N_TRIPLES))
    return [quad.triple for quad in found]
