"""The broker of one federated query: the only address that its worker's engine is given, and the only part that sends requests.

It is a process of its own beside the worker, listens on loopback at a path that nobody can guess, asks listed endpoints only,
and ends with the query. Each answer is taken whole and read before the engine gets it.
"""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlencode, urlsplit

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from fairmap import wire
from fairmap.errors import EndpointFailed, EndpointTimeout, FairmapError

if TYPE_CHECKING:
    from pathlib import Path

_FORMATS: Final = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
}
_ACCEPT: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.9"
MOST: Final = 64
"""Different requests that one query may send; the engine repeats some for each row, those are answered from memory."""
_MIB: Final = 1 << 20
_TOLD: Final = "with payload:"
"""What the engine's message has before the body of an answer that is no success."""


@dataclass(frozen=True)
class Federation:
    """What SERVICE may ask.

    :ivar deadline: seconds for one request to an endpoint.
    :ivar size: MiB of its largest answer.
    """

    endpoints: tuple[str, ...]
    deadline: float
    size: int


@dataclass(frozen=True)
class _Answer:
    media_type: str
    body: bytes


def socket_path(view: Path) -> Path:
    """Where the view at the socket ``view`` takes federated queries."""
    return view.with_suffix(".federation")


class Broker:
    """Opened by the view process, served in a fork of it; the worker, another fork, has its addresses."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._secret = secrets.token_hex(16)
        self._answers: dict[tuple[str, str], _Answer] = {}
        self._sent = 0
        self._lock = threading.Lock()
        self._server = _Server(self)

    @classmethod
    def of(cls, options: dict[str, Any]) -> Self:
        """As the writer tells :class:`Federation`, in JSON."""
        return cls(Federation(tuple(options["endpoints"]), options["deadline"], options["size"]))

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Those that it asks."""
        return self._federation.endpoints

    def address(self, endpoint: str) -> str:
        """Where the engine asks ``endpoint``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._path(endpoint)}"

    def serve(self) -> None:
        """Answer until the process is ended."""
        self._server.serve_forever()

    def close(self) -> None:
        """Let go of the listening socket; the fork that serves has its own."""
        self._server.server_close()

    def answer(self, path: str, query: str) -> _Answer | None:
        """What the endpoint behind ``path`` says; ``None`` when there is none.

        :raises EndpointFailed: when it says nothing that can be used.
        """
        for endpoint in self._federation.endpoints:
            if secrets.compare_digest(path.encode(), self._path(endpoint).encode()):
                return self._once(endpoint, query)
        return None

    def _path(self, endpoint: str) -> str:
        return f"/{self._secret}/{self._federation.endpoints.index(endpoint)}"

    def _once(self, endpoint: str, query: str) -> _Answer:
        with self._lock:
            if held := self._answers.get((endpoint, query)):
                return held
            self._sent += 1
            if self._sent > MOST:
                raise EndpointFailed(
                    f"the query would send more than {MOST} requests", where=endpoint, expected="fewer SERVICE clauses"
                )
        answer = _Inquiry(endpoint, query, self._federation).result()
        with self._lock:
            if (
                sum(len(kept.body) for kept in self._answers.values()) + len(answer.body)
                <= self._federation.size * _MIB
            ):
                self._answers[endpoint, query] = answer
        return answer


class _Server(ThreadingTCPServer):
    """Listens on loopback, at any free port."""

    daemon_threads = True

    def __init__(self, broker: Broker) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.broker = broker


class _Inquiry:
    """One request to an endpoint: no redirect, no proxy, no credentials, certificates checked."""

    def __init__(self, endpoint: str, query: str, federation: Federation) -> None:
        self._endpoint = endpoint
        self._query = query
        self._federation = federation
        self._found: _Answer | FairmapError | None = None

    def result(self) -> _Answer:
        """The answer, within the deadline whatever the endpoint does.

        The thread that waits for an endpoint ends with the process, which has one query.
        """
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        thread.join(self._federation.deadline)
        if self._found is None:
            raise EndpointTimeout(
                f"the endpoint did not answer within {self._federation.deadline:g} s", where=self._endpoint
            )
        if isinstance(self._found, FairmapError):
            raise self._found
        return self._found

    def _run(self) -> None:
        try:
            self._found = self._ask()
        except TimeoutError:
            return
        except EndpointFailed as error:
            self._found = error
        except (OSError, http.client.HTTPException, ValueError, SyntaxError) as error:
            what = f"the endpoint could not be asked: {type(error).__name__} {error}"
            self._found = EndpointFailed(what, where=self._endpoint)

    def _ask(self) -> _Answer:
        parts = urlsplit(self._endpoint)
        assert parts.hostname is not None  # noqa: S101 - config looked at it
        connection = (
            http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=self._federation.deadline, context=ssl.create_default_context()
            )
            if parts.scheme == "https"
            else http.client.HTTPConnection(parts.hostname, parts.port, timeout=self._federation.deadline)
        )
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Accept": _ACCEPT,
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "fairmap",
            "Connection": "close",
        }
        connection.request("POST", target, urlencode({"query": self._query}), headers)
        return self._read(connection.getresponse())

    def _read(self, response: http.client.HTTPResponse) -> _Answer:
        if response.status != HTTPStatus.OK:
            raise EndpointFailed(
                f"the endpoint answered {response.status}", where=self._endpoint, expected="200 with solutions"
            )
        media_type = response.headers.get_content_type()
        form = _FORMATS.get(media_type)
        if form is None:
            raise EndpointFailed(
                f"the endpoint answered with {media_type}", where=self._endpoint, expected=" or ".join(_FORMATS)
            )
        limit = self._federation.size * _MIB
        body = response.read(limit + 1)
        if len(body) > limit:
            raise EndpointFailed(
                f"the endpoint's answer is larger than {self._federation.size} MiB",
                where=self._endpoint,
                expected="a smaller pattern in SERVICE",
            )
        self._check(body, form)
        return _Answer(media_type, body)

    def _check(self, body: bytes, form: QueryResultsFormat) -> None:
        """Read it to its end, so that the engine will not stumble over it."""
        found = parse_query_results(body, format=form)
        if not isinstance(found, QuerySolutions):
            raise EndpointFailed("the endpoint answered yes or no", where=self._endpoint, expected="solutions")
        for _ in found:
            pass


class _Handler(BaseHTTPRequestHandler):
    """The engine's requests; one connection each, so that an answer which is not read yet holds up no other."""

    server: _Server

    def do_POST(self) -> None:
        """Answer a query of the engine; a failure as a JSON body, which the engine hands on."""
        query = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            found = self.server.broker.answer(self.path, query)
        except FairmapError as error:
            self._send(HTTPStatus.BAD_GATEWAY, "application/json", json.dumps(wire.error_as_json(error)).encode())
            return
        if found is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"")
        else:
            self._send(HTTPStatus.OK, found.media_type, found.body)

    def _send(self, status: HTTPStatus, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def failure(error: FairmapError) -> FairmapError:
    """The broker's own words in what the engine says about it, where there are some."""
    if not isinstance(error, EndpointFailed):
        return error
    try:
        return wire.error_of(json.loads(error.what.partition(_TOLD)[2]))
    except (ValueError, KeyError):
        return EndpointFailed("an endpoint that SERVICE names could not be asked")
