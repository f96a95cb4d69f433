"""Assessments as documents: text, JSON, CSV, RDF, and a page that stands alone."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Quad

from fairmap.errors import UsageError
from fairmap.fair.assessment import Outcome
from fairmap.fair.audit import is_answered
from fairmap.fair.results import fixes, triples
from fairmap.namespaces import compact
from fairmap.rdf import FORMATS, by_name, canonical, serialise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fairmap.fair.assessment import Assessment, Failure, Judgement, Score

AUDIT_FORMATS: Final = ("text", "json", "csv", "html", "turtle", "jsonld")
WORDS: Final = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.INAPPLICABLE: "does not apply",
    Outcome.CANT_TELL: "cannot be told",
    Outcome.UNTESTED: "not tested",
}
TEMPLATES: Final = "templates"
_COLUMNS: Final = [
    "dataset",
    "metric_sets",
    "criterion",
    "title",
    "outcome",
    "weight",
    "message",
    "path",
    "value",
    "part",
    "fix",
    "note",
]
_IRI: Final = re.compile(r"<([^<>]*)>")
_WEB: Final = re.compile(r"https?://\S+\Z")


def write_assessments(assessments: Sequence[Assessment], form: str) -> str:
    """The assessments as a document.

    :param form: one of :data:`AUDIT_FORMATS`.
    :raises UsageError: for another form.
    """
    if form == "text":
        return "\n".join(line for assessment in assessments for line in _text(assessment)) + "\n"
    if form == "json":
        return json.dumps({"assessments": [as_json(a) for a in assessments]}, indent=2, ensure_ascii=False) + "\n"
    if form == "csv":
        return as_csv(assessments)
    if form == "html":
        return _page(assessments)
    if form in {"turtle", "jsonld"}:
        quads = canonical(Quad(t.subject, t.predicate, t.object) for t in triples(assessments))
        return serialise([quad.triple for quad in quads], by_name(form, FORMATS)).decode()
    raise UsageError(f"there is no audit format {form!r}", expected=", ".join(AUDIT_FORMATS))


def path_text(path: str | None) -> str:
    """A path with prefixes."""
    if path is None:
        return ""
    return _IRI.sub(lambda match: compact(match[1]), path) if "<" in path else compact(path)


def score_text(score: Score) -> str:
    """A score in words."""
    if is_answered(score.metric_set):
        return f"{score.known} of {score.asked} answered; {score.points} of the answers score points"
    share = "" if score.percent is None else f" ({score.percent:.0f} %)"
    rest = score.total - score.testable
    untested = f"; {rest} more points do not apply or are not tested" if rest else ""
    return f"{score.points} of {score.testable} testable points{share}{untested}"


def as_json(assessment: Assessment) -> dict[str, Any]:
    """An assessment as JSON values."""
    return {
        "assessment": assessment.iri,
        "dataset": assessment.dataset,
        "title": assessment.title,
        "made": assessment.made.isoformat(),
        "fairmap": assessment.version,
        "shapes_sha256": assessment.shapes,
        "graph_sha256": assessment.graph,
        "scores": {score.metric_set.name: _score_json(score) for score in assessment.scores},
        "criteria": [_judgement_json(judgement) for judgement in assessment.judgements],
    }


def _score_json(score: Score) -> dict[str, Any]:
    return {
        "points": score.points,
        "testable": score.testable,
        "total": score.total,
        "percent": None if score.percent is None else round(score.percent, 1),
        "known": score.known,
        "asked": score.asked,
    }


def _judgement_json(judgement: Judgement) -> dict[str, Any]:
    criterion = judgement.criterion
    return {
        "criterion": criterion.notation,
        "iri": criterion.iri,
        "title": criterion.title,
        "outcome": judgement.outcome.value,
        "weight": criterion.weight,
        "why": criterion.why,
        "note": judgement.note,
        "failures": [
            {
                "message": failure.message,
                "path": failure.path,
                "value": failure.value,
                "part": failure.part,
                "severity": failure.severity.value,
                "fix": failure.fix,
            }
            for failure in judgement.failures
        ],
        "evidence": [f"{triple.subject} {triple.predicate} {triple.object}" for triple in judgement.evidence],
    }


def as_csv(assessments: Sequence[Assessment]) -> str:
    """A row for each criterion, or for each failure of it."""
    buffer = io.StringIO()
    rows = csv.writer(buffer)
    rows.writerow(_COLUMNS)
    for assessment in assessments:
        for judgement in assessment.judgements:
            rows.writerows(_rows(assessment, judgement))
    return buffer.getvalue()


def _rows(assessment: Assessment, judgement: Judgement) -> Iterator[list[str | int]]:
    criterion = judgement.criterion
    names = [score.metric_set.name for score in assessment.scores if criterion in score.metric_set.criteria]
    head = [assessment.dataset, " ".join(names), criterion.notation, criterion.title, judgement.outcome.value]
    for failure in judgement.failures or (None,):
        told = [""] * 5
        if failure is not None:
            place = [path_text(failure.path), failure.value or "", failure.part or ""]
            told = [failure.message, *place, failure.fix or ""]
        yield [*head, criterion.weight, *told, judgement.note or ""]


def _text(assessment: Assessment) -> Iterator[str]:
    yield assessment.dataset if assessment.title is None else f"{assessment.dataset}: {assessment.title}"
    for score in assessment.scores:
        yield f"  {score.metric_set.name:<12}{score_text(score)}"
    for judgement in assessment.judgements:
        if judgement.outcome is Outcome.FAILED:
            yield from _failed_text(assessment, judgement)
    for words, named in _uncounted(assessment).items():
        yield ""
        yield f"  {words}: {', '.join(named)}"
    yield ""


def _uncounted(assessment: Assessment) -> dict[str, list[str]]:
    """Criteria that do not count, by the outcome in words, and those not tested by the reason, too."""
    found: dict[str, list[str]] = {}
    for outcome in (Outcome.CANT_TELL, Outcome.INAPPLICABLE, Outcome.UNTESTED):
        for judgement in assessment.judgements:
            if judgement.outcome is outcome:
                reason = f", since {judgement.note}" if outcome is Outcome.UNTESTED and judgement.note else ""
                found.setdefault(f"{WORDS[outcome]}{reason}", []).append(judgement.criterion.notation)
    return found


def _failed_text(assessment: Assessment, judgement: Judgement) -> Iterator[str]:
    criterion = judgement.criterion
    yield ""
    yield f"  {criterion.notation} failed ({criterion.weight} point{'s' * (criterion.weight != 1)}): {criterion.title}"
    yield f"    why:    {criterion.why}"
    if judgement.note:
        yield f"    how:    {judgement.note}"
    for failure in judgement.failures:
        yield f"    what:   {failure.message}"
        yield f"    where:  {' '.join(_where(assessment, failure))}"
    for fix in fixes(judgement.failures):
        yield "    remedy:"
        yield from (f"      {line}" for line in fix.splitlines())


def _where(assessment: Assessment, failure: Failure) -> Iterator[str]:
    yield failure.part or str(assessment.node)
    if failure.path is not None:
        yield path_text(failure.path)
    if failure.value is not None:
        yield failure.value


def template_context(assessments: Sequence[Assessment]) -> dict[str, Any]:
    """What the templates of pages are given."""
    return {
        "assessments": assessments,
        "failed": Outcome.FAILED,
        "words": WORDS,
        "path_text": path_text,
        "score_text": score_text,
        "fixes": fixes,
        "is_answered": is_answered,
    }


def _page(assessments: Sequence[Assessment]) -> str:
    from jinja2 import Environment, PackageLoader  # noqa: PLC0415 - other forms do without it

    environment = Environment(
        loader=PackageLoader("fairmap.fair", TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["href"] = lambda iri: iri if _WEB.match(iri) else None
    return environment.get_template("audit_alone.html").render(template_context(assessments))
