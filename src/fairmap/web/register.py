"""``/register``: the questionnaire. What is sent waits as a proposal that curators alone see."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from fairmap.catalogue.reports import from_json
from fairmap.errors import NotConforming, NotFound
from fairmap.judging import Part, Role, Submission, Task
from fairmap.model import Severity
from fairmap.profiles import OWN
from fairmap.proposals import Fault, check, draft, plain, questions, reasons
from fairmap.rdf import negotiate
from fairmap.web import judging
from fairmap.web.addresses import local
from fairmap.web.conditional import NO_STORE, conditional, tag
from fairmap.web.deployment import deployment
from fairmap.web.errors import PROBLEM
from fairmap.web.protocol import FORM
from fairmap.web.representation import HTML
from fairmap.web.submissions import MULTIPART
from fairmap.web.writing import bearer, control

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from fairmap.model import ValidationReport
    from fairmap.proposals import Answers

blueprint: Final = Blueprint("register", __name__)
JSON: Final = "application/json"
SIZE: Final = 1 << 20
"""Bytes of the largest form that is read."""
_NAME: Final = re.compile(r"[0-9a-f]{12}")


@blueprint.get("/register")
def page() -> Response:
    """The form, filled in as the address says; or thanks, ``?received=NAME``."""
    negotiate(request.headers.get("Accept"), [HTML])
    received = request.args.get("received", "")
    if _NAME.fullmatch(received):
        return form({}, received=received)
    answers = request.args.to_dict(flat=False)
    return conditional(tag(0, "/register", request.full_path), lambda: form(answers))


@blueprint.post("/register")
def submit() -> ResponseReturnValue:
    """Take in a proposal: 303 to the thanks, JSON with its name, or 422 with what is wrong, at each question."""
    refuse_when_closed()
    wants_json = negotiate(request.headers.get("Accept"), [HTML, JSON, PROBLEM]) != HTML
    answers = typed()
    faults = check(answers)
    if not faults:
        try:
            name = control().proposal("submit", answers=answers, **_shown())["name"]
        except NotConforming as error:
            faults = faults_of(error.report)
        else:
            return _taken(name, wants_json=wants_json)
    return told(faults) if wants_json else form(answers, faults)


@blueprint.post("/register/check")
def live() -> Response:
    """What is wrong with the form as it stands, as JSON; nothing is kept. The shapes are asked when each answer is right by itself."""
    refuse_when_closed()
    answers = typed()
    faults = check(answers) or _of_shapes(answers)
    return _apart(Response(json.dumps({"faults": _listed(faults)}, ensure_ascii=False) + "\n", mimetype=JSON))


def _of_shapes(answers: Answers) -> list[Fault]:
    triples = [quad.triple for quad in draft(answers, deployment().settings.base_iri)]
    parts = [(Part(Role.DATA, "answers", "ntriples"), judging.document(triples))]
    answer = judging.judged(Submission(Task("json", OWN), parts))
    return faults_of(from_json(json.loads(b"".join(answer.chunks))))


def refuse_when_closed() -> None:
    """Go on when proposals can wait here.

    :raises NotFound: when this service only reads, or its store is an engine elsewhere, which has the public level alone.
    """
    if not _is_open():
        what = "this service takes no proposals: its store has no place where they could wait"
        raise NotFound(what, where=request.path, expected="a service with a store of its own (oxigraph:PATH)")


def _is_open() -> bool:
    access = deployment().access
    return deployment().control is not None and (access is None or access.has_organisations)


def typed() -> Answers:
    """The answers in a form that was sent.

    :raises UnsupportedMediaType: when it is none.
    """
    request.max_content_length = request.max_form_memory_size = SIZE
    if request.mimetype not in {FORM, MULTIPART}:
        raise UnsupportedMediaType(f"Answers come as {FORM} or {MULTIPART}, not as {request.mimetype or 'nothing'}.")
    try:
        return request.form.to_dict(flat=False)
    except RequestEntityTooLarge as error:
        raise RequestEntityTooLarge(f"The answers are more than {SIZE >> 20} MiB.") from error


def faults_of(report: ValidationReport) -> list[Fault]:
    """What the shapes say, at the question that it is about."""
    by_path = {question.iri: question.name for question in questions()}
    by_path["http://purl.org/dc/terms/accessRights"] = "accessCondition"
    wrong = [finding for finding in report.findings if finding.severity is Severity.VIOLATION]
    found = [Fault(by_path.get(finding.path or "", ""), plain(finding.message)) for finding in wrong]
    return list(dict.fromkeys(found))


def told(faults: Sequence[Fault]) -> Response:
    """Faults for a program."""
    problem = {
        "type": "about:blank",
        "title": HTTPStatus.UNPROCESSABLE_ENTITY.phrase,
        "status": HTTPStatus.UNPROCESSABLE_ENTITY.value,
        "detail": f"{len(faults)} answers are to be mended; nothing was kept",
        "instance": local(request.path),
        "faults": _listed(faults),
    }
    return _apart(
        Response(json.dumps(problem, ensure_ascii=False) + "\n", HTTPStatus.UNPROCESSABLE_ENTITY, mimetype=PROBLEM)
    )


def _listed(faults: Sequence[Fault]) -> list[dict[str, str]]:
    return [{"field": fault.field, "message": fault.message} for fault in faults]


def form(
    answers: Answers,
    faults: Sequence[Fault] = (),
    *,
    received: str | None = None,
    proposal: str | None = None,
    key: str | None = None,
) -> Response:
    """The page, with what was typed and what is wrong with it.

    :param proposal: which a curator edits.
    :param key: for the form, when it is one of a session.
    """
    body = render_template(
        "register.html",
        questions=questions(),
        reasons=reasons(),
        answers={name: list(values) for name, values in answers.items()},
        faults=faults,
        received=received,
        proposal=proposal,
        key=key,
        is_open=_is_open(),
        path="/register",
    )
    return _apart(Response(body, HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK, mimetype=HTML))


def _taken(name: str, *, wants_json: bool) -> ResponseReturnValue:
    if wants_json:
        return _apart(Response(json.dumps({"name": name}) + "\n", HTTPStatus.CREATED, mimetype=JSON))
    return redirect(f"{local('/register')}?received={name}", HTTPStatus.SEE_OTHER)


def _shown() -> dict[str, str | None]:
    return {"token": bearer()}


def _apart(response: Response) -> Response:
    """Nothing of what was typed stays in a cache."""
    if request.method != "GET" or request.args:
        response.headers["Cache-Control"] = NO_STORE
    response.vary.add("Accept")
    return response
