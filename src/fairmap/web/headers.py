"""Headers of every answer: what browsers may do with it, and who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request

from fairmap.web.addresses import public

if TYPE_CHECKING:
    from flask import Flask, Response

POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def register(app: Flask) -> None:
    """Put the headers on every answer of the app."""
    app.after_request(_put)
    app.after_request(_keep_apart)
    app.after_request(_lead)


EVERYWHERE: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Location, Content-Profile, ETag, Link, RateLimit, RateLimit-Policy, "
    "Retry-After, X-Request-ID",
}
"""What browsers may do with an answer; that pages of other sites may read what is open anyway (Fetch standard, CORS protocol)."""


def _lead(response: Response) -> Response:
    """Let redirects of the router, which knows the address that the service listens on, lead to the public one."""
    if (response.location or "").startswith(request.root_url):
        response.location = public("/" + response.location.removeprefix(request.root_url))
    return response


def _put(response: Response) -> Response:
    response.headers.update(EVERYWHERE)
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Accept-Profile, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _keep_apart(response: Response) -> Response:
    """What one audience was answered is not for another: not in a cache between, either. Source: RFC 9111, 3.5 and 4.1."""
    response.vary.add("Authorization")
    if "Authorization" in request.headers and not response.cache_control.no_store:
        response.headers["Cache-Control"] = "private, no-cache"
    return response
