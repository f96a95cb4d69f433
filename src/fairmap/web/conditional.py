"""Entity tags and times: an answer that a reader has already is not made again. Source: RFC 9110, 8.8 and 13.1."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Response, request

from fairmap.web.audience import audience
from fairmap.web.dating import seconds
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Callable

CACHE: Final = "public, no-cache"
"""Keep it, and ask each time whether it is still so."""
NO_STORE: Final = "no-store"


def tag(revision: int, *parts: str | tuple[str, ...] | None) -> str:
    """The opaque text of a tag: of one representation, for one audience, at one revision of its view, from one run of the service.

    A revision counts the writes of one store, and a page depends on the program, too; so no tag outlives the service's process.
    """
    return tag_of(deployment().run, audience().name, revision, *parts)


def tag_of(run: str, audience_name: str, revision: int, *parts: str | tuple[str, ...] | None) -> str:
    """As :func:`tag`, for an app that is told by its ``run``."""
    text = json.dumps([run, audience_name, revision, *parts])
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def conditional(etag: str, make: Callable[[], Response], moment: int = 0, *, cache: str = CACHE) -> Response:
    """The answer to a GET, with its tag; 304 without calling ``make`` when the reader has it.

    The tag is weak: it stands for the plain and the compressed form alike. Who asks with a tag is not asked for a time.

    :param moment: when it changed last, in microseconds since 1970; 0: not told.
    :param cache: for how long it may be kept without asking.
    :raises FairmapError: as ``make`` does; errors carry no tag.
    """
    modified = seconds(moment)
    if _is_held(etag, modified):
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = make()
    if response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
        response.set_etag(etag, weak=True)
        response.headers["Cache-Control"] = cache
        if modified is not None:
            response.last_modified = datetime.fromtimestamp(modified, UTC)
    response.vary.add("Accept")
    return response


def latest(revision: int) -> int:
    """When what this request sees changed last, in microseconds since 1970; 0 when that cannot be told.

    :param revision: of the view, read before.
    """
    return deployment().latest.of(audience(), revision)


def _is_held(etag: str, modified: int | None) -> bool:
    if "If-None-Match" in request.headers:
        held = request.if_none_match
        return not held.star_tag and held.contains_weak(etag)
    since = request.if_modified_since
    return modified is not None and since is not None and modified <= since.timestamp()
