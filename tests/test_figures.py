"""A service under way: its figures, its log, backups beside it."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.parse
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pyoxigraph import RdfFormat, parse

from conftest import ROOT
from fairmap.catalogue import Document
from fairmap.config import Settings
from fairmap.rdf import digest
from fairmap.service import ControlClient, places
from fairmap.service.doctor import State
from fairmap.store.backup import read_manifest
from fairmap.views.stats import stats_path
from fairmap.web import create_app
from service import Service, serving
from stores import examined, fairmap, graph_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A = "https://w3id.org/fairmap/agent/a"
B = "https://w3id.org/fairmap/agent/b"
AGENT = (ROOT / "tests" / "shapes" / "valid" / "agent-minimal.ttl").read_text()
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MARK = "agent-of-a-secret-query"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("operation") / "log"


@pytest.fixture(scope="module")
def service(log: Path) -> Iterator[Service]:
    """Two workers, room for one query that waits, and each request in the log."""
    limits = {"query_deadline": 2, "query_memory": 64, "query_workers": 2, "query_queue": 1, "result_cache": 0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAIRMAP_LOG", "json")
        with serving(f"oxigraph:{log.parent / 'store'}", log=log, **limits) as running:
            yield running
    assert "Traceback" not in log.read_text()


def ask(service: Service, query: str, accept: str = "*/*") -> int:
    return service.get("/sparql?" + urllib.parse.urlencode({"query": query}), Accept=accept).status


def how_it_was_stopped(service: Service, query: str) -> str:
    """By the limit that the answer tells: what takes too much memory here takes too much time on a machine that is slow."""
    got = service.get("/sparql?" + urllib.parse.urlencode({"query": query}))
    assert got.status == 503
    return "crashed" if "memory" in got.json()["detail"] else "timeout"


def figures(service: Service) -> dict[tuple[str, ...], float]:
    """Samples of ``/metrics`` by their name and the values of their labels."""
    got = service.get("/metrics")
    assert got.status == 200
    assert got.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(got.body.decode()))
    assert all(family.documentation for family in families)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def figures_at_rest(service: Service) -> dict[tuple[str, ...], float]:
    """The figures when all that was asked before is counted: an answer is sent first, and a service asks when it starts."""
    while (found := figures(service))["fairmap_query_workers", "busy"] or found["fairmap_queries_waiting",]:
        pass
    return found


def rise(before: dict[tuple[str, ...], float], after: dict[tuple[str, ...], float], name: str) -> dict[str, float]:
    """By how much the samples of a counter with one label rose, where they did."""
    found = {key[1]: value - before.get(key, 0) for key, value in after.items() if key[0] == name}
    return {label: value for label, value in found.items() if value}


BOMB = "SELECT (STRLEN(?x34) AS ?n) {{ BIND ('xxxxxxxxxxxxxxxx' AS ?x0) {} }}".format(
    " ".join(f"BIND (CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(34))
)


@pytest.mark.server
def test_queries_are_counted_by_how_they_ended(service: Service) -> None:
    before = figures_at_rest(service)
    assert ask(service, f"ASK {{ <http://e/{MARK}> ?p ?o }}") == 200
    assert ask(service, "SELECT * { ?s ?p ?o }", "text/csv") == 200
    assert ask(service, f"ASK {MARK}") == 400
    assert ask(service, f"ASK {{ SERVICE <http://e/{MARK}> {{ ?s ?p ?o }} }}") == 400
    assert ask(service, "DESCRIBE <http://e/>", "text/csv") == 406
    stopped = Counter(how_it_was_stopped(service, query) for query in (RUNAWAY, BOMB))
    assert stopped["timeout"] >= 1
    after = figures(service)
    ended = {"answered": 2, "syntax": 1, "refused": 1, "not_acceptable": 1, **stopped}
    assert rise(before, after, "fairmap_queries_total") == ended
    seconds = ("fairmap_query_seconds_count",)
    assert after[seconds] - before[seconds] == sum(ended.values()) - ended["refused"]
    slow = ("fairmap_query_seconds_bucket", "1.0")
    assert after[seconds] - after[slow] - before[seconds] + before[slow] >= 1
    assert MARK not in service.get("/metrics").body.decode()


@pytest.mark.server
def test_requests_are_counted_by_route_and_never_by_path(service: Service) -> None:
    before = figures(service)
    for path, status in (("/sparql?query=ASK%7B%7D", 200), ("/sparql?query=x", 400), ("/nothing/at/all", 404)):
        assert service.get(path).status == status
    assert service.get("/repository/tcia").status == 200
    after = figures(service)
    name = "fairmap_http_requests_total"
    for labels in (("GET", "/sparql", "2xx"), ("GET", "/sparql", "4xx"), ("GET", "none", "4xx")):
        assert after[name, *labels] == before.get((name, *labels), 0) + 1
    assert after[name, "GET", "/metrics", "2xx"] >= 1
    assert "tcia" not in service.get("/metrics").body.decode()


@pytest.mark.server
def test_busy_workers_do_not_hide_the_figures(service: Service) -> None:
    before = figures(service)
    threads = [threading.Thread(target=ask, args=(service, RUNAWAY)) for _ in range(3)]
    for thread in threads:
        thread.start()
    seen = figures(service)
    while seen["fairmap_query_workers", "busy"] < 2 or not seen["fairmap_queries_waiting",]:
        seen = figures(service)
    assert seen["fairmap_query_workers", "idle"] == 0
    assert ask(service, "ASK {}") == 503
    for thread in threads:
        thread.join()
    ended = rise(before, figures(service), "fairmap_queries_total")
    assert ended["busy"] >= 1
    assert ended["busy"] + ended["timeout"] == 4


@pytest.mark.server
def test_a_reader_who_has_the_answer_has_not_left(service: Service) -> None:
    before = figures(service)
    for _ in range(50):
        assert ask(service, "ASK {}") == 200
        assert service.get("/ready").status == 200
    assert rise(before, figures(service), "fairmap_queries_total") == {"answered": 100}


@pytest.mark.server
def test_writes_records_revision_and_memory_are_told(service: Service, tmp_path: Path) -> None:
    before = figures(service)
    path = tmp_path / "a.ttl"
    path.write_text(AGENT.replace("/agent/", "/agent/figures-"))
    assert fairmap(service.store, "load", path).returncode == 0
    assert fairmap(service.store, "load", ROOT / "tests" / "shapes" / "invalid" / "access-rights--text.ttl").returncode
    assert fairmap(service.store, "update", "DELETE WHERE { GRAPH <http://e/> { ?s <http://e/> ?o } }").returncode == 0
    assert fairmap(service.store, "update", "DELETE nonsense").returncode == 2
    after = figures(service)
    assert rise(before, after, "fairmap_writes_total") == {"written": 2, "not_conforming": 1, "unusable": 1}
    assert rise(before, after, "fairmap_queries_total") == {"update": 1, "syntax": 1}
    assert after["fairmap_revision",] == before["fairmap_revision",] + 1
    assert after["fairmap_records",] > before["fairmap_records",]
    assert (after["fairmap_up", "view"], after["fairmap_up", "writer"]) == (1, 1)
    for part in ("supervisor", "writer", "view", "workers", "web"):
        assert after["fairmap_resident_memory_bytes", part] > 1 << 20


@pytest.mark.server
def test_the_socket_of_the_figures_is_for_this_user_only(service: Service) -> None:
    found = places(service.store)
    assert found is not None
    assert oct(stats_path(found.view).stat().st_mode & 0o777) == "0o600"


@pytest.mark.server
@pytest.mark.parametrize("came", ["abc-1.2_X", "a" * 64])
def test_a_request_keeps_its_id(service: Service, log: Path, came: str) -> None:
    got = service.get(f"/nothing/{MARK}", X_Request_ID=came)
    assert got.headers["X-Request-ID"] == got.json()["request"] == came
    line = next(line for line in lines(log) if line["request"] == came)
    assert (line["method"], line["route"], line["status"], line["bytes"]) == ("GET", "none", 404, len(got.body))
    assert line["milliseconds"] >= 0
    assert set(line) == {"time", "request", "method", "route", "status", "milliseconds", "bytes"}


@pytest.mark.server
@pytest.mark.parametrize("came", ["", "a" * 65, "a b", "ü", 'x"y', "a/b"])
def test_a_request_without_a_fit_id_gets_one(service: Service, came: str) -> None:
    got = [service.get("/health", X_Request_ID=came).headers["X-Request-ID"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in got)
    assert got[0] != got[1]


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


@pytest.mark.server
def test_the_log_has_no_query_and_no_address(service: Service, log: Path) -> None:
    assert ask(service, f"ASK {{ <http://e/{MARK}> ?p ?o }}") == 200
    service.get(f"/repository/{MARK}")
    assert len(lines(log)) > 2
    assert MARK not in log.read_text()
    assert "127.0.0.1" not in "".join(line for line in log.read_text().splitlines() if line.startswith("{"))


@pytest.mark.server
def test_doctor_sees_a_good_service(service: Service) -> None:
    port = int(service.url.rpartition(":")[2])
    assert set(examined(service.store, port=port).values()) == {State.OK}
    assert examined(service.store)["port"] is State.WARNING
    assert examined("memory:", port=port)["port"] is State.FAULT


@pytest.mark.server
def test_a_backup_beside_a_service_is_the_store_after_some_acknowledged_write(service: Service, tmp_path: Path) -> None:
    found = places(service.store)
    assert found is not None
    acknowledged: dict[int, str] = {}
    stop = threading.Event()

    def write() -> None:
        control = ControlClient(found.control)
        number = 0
        while not stop.is_set():
            path = tmp_path / "n.ttl"
            path.write_text(AGENT.replace("/agent/", f"/agent/n{number % 3}-").replace('name "', f'name "{number} '))
            control.load([Document(path.read_bytes(), "turtle")], None)
            exported = control.export([], "nquads")
            acknowledged[control.status()["revision"]] = digest(parse(exported, format=RdfFormat.N_QUADS))
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(3):
            while len(acknowledged) < 2 * (number + 1):
                time.sleep(0.02)
            done = fairmap(service.store, "backup", tmp_path / f"backup-{number}")
            assert done.returncode == 0, done.stderr
    finally:
        stop.set()
        thread.join()
    for number in range(3):
        manifest = read_manifest(tmp_path / f"backup-{number}")
        assert acknowledged[manifest.revision] == manifest.digest
        again = f"oxigraph:{tmp_path / f'again-{number}'}"
        assert fairmap(again, "restore", tmp_path / f"backup-{number}").returncode == 0
        assert graph_of(again) == manifest.digest
    done = fairmap(service.store, "restore", tmp_path / "backup-0")
    assert done.returncode == 3
    assert "has this store open" in done.stderr


class Failing:
    """A view with a fault of ours."""

    base_iri = "https://w3id.org/fairmap/"

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError(MARK)


@pytest.mark.parametrize("form", ["plain", "json"])
def test_an_unexpected_error_is_logged_with_its_request(capsys: pytest.CaptureFixture[str], form: str) -> None:
    view: Any = Failing()
    client = create_app(Settings(log=form), view, ready=lambda: True).test_client()
    got = client.get(f"/sparql?query=ASK%7B%7D%23{MARK}", headers={"X-Request-ID": "here-1"})
    assert got.status_code == 500
    assert got.get_json()["request"] == "here-1"
    told = capsys.readouterr().err
    assert "here-1" in told
    assert "ZeroDivisionError" in told
    assert "sparql.py" in told
    assert MARK not in told
    if form == "json":
        error, request = [json.loads(line) for line in told.splitlines()]
        assert (error["request"], error["route"], error["error"]) == ("here-1", "/sparql", "ZeroDivisionError")
        assert (request["status"], request["route"]) == (500, "/sparql")


def test_an_app_without_a_service_tells_its_own_figures() -> None:
    view: Any = Failing()
    body = create_app(Settings(), view, ready=lambda: True).test_client().get("/metrics").get_data(as_text=True)
    assert "fairmap_http_requests" in body
    assert "fairmap_queries" not in body
