"""``/validate``: documents, or a record of the map, judged by a profile or by shapes of the asker's own."""

from __future__ import annotations

from contextlib import ExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup
from pyoxigraph import NamedNode

from fairmap import describe
from fairmap.catalogue.reports import REPORT_MEDIA_TYPES, stylesheet
from fairmap.errors import FairmapError, NotFound, UsageError
from fairmap.fair import neighbours
from fairmap.judging import Part, Role, Submission, Task
from fairmap.namespaces import record_of
from fairmap.profiles import OWN
from fairmap.rdf import FORMATS, named_node, negotiate
from fairmap.web import judging
from fairmap.web.audience import audience
from fairmap.web.conditional import NO_STORE, conditional, tag
from fairmap.web.deployment import deployment
from fairmap.web.errors import RETRY_AFTER, status_of
from fairmap.web.representation import HTML
from fairmap.web.submissions import TYPED, Typed, documents, limit_body, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import Triple

blueprint: Final = Blueprint("validate", __name__)
_FORMS: Final = {"json": REPORT_MEDIA_TYPES["json"], **REPORT_MEDIA_TYPES}
"""Media types of reports, in the order in which they are preferred."""
_EXAMPLE: Final = "example"


@blueprint.get("/validate")
def page() -> Response:
    """The form, or what is wrong with a record of the map (``?record=IRI&profile=NAME``)."""
    iri = request.args.get("record")
    if iri is not None:
        return _record(iri, request.args.get("profile") or OWN)
    return conditional(tag(0, request.full_path, HTML), lambda: _page(_filled()))


@blueprint.get("/validate/report.css")
def style() -> Response:
    """What a report looks like in a page."""
    return conditional(tag(0, "/validate/report.css"), lambda: Response(stylesheet(), mimetype="text/css"))


@blueprint.post("/validate")
def validate() -> Response:
    """Judge what is submitted: 200 with the report, whether it conforms or not."""
    form = _wanted()
    limit_body()
    try:
        response = _judged(Task(form, profile=request.values.get("profile") or None))
    except FairmapError as error:
        if form != "html":
            raise
        response = _page(typed(), error=error)
    response.headers["Cache-Control"] = NO_STORE
    response.vary.add("Accept")
    return response


def _judged(task: Task) -> Response:
    with ExitStack() as stack:
        answer = judging.judged(Submission(task, documents(stack)))
    if task.report == "html":
        return _page(typed(), report=b"".join(answer.chunks).decode())
    response = Response(answer.chunks, mimetype=_FORMS[task.report])
    if answer.size is not None:
        response.content_length = answer.size
    return response


def _record(iri: str, profile: str) -> Response:
    """The report on a record of the request's view."""
    form = _wanted()
    view = audience().view

    def make() -> Response:
        node = named_node(iri, where="record")
        if record_of(iri, deployment().settings.base_iri) != iri:
            raise NotFound("there is no such record", where=iri)
        own = describe.graph_triples(view, iri)
        parts = [(Part(Role.DATA, "record", "ntriples"), judging.document(own))]
        if profile != OWN:  # fairmap's own asks for what it needs
            near = neighbours(view, node)
            parts.append((Part(Role.NEAR, "neighbours", "ntriples"), judging.document(near)))
            parts.append((Part(Role.NEAR, "things", "ntriples"), list(judging.known(_undescribed([*own, *near])))))
        answer = judging.judged(Submission(Task(form, profile, record=iri), parts))
        if form == "html":
            return _page(Typed(profile), report=b"".join(answer.chunks).decode(), record=iri)
        return Response(answer.chunks, mimetype=_FORMS[form])

    return conditional(tag(view.revision(), "/validate", iri, profile, form), make)


def _undescribed(triples: Sequence[Triple]) -> list[str]:
    """The parts of records that triples point to and say nothing about; terms of tables are known where they are judged."""
    described = {triple.subject for triple in triples}
    iris = dict.fromkeys(triple.object.value for triple in triples if isinstance(triple.object, NamedNode))
    base = deployment().settings.base_iri
    return [iri for iri in iris if record_of(iri, base) and NamedNode(iri) not in described]


def _wanted() -> str:
    """The form of the report that the request asks for.

    :raises UsageError: for a name that is none.
    :raises NotAcceptable: when the header wants none of ours.
    """
    name = request.args.get("format")
    if name is None:
        chosen = negotiate(request.headers.get("Accept"), list(_FORMS.values()))
        return next(form for form, media_type in _FORMS.items() if media_type == chosen)
    if name not in _FORMS:
        raise UsageError(f"there is no report format {name!r}", where="format", expected=", ".join(_FORMS))
    return name


def _filled() -> Typed:
    """The form as the address fills it in."""
    told = typed()
    if _EXAMPLE in request.args:
        return Typed("dcat-ap", render_template("example.ttl"), "turtle")
    return told


def _page(
    told: Typed, *, report: str | None = None, record: str | None = None, error: FairmapError | None = None
) -> Response:
    status: HTTPStatus | int = 200 if error is None else status_of(type(error))
    body = render_template(
        "validate.html",
        told=told,
        report=None if report is None else Markup(report),  # noqa: S704 - the writer of reports escapes
        record=record,
        error=error,
        formats=[(form.name, form.media_type) for form in FORMATS],
        most=deployment().settings.judge_size,
        typed_most=TYPED >> 20,
        path="/validate",
    )
    response = Response(body, status, mimetype=HTML)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER
    return response
