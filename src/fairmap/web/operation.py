"""What those who run the service need: figures at ``/metrics``, an id for each request, the log.

No query text, no path and no reader's address stands in figures or log: requests are told by their route's pattern.
"""

from __future__ import annotations

import json
import logging
import os
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
from prometheus_client.multiprocess import MultiProcessCollector

from fairmap.service.metrics import ServiceCollector
from fairmap.service.places import FIGURES
from fairmap.views import RemoteView, ViewClient

if TYPE_CHECKING:
    from flask import Flask
    from flask.blueprints import BlueprintSetupState

blueprint: Final = Blueprint("operation", __name__)
HEADER: Final = "X-Request-ID"
_KEY: Final = "fairmap-operation"
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
_STRAY: Final = "none"
"""The route of a request that fits none."""


class Figures:
    """Of one app: the requests it answered, told in figures and, when that is wanted, in the log; and what its service tells.

    Several web processes count together in files, when the service gave them a folder for that.
    """

    def __init__(self, app: Flask) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # they would be series of their own in this format
        self._registry = CollectorRegistry()
        self._own = CollectorRegistry()
        self._requests = self.counter("fairmap_http_requests", "Requests answered.", ["method", "route", "status"])
        self._series: dict[tuple[str, str, int], Counter] = {}
        if FIGURES in os.environ:
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
        here = app.extensions["fairmap"]
        self._logs = here.settings.log == "json"
        if isinstance(here.view, ViewClient | RemoteView) and here.control:
            self._registry.register(ServiceCollector(here.view, here.control, here.judge))

    def counter(self, name: str, text: str, labels: list[str]) -> Counter:
        """A counter of a part of the app, told with the others."""
        made = Counter(name, text, labels, registry=self._own)
        if FIGURES not in os.environ:
            self._registry.register(made)
        return made

    def note(self, method: str, route: str, status: int, size: int | None, *, request: str, begun: float) -> None:
        """Count a request that is answered, and log it.

        :param route: the pattern.
        :param begun: when it came (monotonic).
        """
        key = method, route, status // 100
        if key not in self._series:
            told = method if method in _METHODS else "other"
            self._series[key] = self._requests.labels(told, route, f"{status // 100}xx")
        self._series[key].inc()
        if self._logs:
            line = {
                "time": _now(),
                "request": request,
                "method": method if method in _METHODS else "other",
                "route": route,
                "status": status,
                "milliseconds": round((time.monotonic() - begun) * 1000, 1),
                "bytes": size,
            }
            sys.stderr.write(json.dumps(line) + "\n")
            sys.stderr.flush()

    def text(self) -> bytes:
        """All figures. Source: Prometheus text format 0.0.4."""
        return generate_latest(self._registry)


def figures_of(app: Flask) -> Figures:
    """The figures of an app."""
    found = app.extensions[_KEY]
    assert isinstance(found, Figures)  # noqa: S101 - put there with the blueprint
    return found


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
        place = f" in request {of_request} to {route}" if of_request else ""
        return f"fairmap: {record.levelname.lower()}{place}: {what}\n{frames}".rstrip()


def request_id() -> str:
    """The id of this request: the one it came with, when it is 1 to 64 letters, digits, ``.``, ``_`` or ``-``, else a new one."""
    if "request_id" not in g:
        g.request_id = id_of(request.headers.get(HEADER, ""))
    found: str = g.request_id
    return found


def id_of(came: str) -> str:
    """The id of a request that came with ``came``."""
    return came if _ID.fullmatch(came) else secrets.token_hex(8)


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures of the service."""
    response = Response(figures_of(current_app).text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.record_once
def _attach(state: BlueprintSetupState) -> None:
    app: Any = state.app
    app.extensions[_KEY] = Figures(app)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(as_json=app.extensions["fairmap"].settings.log == "json"))
    app.logger.handlers[:] = [handler]


@blueprint.before_app_request
def _begin() -> None:
    g.begun = time.monotonic()


@blueprint.after_app_request
def _end(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    figures_of(current_app).note(
        request.method, _route(), response.status_code, response.content_length, request=request_id(), begun=g.begun
    )
    return response


def _route() -> str:
    return request.url_rule.rule if request.url_rule else _STRAY


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
