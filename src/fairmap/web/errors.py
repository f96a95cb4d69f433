"""Errors as HTTP tells them: one table from class to status; problem details for clients, a page for browsers."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from fairmap import errors
from fairmap.errors import FairmapError
from fairmap.rdf import negotiate
from fairmap.web.addresses import local
from fairmap.web.operation import request_id
from fairmap.web.representation import HTML

if TYPE_CHECKING:
    from flask import Flask

PROBLEM: Final = "application/problem+json"
_PIECE: Final = 1 << 16
_MOST: Final = 64 << 20
"""Bytes of a refused body that are read on."""
RETRY_AFTER: Final = "5"

STATUS: Final[dict[type[FairmapError], HTTPStatus]] = {
    errors.FairmapError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InputError: HTTPStatus.BAD_REQUEST,
    errors.UnreadableInput: HTTPStatus.BAD_REQUEST,
    errors.UsageError: HTTPStatus.BAD_REQUEST,
    errors.QuerySyntaxError: HTTPStatus.BAD_REQUEST,
    errors.IllFormedShapes: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.QueryRefused: HTTPStatus.BAD_REQUEST,
    errors.NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    errors.NotConforming: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.AccessDenied: HTTPStatus.FORBIDDEN,
    errors.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Gone: HTTPStatus.GONE,
    errors.QueryStopped: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.QueryTimeout: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.QueryCrashed: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.EndpointFailed: HTTPStatus.BAD_GATEWAY,
    errors.EndpointTimeout: HTTPStatus.GATEWAY_TIMEOUT,
    errors.RemoteFailed: HTTPStatus.BAD_GATEWAY,
    errors.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.StoreInUse: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ServiceDown: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(kind: type[FairmapError]) -> HTTPStatus:
    """The status of an error's class: its own, or that of the nearest class above it."""
    return next(STATUS[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS)


def register(app: Flask) -> None:
    """Let the app tell its errors; those that nobody raised on purpose are logged and told as 500 without detail."""
    app.register_error_handler(FairmapError, of_fairmap)
    app.register_error_handler(HTTPException, _of_http)


def of_fairmap(error: FairmapError) -> Response:
    """The answer that tells an error of ours."""
    status = status_of(type(error))
    headers = {"Retry-After": RETRY_AFTER} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    more = {"error": type(error).__name__, "where": error.where, "expected": error.expected}
    return _told(status, error.what, more, headers)


def _read_on() -> None:
    """Read a body that is refused to its end, within bounds: a client that is still sending would not read the answer."""
    body = request.environ["wsgi.input"]
    for _ in range(_MOST // _PIECE):
        if not body.read(_PIECE):
            return


def _of_http(error: HTTPException) -> Response:
    """An error of routing or reading the request; redirects pass as they are."""
    original = error.get_response(request.environ)
    if error.code in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.TOO_MANY_REQUESTS}:
        _read_on()
    if not error.code or error.code < HTTPStatus.BAD_REQUEST:
        return Response(original.get_data(), error.code, original.headers)
    kept = {name: value for name, value in original.headers.items() if name in {"Allow", "Retry-After", "Accept-Post"}}
    detail = (
        "the fault is on this side and was logged"
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
        else error.description
    )
    return _told(HTTPStatus(error.code), detail or "", {}, kept)


def _told(status: HTTPStatus, detail: str, more: dict[str, str | None], headers: dict[str, str]) -> Response:
    """Problem details (RFC 9457) or, for who prefers HTML, a page."""
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": local(request.path),
        "request": request_id(),
        **{name: value for name, value in more.items() if value},
    }
    if _wants_html():
        response = Response(render_template("error.html", problem=problem, path=None), status, mimetype=HTML)
    else:
        response = Response(json.dumps(problem, ensure_ascii=False) + "\n", status, mimetype=PROBLEM)
    response.headers.update(headers)
    response.vary.add("Accept")
    return response


def _wants_html() -> bool:
    try:
        return negotiate(request.headers.get("Accept"), [PROBLEM, HTML]) == HTML
    except errors.NotAcceptable:
        return False
