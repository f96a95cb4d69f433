"""``/fdp``: the map as a FAIR Data Point."""

from __future__ import annotations

import json
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, jsonify, redirect, request

from fairmap.errors import InputError, NotAuthenticated, NotFound
from fairmap.feeds.fdp import CHILDREN, PLACES, Point
from fairmap.profiles import profile
from fairmap.rdf import FORMATS, by_name, negotiate, parse
from fairmap.web import feeding
from fairmap.web.addresses import public
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.deployment import deployment
from fairmap.web.representation import RDF, document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask.typing import ResponseReturnValue
    from pyoxigraph import Triple

blueprint: Final = Blueprint("fdp", __name__, url_prefix="/fdp")
_PLACE: Final = f"/<any({', '.join(PLACES)}):kind>/<slug:name>"
_SIZE: Final = 10
"""Children of a page when nothing else is asked for, as in the reference implementation."""
_LARGEST: Final = 100


@blueprint.get("")
def root() -> Response:
    """What the point says of itself, and its catalogues."""
    return _respond(lambda: _point().root())


@blueprint.get("/")
def root_with_slash() -> ResponseReturnValue:
    """To the root, whose address is its subject."""
    return redirect(public("/fdp"), HTTPStatus.PERMANENT_REDIRECT)


@blueprint.get(_PLACE)
def resource(kind: str, name: str) -> Response:
    """A catalogue, a dataset or a distribution; its subject is the address that was asked for."""
    return _respond(lambda: _point().resource(kind, name))


@blueprint.get("/page/<child>")
@blueprint.get(f"{_PLACE}/page/<child>")
def page(child: str, kind: str = "", name: str = "") -> Response:
    """Some children: ``page`` counts from 0, ``size`` is at most 100."""
    if CHILDREN.get(kind) != child:
        raise NotFound("it has no such children", where=request.path, expected=CHILDREN.get(kind))
    number = feeding.number("page", 0, 1 << 31, least=0)
    size = feeding.number("size", _SIZE, _LARGEST)
    point = _point()
    links: list[str] = []

    def make() -> Iterable[Triple]:
        children = point.children(kind, name)
        last = max(0, (len(children) - 1) // size)
        places = {"first": 0, "prev": number - 1, "next": number + 1, "last": last}
        here = public(request.path)
        links.extend(
            f'<{here}?page={place}&size={size}>; rel="{rel}"' for rel, place in places.items() if 0 <= place <= last
        )
        return point.page(kind, name, children[number * size : (number + 1) * size])

    response = _respond(make)
    for link in links:
        response.headers.add("Link", link)
    return response


@blueprint.get("/spec")
@blueprint.get(f"{_PLACE}/spec")
def spec(**_: str) -> Response:
    """The shapes that what is told here is judged by."""
    return _respond(_shapes)


@blueprint.get("/meta")
@blueprint.get(f"{_PLACE}/meta")
def meta(kind: str = "", name: str = "") -> Response:
    """The state of a resource: whatever is seen here is published, and nobody is a member of it."""
    point = _point()
    revision = audience().view.revision()

    def make() -> Response:
        told = {"member": None, "state": {"current": "PUBLISHED", "children": {}}, "path": {}}
        if kind:
            point.resource(kind, name)
        return Response(json.dumps(told) + "\n", mimetype="application/json")

    return conditional(tag(revision, request.path), make, latest(revision))


@blueprint.post("/tokens")
def tokens() -> ResponseReturnValue:
    """The token that was shown as a password, when it is valid: some clients do not read without one.

    :raises InputError: when nothing is shown.
    :raises NotAuthenticated: when it is not valid.
    """
    shown = request.get_json(silent=True)
    password = shown.get("password") if isinstance(shown, dict) else None
    if not isinstance(password, str):
        raise InputError("no password is shown", where="/fdp/tokens", expected='{"email": ..., "password": a token}')
    access = deployment().access
    if access is None:
        raise NotAuthenticated("this service knows no tokens")
    try:
        access.principal(password)
    except NotAuthenticated:
        access.note_refusal()
        raise
    return jsonify(token=password), 200, {"Cache-Control": "no-store"}


def _point() -> Point:
    seen = audience()
    settings = deployment().settings
    return Point(public("/fdp"), settings.publisher, version("fairmap"), feeding.source(), seen.view.dates, seen.view)


def _shapes() -> list[Triple]:
    turtle = by_name("turtle", FORMATS)
    return [quad.triple for file in profile("fdp").files for quad in parse(file.read_bytes(), turtle)]


def _respond(make: Callable[[], Iterable[Triple]]) -> Response:
    """The triples in the form that is asked for, which is never a page for browsers."""
    chosen = negotiate(request.headers.get("Accept"), [name for form in RDF for name in form.media_types])
    form = next(form for form in RDF if chosen in form.media_types)
    revision = audience().view.revision()
    asked = tag(revision, request.path, form.name, request.query_string.decode("latin-1"))
    return conditional(asked, lambda: Response(document(make(), form), mimetype=form.media_type), latest(revision))
