"""SERVICE: listed endpoints are asked, with a deadline and a limit; nothing else is, however it is written."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stores
from fairmap.config import configure
from fairmap.errors import QueryRefused, UsageError
from fairmap.namespaces import FM
from fairmap.sparql import Limits, admit, redirected, with_graphs
from service import Got, Service, serving
from test_hostile import SPELLINGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LISTED = ["http://example.org/sparql", "https://upload.example.org/service/query?default-graph-uri=urn:g"]
CLAUSE = re.compile(r"SERVICE(\s+SILENT)? <http://127\.0\.0\.1:9/\d>", re.IGNORECASE)
WORD = re.compile("SERVICE|LOAD", re.IGNORECASE)
JSON = "application/sparql-results+json"


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("SELECT * { SERVICE <http://example.org/sparql> { ?s ?p ?o } }", 1),
        ("SELECT * { service\nsilent<http://example.org/sparql>{ ?s ?p ?o } }", 1),
        ("SELECT * { SERVICE <http://example.org/sparql> { ?s ?p 'a service' } # LOAD it\n }", 1),
        (f"SELECT * {{ SERVICE <{LISTED[0]}> {{ ?s ?p 1 }} OPTIONAL {{ SERVICE <{LISTED[1]}> {{ ?s ?q 2 }} }} }}", 2),
    ],
)
def test_listed_endpoints_pass_and_the_engine_sees_only_the_broker(query: str, clauses: int) -> None:
    assert admit(query, Limits(), LISTED)
    text = redirected(query, LISTED, lambda endpoint: f"http://127.0.0.1:9/{LISTED.index(endpoint)}")
    assert len(CLAUSE.findall(text)) == clauses
    assert not WORD.search(CLAUSE.sub("", text))
    assert "example.org" not in text
    assert len(with_graphs(query, LISTED)) == len(query)


@pytest.mark.parametrize("query", ["SELECT * { ?service ?load 'SERVICE' }", "ASK {}"])
def test_a_query_without_such_a_clause_is_not_federated(query: str) -> None:
    assert not admit(query, Limits(), LISTED)


NEAR = [
    "http://example.org/sparql/",
    "http://example.org:80/sparql",
    "http://EXAMPLE.org/sparql",
    "HTTP://example.org/sparql",
    "https://example.org/sparql",
    "http://example.org/sparq%6C",
    "http://example.org/sparq\\u006C",
    "http://example.org/x/../sparql",
    "http://example.org/sparql?",
    "http://example.org/sparql#",
    "http://example.org/Sparql",
    "http://user@example.org/sparql",
    "http://example.org@127.0.0.1/sparql",
    "http://example.org.:80/sparql",
    "//example.org/sparql",
    " http://example.org/sparql",
    "http://127.0.0.1/",
    "",
]
TRICKS = [
    "PREFIX x: <http://example.org/> SELECT * { SERVICE x:sparql { ?s ?p ?o } }",
    "BASE <http://example.org/> SELECT * { SERVICE <sparql> { ?s ?p ?o } }",
    "SELECT * { BIND (<http://example.org/sparql> AS ?u) SERVICE ?u { ?s ?p ?o } }",
    "SELECT * { SERVICE # <http://example.org/sparql>\n <http://127.0.0.1/> { ?s ?p ?o } }",
    "SELECT * { SERVICE '<http://example.org/sparql>' { ?s ?p ?o } }",
    "SELECT * { SERVICE\u00a0<http://example.org/sparql> { ?s ?p ?o } }",
    "SELECT * { SERVICE . <http://example.org/sparql> { ?s ?p ?o } }",
    "SELECT * { SERVICE <http://example.org/sparql> { SERVICE <http://example.org/sparql> { ?s ?p ?o } } }",
    "SELECT * { SERVICE <http://example.org/sparql> { ?s ?p ?o } SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "PREFIX x: <urn:x> SELECT * { SERVICE <http://example.org/sparql> {} ?s ?p x:.SERVICE<http://127.0.0.1/>{} }",
    "PREFIX x: <urn:x> SELECT * { SERVICE <http://example.org/sparql> {} ?s ?p x:a.SERVICE<http://127.0.0.1/>{} }",
    "SELECT * { SERVICE <http://example.org/sparql> {} ?s ?p _:a.SERVICE<http://127.0.0.1/>{} }",
    "SELECT * { SERVICE <http://example.org/sparql> {} ?s ?p 'x'@en-SERVICE<http://127.0.0.1/>{} }",
    "SELECT * { SERVICE <http://example.org/sparql> {} ?s ?p ?SERVICE<http://127.0.0.1/>{} }",
    "SELECT * { SERVICE <http://example.org/sparql> {} ?s ?p 1SERVICE<http://127.0.0.1/>{} }",
    "LOAD <http://example.org/sparql>",
    "SELECT * { SERVICE <http://example.org/sparql> { LOAD <http://example.org/sparql> } }",
]


@pytest.mark.parametrize(
    "query", [*(f"SELECT * {{ SERVICE <{iri}> {{ ?s ?p ?o }} }}" for iri in NEAR), *TRICKS, *SPELLINGS]
)
def test_with_a_list_everything_else_is_still_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        admit(query, Limits(), LISTED)


PIECES = ["SERVICE", "LOAD", "SILENT", f"<{LISTED[0]}>", "<http://127.0.0.1/>", "{", "}", "'", '"', '"""', "#", "\n", "\\",
          "u0053", "ERVICE", "x:", "_:", "?", "@", ".", "<", ">", "&&", "a", " ", "1"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_whatever_passes_names_nothing_but_the_broker(query: str) -> None:
    with contextlib.suppress(QueryRefused):
        if admit(query, Limits(), LISTED):
            text = redirected(query, LISTED, lambda _: "http://127.0.0.1:9/0")
            assert not WORD.search(CLAUSE.sub("", text))


@pytest.mark.parametrize(
    "iri", ["example.org", "ftp://e/", "file:///etc/passwd", "http://u:p@e/", "http://e/#a", "http://e:x/", "http://é/"]
)
def test_what_cannot_be_an_endpoint_is_no_setting(iri: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no endpoint"):
        configure({"federation": f"http://example.org/ {iri}"}, environment={}, directory=tmp_path)


# A running service


class Endpoint(BaseHTTPRequestHandler):
    """Each path behaves in a way of its own."""

    asked: list[tuple[str, str]]
    elsewhere: str

    def do_POST(self) -> None:
        """Notes what was asked."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append((self.path, body))
        answer = getattr(self, self.path.strip("/"))
        with contextlib.suppress(OSError):  # who asked has given up
            answer()

    def numbers(self) -> None:
        """Two solutions."""
        self._send(b'{"head": {"vars": ["n"]}, "results": {"bindings": [%s, %s]}}' % (_number(1), _number(2)))

    def redirect(self) -> None:
        """To somewhere else."""
        self.send_response(307)
        self.send_header("Location", self.elsewhere)
        self.end_headers()

    def silent(self) -> None:
        """Says nothing."""
        time.sleep(8)

    def drip(self) -> None:
        """A byte now and then, which no timeout of a socket ends."""
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/sparql-results+json\r\nX-Long: ")
        for _ in range(60):
            self.wfile.write(b"x")
            time.sleep(0.15)

    def huge(self) -> None:
        """3 MiB, announced as endless."""
        self._send(b'{"head": {"vars": ["n"]}, "results": {"bindings": [' + b" " * (3 << 20) + b"]}}")

    def page(self) -> None:
        """No results."""
        self._send(b"<p>SPARQL</p>", "text/html")

    def torn(self) -> None:
        """Results that end too early."""
        self._send(b'{"head": {"vars": ["n"]}, "results": {"bindings": [' + _number(1))

    def failing(self) -> None:
        """A fault with a text that must not be taken for fairmap's."""
        self.send_response(500)
        self.end_headers()
        self.wfile.write(b'{"kind": "NotFound", "what": "made up"}')

    def _send(self, body: bytes, media_type: str = JSON) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _number(n: int) -> bytes:
    return b'{"n": {"type": "literal", "value": "%d"}}' % n


PATHS = ("numbers", "redirect", "silent", "drip", "huge", "page", "torn", "failing")


@contextlib.contextmanager
def canary() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.3)
        yield listener
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of the endpoints above."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    Endpoint.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving("memory:", log=tmp_path_factory.mktemp("remote") / "log") as running:
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, remote: Service, endpoint: str) -> Iterator[Service]:
    """Without records of its own, so that what it answers is from elsewhere."""
    place = tmp_path_factory.mktemp("federation")
    listed = ", ".join([f"{remote.url}/sparql", *(f"{endpoint}/{path}" for path in PATHS)])
    settings: dict[str, Any] = {
        "federation": listed,
        "federation_deadline": 1,
        "federation_size": 1,
        "query_deadline": 6,
    }
    with serving(f"oxigraph:{place / 'store'}", "--empty", log=place / "log", **settings) as running:
        yield running
    assert "Traceback" not in (place / "log").read_text()


def ask(service: Service, query: str) -> Got:
    return service.get("/sparql?" + urlencode({"query": query}), Accept=JSON)


def numbers(got: Got) -> list[str]:
    assert got.status == 200, got.body
    return [row["n"]["value"] for row in got.json()["results"]["bindings"]]


@pytest.mark.server
def test_another_fairmap_is_asked_and_its_answer_is_not_kept(service: Service, remote: Service) -> None:
    got = ask(service, f"SELECT (COUNT(?r) AS ?n) {{ SERVICE <{remote.url}/sparql> {{ ?r a <{FM}Repository> }} }}")
    assert numbers(got) == ["47"]
    assert (got.headers["Cache-Control"], got.headers["ETag"]) == ("no-store", None)
    assert numbers(ask(service, f"SELECT (COUNT(?r) AS ?n) {{ ?r a <{FM}Repository> }}")) == ["0"]


@pytest.mark.server
def test_a_request_that_the_engine_repeats_for_each_row_is_sent_once(service: Service, endpoint: str) -> None:
    Endpoint.asked.clear()
    clause = f"SERVICE <{endpoint}/numbers> {{ ?x <urn:service> ?n }}"
    got = ask(service, f"SELECT ?n {{ VALUES ?n {{ '1' '2' '3' }} FILTER EXISTS {{ {clause} }} }} ORDER BY ?n # LOAD")
    assert numbers(got) == ["1", "2"]
    ((path, body),) = Endpoint.asked
    assert path == "/numbers"
    assert "<urn:service>" in parse_qs(body)["query"][0]
    assert "127.0.0.1" not in body


@pytest.mark.server
def test_more_requests_than_a_query_may_send_are_told(service: Service, endpoint: str) -> None:
    clauses = " UNION ".join(f"{{ SERVICE <{endpoint}/numbers> {{ ?x <urn:{n}> ?n }} }}" for n in range(65))
    got = ask(service, f"SELECT * {{ {clauses} }}")
    assert (got.status, got.json()["error"]) == (502, "EndpointFailed")


FAULTS = {
    "redirect": (502, "answered 307"),
    "silent": (504, "within 1 s"),
    "drip": (504, "within 1 s"),
    "huge": (502, "larger than 1 MiB"),
    "page": (502, "text/html"),
    "torn": (502, "could not be asked"),
    "failing": (502, "answered 500"),
}


@pytest.mark.server
@pytest.mark.parametrize("path", FAULTS)
def test_an_endpoint_that_fails_is_told_in_time_unless_silent(service: Service, endpoint: str, path: str) -> None:
    status, told = FAULTS[path]
    with canary() as elsewhere:
        Endpoint.elsewhere = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        start = time.monotonic()
        got = ask(service, f"SELECT * {{ SERVICE <{endpoint}/{path}> {{ ?s ?p ?n }} }}")
        assert time.monotonic() - start < 3
        assert (got.status, got.headers["Content-Type"]) == (status, "application/problem+json"), got.body
        problem = got.json()
        assert told in problem["detail"]
        assert problem["where"] == f"{endpoint}/{path}"
        silent = ask(service, f"SELECT * {{ SERVICE SILENT <{endpoint}/{path}> {{ ?s ?p ?n }} }}")
        assert silent.json()["results"]["bindings"] == [{}]
        page = service.get(
            "/sparql?" + urlencode({"query": f"ASK {{ SERVICE <{endpoint}/{path}> {{}} }}"}), Accept="text/html"
        )
        assert page.status == status


@pytest.mark.server
def test_what_is_not_listed_is_refused_and_nothing_is_sent(service: Service, endpoint: str) -> None:
    token = stores.token(service.store, "w", "--scope", "curate")
    Endpoint.asked.clear()
    with canary() as listener:
        bird = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listed = f"{endpoint}/numbers"
        port = endpoint.rpartition(":")[2]
        near = [f"{listed}/", f"{listed}#", f"{endpoint}/number%73", f"http://u@127.0.0.1:{port}/numbers",
                f"http://localhost:{port}/numbers", f"{endpoint}/x/../numbers", bird]  # fmt: skip
        texts = [f"SELECT * {{ SERVICE <{iri}> {{ ?s ?p ?o }} }}" for iri in near]
        texts += [text.replace("URL", bird) for text in SPELLINGS]
        texts += [text.replace(LISTED[0], listed).replace("http://127.0.0.1/", bird) for text in TRICKS]
        for text in texts:
            assert ask(service, text).status == 400, text
        updates = [*texts, f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{listed}> {{ ?s ?p ?o }} }}"]
        for text in updates:
            kind = "application/sparql-update"
            got = service.get("/sparql/update", data=text.encode(), Content_Type=kind, Authorization=f"Bearer {token}")
            assert got.status == 400, text
    assert Endpoint.asked == []


@pytest.mark.server
def test_a_federated_query_has_the_deadline_of_every_query_and_others_go_on(service: Service, endpoint: str) -> None:
    rows = " ".join(f"({n})" for n in range(300))
    start = time.monotonic()
    got = ask(
        service,
        f"""SELECT (COUNT(*) AS ?n) {{ SERVICE <{endpoint}/numbers> {{ ?x ?y ?n }}
        {" ".join(f"VALUES (?v{n}) {{ {rows} }}" for n in range(5))} FILTER (?v0 + ?v1 + ?v2 + ?v3 + ?v4 > 1) }}""",
    )
    assert (got.status, got.json()["error"]) == (503, "QueryTimeout")
    assert time.monotonic() - start < 9
    assert ask(service, "ASK {}").json()["boolean"] is True


@pytest.mark.server
def test_a_mistake_has_its_place_in_the_query_as_it_came(service: Service, endpoint: str) -> None:
    query = f"SELECT * {{\n  SERVICE SILENT <{endpoint}/numbers> {{ ?s ?p }} }}"
    plain = query.replace("SERVICE SILENT", "GRAPH         ")
    told = ask(service, query).json()["where"]
    assert told == ask(service, plain).json()["where"]
    assert told.startswith("line 2, column ")


@pytest.mark.server
def test_the_command_line_asks_through_the_service(service: Service, endpoint: str) -> None:
    query = f"SELECT ?n {{ SERVICE <{endpoint}/numbers> {{ ?s ?p ?n }} }}"
    command = [sys.executable, "-m", "fairmap", "--store", service.store, "query", "--format", "csv", query]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["n", "1", "2"]


@pytest.mark.server
def test_the_service_says_that_it_federates_only_when_it_does(service: Service, remote: Service) -> None:
    feature = b"BasicFederatedQuery"
    assert feature in service.get("/sparql", Accept="text/turtle").body
    assert feature not in remote.get("/sparql", Accept="text/turtle").body
    assert f"{remote.url}/sparql".encode() in service.get("/sparql", Accept="text/html").body


@pytest.mark.server
def test_failed_endpoints_are_counted_and_no_worker_stays(service: Service, endpoint: str) -> None:
    ask(service, f"ASK {{ SERVICE <{endpoint}/failing> {{ ?s ?p ?o }} }}")
    figures = service.get("/metrics").body.decode()
    counted = next(
        line for line in figures.splitlines() if line.startswith('fairmap_queries_total{outcome="endpoint"}')
    )
    assert float(counted.split()[1]) >= 1
    for wait in itertools.count():
        figures = service.get("/metrics").body.decode()
        if 'fairmap_query_workers{state="busy"} 0.0' in figures:
            break
        assert wait < 50, "workers of federated queries stay"
        time.sleep(0.1)
