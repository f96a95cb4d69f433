"""``/register/proposals``: what waits, for curators. Whoever else asks is refused before anything is looked up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, render_template, request

from fairmap.errors import InputError, NotConforming
from fairmap.proposals import check
from fairmap.rdf import negotiate
from fairmap.web.addresses import local
from fairmap.web.conditional import NO_STORE
from fairmap.web.register import JSON, faults_of, told, typed
from fairmap.web.representation import HTML
from fairmap.web.writing import bearer, control

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint: Final = Blueprint("proposals", __name__)


@blueprint.get("/register/proposals")
def proposals() -> Response:
    """All of them, the oldest first."""
    return _answer({"proposals": _step("list")}, "proposals.html")


@blueprint.get("/register/proposals/<name>")
def proposal(name: str) -> Response:
    """One, with its answers, the sender's contact and the records that it would become."""
    return _answer(_step("show", name=name), "proposal.html")


@blueprint.put("/register/proposals/<name>")
@blueprint.post("/register/proposals/<name>")
def edit(name: str) -> Response:
    """Give it the answers of this form; 422 with what is wrong with them."""
    _step("show", name=name)  # who may not edit is told nothing of the answers' faults
    answers = typed()
    faults = check(answers)
    if not faults:
        try:
            return _answer(_step("edit", name=name, answers=answers))
        except NotConforming as error:
            faults = faults_of(error.report)
    return told(faults)


@blueprint.post("/register/proposals/<name>/accept")
def accept(name: str) -> ResponseReturnValue:
    """Publish it; the IRI of the public record."""
    return _answer(_step("accept", name=name))


@blueprint.post("/register/proposals/<name>/reject")
def reject(name: str) -> ResponseReturnValue:
    """Take it away, for the reason in the form (``reason``)."""
    reasons = typed().get("reason", ())
    if len(reasons) > 1:
        raise InputError(f"there are {len(reasons)} reasons", where="reason", expected="one")
    return _answer(_step("reject", name=name, reason="".join(reasons)))


def _step(step: str, **arguments: Any) -> Any:
    return control().proposal(step, token=bearer(), **arguments)


def _answer(found: dict[str, Any], template: str | None = None) -> Response:
    """As JSON, or as a page where there is one; in no cache."""
    offered = [JSON, HTML] if template else [JSON]
    if template and negotiate(request.headers.get("Accept"), offered) == HTML:
        response = Response(render_template(template, found=found, path=local(request.path)), mimetype=HTML)
    else:
        response = Response(json.dumps(found, ensure_ascii=False) + "\n", mimetype=JSON)
    response.headers["Cache-Control"] = NO_STORE
    response.vary.add("Accept")
    return response
