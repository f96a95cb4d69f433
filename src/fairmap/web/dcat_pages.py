"""``/catalog``: the whole map as DCAT, page by page, for harvesters such as those of CKAN and data.europa.eu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from fairmap.feeds import page
from fairmap.feeds.hydra import Place, page_triples
from fairmap.rdf import negotiate, serialise
from fairmap.web import feeding
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.deployment import deployment
from fairmap.web.representation import RDF

if TYPE_CHECKING:
    from fairmap.rdf import Format
    from fairmap.web.view import View

blueprint: Final = Blueprint("dcat_pages", __name__)
SIZE: Final = 100
"""Entries of a page when nothing else is asked for."""
LARGEST: Final = 250
_LATEST: Final = 1 << 62
_SUFFIXES: Final = {form.suffix: form for form in RDF}
_QUOTED: Final = ", ".join(f"'{suffix}'" for suffix in _SUFFIXES)


@blueprint.get("/catalog")
@blueprint.get(f"/catalog<any({_QUOTED}):suffix>")
def catalog(suffix: str = "") -> Response:
    """A page: ``profile``, ``kind``, ``modified_since``, ``size``; ``after`` as the page before tells it."""
    form = _SUFFIXES.get(suffix) or _wanted()
    view = audience().view
    profile = feeding.profile()
    prefixes = feeding.prefixes(profile)
    since = feeding.moment("modified_since")
    size = feeding.number("size", SIZE, LARGEST)
    after = feeding.number("after", 0, _LATEST, least=0)
    revision = view.revision()
    told = {
        "kind": request.args.getlist("kind"),
        "modified_since": request.args.get("modified_since"),
        "size": request.args.get("size"),
    }
    path = f"/catalog{suffix}"

    def make() -> Response:
        found = page(view.dates, prefixes, after=max(after, since - 1), size=size, deleted=False)
        place = Place(
            collection=feeding.address(path, **told | {"size": None}),
            here=feeding.address(path, **told, after=after),
            first=feeding.address(path, **told),
            following=feeding.address(path, **told, after=found.following) if found.following else None,
            total=_total(view, revision, prefixes, max(0, since - 1)),
        )
        triples = page_triples(place, feeding.projected(profile, found.entries), view)
        response = Response(serialise(dict.fromkeys(triples), form), mimetype=form.media_type)
        response.headers.add("Link", f'<{profile.specification}>; rel="profile"')
        if place.following:
            response.headers.add("Link", f'<{place.following}>; rel="next"')
        return response

    asked = tag(revision, path, form.name, request.query_string.decode("latin-1"))
    return conditional(asked, make, latest(revision))


def _total(view: View, revision: int, prefixes: list[str], after: int) -> int:
    """How many entries all pages have, counted once for each revision."""
    key = tag(revision, "/catalog", "total", *prefixes, str(after))

    def count() -> bytes:
        return str(view.dates.count(prefixes, after=after, deleted=False)).encode()

    return int(deployment().answers.made(key, revision, "text/plain", count))


def _wanted() -> Format:
    chosen = negotiate(request.headers.get("Accept"), [name for form in RDF for name in form.media_types])
    return next(form for form in RDF if chosen in form.media_types)
