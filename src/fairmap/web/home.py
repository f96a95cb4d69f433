"""The home page, and whether the service is up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, jsonify, render_template, request

from fairmap import describe
from fairmap.errors import ServiceDown
from fairmap.rdf import negotiate
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.deployment import deployment
from fairmap.web.representation import HTML
from fairmap.web.structured import structured_data

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint: Final = Blueprint("home", __name__)
_SCHEMES: Final = {
    "Modality": "/concept/modality",
    "Body part": "/concept/body-part",
    "Topic": "/concept/topic",
    "Access condition": "/concept/access-condition",
    "Country": "/vocabulary/eu",
}
"""Where all values of a facet are listed."""


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What the map holds, and the ways in."""
    negotiate(request.headers.get("Accept"), [HTML])
    view = audience().view

    def make() -> Response:
        found = describe.overview(view)
        structured = structured_data(view, found.catalog.iri) if found.catalog and found.catalog.iri else None
        page = render_template("home.html", page=found, path="/", path_of_scheme=_SCHEMES, structured=structured)
        return Response(page, mimetype=HTML)

    revision = view.revision()
    return conditional(tag(revision, "/", HTML), make, latest(revision))


@blueprint.get("/health")
def health() -> ResponseReturnValue:
    """Whether this process answers."""
    return jsonify(status="ok")


@blueprint.get("/ready")
def ready() -> ResponseReturnValue:
    """Whether queries are answered, and from which revision.

    :raises ServiceDown: when they are not.
    """
    here = deployment()
    if not here.ready():
        raise ServiceDown("the view does not answer yet", expected="to be ready within some seconds")
    answer = here.view.query("ASK {}")
    for _ in answer.chunks:
        pass
    return jsonify(status="ready", revision=answer.revision)
