"""What readers and writers may try: each hostile query ends in time with a proper status, nothing is sent, nothing is lost."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import random
import socket
import subprocess
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import stores
from fairmap.namespaces import FM
from fairmap.views.stats import read_stats
from service import Got, Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.server, pytest.mark.alone]

DEADLINE = 1.5
GRACE = 0.5
BROKEN = 0
"""Stands for an answer that broke off and was seen to."""
WORKERS = 4
COUNT = f"SELECT (COUNT(DISTINCT ?r) AS ?n) {{ ?r a <{FM}Repository> }}"
JOIN = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"


def joins() -> Iterator[str]:
    in_graphs = "GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } GRAPH ?z { ?g ?h ?i }"
    for head in (
        "COUNT(*)",
        "COUNT(DISTINCT ?a)",
        "SUM(STRLEN(STR(?c)))",
        "MAX(?c)",
        "SAMPLE(?a)",
        "AVG(STRLEN(STR(?f)))",
    ):
        yield from (f"SELECT ({head} AS ?n) {{ {body} }}" for body in (JOIN, in_graphs))
    for number in range(11):
        values = " ".join(map(str, range(500 + number)))
        yield f"SELECT (COUNT(*) AS ?n) {{ VALUES ?v {{ {values} }} {JOIN} FILTER (?v > 1) }}"


def nested_joins() -> Iterator[str]:
    joiners = ("OPTIONAL", "MINUS", "FILTER EXISTS", "FILTER NOT EXISTS")
    for joiner, extra in itertools.product(joiners, ("", "FILTER (?a != ?d)", "FILTER (STR(?c) < STR(?f))")):
        yield f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f {extra} {joiner} {{ ?g ?h ?i . ?j ?k ?c }} }}"


def paths() -> Iterator[str]:
    step = "(!<urn:no>|^!<urn:no>)"
    for form in (f"{step}*", f"{step}+", f"{step}/{step}/{step}", f"({step}/{step})*", f"({step}?/{step})+"):
        yield f"SELECT (COUNT(*) AS ?n) {{ ?a {form} ?b }}"
        yield f"SELECT (COUNT(DISTINCT ?b) AS ?n) {{ ?a {form} ?b . ?c {form} ?d }}"


def doublings() -> Iterator[str]:
    for steps in (24, 28, 30, 32, 36, 40):
        doubling = " ".join(f"BIND (CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(steps))
        yield f"SELECT (STRLEN(?x{steps}) AS ?n) {{ BIND ('xxxxxxxxxxxxxxxx' AS ?x0) {doubling} }}"


def expressions() -> Iterator[str]:
    for pattern in ("(a+)+$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", ".*.*.*.*=.*", "(a|aa)+$"):
        both = "CONCAT(STR(?c), STR(?f))"
        yield f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f FILTER REGEX({both}, '{pattern}') }}"


def sortings() -> Iterator[str]:
    for order in ("?a ?d", "DESC(?c)", "RAND()", "STRLEN(CONCAT(STR(?c), STR(?f)))", "MD5(STR(?c))", "SHA512(STR(?f))"):
        yield f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} ORDER BY {order}"
        yield f"SELECT DISTINCT ?a ?f {{ ?a ?b ?c . ?d ?e ?f }} ORDER BY {order} LIMIT 1"
    for group in ("?a", "?a ?d", "(CONCAT(STR(?c), STR(?f)) AS ?k)"):
        yield f"SELECT (GROUP_CONCAT(?c) AS ?n) {{ ?a ?b ?c . ?d ?e ?f }} GROUP BY {group}"


def nestings() -> Iterator[str]:
    expressions = (("(", ")"), ("ABS(", ")"), ("!(", ")"), ("COALESCE(", ")"))
    patterns = (("{", "}"), ("FILTER NOT EXISTS {", "}"), ("[ <urn:p> ", "]"))
    for depth in (200, 20_000):
        yield from (f"ASK {{ FILTER ({start * depth}1{end * depth}) }}" for start, end in expressions)
        yield from (f"ASK {{ {start * depth}{end * depth} }}" for start, end in patterns)
    yield from (f"ASK {{ FILTER ({f' {operator} '.join(['1'] * 20_000)}) }}" for operator in ("&&", "||", "+", "*"))
    yield "ASK { " + " UNION ".join(["{ ?s ?p ?o }"] * 10_000) + " }"


def large_texts() -> Iterator[str]:
    yield from ("ASK { } #" + letter * 10_000_000 for letter in ("x", "(", '"', "\\", "<"))


def endless_answers() -> Iterator[str]:
    for head in ("CONSTRUCT { ?a ?e ?i } WHERE", "SELECT * ", "DESCRIBE ?a ?d ?g WHERE", "SELECT REDUCED ?a ?i"):
        yield f"{head} {{ {JOIN} }}"


KINDS = (joins, nested_joins, paths, doublings, expressions, sortings, nestings, large_texts, endless_answers)
HOSTILE = [(kind.__name__, query) for kind in KINDS for query in kind()]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("hostile")
    settings = {"query_deadline": DEADLINE, "query_workers": WORKERS, "query_memory": 256, "answer_size": 32}
    with serving(f"oxigraph:{place / 'store'}", log=place / "log", **settings) as running:
        yield running
    assert "Traceback" not in (place / "log").read_text()


def post(service: Service, query: str) -> Got:
    return service.get("/sparql", data=query.encode(), Content_Type="application/sparql-query")


def test_a_hundred_hostile_queries_end_in_time_with_a_proper_status(service: Service) -> None:
    assert len({query for _, query in HOSTILE}) >= 100

    def send(pair: tuple[str, str]) -> tuple[str, str, int, str]:
        try:
            got = post(service, pair[1])
        except http.client.IncompleteRead:
            return (*pair, BROKEN, "")
        return (*pair, got.status, got.headers["Content-Type"])

    with ThreadPoolExecutor(2) as pool:  # fewer than there are workers: nobody waits in the queue
        answers = list(pool.map(send, HOSTILE))
    for kind, query, status, media_type in answers:
        told = f"{kind}: {query[:120]} gave {status}"
        assert status in {200, BROKEN, 400, 413, 503}, told
        assert status in {200, BROKEN} or media_type == "application/problem+json", told
    ended = {kind for kind, _, status, _ in answers if status == 503}
    assert {"joins", "paths", "sortings", "doublings"} <= ended
    assert {status for kind, _, status, _ in answers if kind == "endless_answers"} == {BROKEN}
    assert {status for kind, _, status, _ in answers if kind == "large_texts"} == {413}
    found = read_stats(Path(service.store.removeprefix("oxigraph:")) / "state" / "view.sock")
    assert found["outcomes"]["timeout"] >= 20
    assert DEADLINE <= found["longest"] <= DEADLINE + GRACE, "from leaving the queue to the end"
    assert post(service, COUNT).json()["results"]["bindings"][0]["n"]["value"] == "47"


def test_normal_queries_are_answered_beside_hostile_ones(service: Service) -> None:
    stop = threading.Event()
    endless = itertools.cycle(query for kind, query in HOSTILE if kind in {"joins", "nested_joins"})

    def attack() -> None:
        while not stop.is_set():
            post(service, next(endless))

    with ThreadPoolExecutor(1) as pool:
        attacker = pool.submit(attack)
        try:
            taken = []
            for number in range(60):
                start = time.monotonic()
                got = post(service, f"{COUNT} # {number}")
                assert got.json()["results"]["bindings"][0]["n"]["value"] == "47"
                taken.append(time.monotonic() - start)
        finally:
            stop.set()
        attacker.result(timeout=30)
    assert sorted(taken)[len(taken) // 2] < DEADLINE / 2, "half of the normal queries wait for a hostile one"


def test_when_too_many_wait_the_newcomer_is_told_at_once(tmp_path: Path) -> None:
    settings = {"query_deadline": 3, "query_workers": 1, "query_queue": 2, "web_threads": 16}
    with serving("memory:", log=tmp_path / "log", **settings) as service:
        slow = f"SELECT (COUNT(*) AS ?n) {{ {JOIN} }}"
        with ThreadPoolExecutor(12) as pool:
            start = time.monotonic()

            def send(number: int) -> tuple[int, float, str | None]:
                got = post(service, f"{slow} # {number}")
                return got.status, time.monotonic() - start, got.headers["Retry-After"]

            answers = list(pool.map(send, range(12)))
        assert {status for status, _, _ in answers} == {503}
        assert all(retry for _, _, retry in answers)
        assert sum(seconds < 1.5 for _, seconds, _ in answers) >= 8


SPELLINGS = [
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { service <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICESILENT<URL>{ ?s ?p ?o } }",
    "SELECT * { ?s ?p 1SERVICE<URL>{ ?a ?b ?c } }",
    "PREFIX x: <URL> SELECT * { SERVICE x: { ?s ?p ?o } }",
    "PREFIX : <URL> SELECT * { SERVICE: { ?s ?p ?o } }",
    "BASE <URL> SELECT * { SERVICE <> { ?s ?p ?o } }",
    "SELECT * { VALUES ?u { <URL> } SERVICE ?u { ?s ?p ?o } }",
    "SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "SELECT * { ?s <http://a/\\u0041#b> ?o . SERVICE <URL> { ?s ?p ?o } }",
    "PREFIX x: <http://e/> SELECT * { ?s ?p x:.SERVICE<URL>{ ?a ?b ?c } }",
    "LOAD <URL>",
    "LOAD SILENT <URL> INTO GRAPH <http://e/>",
    "INSERT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
]


def test_no_spelling_of_service_and_load_sends_anything(service: Service) -> None:
    authorization = f"Bearer {stores.token(service.store, 'writer', '--scope', 'curate')}"
    with socket.socket() as canary:
        canary.bind(("127.0.0.1", 0))
        canary.listen()
        canary.settimeout(0.3)
        for spelling in SPELLINGS:
            text = spelling.replace("URL", f"http://127.0.0.1:{canary.getsockname()[1]}/")
            assert service.get("/sparql?" + urllib.parse.urlencode({"query": text})).status == 400, spelling
            kind = "application/sparql-update"
            got = service.get("/sparql/update", data=text.encode(), Content_Type=kind, Authorization=authorization)
            assert got.status == 400, spelling
        with pytest.raises(TimeoutError):
            canary.accept()


def admin(service: Service) -> str:
    return f"Bearer {stores.token(service.store, 'a', '--scope', 'admin')}"


INCREMENT = """DELETE { GRAPH <urn:g> { <urn:c> <urn:n> ?old } } INSERT { GRAPH <urn:g> { <urn:c> <urn:n> ?new } }
WHERE { GRAPH <urn:g> { <urn:c> <urn:n> ?old } BIND (?old + 1 AS ?new) }"""
READ = "/sparql?" + urllib.parse.urlencode({"query": "SELECT ?n { GRAPH <urn:g> { <urn:c> <urn:n> ?n } }"})


def test_no_update_is_lost_and_no_read_is_torn(tmp_path: Path) -> None:
    scratch = ("--empty", "--no-shapes")
    with serving(f"oxigraph:{tmp_path / 'store'}", *scratch, log=tmp_path / "log", web_threads=8) as service:
        token = admin(service)
        start = b"<urn:c> <urn:n> 0 ."
        assert (
            service.get(
                "/store?graph=urn:g", data=start, method="PUT", Content_Type="text/turtle", Authorization=token
            ).status
            == 201
        )

        def work(seed: int) -> int:
            chance = random.Random(seed)  # noqa: S311 - a mix of reads and updates
            done, last = 0, 0
            for _ in range(12):
                if chance.random() < 0.5:
                    kind = "application/sparql-update"
                    got = service.get("/sparql/update", data=INCREMENT.encode(), Content_Type=kind, Authorization=token)
                    assert got.status == 204, got.body
                    done += 1
                else:
                    (row,) = service.get(READ).json()["results"]["bindings"]
                    assert int(row["n"]["value"]) >= max(done, last)
                    last = int(row["n"]["value"])
            return done

        with ThreadPoolExecutor(16) as pool:
            acknowledged = sum(pool.map(work, range(16)))
        (row,) = service.get(READ).json()["results"]["bindings"]
        assert int(row["n"]["value"]) == acknowledged > 50


def test_kill_9_while_updating_leaves_the_last_acknowledged_state_or_the_one_in_flight(tmp_path: Path) -> None:
    store = f"oxigraph:{tmp_path / 'store'}"
    acknowledged, token = 0, ""
    for round_number in range(3):
        with serving(store, "--empty", "--no-shapes", log=tmp_path / "log") as service:
            if not token:
                token = admin(service)
                body = b"<urn:c> <urn:n> 0 ."
                service.get(
                    "/store?graph=urn:g", data=body, method="PUT", Content_Type="text/turtle", Authorization=token
                )
            (row,) = service.get(READ).json()["results"]["bindings"]
            assert int(row["n"]["value"]) in {acknowledged, acknowledged + 1}
            acknowledged = int(row["n"]["value"])
            killer = threading.Timer(0.2 + 0.1 * round_number, service.process.kill)
            killer.start()
            with contextlib.suppress(OSError):
                while True:
                    kind = "application/sparql-update"
                    got = service.get("/sparql/update", data=INCREMENT.encode(), Content_Type=kind, Authorization=token)
                    if got.status != 204:
                        break
                    acknowledged += 1
            service.process.wait(timeout=30)
            _until_writer_is_gone(tmp_path / "store")
    assert acknowledged > 3


def _until_writer_is_gone(store: Path) -> None:
    """Killing the first process makes the kernel stop the others; that takes a moment."""
    for _ in range(100):
        found = subprocess.run(
            ["pgrep", "-f", "fairmap.service.writer"], capture_output=True, text=True, check=False
        ).stdout.split()
        if not any(_environment_names(pid, str(store)) for pid in found):
            return
        time.sleep(0.1)
    raise AssertionError("the writer outlived its supervisor")


def _environment_names(pid: str, text: str) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as environment:  # noqa: PTH123 - a file of the kernel
            return text.encode() in environment.read()
    except OSError:
        return False
