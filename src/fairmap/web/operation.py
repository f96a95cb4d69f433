"""What those who run the service need: figures at ``/metrics``, an id for each request, the log.

No query text, no path and no reader's address stands in figures or log: requests are told by their route's pattern.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, current_app, g, has_request_context, request
from prometheus_client import CollectorRegistry, Counter, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from fairmap.service.metrics import ServiceCollector
from fairmap.views import ViewClient
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from flask import Flask
    from flask.blueprints import BlueprintSetupState

blueprint: Final = Blueprint("operation", __name__)
HEADER: Final = "X-Request-ID"
_KEY: Final = "fairmap-operation"
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_STRAY: Final = "none"
"""The route of a request that fits none."""


class _Figures:
    """Of one app: the requests it answered, and what its service tells."""

    def __init__(self, app: Flask) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # they would be series of their own in this format
        self.registry = CollectorRegistry()
        labels = ["method", "route", "status"]
        self.requests = Counter("fairmap_http_requests", "Requests answered.", labels, registry=self.registry)
        here = app.extensions["fairmap"]
        if isinstance(here.view, ViewClient) and here.control:
            self.registry.register(ServiceCollector(here.view, here.control))


class _Lines(logging.Formatter):
    """Unexpected errors with their request's id and the way through the code; an exception's text may be a reader's and is left out."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        kind, _, trace = record.exc_info or (None, None, None)
        what = kind.__name__ if kind else record.getMessage()
        route, of_request = (_route(), request_id()) if has_request_context() else (None, None)
        if self._as_json:
            told = {
                "time": _now(),
                "level": record.levelname.lower(),
                "request": of_request,
                "route": route,
                "error": what,
                "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)],
            }
            return json.dumps(told)
        frames = "".join(traceback.format_tb(trace))
        return f"fairmap: {record.levelname.lower()} in request {of_request} to {route}: {what}\n{frames}".rstrip()


def request_id() -> str:
    """The id of this request: the one it came with, when it is 1 to 64 letters, digits, ``.``, ``_`` or ``-``, else a new one."""
    if "request_id" not in g:
        came = request.headers.get(HEADER, "")
        g.request_id = came if _ID.fullmatch(came) else secrets.token_hex(8)
    found: str = g.request_id
    return found


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures of the service. Source: Prometheus text format 0.0.4."""
    figures: _Figures = current_app.extensions[_KEY]
    response = Response(generate_latest(figures.registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.record_once
def _attach(state: BlueprintSetupState) -> None:
    app: Any = state.app
    app.extensions[_KEY] = _Figures(app)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(as_json=app.extensions["fairmap"].settings.log == "json"))
    app.logger.handlers[:] = [handler]


@blueprint.before_app_request
def _begin() -> None:
    g.begun = time.monotonic()


@blueprint.after_app_request
def _end(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    figures: _Figures = current_app.extensions[_KEY]
    route, method = _route(), request.method if request.method in _METHODS else "other"
    figures.requests.labels(method, route, f"{response.status_code // 100}xx").inc()
    if deployment().settings.log == "json":
        told = {
            "time": _now(),
            "request": request_id(),
            "method": method,
            "route": route,
            "status": response.status_code,
            "milliseconds": round((time.monotonic() - g.begun) * 1000, 1),
            "bytes": response.content_length,
        }
        sys.stderr.write(json.dumps(told) + "\n")
        sys.stderr.flush()
    return response


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


def _route() -> str:
    return request.url_rule.rule if request.url_rule else _STRAY


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
