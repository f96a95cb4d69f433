"""How often one client may ask: 429 beyond, with the time to wait. Sources: RFC 6585, 4; draft-ietf-httpapi-ratelimit-headers-10.

A client is a token that was accepted before, else an address; a token that nobody looked at yet tells nothing.
Each web process counts for itself, in memory.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv6Address, ip_network
from threading import Lock
from typing import TYPE_CHECKING, Final

from cachetools import TTLCache
from flask import Blueprint, current_app, g, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from fairmap.web.operation import figures_of

if TYPE_CHECKING:
    from typing import Any

    from flask import Flask, Response
    from flask.blueprints import BlueprintSetupState
    from prometheus_client import Counter

    from fairmap.config import Settings

blueprint: Final = Blueprint("rate_limits", __name__)
EXEMPT: Final = frozenset({"/health", "/ready", "/metrics"})
_KEY: Final = "fairmap-rate-limits"
COUNTED: Final = "fairmap.rate"
"""Where a request's :class:`Rate` stands in its environ, when it was counted before Flask sees it."""
_WINDOW: Final = 60
"""Seconds."""
_WRITERS: Final = frozenset({"update", "graph_store", "register", "proposals", "signing_in"})
"""Blueprints whose requests write, unless they only read."""
_JUDGING: Final = frozenset({"validate", "audit"})
_LIVE: Final = "register.live"
"""Judges what somebody types, and keeps nothing."""
JUDGING: Final = 10
"""Plain requests that one judgement, or one filled-in questionnaire, stands for."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NETWORK: Final = 64
"""Bits of an IPv6 address that one subscriber has in common. Source: RFC 6177."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How far one request took its client.

    :ivar allowed: requests a minute.
    :ivar wait: seconds until there is more room.
    """

    kind: str
    allowed: int
    remaining: int
    wait: int
    is_admitted: bool

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The fields that tell it."""
        return [
            ("RateLimit-Policy", f'"{self.kind}";q={self.allowed};w={_WINDOW}'),
            ("RateLimit", f'"{self.kind}";r={self.remaining};t={self.wait}'),
        ]


@dataclass
class RateLimits:
    """Of one app; safe in threads."""

    settings: Settings
    refused: Counter
    limiter: SlidingWindowCounterRateLimiter = field(
        default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage())
    )
    _tokens: TTLCache[str, bool] = field(default_factory=lambda: TTLCache(1024, ttl=600))
    _lock: Lock = field(default_factory=Lock)

    def count(self, kind: str, client: str, cost: int = 1) -> Rate | None:
        """Count a request; ``None``: there is no limit.

        :param kind: ``read`` or ``write``.
        :param cost: how many plain requests it stands for.
        """
        allowed = self.settings.rate_limit if kind == "read" else self.settings.write_rate_limit
        if allowed <= 0:
            return None
        item = RateLimitItemPerMinute(allowed)
        is_admitted = self.limiter.hit(item, kind, client, cost=min(cost, allowed))
        stats = self.limiter.get_window_stats(item, kind, client)
        return Rate(kind, allowed, stats.remaining, max(1, math.ceil(stats.reset_time - time.time())), is_admitted)

    def accept(self, token: str) -> None:
        """Take the token for a client of its own from now on."""
        with self._lock:
            self._tokens[token] = True

    def knows(self, token: str) -> bool:
        """Whether it was accepted lately."""
        with self._lock:
            return token in self._tokens


@blueprint.record_once
def _attach(state: BlueprintSetupState) -> None:
    app: Any = state.app
    settings = app.extensions["fairmap"].settings
    refused = figures_of(app).counter("fairmap_http_rate_limited", "Requests refused for their rate.", ["kind"])
    for kind in ("read", "write"):
        refused.labels(kind)
    app.extensions[_KEY] = RateLimits(settings, refused)


def behind_proxies(app: Flask, hops: int) -> None:
    """Take the client's address from as many proxies as are trusted, before anything looks at it."""
    if hops > 0:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0, x_host=0)  # type: ignore[method-assign]


@blueprint.before_app_request
def _admit() -> None:
    """Count the request, or refuse it.

    :raises TooManyRequests: with the seconds after which there is room again.
    """
    if request.path in EXEMPT or request.endpoint == "static":
        return
    here, kind = _here(), _kind()
    rate: Rate | None = (
        request.environ[COUNTED] if COUNTED in request.environ else here.count(kind, _client(here), _cost())
    )
    g.rate = rate
    if rate and not rate.is_admitted:
        here.refused.labels(kind).inc()
        setting = "rate_limit" if kind == "read" else "write_rate_limit"
        raise TooManyRequests(
            f"more than {rate.allowed} requests a minute ({kind}) from one client; a setting of the service: {setting}",
            retry_after=rate.wait,
        )


@blueprint.after_app_request
def _tell(response: Response) -> Response:
    rate: Rate | None = g.get("rate")
    if rate:
        response.headers.update(rate.headers)
        if response.status_code < HTTPStatus.BAD_REQUEST and (token := _token()):
            _here().accept(token)
    return response


def _here() -> RateLimits:
    return rate_limits_of(current_app)


def rate_limits_of(app: Flask) -> RateLimits:
    """The rate limits of an app."""
    found: RateLimits = app.extensions[_KEY]
    return found


def _kind() -> str:
    is_write = request.blueprint in _WRITERS and request.method not in _SAFE and request.endpoint != _LIVE
    return "write" if is_write else "read"


def _cost() -> int:
    if request.endpoint in {"register.submit", "signing_in.sign_in", _LIVE}:
        return JUDGING
    return JUDGING if request.blueprint in _JUDGING and not _is_form() else 1


def _is_form() -> bool:
    """Whether nothing is judged: the page that asks for something to judge is wanted."""
    return request.blueprint == "validate" and request.method in _SAFE and "record" not in request.args


def _client(here: RateLimits) -> str:
    token = _token()
    return token if token and here.knows(token) else network(request.remote_addr or "unknown")


def _token() -> str | None:
    """What was shown, as a hash."""
    shown = request.headers.get("Authorization")
    return hashlib.sha256(shown.encode()).hexdigest() if shown else None


def network(address: str) -> str:
    """The address, or what it has in common with others of the same subscriber.

    >>> network("192.0.2.7"), network("::ffff:192.0.2.7"), network("2001:db8:1:2:3::4")
    ('192.0.2.7', '192.0.2.7', '2001:db8:1:2::/64')
    """
    if ":" not in address:
        return address
    try:
        parsed = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(parsed.ipv4_mapped or ip_network((parsed, _NETWORK), strict=False))
