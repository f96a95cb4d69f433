"""Records as published profiles want them: ``/export/{profile}``, and record URLs with a profile."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from fairmap.errors import NotFound, UsageError
from fairmap.export import FAILED, Source, projection, projection_names
from fairmap.export.writing import MEDIA_TYPES, SUFFIXES
from fairmap.profiles import OWN
from fairmap.web.addresses import public
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.profile_choice import ARGUMENT, form_of_request, tell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.export import Projected, Projection

blueprint: Final = Blueprint("exports", __name__)
_HELD: Final = 1 << 16
"""Bytes that are there before the status is sent, so that an early failure has its own."""


@blueprint.get("/export/<slug:name>")
def export(name: str) -> Response:
    """All records in a profile, or those that ``?iri=`` names, once or more, as a file."""
    stem, suffix = split(name)
    by = find(stem)
    form = form_of_request(by, suffix, SUFFIXES)
    iris = tuple(request.args.getlist("iri"))
    path = f"/export/{by.name}"
    view = audience().view
    revision = view.revision()
    source = Source(view, public_url=public("/"))

    def make() -> Response:
        source.require(iris)
        chosen: Iterable[str] = iris or (source.everything() if by.name == OWN else source.iris(by.kinds))
        response = Response(_begun(by.write(by.project(source, chosen), form)), mimetype=MEDIA_TYPES[form])
        response.headers["Content-Disposition"] = f'attachment; filename="fairmap-{by.name}{SUFFIXES[form]}"'
        return response

    response = conditional(tag(revision, path, form, iris), make, latest(revision))
    response.headers["Content-Location"] = public(path + SUFFIXES[form])
    tell(response, by)
    for other in by.forms:
        address, media_type = public(path + SUFFIXES[other]), MEDIA_TYPES[other]
        response.headers.add("Link", f'<{address}>; rel="alternate"; type="{media_type}"')
    return response


def record_in_profile(by: Projection, path: str, suffix: str, iri: str) -> Response:
    """One record in a profile.

    :param path: of the record, without a suffix.
    :raises NotFound, Gone: when the view has it not.
    """
    form = form_of_request(by, suffix, SUFFIXES)
    view = audience().view
    revision = view.revision()
    source = Source(view, public_url=public("/"))

    def make() -> Response:
        source.require([iri])
        told = by.project(source, [iri])
        return Response(b"".join(by.write(_told(told), form)), mimetype=MEDIA_TYPES[form])

    response = conditional(tag(revision, path, by.name, form), make, latest(revision))
    response.headers["Content-Location"] = public(f"{path}{SUFFIXES[form]}?{ARGUMENT}={by.name}")
    response.headers.add("Link", f'<{public(path)}>; rel="canonical"')
    tell(response, by)
    for other in by.forms:
        address = public(f"{path}{SUFFIXES[other]}?{ARGUMENT}={by.name}")
        response.headers.add("Link", f'<{address}>; rel="alternate"; type="{MEDIA_TYPES[other]}"')
    return response


def find(name: str) -> Projection:
    """The profile of that name.

    :raises NotFound: when there is none; the message says which there are.
    """
    try:
        return projection(name)
    except UsageError as error:
        raise NotFound(error.what, expected=", ".join(projection_names())) from error


def split(name: str) -> tuple[str, str]:
    """The name of a profile, and the suffix of the form that is asked for, empty when none is.

    >>> split("dcat-ap.ttl"), split("dcat-ap")
    (('dcat-ap', '.ttl'), ('dcat-ap', ''))
    """
    stem, dot, suffix = name.rpartition(".")
    return (stem, f".{suffix}") if dot and f".{suffix}" in SUFFIXES.values() else (name, "")


def _told(projected: Iterable[Projected]) -> Iterator[Projected]:
    """The same.

    :raises NotFound: for a record that could not be told.
    """
    for one in projected:
        for remark in one.remarks:
            if remark.kind == FAILED:
                raise NotFound(remark.text, where=one.iri)
        yield one


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, the first ones made at once."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _HELD:
            break
    return chain([b"".join(held)], pieces)
