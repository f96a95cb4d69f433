"""Pages that tell of the whole map, made once for each state of it and each audience."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from fairmap.web.addresses import public
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.deployment import deployment
from fairmap.web.representation import HTML

if TYPE_CHECKING:
    from collections.abc import Callable


def kept_page(revision: int, path: str, make: Callable[[], str]) -> Response:
    """The page that ``make`` gives, or gave before at this revision to this audience.

    :param revision: of the view, read before.
    """
    etag = tag(revision, path, HTML, public("/"))

    def page() -> Response:
        body = deployment().answers.made(etag, revision, HTML, lambda: make().encode())
        return Response(body, mimetype=HTML)

    return conditional(etag, page, latest(revision))
