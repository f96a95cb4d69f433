"""Which profile a request asks for: ``?_profile=`` or the header Accept-Profile. Source: Content Negotiation by Profile, W3C, 7 and 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request
from werkzeug.http import parse_accept_header

from fairmap.errors import NotAcceptable
from fairmap.export import projection, projection_names
from fairmap.export.writing import MEDIA_TYPES
from fairmap.rdf import FORMATS, negotiate
from fairmap.web.addresses import public

if TYPE_CHECKING:
    from flask import Response

    from fairmap.export import Projection

ARGUMENT: Final = "_profile"
HEADER: Final = "Accept-Profile"
_TYPES: Final = {form.name: form.media_types for form in FORMATS}


def profiles_of(kind: str) -> list[Projection]:
    """The profiles that tell of records of a kind."""
    return [one for one in map(projection, projection_names()) if kind in one.kinds]


def chosen(kind: str) -> Projection | None:
    """The profile that is asked for; ``None``: none.

    :raises NotAcceptable: when records of this kind come in none of those that are asked for; the message says in which.
    """
    offered = profiles_of(kind)
    known = {name: one for one in offered for name in (one.name, one.specification, public(f"/profile/{one.name}"))}
    asked = request.args.get(ARGUMENT)
    where = ARGUMENT if asked else HEADER
    wanted = [asked] if asked else _of_header()
    for name in wanted:
        if name in known:
            return known[name]
    if wanted:
        expected = ", ".join(f"{one.name} <{one.specification}>" for one in offered)
        raise NotAcceptable(
            f"this does not come in the profile {' or '.join(wanted)!r}", where=where, expected=expected
        )
    return None


def form_of_request(by: Projection, suffix: str, suffixes: dict[str, str]) -> str:
    """The form that a suffix, or else the Accept header, asks for.

    :raises NotAcceptable: when the profile is not written in it.
    """
    if suffix:
        found = next((form for form in by.forms if suffixes[form] == suffix), None)
        if found is None:
            offered = ", ".join(suffixes[form] for form in by.forms)
            raise NotAcceptable(f"{by.name} does not come as {suffix}", where="suffix", expected=offered)
        return found
    types = {name: form for form in by.forms for name in _TYPES.get(form, (MEDIA_TYPES[form],))}
    return types[negotiate(request.headers.get("Accept"), list(types))]


def tell(response: Response, by: Projection) -> None:
    """The headers that name the profile of an answer."""
    response.headers.add("Link", f'<{by.specification}>; rel="profile"')
    response.headers["Content-Profile"] = f"<{by.specification}>"
    response.vary.add(HEADER)


def tell_others(response: Response, path: str, kind: str) -> None:
    """The profiles that a record comes in, each with its first form."""
    for by in profiles_of(kind):
        address = public(f"{path}?{ARGUMENT}={by.name}")
        form = MEDIA_TYPES[by.forms[0]]
        response.headers.add("Link", f'<{address}>; rel="alternate"; type="{form}"; format="{by.specification}"')
    response.vary.add(HEADER)


def _of_header() -> list[str]:
    """The profiles of the header, the most wanted first."""
    found = parse_accept_header(request.headers.get(HEADER, ""))
    return [name.strip("<>") for name, quality in found if quality > 0]
