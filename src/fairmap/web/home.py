"""The home page, and whether the service is up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, jsonify, render_template, request

from fairmap import describe
from fairmap.errors import QueryRefused, ServiceDown
from fairmap.model import Search
from fairmap.rdf import negotiate
from fairmap.web.audience import audience
from fairmap.web.countries import countries
from fairmap.web.deployment import deployment
from fairmap.web.kept_pages import kept_page
from fairmap.web.matrix import Axis, matrix
from fairmap.web.newest import newest
from fairmap.web.representation import HTML
from fairmap.web.structured import structured_data
from fairmap.web.tiles import SIZE

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from fairmap.web.view import View

blueprint: Final = Blueprint("home", __name__)
_BODY_PARTS: Final = Axis("body_part", 9)
_MODALITIES: Final = Axis("modality", 8)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What the map holds, and the ways in."""
    negotiate(request.headers.get("Accept"), [HTML])
    view = audience().view

    def make() -> str:
        found = describe.overview(view)
        structured = structured_data(view, found.catalog.iri) if found.catalog and found.catalog.iri else None
        pictures = _pictures(view)
        return render_template(
            "home.html", page=found, path="/", structured=structured, newest=newest(view), size=SIZE, **pictures
        )

    return kept_page(view.revision(), "/", make)


def _pictures(view: View) -> dict[str, Any]:
    """The pictures of the home page; none where records are not searched."""
    try:
        everything = view.find(Search(limit=1))
    except QueryRefused:  # the store's engine is elsewhere, and has no index
        return {}
    meeting = matrix(view, everything, "Modality by part of the body", _BODY_PARTS, _MODALITIES)
    return {"countries": countries(everything), "meeting": meeting}


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
