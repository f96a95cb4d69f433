"""``/register/proposals``: what waits, for curators. Whoever else asks is refused before anything is looked up."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, render_template, request

from fairmap.errors import InputError, NotAuthenticated, NotConforming
from fairmap.proposals import check
from fairmap.rdf import negotiate
from fairmap.web import errors, signing_in
from fairmap.web.addresses import path_of
from fairmap.web.conditional import NO_STORE
from fairmap.web.deployment import deployment
from fairmap.web.proposal_rows import rows
from fairmap.web.register import JSON, faults_of, form, refuse_when_closed, told, typed
from fairmap.web.representation import HTML
from fairmap.web.writing import control

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from fairmap.proposals import Answers

blueprint: Final = Blueprint("proposals", __name__)
blueprint.before_request(refuse_when_closed)
_PLACE: Final = "/register/proposals"
_DONE: Final = re.compile(r"repository/[a-z0-9-]+|rejected")


@blueprint.get("/register/proposals")
def proposals() -> Response:
    """All of them, the oldest first."""
    found = _step("list")
    if not _is_page():
        return _json({"proposals": found})
    done = request.args.get("done", "")
    return _page("proposals.html", proposals=found, done=done if _DONE.fullmatch(done) else None)


@blueprint.get("/register/proposals/<name>")
def proposal(name: str) -> Response:
    """One, with its answers, the sender's contact and the records that it would become."""
    found = _step("show", name=name)
    return _page("proposal.html", found=found, rows=rows(found["answers"])) if _is_page() else _json(found)


@blueprint.get("/register/proposals/<name>/edit")
def editing(name: str) -> Response:
    """The form with its answers."""
    return _form(_step("show", name=name)["answers"], name)


@blueprint.put("/register/proposals/<name>")
@blueprint.post("/register/proposals/<name>")
def edit(name: str) -> ResponseReturnValue:
    """Give it the answers of this form; 422 with what is wrong with them."""
    signing_in.guard()
    _step("show", name=name)  # who may not edit is told nothing of the answers' faults
    answers = {field: values for field, values in typed().items() if field != signing_in.KEY}
    faults = check(answers)
    if not faults:
        try:
            edited = _step("edit", name=name, answers=answers)
        except NotConforming as error:
            faults = faults_of(error.report)
        else:
            return signing_in.to(f"{_PLACE}/{name}") if _is_page() else _json(edited)
    return form(answers, faults, proposal=name, key=signing_in.key()) if _is_page() else told(faults)


@blueprint.post("/register/proposals/<name>/accept")
def accept(name: str) -> ResponseReturnValue:
    """Publish it; the IRI of the public record."""
    signing_in.guard()
    done = _step("accept", name=name)
    if not _is_page():
        return _json(done)
    path = path_of(done["iri"], deployment().settings.base_iri) or ""
    return signing_in.to(f"{_PLACE}?done={path.removeprefix('/')}")


@blueprint.post("/register/proposals/<name>/reject")
def reject(name: str) -> ResponseReturnValue:
    """Take it away, for the reason in the form (``reason``)."""
    signing_in.guard()
    reasons = typed().get("reason", ())
    if len(reasons) > 1:
        raise InputError(f"there are {len(reasons)} reasons", where="reason", expected="one")
    done = _step("reject", name=name, reason="".join(reasons))
    return signing_in.to(f"{_PLACE}?done=rejected") if _is_page() else _json(done)


@blueprint.errorhandler(NotAuthenticated)
def ask_for_token(error: NotAuthenticated) -> Response:
    """A browser without a session is asked for a token; the same whether a proposal exists or not."""
    if _is_page() and "Authorization" not in request.headers:
        return signing_in.form(HTTPStatus.UNAUTHORIZED)
    return errors.of_fairmap(error)


def _step(step: str, **arguments: Any) -> Any:
    return control().proposal(step, **signing_in.credentials(), **arguments)


def _is_page() -> bool:
    return negotiate(request.headers.get("Accept"), [JSON, HTML]) == HTML


def _form(answers: Answers, name: str) -> Response:
    response = form(answers, proposal=name, key=signing_in.key())
    response.headers["Cache-Control"] = NO_STORE
    return response


def _page(template: str, **values: Any) -> Response:
    body = render_template(template, **values, key=signing_in.key(), path=None)
    return _apart(Response(body, mimetype=HTML))


def _json(found: dict[str, Any]) -> Response:
    return _apart(Response(json.dumps(found, ensure_ascii=False) + "\n", mimetype=JSON))


def _apart(response: Response) -> Response:
    """In no cache."""
    response.headers["Cache-Control"] = NO_STORE
    response.vary.update(("Accept", "Cookie"))
    return response
