"""``/feed``: the map as an event stream (LDES, DCAT-AP Feeds)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from fairmap.errors import NotFound
from fairmap.feeds.ldes import Stream
from fairmap.rdf import FORMATS, by_name, negotiate, serialise
from fairmap.web import feeding
from fairmap.web.audience import audience
from fairmap.web.conditional import CACHE, conditional, latest, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyoxigraph import Quad

blueprint: Final = Blueprint("feed", __name__)
IMMUTABLE: Final = "public, max-age=604800, immutable"
"""A fragment that is full gets no other event; one that it has may go, when there is a newer one of the same entry."""
_FORMS: Final = tuple(by_name(name, FORMATS) for name in ("trig", "jsonld", "nquads"))
_MOST: Final = 100_000
"""Events of a fragment; there are far fewer."""


@blueprint.get("/feed")
def feed() -> Response:
    """The page that leads to all fragments."""
    view = audience().view
    prefixes = feeding.prefixes(feeding.profile())
    return _respond(lambda: _stream().root_page(view.dates.fragments(prefixes)), CACHE)


@blueprint.get("/feed/page/<int:start>")
def fragment(start: int) -> Response:
    """The events of one range in time.

    :raises NotFound: when no fragment begins there.
    """
    view = audience().view
    profile = feeding.profile()
    prefixes = feeding.prefixes(profile)
    starts = view.dates.fragments(prefixes)
    if start not in starts:
        raise NotFound("no fragment of the feed begins there", where=request.path, expected="one that /feed leads to")
    end = next((other for other in starts if other > start), None)

    def make() -> Iterable[Quad]:
        entries = view.dates.entries(prefixes, after=start - 1, before=end, limit=_MOST)
        told = {record.iri: record for record in feeding.projected(profile, entries)}
        return _stream().fragment_page(start, entries, told)

    return _respond(make, CACHE if end is None else IMMUTABLE)


def _stream() -> Stream:
    kinds = request.args.getlist("kind")
    return Stream(
        feeding.address("/feed", kind=kinds), lambda start: feeding.address(f"/feed/page/{start}", kind=kinds)
    )


def _respond(quads: Callable[[], Iterable[Quad]], cache: str) -> Response:
    chosen = negotiate(request.headers.get("Accept"), [name for form in _FORMS for name in form.media_types])
    form = next(form for form in _FORMS if chosen in form.media_types)
    revision = audience().view.revision()

    def make() -> Response:
        return Response(serialise(dict.fromkeys(quads()), form), mimetype=form.media_type)

    asked = tag(revision, request.path, form.name, request.query_string.decode("latin-1"))
    return conditional(asked, make, latest(revision), cache=cache)
