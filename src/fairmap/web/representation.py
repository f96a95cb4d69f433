"""One thing in several forms: negotiation, and the headers that tell of the other forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Response, request
from pyoxigraph import Quad

from fairmap.rdf import FORMATS, by_name, canonical, negotiate, serialise
from fairmap.web.addresses import public
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyoxigraph import Triple

    from fairmap.rdf import Format

HTML: Final = "text/html"
RDF: Final = tuple(by_name(name, FORMATS) for name in ("turtle", "jsonld", "rdfxml", "ntriples"))
"""The RDF forms of a page, in order of preference."""

_BY_SUFFIX: Final[dict[str, Format | None]] = {**{form.suffix: form for form in RDF}, ".html": None}
PAGE_SUFFIXES: Final = frozenset({"", *_BY_SUFFIX})
"""What a page can end in."""


def split_suffix(name: str) -> tuple[str, str]:
    """A name and the suffix of the form that is asked for, empty when none is.

    >>> split_suffix("tcia.ttl"), split_suffix("v1.0")
    (('tcia', '.ttl'), ('v1.0', ''))
    """
    for suffix in _BY_SUFFIX:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix), suffix
    return name, ""


def wanted(suffix: str) -> Format | None:
    """The RDF form that a suffix, or else the Accept header, asks for; ``None``: HTML.

    :raises NotAcceptable: when the header wants none of ours.
    """
    if suffix:
        return _BY_SUFFIX[suffix]
    offered = [HTML, *(media_type for form in RDF for media_type in form.media_types)]
    chosen = negotiate(request.headers.get("Accept"), offered)
    return next((form for form in RDF if chosen in form.media_types), None)


def respond(
    path: str,
    suffix: str,
    *,
    html: Callable[[], str],
    triples: Callable[[], Iterable[Triple]],
    shipped: bool = False,
    kept: bool = False,
) -> Response:
    """The thing in the form that is asked for; 304 when the reader has it.

    :param path: of the thing, without a suffix.
    :param shipped: the thing comes with the program: the view need not be up.
    :param kept: the page is kept for the next who asks, as long as its revision stands.
    :raises NotAcceptable: when there is no such form.
    """
    form = wanted(suffix)

    revision = 0 if shipped else audience().view.revision()
    moment = 0 if shipped else latest(revision)
    etag = tag(revision, path, form.name if form else HTML, public("/"))

    def page() -> bytes:
        return html().encode()

    def make() -> Response:
        if form is None:
            return Response(deployment().answers.made(etag, revision, HTML, page) if kept else page(), mimetype=HTML)
        return Response(document(triples(), form), mimetype=form.media_type)

    response = conditional(etag, make, moment)
    response.headers["Content-Location"] = public(path + (form.suffix if form else ".html"))
    response.headers.add("Link", f'<{public(path)}>; rel="canonical"')
    for other in RDF:
        response.headers.add("Link", f'<{public(path + other.suffix)}>; rel="alternate"; type="{other.media_type}"')
    response.headers.add("Link", f'<{public(path)}.html>; rel="alternate"; type="{HTML}"')
    return response


def document(triples: Iterable[Triple], form: Format) -> bytes:
    """The triples in canonical order: the same bytes whenever the graph is the same."""
    quads = canonical(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return serialise([quad.triple for quad in quads], form)
