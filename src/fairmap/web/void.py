"""How much the map holds: ``/.well-known/void``; told at the endpoint, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from fairmap.rdf import negotiate
from fairmap.web.addresses import public
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.deployment import deployment
from fairmap.web.examples import examples
from fairmap.web.representation import RDF, document
from fairmap.web.service_description import Description

if TYPE_CHECKING:
    from fairmap.rdf import Format

blueprint: Final = Blueprint("void", __name__)
PATH: Final = "/.well-known/void"
"""Source: Describing Linked Datasets with the VoID Vocabulary, discovery by well-known URI."""


@blueprint.get(PATH)
def void() -> Response:
    """The description of the dataset and its endpoint, in RDF."""
    chosen = negotiate(request.headers.get("Accept"), [media_type for form in RDF for media_type in form.media_types])
    return description(PATH, next(form for form in RDF if chosen in form.media_types))


def description(path: str, form: Format) -> Response:
    """The description in one form.

    :param path: the address that is asked for it.
    """
    here = deployment()
    seen = audience()
    revision = seen.view.revision()

    def make() -> Response:
        described = Description(
            public("/sparql"),
            public(PATH),
            public("/"),
            here.settings.publisher,
            here.settings.union,
            bool(here.settings.endpoints),
        )
        triples = described.triples(here.statistics.of(seen, revision), examples())
        return Response(document(triples, form), mimetype=form.media_type)

    return conditional(tag(revision, path, form.name), make, latest(revision))
