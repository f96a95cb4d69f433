"""An engine elsewhere, spoken to with the SPARQL 1.1 Protocol and the Graph Store HTTP Protocol."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

import urllib3

from fairmap.errors import QueryCrashed, QueryRefused, QuerySyntaxError, QueryTimeout, ServiceDown, StoreError
from fairmap.store.credentials import Credentials
from fairmap.store.dialects import Dialect, by_name, by_server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from urllib3 import BaseHTTPResponse

    from fairmap.errors import FairmapError
    from fairmap.store.address import Remote

_CONNECT: Final = 5.0
_WRITE: Final = 120.0
"""Seconds that a write may take without a byte of an answer."""
_PROBE: Final = 10.0
_TOLD: Final = 300
"""Characters of an engine's message that are passed on."""
_BUSY: Final = frozenset({408, 429, 502, 503, 504})
_OVERTIME: Final = ("timeout", "timed out", "time out", "estimated execution time", "cancelled", "canceled")
_NOT_RUN: Final = ("undefined procedure", "unknown function", "custom function", "no permission")


class Refused(StoreError):
    """The engine answers and does not do what was asked."""


class Engine:
    """The client of one engine. Safe in threads; connections are kept open."""

    def __init__(self, remote: Remote, *, connections: int = 4) -> None:
        self.remote = remote
        self._credentials = Credentials(remote.user, remote.password)
        self._pool = urllib3.PoolManager(maxsize=connections, retries=False)
        self._dialect: Dialect | None = None if remote.engine == "auto" else by_name(remote.engine)
        self._lock = Lock()

    @property
    def dialect(self) -> Dialect:
        """What the engine is, found out at its first answer.

        :raises ServiceDown: when it does not answer.
        """
        with self._lock:
            if self._dialect is None:
                self._dialect = by_server(self.check().get("Server"))
            return self._dialect

    def check(self) -> Mapping[str, str]:
        """Ask the engine for the smallest answer; its headers.

        :raises ServiceDown: when there is none.
        """
        response = self.query("ASK {}", "application/sparql-results+json", deadline=_PROBE)
        response.drain_conn()
        response.release_conn()
        return response.headers

    def query(
        self, text: str, accept: str, *, parameters: Sequence[tuple[str, str]] = (), deadline: float
    ) -> BaseHTTPResponse:
        """The answer of a query, its body not yet read. It is sent as a form: Virtuoso 7.2.5 hangs at a plain body.

        :raises QuerySyntaxError, QueryRefused, QueryTimeout, ServiceDown, StoreError: as the engine says.
        """
        body = urlencode([("query", text), *parameters]).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": accept}
        try:
            response = self._send("POST", self.remote.query, body, headers, deadline)
        except ServiceDown as error:
            if isinstance(error.__cause__, urllib3.exceptions.ReadTimeoutError):
                raise QueryTimeout(f"the query was ended after {deadline:g} s") from error
            raise
        if response.status != 200:  # noqa: PLR2004 - OK
            raise _query_error(response)
        return response

    def put(self, graph: str, triples: str) -> None:
        """Give a graph new contents.

        :param triples: N-Triples.
        :raises Refused: when the engine does not take them.
        """
        self._write("PUT", f"{self.remote.graph_store}?graph={quote(graph, safe='')}", triples, "text/turtle")

    def delete(self, graph: str) -> None:
        """Take a graph out; one that is not there is no fault."""
        self._write("DELETE", f"{self.remote.graph_store}?graph={quote(graph, safe='')}", None, None)

    def update(self, text: str) -> None:
        """Run an update.

        :raises Refused: when the engine does not.
        """
        body = urlencode([("update", text)])
        self._write("POST", self.remote.update, body, "application/x-www-form-urlencoded")

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _write(self, method: str, url: str, body: str | None, content_type: str | None) -> None:
        headers = {"Content-Type": content_type} if content_type else {}
        response = self._send(method, url, body.encode() if body is not None else None, headers, _WRITE)
        told = _message(response)
        if response.status in _BUSY:
            raise ServiceDown(f"the engine answers {response.status}: {told}", where=url)
        is_done = 200 <= response.status < 300 or (method == "DELETE" and response.status == 404)  # noqa: PLR2004
        if not is_done:
            raise Refused(f"the engine answers {response.status}: {told}", where=url)

    def _send(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], patience: float
    ) -> BaseHTTPResponse:
        response = self._request(method, url, body, {**headers, **self._credentials.header(method, url)}, patience)
        if response.status == 401 and self._credentials and self._credentials.learn(_challenge(response)):  # noqa: PLR2004
            response.drain_conn()
            response.release_conn()
            headers = {**headers, **self._credentials.header(method, url)}
            response = self._request(method, url, body, headers, patience)
        return response

    def _request(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], patience: float
    ) -> BaseHTTPResponse:
        timeout = urllib3.Timeout(connect=min(_CONNECT, patience), read=patience)
        for again in (True, False):
            try:
                return self._pool.request(
                    method, url, body=body, headers=headers, timeout=timeout, redirect=False, preload_content=False
                )
            except urllib3.exceptions.HTTPError as error:
                # An open connection that the engine has just closed; whole records may be written twice.
                if again and isinstance(error, urllib3.exceptions.ProtocolError):
                    continue
                raise ServiceDown(f"the engine does not answer: {type(error).__name__}", where=url) from error
        raise AssertionError("unreachable")


def _challenge(response: BaseHTTPResponse) -> str | None:
    return response.headers.get("WWW-Authenticate")


def _message(response: BaseHTTPResponse) -> str:
    """The first line of what the engine says; the rest may repeat the query."""
    try:
        text = response.read(1 << 14, decode_content=True).decode(errors="replace")
        response.drain_conn()
    except urllib3.exceptions.HTTPError:
        text = ""
    response.release_conn()
    return text.strip().partition("\n")[0][:_TOLD] or response.reason or "nothing more"


def _query_error(response: BaseHTTPResponse) -> FairmapError:
    """The engine's status and words as one of our errors."""
    told, status = _message(response), response.status
    if any(word in told.lower() for word in _OVERTIME):
        return QueryTimeout(f"the engine ended the query: {told}")
    if status == 400:  # noqa: PLR2004 - bad request
        return QuerySyntaxError(told)
    if status in _BUSY:
        return ServiceDown(f"the engine answers {status}: {told}")
    if any(word in told.lower() for word in _NOT_RUN):
        return QueryRefused(f"the engine does not run it: {told}", expected="the functions of SPARQL 1.1")
    if status >= 500:  # noqa: PLR2004 - server error
        return QueryCrashed(f"the engine gave up: {told}")
    return StoreError(f"the engine answers {status}: {told}")
