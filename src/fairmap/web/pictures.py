"""``/map`` and ``/fair``: what the map holds as pictures, each mark of which leads to its search."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, render_template, request

from fairmap import describe
from fairmap.model import Search
from fairmap.rdf import negotiate
from fairmap.search import PROPERTIES
from fairmap.web.audience import audience
from fairmap.web.countries import countries
from fairmap.web.kept_pages import kept_page
from fairmap.web.matrix import Axis, bar, matrix
from fairmap.web.representation import HTML
from fairmap.web.tiles import SIZE

blueprint: Final = Blueprint("pictures", __name__)
PATH: Final = "/map"
FAIR: Final = "/fair"
_BODY_PARTS: Final = Axis("body_part", 14)
_MODALITIES: Final = Axis("modality", 10)
_TOPICS: Final = Axis("topic", 14)
_ACCESS: Final = Axis("access", 10)


@blueprint.get(PATH)
def pictures() -> Response:
    """Countries, modalities by parts of the body, access by topic, and what is unknown."""
    negotiate(request.headers.get("Accept"), [HTML])
    view = audience().view

    def make() -> str:
        everything = view.find(Search(limit=1))
        unknown = everything.facets["unknown"]
        reasons = [count for count in unknown if count.iri not in PROPERTIES]
        properties = [count for count in unknown if count.iri in PROPERTIES]
        return render_template(
            "map.html",
            countries=countries(everything),
            size=SIZE,
            matrices=[
                matrix(view, everything, "Modality by part of the body", _BODY_PARTS, _MODALITIES),
                matrix(view, everything, "Access by topic", _TOPICS, _ACCESS),
            ],
            reasons=[bar("unknown", count) for count in reasons],
            properties=[bar("unknown", count) for count in properties],
            total=everything.total,
            path=PATH,
        )

    return kept_page(view.revision(), PATH, make)


@blueprint.get(FAIR)
def fair() -> Response:
    """How each repository answers each FAIR question."""
    negotiate(request.headers.get("Accept"), [HTML])
    view = audience().view
    return kept_page(
        view.revision(), FAIR, lambda: render_template("fair.html", found=describe.answers(view), path=FAIR)
    )
