"""Our terms: concept schemes, concepts, excerpts, the ontology, the JSON-LD context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, render_template

from fairmap import describe
from fairmap.namespaces import CONCEPT, ONTOLOGY_GRAPH, VOCABULARY
from fairmap.resources import folder
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, tag
from fairmap.web.having import having
from fairmap.web.representation import respond, split_suffix

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairmap.model import Reader

blueprint: Final = Blueprint("vocabularies", __name__)


@blueprint.get("/concept/<slug:name>")
def scheme(name: str) -> Response:
    """A concept scheme."""
    key, suffix = split_suffix(name)
    return _graph(f"{CONCEPT}{key}", f"/concept/{key}", suffix, describe.scheme)


@blueprint.get("/concept/<slug:scheme_key>/<slug:name>")
def concept(scheme_key: str, name: str) -> Response:
    """A concept."""
    key, suffix = split_suffix(name)
    iri, path = f"{CONCEPT}{scheme_key}/{key}", f"/concept/{scheme_key}/{key}"
    view = audience().view
    return respond(
        path,
        suffix,
        html=lambda: render_template(
            "concept.html", page=describe.concept(view, iri), path=path, having=having(view, iri)
        ),
        triples=lambda: describe.concept_triples(view, iri),
        kept=True,
    )


@blueprint.get("/vocabulary/<slug:name>")
def vocabulary(name: str) -> Response:
    """An excerpt of a vocabulary of others."""
    key, suffix = split_suffix(name)
    return _graph(f"{VOCABULARY}{key}", f"/vocabulary/{key}", suffix, describe.vocabulary)


@blueprint.get("/ns")
@blueprint.get("/ns<any('.ttl', '.jsonld', '.rdf', '.nt', '.html'):suffix>")
def ontology(suffix: str = "") -> Response:
    """The ontology."""
    return _graph(ONTOLOGY_GRAPH, "/ns", suffix, describe.vocabulary)


def _graph(iri: str, path: str, suffix: str, page: Callable[[Reader, str], object]) -> Response:
    """A vocabulary graph of its own, as the page that ``page`` makes or as RDF."""
    view = audience().view
    return respond(
        path,
        suffix,
        html=lambda: render_template("vocabulary.html", page=page(view, iri), path=path),
        triples=lambda: describe.graph_triples(view, iri),
        kept=True,
    )


@blueprint.get("/context.jsonld")
def context() -> Response:
    """The JSON-LD context of our YAML-LD and JSON-LD documents."""
    body = (folder("seeds") / "context.jsonld").read_bytes()
    return conditional(tag(0, "/context.jsonld"), lambda: Response(body, mimetype="application/ld+json"))
