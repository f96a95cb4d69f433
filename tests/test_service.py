"""The whole service, over HTTP and beside the command line, with real clients."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

import command
from conftest import ROOT
from fairmap.namespaces import FM
from fairmap.rdf import digest
from fairmap.resources import folder
from service import Got, Service, free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.server

COUNT = f"SELECT (COUNT(DISTINCT ?r) AS ?n) {{ ?r a <{FM}Repository> }}"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
TCIA = "https://w3id.org/fairmap/repository/tcia"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("service")
    with serving(f"oxigraph:{place / 'store'}", log=place / "log", query_deadline=2, query_workers=2) as running:
        yield running
    assert "Traceback" not in (place / "log").read_text()


def url(query: str, **more: str) -> str:
    return "/sparql?" + urllib.parse.urlencode({"query": query, **more})


def fairmap(service: Service, *arguments: object) -> subprocess.CompletedProcess[str]:
    return command.fairmap("--store", service.store, *arguments)


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/sparql-results+json", b'"47"'),
        ("application/sparql-results+xml", b">47<"),
        ("text/csv", b"n\r\n47\r\n"),
        ("text/tab-separated-values", b"?n\n47\n"),
    ],
)
def test_47_repositories_in_every_result_format(service: Service, media_type: str, expected: bytes) -> None:
    form = urllib.parse.urlencode({"query": COUNT}).encode()
    got = [
        service.get(url(COUNT), Accept=media_type),
        service.get("/sparql", data=form, Accept=media_type, Content_Type="application/x-www-form-urlencoded"),
        service.get("/sparql", data=COUNT.encode(), Accept=media_type, Content_Type="application/sparql-query"),
    ]
    for answer in got:
        assert answer.status == 200
        assert answer.headers["Content-Type"].split(";")[0] == media_type
        assert expected in answer.body


@pytest.mark.parametrize(
    ("media_type", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_graphs_in_every_rdf_format_with_literals_as_written(
    service: Service, media_type: str, form: RdfFormat
) -> None:
    construct = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <https://w3id.org/fairmap/repository/oai> { ?s ?p ?o } }"
    got = service.get(url(construct), Accept=media_type)
    assert got.headers["Content-Type"].split(";")[0] == media_type
    quads = list(parse(got.body, format=form))
    stored = folder("data") / "imaging-health-data-map.trig"
    of_record = [
        q
        for q in parse(stored.read_bytes(), format=RdfFormat.TRIG)
        if str(q.graph_name.value).endswith("repository/oai")
    ]
    assert {str(quad.triple) for quad in quads} == {str(quad.triple) for quad in of_record}
    assert any("nonNegativeInteger" in str(quad) for quad in quads)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (url("SELECT * { ?s ?p }"), {}, 400),
        (url("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"), {}, 400),
        (url("ASK {}", **{"default-graph-uri": "not an iri"}), {}, 400),
        (url("ASK {}", **{"named-graph-uri": "not an iri"}), {}, 400),
        (url("ASK {}"), {"Accept": "image/png"}, 406),
        (url("DESCRIBE <http://e/>"), {"Accept": "text/csv"}, 406),
        ("/sparql?query=ASK%20%7B%7D&query=ASK%20%7B%7D", {}, 400),
        ("/repository/none", {}, 404),
        ("/nothing", {}, 404),
        ("/repository/tcia", {"Accept": "image/png"}, 406),
    ],
)
def test_faults_have_their_status_and_a_problem_document(
    service: Service, path: str, headers: dict[str, str], status: int
) -> None:
    got = service.get(path, Accept=headers.get("Accept", "*/*"))
    assert got.status == status
    assert got.headers["Content-Type"] == "application/problem+json"
    assert got.json()["status"] == status
    assert got.json()["detail"]


def test_a_wrong_content_type_and_method_are_told(service: Service) -> None:
    assert service.get("/sparql", data=b"x", Content_Type="text/plain").status == 415
    assert (
        service.get("/sparql", data=b"ASK {} #" + b"x" * 300_000, Content_Type="application/sparql-query").status == 413
    )
    got = service.get("/sparql", method="DELETE")
    assert got.status == 405
    assert "GET" in got.headers["Allow"]


def test_a_runaway_query_ends_at_its_deadline_while_others_go_on(service: Service) -> None:
    ended: list[Got] = []
    seconds: list[float] = []

    def run() -> None:
        start = time.monotonic()
        ended.append(service.get(url(RUNAWAY)))
        seconds.append(time.monotonic() - start)

    thread = threading.Thread(target=run)
    thread.start()
    answered = 0
    while thread.is_alive():
        got = service.get(url(COUNT), Accept="text/csv")
        assert got.body == b"n\r\n47\r\n"
        answered += 1
    assert ended[0].status == 503
    assert ended[0].headers["Content-Type"] == "application/problem+json"
    assert ended[0].headers["Retry-After"]
    assert seconds[0] >= 2
    assert answered > 5


def test_a_query_that_crashes_its_worker_harms_no_other(service: Service) -> None:
    grow = "CONCAT(?x{0}, ?x{0}) AS ?x{1}"
    bombs = " ".join(f"BIND ({grow.format(n, n + 1)})" for n in range(34))
    got = service.get(url(f"SELECT (STRLEN(?x34) AS ?n) {{ BIND ('xxxxxxxxxxxxxxxx' AS ?x0) {bombs} }}"))
    assert got.status == 503
    assert service.get(url(COUNT), Accept="text/csv").body == b"n\r\n47\r\n"


def test_an_endless_answer_is_seen_to_be_cut_off(service: Service) -> None:
    with pytest.raises(http.client.IncompleteRead):
        service.get(url("SELECT * { ?a ?b ?c . ?d ?e ?f }"))


def test_sparqlwrapper_reads_it(service: Service) -> None:
    client = SPARQLWrapper(f"{service.url}/sparql")
    client.setQuery(COUNT)
    client.setReturnFormat(JSON)
    found: Any = client.queryAndConvert()
    assert found["results"]["bindings"][0]["n"]["value"] == "47"
    client.setMethod(POST)
    client.setQuery(f"DESCRIBE <{TCIA}>")
    client.setReturnFormat(TURTLE)
    described: Any = client.queryAndConvert()
    assert b"The Cancer Imaging Archive" in described


def test_rdflib_reads_it_as_a_store(service: Service) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{service.url}/sparql", method="POST"))
    rows: list[Any] = list(graph.query(COUNT))
    assert [int(row[0]) for row in rows] == [47]
    titles = set(graph.objects(rdflib.URIRef(TCIA), rdflib.DCTERMS.title))
    assert [str(title) for title in titles] == ["The Cancer Imaging Archive"]


def test_records_and_concepts_are_dereferenceable(service: Service) -> None:
    for path in (
        "/repository/tcia",
        "/dataset/ria-lung1",
        "/concept/modality/mri",
        "/concept/modality",
        "/criterion/d31-F1",
        "/ns",
    ):
        html = service.get(path, Accept="text/html")
        assert html.status == 200
        assert html.headers["Content-Type"].startswith("text/html")
        turtle = service.get(path, Accept="text/turtle")
        assert turtle.headers["Content-Type"].startswith("text/turtle")
        assert turtle.body == service.get(f"{path}.ttl").body
        assert len(list(parse(turtle.body, format=RdfFormat.TURTLE))) > 2


def test_the_command_line_works_beside_it_and_at_once(service: Service, tmp_path: Path) -> None:
    assert "47" in fairmap(service, "query", COUNT, "--format", "csv").stdout
    exported = fairmap(service, "export").stdout.encode()
    shipped = (folder("data") / "imaging-health-data-map.trig").read_bytes()
    assert digest(parse(exported, format=RdfFormat.TRIG)) == digest(parse(shipped, format=RdfFormat.TRIG))
    record = tmp_path / "record.trig"
    record.write_text(fairmap(service, "export", TCIA).stdout.replace('"TCIA"', '"The TCIA"'))
    loaded = fairmap(service, "load", record)
    assert loaded.returncode == 0, loaded.stderr
    assert b'"The TCIA"' in service.get("/repository/tcia.ttl").body
    bad = fairmap(service, "load", ROOT / "tests" / "shapes" / "invalid" / "access-rights--text.ttl")
    assert bad.returncode == 1
    assert "remedy:" in bad.stderr
    assert fairmap(service, "validate").returncode == 0
    assert fairmap(service, "validate", TCIA).stdout == "1 record: conforms\n"
    for profile in ([], [TCIA]):
        judged = fairmap(service, "validate", *profile, "--profile", "dcat-ap", "--severity", "violation")
        assert judged.returncode == 1, judged.stderr
        assert "The Cancer Imaging Archive" in judged.stdout or "many records" in judged.stdout
    assert fairmap(service, "validate", "https://w3id.org/fairmap/repository/none").returncode == 2
    record.write_text(record.read_text().replace('"The TCIA"', '"TCIA"'))
    assert fairmap(service, "load", record).returncode == 0


def test_a_second_service_and_a_second_writer_are_refused(service: Service, tmp_path: Path) -> None:
    again = [sys.executable, "-m", "fairmap", "--store", service.store, "serve", "--port", str(free_port())]
    done = subprocess.run(again, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "serves this store already" in done.stderr
    other = subprocess.run(
        [
            sys.executable,
            "-m",
            "fairmap",
            "serve",
            "--store",
            f"oxigraph:{tmp_path}",
            "--port",
            service.url.rpartition(":")[2],
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert other.returncode == 3
    assert "cannot listen" in other.stderr
    code = f"import fairmap\ntry:\n  fairmap.open({service.store!r})\nexcept fairmap.FairmapError as error:\n  print(error)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "has this store open for writing" in told


def test_the_sockets_are_for_this_user_only(service: Service) -> None:
    state = folder("data").__class__(service.store.removeprefix("oxigraph:")) / "state"
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in state.glob("*.sock")} == {
        "control.sock": "0o600",
        "judge.sock": "0o600",
        "view.sock": "0o600",
    }


def test_a_store_in_memory_is_served_and_an_empty_one_too(tmp_path: Path) -> None:
    with serving("memory:", "--empty", log=tmp_path / "log") as service:
        assert service.get(url(COUNT), Accept="text/csv").body == b"n\r\n0\r\n"
        assert service.get("/", Accept="text/html").status == 200


def test_without_union_the_default_graph_is_itself(tmp_path: Path) -> None:
    with serving("memory:", "--no-union", log=tmp_path / "log") as service:
        assert service.get(url(COUNT), Accept="text/csv").body == b"n\r\n0\r\n"
        in_graphs = f"SELECT (COUNT(DISTINCT ?r) AS ?n) {{ GRAPH ?g {{ ?r a <{FM}Repository> }} }}"
        assert service.get(url(in_graphs), Accept="text/csv").body == b"n\r\n47\r\n"


def test_it_stops_at_a_signal_and_leaves_nothing_running(tmp_path: Path) -> None:
    with serving(f"oxigraph:{tmp_path / 'store'}", log=tmp_path / "log") as service:
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(timeout=30) == 0
    left = subprocess.run(["pgrep", "-f", str(tmp_path / "store")], capture_output=True, text=True, check=False).stdout
    assert left == ""
