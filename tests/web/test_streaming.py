"""Large answers come as they are made, and break off visibly when they fail."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import signal
import time
import urllib.parse
from typing import TYPE_CHECKING

import pytest

from fairmap.views.stats import read_stats
from service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Connect = Callable[[], "Connection"]

pytestmark = pytest.mark.server

DEADLINE = 3.0
LARGE = "SELECT ?s ?o ?x { ?s a ?o . VALUES ?x { 1 2 3 4 5 6 } }"
ENDLESS = "SELECT ?a ?c ?d ?f { ?a ?b ?c . ?d ?e ?f }"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("streaming") / "log"


@pytest.fixture(scope="module")
def service(log: Path) -> Iterator[Service]:
    settings = {"query_deadline": DEADLINE, "query_workers": 1, "result_cache": 0, "web_workers": 1}
    with serving(f"oxigraph:{log.parent / 'store'}", log=log, **settings) as running:
        yield running
    assert "Traceback" not in log.read_text()


class Connection(http.client.HTTPConnection):
    """A kept connection to the service."""

    def __init__(self, service: Service) -> None:
        super().__init__(urllib.parse.urlsplit(service.url).netloc, timeout=60)

    def send_query(self, query: str, **headers: str) -> http.client.HTTPResponse:
        """Post it; header names with ``_`` for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.request("POST", "/sparql", query, {"Content-Type": "application/sparql-query", **named})
        self.response = self.getresponse()
        return self.response

    def close(self) -> None:
        """Also when the answer was not read to its end."""
        self.response.close()
        super().close()


@pytest.fixture
def connect(service: Service) -> Iterator[Callable[[], Connection]]:
    """Makes connections, which are closed at the end."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(contextlib.closing(Connection(service)))


def busy(log: Path) -> list[int]:
    workers = read_stats(log.parent / "store" / "state" / "view.sock")["workers"]
    return [int(pid) for pid, is_busy in workers.items() if is_busy]


def test_a_large_answer_is_whole(connect: Connect) -> None:
    connection = connect()
    whole = connection.send_query(LARGE, Accept="text/csv")
    assert whole.headers["Content-Length"] is None
    body = whole.read()
    assert len(body) > 1 << 18
    assert body.endswith(b"\r\n")
    small = connection.send_query(LARGE, Accept="text/csv", Accept_Encoding="gzip")
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.read()) == body


def test_the_first_bytes_come_before_the_query_is_done(connect: Connect) -> None:
    start = time.monotonic()
    response = connect().send_query(ENDLESS)
    response.read(1)
    assert time.monotonic() - start < DEADLINE / 2
    response.close()


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_answer_that_reaches_the_deadline_on_its_way_is_seen_to_be_incomplete(
    connect: Connect, log: Path, encoding: str
) -> None:
    bystander, failing = connect(), connect()
    assert bystander.send_query("ASK {}").read()
    kept = bystander.sock
    response = failing.send_query(ENDLESS, Accept_Encoding=encoding, X_Request_ID=f"late-{encoding}")
    assert response.status == 200
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    assert bystander.send_query("ASK {}").read()
    assert bystander.sock is kept
    assert f"the answer to request late-{encoding} broke off: QueryTimeout" in log.read_text()


def test_an_answer_whose_worker_is_killed_on_its_way_is_seen_to_be_incomplete(connect: Connect, log: Path) -> None:
    response = connect().send_query(ENDLESS)
    response.read(1000)
    (worker,) = busy(log)
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    assert connect().send_query("ASK {}").status == 200


def test_a_reader_who_leaves_ends_the_query(connect: Connect, log: Path) -> None:
    connection = connect()
    response = connection.send_query(ENDLESS)
    response.read(1000)
    response.close()
    connection.close()
    end = time.monotonic() + DEADLINE / 2
    while busy(log):
        assert time.monotonic() < end


def test_a_slow_reader_holds_no_worker(connect: Connect, log: Path) -> None:
    response = connect().send_query(LARGE)
    response.read(1)
    assert connect().send_query("ASK {}").status == 200
    end = time.monotonic() + DEADLINE / 2
    while busy(log):
        assert time.monotonic() < end
    assert len(response.read()) > 1 << 18


def test_an_answer_that_fails_before_its_first_part_has_a_status(connect: Connect) -> None:
    response = connect().send_query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    assert (response.status, response.headers["Content-Type"]) == (503, "application/problem+json")
