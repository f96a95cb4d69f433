"""Shapes: ``/shapes`` and ``/shapes/{Name}``."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, render_template

from fairmap.web.deployment import deployment
from fairmap.web.representation import respond, split_suffix

blueprint: Final = Blueprint("shapes", __name__)


@blueprint.get("/shapes")
@blueprint.get("/shapes<any('.ttl', '.jsonld', '.rdf', '.nt', '.html'):suffix>")
def shapes(suffix: str = "") -> Response:
    """All shapes."""
    here = deployment()
    return respond(
        "/shapes",
        suffix,
        html=lambda: render_template("shapes.html", shapes=list(here.shapes), path="/shapes"),
        triples=lambda: here.shapes.triples,
        shipped=True,
    )


@blueprint.get("/shapes/<slug:name>")
def shape(name: str) -> Response:
    """One shape."""
    key, suffix = split_suffix(name)
    found = deployment().shapes.shape(key)
    path = f"/shapes/{key}"
    return respond(
        path,
        suffix,
        html=lambda: render_template("shape.html", shape=found, path=path),
        triples=lambda: deployment().shapes.of(key),
        shipped=True,
    )
