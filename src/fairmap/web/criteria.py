"""The criteria of the FAIR audit that a program judges: ``/criterion``, ``/criterion/{notation}`` and ``/shapes/fair/{Name}``."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, render_template

from fairmap.fair.described import FAIR_SHAPES
from fairmap.fair.documents import path_text
from fairmap.web import records
from fairmap.web.deployment import deployment
from fairmap.web.representation import respond, split_suffix

blueprint: Final = Blueprint("criteria", __name__)


@blueprint.get("/criterion")
@blueprint.get("/criterion<any('.ttl', '.jsonld', '.rdf', '.nt', '.html'):suffix>")
def criteria(suffix: str = "") -> Response:
    """All criteria, by metric set."""
    described = deployment().described
    return respond(
        "/criterion",
        suffix,
        html=lambda: render_template("criteria.html", sets=described.sets, path="/criterion"),
        triples=described.all_triples,
        shipped=True,
    )


@blueprint.get("/criterion/<slug:name>")
def criterion(name: str) -> Response:
    """One criterion; those that people answer are records."""
    notation, suffix = split_suffix(name)
    described = deployment().described
    if notation not in described:
        return records.record("criterion", name)
    found, path = described[notation], f"/criterion/{notation}"

    def page() -> str:
        return render_template(
            "criterion.html",
            criterion=found,
            sets=described.sets_of(found),
            rules=described.rules(found),
            sources=described.sources(found),
            written=described.written(notation),
            path_text=path_text,
            path=path,
        )

    return respond(path, suffix, html=page, triples=lambda: described.triples(found), shipped=True)


@blueprint.get("/shapes/fair/<slug:name>")
def shape(name: str) -> Response:
    """A metric set, or a shape that several criteria use."""
    key, suffix = split_suffix(name)
    described, path = deployment().described, f"/shapes/fair/{key}"
    found = described.shape(key)
    return respond(
        path,
        suffix,
        html=lambda: render_template(
            "fair_shape.html",
            name=key,
            iri=f"{FAIR_SHAPES}{key}",
            written=described.written(key),
            sets=described.sets,
            path=path,
        ),
        triples=lambda: found,
        shipped=True,
    )
