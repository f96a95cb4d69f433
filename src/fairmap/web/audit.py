"""The FAIR audit of a record: ``/audit/{kind}/{slug}``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, render_template, request

import fairmap.fair
from fairmap.fair import RecordAuditor
from fairmap.fair.documents import TEMPLATES, template_context, write_assessments
from fairmap.fair.results import triples
from fairmap.fair.transfer import of_text
from fairmap.judging import Part, Role, Submission, Task
from fairmap.rdf import negotiate
from fairmap.web import history_chart, judging
from fairmap.web.addresses import public
from fairmap.web.audience import PUBLIC, audience
from fairmap.web.conditional import conditional, tag
from fairmap.web.deployment import deployment
from fairmap.web.history_chart import chart
from fairmap.web.representation import HTML, RDF, document

if TYPE_CHECKING:
    from fairmap.fair import Assessment, Kept
    from fairmap.fair.records import Gathered

blueprint: Final = Blueprint("audit", __name__, template_folder=str(Path(fairmap.fair.__file__).parent / TEMPLATES))
_PLAIN: Final = {"json": "application/json", "csv": "text/csv"}
_SUFFIXES: Final = {
    ".html": HTML,
    **{form.suffix: form.media_type for form in RDF},
    **{f".{form}": media_type for form, media_type in _PLAIN.items()},
}
_OFFERED: Final = {
    HTML: HTML,
    **{media_type: form.media_type for form in RDF for media_type in form.media_types},
    **{media_type: media_type for media_type in _PLAIN.values()},
}


@blueprint.get("/audit/<any(dataset, repository):kind>/<slug:name>")
def audit(kind: str, name: str) -> Response:
    """How FAIR a record is, and what mends it: HTML, RDF, JSON or CSV. ``?metrics=`` names metric sets."""
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix) and len(name) > len(suffix)), "")
    slug = name.removesuffix(suffix)
    media_type = _SUFFIXES.get(suffix) or _OFFERED[negotiate(request.headers.get("Accept"), list(_OFFERED))]
    path = f"/audit/{kind}/{slug}"
    names = tuple(request.args.getlist("metrics"))
    view = audience().view
    iri = f"{deployment().settings.base_iri}{kind}/{slug}"
    history = deployment().history

    def make() -> Response:
        auditor = RecordAuditor(view, deployment().criteria, names)
        assessment = _assessed(auditor.gather(iri))
        return Response(_body(assessment, history.of(iri), media_type, path), mimetype=media_type)

    response = conditional(tag(view.revision(), path, media_type, (*names, history.last(iri))), make)
    ending = next(suffix for suffix, of in _SUFFIXES.items() if of == media_type)
    response.headers["Content-Location"] = public(path + ending)
    for other, of in _SUFFIXES.items():
        response.headers.add("Link", f'<{public(path + other)}>; rel="alternate"; type="{of}"')
    return response


def _assessed(found: Gathered) -> Assessment:
    """The assessment of a record, made by a worker."""
    parts = [
        (Part(Role.DATA, "record", "ntriples"), judging.document(found.own)),
        (Part(Role.NEAR, "neighbours", "ntriples"), judging.document(found.near)),
    ]
    answer = judging.judged(Submission(Task("json", record=found.node.value, metrics=found.names), parts))
    return of_text(b"".join(answer.chunks), deployment().criteria)


def _body(assessment: Assessment, kept: list[Kept], media_type: str, path: str) -> str | bytes:
    for name, plain in _PLAIN.items():
        if media_type == plain:
            return write_assessments([assessment], name)
    for form in RDF:
        if media_type == form.media_type:
            told = [triple for one in kept for triple in one.triples()]
            return document([*triples([assessment]), *told], form)
    is_own = audience().name != PUBLIC
    return render_template(
        "audit.html",
        it=assessment,
        kept=kept,
        picture=chart(kept, [score.metric_set.name for score in assessment.scores]),
        drawn=history_chart,
        is_own=is_own,
        path=path,
        **template_context([assessment]),
    )
