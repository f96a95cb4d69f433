"""Entity tags: an answer that a reader has already is not made again. Source: RFC 9110, 8.8.3 and 13.1.2."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Response, request

from fairmap.web.audience import audience
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


def conditional(etag: str, make: Callable[[], Response]) -> Response:
    """The answer to a GET, with its tag; 304 without calling ``make`` when the reader has it.

    The tag is weak: it stands for the plain and the compressed form alike.

    :raises FairmapError: as ``make`` does; errors carry no tag.
    """
    held = request.if_none_match
    if not held.star_tag and held.contains_weak(etag):
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = make()
    if response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
        response.set_etag(etag, weak=True)
        response.headers["Cache-Control"] = CACHE
    response.vary.add("Accept")
    return response
