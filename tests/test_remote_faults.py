"""What an engine elsewhere may do wrong: answers that break off, refusals, redirects, credentials."""

from __future__ import annotations

import base64
import contextlib
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from fairmap.errors import (
    FairmapError,
    QueryCrashed,
    QueryRefused,
    QueryStopped,
    QuerySyntaxError,
    QueryTimeout,
    ServiceDown,
    StoreError,
)
from fairmap.namespaces import DEFAULT_BASE
from fairmap.sparql import only_sparql
from fairmap.store import Engine, Remote
from fairmap.store.documents import RecordLedger
from fairmap.store.engine import Refused
from fairmap.views import RemoteView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHOLE = b'{"head":{"vars":["n"]},"results":{"bindings":[{"n":{"type":"literal","value":"1"}}]}}'
USER, PASSWORD = "reader", "of records"


@contextlib.contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server that always answers so, but tells a wrong Authorization; its address and the headers of requests."""
    came: list[dict[str, str]] = []
    needed = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            came.append(dict(self.headers))
            asks = headers.get("WWW_Authenticate") and self.headers["Authorization"] != needed
            told = {"Content-Length": str(len(body)), **{k.replace("_", "-"): v for k, v in headers.items()}}
            self.send_response(401 if asks else status)
            for name, value in told.items():
                self.send_header(name, "0" if asks and name == "Content-Length" else value)
            self.end_headers()
            if not asks:
                self.wfile.write(body)

        do_PUT = do_DELETE = do_POST  # noqa: N815 - as the base class calls them

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(url: str, tmp_path: Path, query: str = "SELECT * { ?s ?p ?o }", **options: Any) -> bytes:
    ledger = tmp_path / "ledger.sqlite"
    RecordLedger(ledger).close()
    remote = Remote(url, engine="other", user=options.pop("user", ""), password=options.pop("password", ""))
    with closing(RemoteView(remote, ledger, DEFAULT_BASE, **options)) as view:
        return b"".join(view.query(query, results="tsv").chunks)


def test_a_whole_answer_passes(tmp_path: Path) -> None:
    with answering(200, WHOLE) as (url, _):
        assert answer(url, tmp_path) == b'?n\n"1"\n'


@pytest.mark.parametrize(
    ("status", "body", "headers", "error"),
    [
        (200, WHOLE[:-10], {}, QueryCrashed),
        (200, WHOLE[:60] + b"The SPARQL operation has been cancelled", {}, QueryCrashed),
        (200, WHOLE, {"Content_Length": "10000"}, QueryCrashed),
        (200, b"<html></html>", {}, QueryCrashed),
        (200, WHOLE, {"X_SPARQL_MaxRows": "10000"}, QueryStopped),
        (200, WHOLE, {"X_SQL_State": "S1TAT"}, QueryTimeout),
        (302, b"", {"Location": "http://127.0.0.1:9/"}, StoreError),
        (400, b"Virtuoso 37000 Error SP030: syntax error", {}, QuerySyntaxError),
        (403, b"no", {}, StoreError),
        (500, b"Virtuoso 42000 Error The estimated execution time 9 (sec) exceeds", {}, QueryTimeout),
        (500, b"Virtuoso 42001 Error SR185: Undefined procedure DB.DBA.x.", {}, QueryRefused),
        (500, b"out of memory", {}, QueryCrashed),
        (503, b"", {}, ServiceDown),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(
    tmp_path: Path, status: int, body: bytes, headers: dict[str, str], error: type[FairmapError]
) -> None:
    with answering(status, body, **headers) as (url, _), pytest.raises(FairmapError) as raised:
        answer(url, tmp_path)
    assert type(raised.value) is error


def test_an_answer_that_is_too_large_is_an_error(tmp_path: Path) -> None:
    with answering(200, WHOLE) as (url, _), pytest.raises(QueryStopped, match="larger"):
        answer(url, tmp_path, answer_limit=20)


def test_a_syntax_error_is_told_with_the_place_in_the_query_as_it_came(tmp_path: Path) -> None:
    before = len(f"BASE <{DEFAULT_BASE}> ")
    with answering(400, f"error at 1:{before + 7}: expected x".encode()) as (url, _):
        with pytest.raises(QuerySyntaxError) as raised:
            answer(url, tmp_path)
        assert raised.value.where == "line 1, column 7"


def test_basic_credentials_are_shown_when_they_are_asked_for_and_only_then(tmp_path: Path) -> None:
    with answering(200, WHOLE, WWW_Authenticate='Basic realm="x"') as (url, came):
        assert answer(url, tmp_path, user=USER, password=PASSWORD) == b'?n\n"1"\n'
        assert ["Authorization" in headers for headers in came] == [False, True]
        with pytest.raises(StoreError, match="401"):
            answer(url, tmp_path, user=USER, password="wrong")  # noqa: S106 - no secret
    with answering(200, WHOLE) as (url, came):
        answer(url, tmp_path, user=USER, password=PASSWORD)
        assert "Authorization" not in came[0]


@pytest.mark.parametrize(("status", "error"), [(400, Refused), (403, Refused), (500, Refused), (503, ServiceDown)])
def test_a_write_that_is_not_done_is_told(status: int, error: type[FairmapError]) -> None:
    with answering(status, b"why not") as (url, _), closing(Engine(Remote(url, url, url))) as engine:
        with pytest.raises(error, match="why not"):
            engine.put("urn:x", "")
        with pytest.raises(error, match="why not"):
            engine.update("x")
        with pytest.raises(error, match="why not"):
            engine.delete("urn:x")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p 1e5, 1.5e-3, 7, true, 'define' } # bif:x",
        "prefix sql2: <http://example.org/> select * where { ?s sql2:define ?o ; a sql2:service . }",
        "CONSTRUCT WHERE { ?s ?p ?o }",
        "SELECT (GROUP_CONCAT(?x ; SEPARATOR = ',') AS ?y) { VALUES ?x { UNDEF } }",
    ],
)
def test_what_is_sparql_passes(query: str) -> None:
    assert only_sparql(query) in {"SELECT", "CONSTRUCT"}


@pytest.mark.parametrize(
    "query", ["SELECT * { ?s ?p 'a\\u0027 }", "SELECT * { <x\\u0062> ?p ?o }", "SELECT * { ?s ?p \\u003Cbif:x\\u003E }"]
)
def test_escapes_that_hide_something_are_refused(query: str) -> None:
    with pytest.raises((QueryRefused, QuerySyntaxError)):
        only_sparql(query)
