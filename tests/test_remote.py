"""Stores whose engine is elsewhere, on two real engines: the same answers, the same rules, nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

import command
import engines
import fairmap
from conftest import ROOT
from fairmap.catalogue import Catalogue
from fairmap.config import Settings
from fairmap.errors import (
    InputError,
    NotConforming,
    QueryRefused,
    QueryStopped,
    QuerySyntaxError,
    QueryTimeout,
    ServiceDown,
    StoreError,
    UsageError,
)
from fairmap.model import Record
from fairmap.namespaces import DEFAULT_BASE, XSD
from fairmap.rdf import Statements, digest
from fairmap.service.doctor import State, examine
from fairmap.store import RemoteLevel, address_of, open_remote
from fairmap.store.by_value import same_graph
from fairmap.store.ledger import Entry
from fairmap.views import RemoteView
from fairmap.views.stats import OUTCOMES, SharedQueryStats
from service import Service, free_port, serving
from stores import states

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engines import Engine

QUERIES = sorted([*(ROOT / "docs" / "queries").glob("*.rq"), *(ROOT / "src/fairmap/web/example_queries").glob("*.rq")])
VALID = ROOT / "tests" / "shapes" / "valid"
AGENT = (VALID / "agent-minimal.ttl").read_text()
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . FILTER(CONCAT(STR(?c), STR(?f)) = 'x') }"
VALUES = [
    "integer 007",
    "nonNegativeInteger 5",
    "decimal 1.50",
    "double 1.5E0",
    "boolean 1",
    "date 2021-05-31",
    "gYear 2021",
]
VALUES += ["dateTime 2021-05-31T10:00:00.000+00:00", "anyURI https://example.org/"]


@dataclass(frozen=True)
class Place:
    """An engine with the map, and the store that fairmap has on it."""

    engine: Engine
    settings: Settings

    @property
    def environment(self) -> dict[str, str]:
        """The settings for a command."""
        told = {"store": self.settings.store, "state": self.settings.state, **self.engine.settings}
        return {**os.environ, **{f"FAIRMAP_{name.upper()}": value for name, value in told.items()}}

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """A command of fairmap on this store."""
        return command.fairmap(*arguments, environment=self.environment)

    def open(self, **more: Any) -> Catalogue:
        """The store, opened by this process."""
        return Catalogue(address_of(replace(self.settings, **more)), DEFAULT_BASE)

    def serve(self, **more: object) -> Any:
        """A service over it."""
        log = self.engine.log.with_name("service.log")
        state = {"state": self.settings.state, **self.engine.settings, **more}
        return serving(self.settings.store, log=log, **state)


def place_of(engine: Engine, state: Path) -> Place:
    return Place(engine, Settings(store=engine.store, state=str(state), **engine.settings))


def engine_of(name: str, folder: Path) -> Any:
    if engines.program(name) is None:
        pytest.skip(f"{name} is not installed (see .ci/run)")
    return engines.running(name, folder)


@pytest.fixture(scope="module", params=engines.NAMES)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An engine with the whole map, for tests that leave it as it was."""
    folder = tmp_path_factory.mktemp(request.param)
    with engine_of(request.param, folder) as engine:
        found = place_of(engine, folder / "state")
        with found.open() as opened:
            assert len(opened.load_map().added) == 162
        yield found


@pytest.fixture(params=engines.NAMES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An engine of its own, without anything."""
    with engine_of(request.param, tmp_path) as engine:
        yield place_of(engine, tmp_path / "state")


@pytest.fixture(scope="module")
def embedded() -> Iterator[Catalogue]:
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened


def lines(catalogue: Catalogue, query: str) -> list[bytes]:
    return sorted(b"".join(catalogue.query(query, results="tsv").chunks).splitlines())


def count(view: RemoteView | Catalogue, query: str = COUNT) -> int:
    return int(view.select(query)[0]["n"].value)


def record(iri: str, text: str = "x") -> Record:
    node = NamedNode(iri)
    quads = [Quad(node, NamedNode("https://example.org/p"), Literal(text), node)]
    for value in VALUES:
        name, _, lexical = value.partition(" ")
        literal = Literal(lexical, datatype=NamedNode(f"{XSD}{name}"))
        quads.append(Quad(node, NamedNode(f"https://example.org/{name}"), literal, node))
    quads.append(Quad(node, NamedNode("https://example.org/label"), Literal('é "\\\n', language="en-gb"), node))
    return Record(iri, tuple(quads))


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_every_example_query_has_the_answer_of_the_embedded_store(
    place: Place, embedded: Catalogue, query: Path
) -> None:
    text = query.read_text()
    with place.open() as opened:
        if "fm:textMatch" in text:
            with pytest.raises(QueryRefused, match="on a sparql: store, which has no text index"):
                opened.query(text)
        else:
            assert lines(opened, text) == lines(embedded, text)


def test_it_holds_what_the_embedded_store_holds(place: Place, embedded: Catalogue) -> None:
    with place.open() as opened:
        assert digest(opened.level.dump()) == digest(embedded.level.dump())
        for query in (COUNT, "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"):
            assert count(opened, query) == count(embedded, query)
        assert all(opened.level.agrees(iri) for iri in opened.records())
        assert opened.validate().conforms


def test_a_literal_comes_back_as_written(place: Place) -> None:
    iri = f"{DEFAULT_BASE}agent/literals"
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
    with place.open() as opened:
        written = record(iri)
        opened.level.write({iri: written}, origin="test")
        try:
            found = opened.level.record(iri)
            assert found is not None
            assert digest(found.quads) == digest(written.quads)
            assert set(opened.view.construct(query)) == {quad.triple for quad in written.quads}
            assert iri in opened.view.graph_names()
            ((name, lines),) = opened.view.graphs([iri, f"{iri}-none"])
            assert name == iri
            assert set(Statements(lines)) == {quad.triple for quad in written.quads}
            described = opened.query(f"DESCRIBE <{iri}>", graph="nquads")
            triples = {quad.triple for quad in parse(b"".join(described.chunks), format=RdfFormat.N_QUADS)}
            assert triples == {quad.triple for quad in written.quads}
            assert opened.level.agrees(iri)
        finally:
            opened.level.write({iri: None}, origin="test")
        assert iri in opened.view.gone()
        assert opened.view.construct(query) == []


def test_an_agreement_is_about_values_and_nothing_else() -> None:
    one = [quad.triple for quad in record("https://example.org/a").quads]
    other = [quad.triple for quad in record("https://example.org/a", "y").quads]
    assert same_graph(one, list(reversed(one)))
    assert not same_graph(one, other)
    assert not same_graph(one, one[1:])


def test_what_does_not_conform_is_refused_and_nothing_is_written(place: Place) -> None:
    with place.open() as opened:
        before = count(opened), opened.level.ledger.revision
        with pytest.raises(NotConforming):
            opened.load(f"<{DEFAULT_BASE}agent/x> a <http://xmlns.com/foaf/0.1/Agent> .".encode())
        assert (count(opened), opened.level.ledger.revision) == before


def test_what_the_engine_refuses_is_taken_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    iri, new = f"{DEFAULT_BASE}agent/refused", f"{DEFAULT_BASE}agent/refused-new"
    with place.open() as opened:
        opened.level.write({iri: record(iri)}, origin="test")
    wrong = {"sparql_update": f"{place.engine.update}/nowhere"}
    if place.engine.name == "virtuoso":
        wrong = {"sparql_password": "wrong"}
    with place.open(**wrong) as opened:
        assert isinstance(opened.level, RemoteLevel)
        monkeypatch.setattr(opened.level, "catch_up", lambda: None)  # this would be refused, too
        opened.level.note({iri: record(iri, "other"), new: record(new)}, origin="test")
        opened.level.note({iri: record(iri, "last")}, origin="test")
        with pytest.raises(StoreError, match="the engine answers 4"):
            opened.level.commit()
        found = opened.level.record(iri)
        assert found is not None
        assert digest(found.quads) == digest(record(iri).quads) == opened.level.ledger.digest(iri)
        assert opened.level.record(new) is None
        assert opened.level.ledger.digest(new) is None
        assert new not in opened.view.gone()
    with place.open() as opened:
        assert opened.level.agrees(iri)
        opened.level.write({iri: None}, origin="test")


def test_a_group_is_carried_out_as_one_and_each_write_sees_those_before_it(place: Place) -> None:
    one, other = f"{DEFAULT_BASE}agent/one", f"{DEFAULT_BASE}agent/other"
    of_one = f"CONSTRUCT WHERE {{ <{one}> ?p ?o }}"
    with place.open() as opened:
        before = count(opened), opened.view.revision()
        opened.level.note({one: record(one)}, origin="test")
        opened.level.note({one: record(one, "again"), other: record(other)}, origin="test")
        assert digest(opened.level.stored(one)) == digest(record(one, "again").quads)
        assert (count(opened), opened.view.revision()) == before
        change = opened.level.commit()
        assert (change.revision, change.records) == (before[1] + 2, (one, other))
        assert opened.view.revision() == change.revision
        assert opened.level.agrees(one)
        assert opened.level.agrees(other)
        opened.level.note({one: None}, origin="test")
        opened.level.rollback()
        assert opened.level.commit().records == ()
        assert opened.view.construct(of_one)
        opened.level.write({one: None, other: None}, origin="test")
        assert opened.view.construct(of_one) == []


def test_what_needs_a_text_index_is_refused(place: Place) -> None:
    with place.open() as opened:
        with pytest.raises(QueryRefused, match="text index"):
            opened.search("brain MRI")
        iri = "https://w3id.org/fairmap/ns#textMatch"
        for query in (
            f"SELECT * {{ ?s <{iri}> 'a' }}",
            f"ASK {{ {{ SELECT ?s {{ GRAPH ?g {{ ?s a ?o ; <{iri}> 'a' }} }} }} }}",
        ):
            with pytest.raises(QueryRefused, match="text index"):
                opened.query(query)
        assert opened.select(f"SELECT * {{ ?s ?p <{iri}> . ?s ?p 'textMatch' }}") == []


def test_processes_count_queries_together(place: Place, tmp_path: Path) -> None:
    where, figures = address_of(place.settings), tmp_path / "figures"
    assert where.remote is not None
    assert where.state is not None
    for _ in range(2):
        with closing(RemoteView(where.remote, where.state / "ledger.sqlite", DEFAULT_BASE, figures=figures)) as view:
            b"".join(view.query("ASK {}").chunks)
            with pytest.raises(QuerySyntaxError):
                view.query("x")
    found = view.stats()
    assert (found["outcomes"]["answered"], found["outcomes"]["syntax"], sum(found["seconds"])) == (2, 2, 4)
    SharedQueryStats(figures).clear()
    assert sum(view.stats()["seconds"]) == 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
        "LOAD <URL>",
        'define get:soft "replacing" SELECT * FROM <URL> { ?s ?p ?o }',
        'SELECT * FROM <URL> OPTION (get:soft "replacing") { ?s ?p ?o }',
        'SELECT (bif:http_get("URL") AS ?x) {}',
        '# PREFIX bif: <http://e/>\nSELECT (bif:http_get("URL") AS ?x) {}',
        'PREFIX bif: <http://e/> SELECT (bif:http_get("URL") AS ?x) {}',
        'SELECT (<bif:http_get>("URL") AS ?x) {}',
        'PREFIX b: <b> SELECT (b:if:http_get("URL") AS ?x) {}',
        "SELECT * { ?s ?p ?o } \\u003B LOAD <URL>",
        "INSERT DATA { GRAPH <http://e/a> { <http://e/a> <http://e/p> 1 } }",
        "SELECT * { ?s ?p ?o . FILTER(?o<1+bif:http_get('URL')&&1>?o) }",
    ],
)
def test_nothing_is_requested_or_written_for_a_query(place: Place, query: str) -> None:
    with place.open() as opened, socket.socket() as canary:
        before = count(opened)
        canary.bind(("127.0.0.1", 0))
        canary.listen()
        canary.settimeout(0.2)
        with pytest.raises((QueryRefused, QuerySyntaxError)):
            opened.query(query.replace("URL", f"http://127.0.0.1:{canary.getsockname()[1]}/"))
        with pytest.raises(TimeoutError):
            canary.accept()
        assert count(opened) == before


def test_words_of_an_engines_own_pass_where_they_are_no_words(place: Place) -> None:
    query = """PREFIX load: <https://example.org/> # define bif:x()
    SELECT ?insert ("bif:x() define" AS ?y) (1.5e0 AS ?z) { ?insert a load:Nothing . FILTER(lang(?insert) != "en") }"""
    with place.open() as opened:
        assert opened.select(query.replace("load:", "a:")) == []


@pytest.mark.parametrize("query", ["SELECT {", "SELECT * { ?s ?p }", "SELECT * WHERE { ?s unknown:x ?o }", "x"])
def test_a_wrong_query_is_told(place: Place, query: str) -> None:
    with place.open() as opened, pytest.raises(QuerySyntaxError):
        opened.query(query)


def test_a_query_ends_at_its_deadline(place: Place) -> None:
    where = address_of(place.settings)
    assert where.remote is not None
    assert where.state is not None
    with closing(RemoteView(where.remote, where.state / "ledger.sqlite", DEFAULT_BASE, deadline=1)) as view:
        started = time.monotonic()
        with pytest.raises(QueryTimeout):
            view.query(SLOW)
        assert time.monotonic() - started < 6
        assert view.stats()["outcomes"]["timeout"] == 1
        assert count(view, "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fairmap/ns#Repository> }") == 47


def test_a_cut_answer_is_an_error_and_never_given_as_whole(place: Place, embedded: Catalogue) -> None:
    """Virtuoso gives 10000 rows at most; the other engine gives all."""
    with place.open() as opened:
        for query in ("SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT { ?p a ?p } { ?s ?p ?o }"):
            if place.engine.name == "virtuoso":
                with pytest.raises(QueryStopped, match="at most 10000 rows"):
                    opened.query(query)
            elif query.startswith("SELECT"):
                assert len(lines(opened, query)) == len(lines(embedded, query))
        assert len(opened.view.construct("CONSTRUCT WHERE { ?s a ?o } LIMIT 50")) == 50


def test_the_default_graph_is_the_union_or_as_the_query_says(place: Place) -> None:
    tcia = f"{DEFAULT_BASE}repository/tcia"
    with place.open() as opened:
        whole = count(opened, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{tcia}> {{ ?s ?p ?o }} }}")
        assert whole == len(list(opened.level.stored(tcia)))
        answer = opened.view.query(COUNT, results="csv", default_graphs=[tcia])
        assert b"".join(answer.chunks).split()[-1] == str(whole).encode()
        if place.engine.name == "virtuoso":
            with pytest.raises(QueryRefused):
                opened.query(COUNT, union=False)
        else:
            assert b"".join(opened.query(COUNT, results="csv", union=False).chunks).split()[-1] == b"0"


def test_a_write_that_was_noted_and_not_carried_out_is_carried_out_at_the_next_start(fresh: Place) -> None:
    kept, new = f"{DEFAULT_BASE}agent/kept", f"{DEFAULT_BASE}agent/new"
    with fresh.open() as opened:
        opened.level.write({kept: record(kept)}, origin="test")
        entry = Entry(record(new).quads, (), digest(record(new).quads), "test")
        opened.level.ledger.note({new: entry, kept: Entry(None)}.items())
        opened.level.ledger.commit()
        assert opened.view.revision() == 1
        assert not opened.level.agrees(new)
    with fresh.open() as opened:
        assert opened.level.agrees(new)
        assert opened.view.construct(f"CONSTRUCT WHERE {{ <{kept}> ?p ?o }}") == []
        assert (opened.view.revision(), list(opened.view.gone())) == (2, [kept])


_LOADS = """
import sys
from test_remote import DEFAULT_BASE, record
from fairmap.config import configure
from fairmap.store import address_of, open_remote
level = open_remote(address_of(configure().settings))
for number in range(100000):
    iris = [f"{DEFAULT_BASE}agent/n{number}-{part}" for part in range(5)]
    level.write({iri: record(iri) for iri in iris}, origin="test")
    print(number, flush=True)
"""


def test_kill_9_of_the_writer_loses_no_acknowledged_write_and_leaves_no_half_one(fresh: Place) -> None:
    path = os.pathsep.join([str(ROOT / "tests"), *sys.path])
    environment = {**fresh.environment, "PYTHONPATH": path}
    for round_ in range(3):
        process = subprocess.Popen([sys.executable, "-c", _LOADS], stdout=subprocess.PIPE, text=True, env=environment)
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(3)]
        time.sleep(0.01 * round_)
        process.kill()
        acknowledged += [int(line) for line in process.stdout.read().split()]
        process.wait()
        process.stdout.close()
        with fresh.open() as opened:
            records = opened.records()
            assert len(records) % 5 == 0
            assert all(f"{DEFAULT_BASE}agent/n{number}-4" in records for number in acknowledged)
            assert all(opened.level.agrees(iri) for iri in records)
            query = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
            assert count(opened, query) == len(records)


def test_an_engine_that_lost_its_data_gets_them_back(tmp_path: Path) -> None:
    with engine_of("oxigraph", tmp_path) as engine:
        engine.command[2:4] = []  # without its folder: in memory
        engine.kill()
        engine.start()
        found = place_of(engine, tmp_path / "state")
        with found.open() as opened:
            opened.level.write({f"{DEFAULT_BASE}agent/a": record(f"{DEFAULT_BASE}agent/a")}, origin="test")
            whole = count(opened)
        engine.kill()
        engine.start()
        with found.open() as opened:
            assert count(opened) == whole > 0


def test_records_are_written_graph_by_graph_without_an_address_for_updates(tmp_path: Path) -> None:
    with engine_of("oxigraph", tmp_path) as engine:
        for name in ("sparql_update", "sparql_graph_store"):
            only = {other: value for other, value in engine.settings.items() if other == name}
            settings = Settings(store=engine.store, state=str(tmp_path / name), **only)
            iri = f"{DEFAULT_BASE}agent/{name}"
            with Catalogue(address_of(settings), DEFAULT_BASE) as opened:
                opened.level.write({iri: record(iri)}, origin="test")
                assert opened.level.agrees(iri)
                opened.level.write({iri: None}, origin="test")
                assert opened.view.construct(f"CONSTRUCT WHERE {{ <{iri}> ?p ?o }}") == []


def test_a_store_without_an_address_for_writing_is_only_read(place: Place, tmp_path: Path) -> None:
    settings = Settings(store=place.settings.store, state=str(tmp_path))
    with Catalogue(address_of(settings), DEFAULT_BASE) as opened:
        assert count(opened, "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/fairmap/ns#Repository> }") == 47
        with pytest.raises(UsageError, match="only read"):
            opened.level.write({"https://example.org/a": record("https://example.org/a")}, origin="test")


def test_the_default_graph_is_not_written(place: Place) -> None:
    with place.open() as opened, pytest.raises(InputError, match="default graph"):
        opened.publisher.replace({"urn:fairmap:default-graph": []}, origin="test")


@pytest.mark.server
def test_a_service_over_it_serves_pages_data_and_writes(fresh: Place, embedded: Catalogue) -> None:
    with fresh.serve() as service:
        done = fresh.run("token", "create", "curator", "--scope", "curate")
        assert done.returncode == 0, done.stderr
        size = count(embedded)
        _check_reading(service, size)
        _check_writing(service, f"Bearer {done.stdout.strip()}")
        _check_organisation(fresh, service)
        _check_commands(fresh, service, size)
    assert "Traceback" not in fresh.engine.log.with_name("service.log").read_text()


def _check_reading(service: Service, size: int) -> None:
    pages = ["/", "/repository/tcia", "/concept/modality", "/concept/modality/mri", "/ns", "/criterion/d31-F1"]
    for path in pages:
        got = service.get(path, Accept="text/html")
        assert got.status == 200, (path, got.body[:300])
    assert service.get("/repository/tcia.ttl").status == 200
    assert service.get("/repository/none").status == 404
    got = service.get("/.well-known/void", Accept="text/turtle")
    assert f" {size} ".encode() in got.body
    assert service.get("/metrics").body.count(b"fairmap_queries_total{") == len(OUTCOMES)
    tag = service.get("/repository/tcia.ttl").headers["ETag"]
    assert service.get("/repository/tcia.ttl", If_None_Match=tag).status == 304


def _check_writing(service: Service, curator: str) -> None:
    iri = f"{DEFAULT_BASE}agent/example"
    body = AGENT.encode()
    names = {str(quad.subject.value).partition("#")[0] for quad in parse(body, format=RdfFormat.TURTLE)}
    (iri,) = {name for name in names if "/agent/" in name}
    at, page = f"/store?{urllib.parse.urlencode({'graph': iri})}", iri.removeprefix(DEFAULT_BASE[:-1])
    bad = f"<{iri}> a <http://xmlns.com/foaf/0.1/Agent> .".encode()
    sent = {"method": "PUT", "Content_Type": "text/turtle"}
    assert service.get(at, data=body, **sent).status == 401
    assert service.get(at, data=bad, Authorization=curator, **sent).status == 422
    assert service.get(page, Accept="text/turtle").status == 404
    assert service.get(at, data=body, Authorization=curator, **sent).status == 201
    assert service.get(at, Accept="text/turtle").status == 200
    assert service.get(page, Accept="text/turtle").status == 200
    got = service.get(
        "/sparql/update",
        data=b"CLEAR ALL",
        method="POST",
        Content_Type="application/sparql-update",
        Authorization=curator,
    )
    assert got.status == 400
    assert "/store" in got.json()["expected"]
    assert service.get(at, method="DELETE", Authorization=curator).status == 204
    assert service.get(page, Accept="text/turtle").status == 410


def _check_organisation(fresh: Place, service: Service) -> None:
    """It has no level here: who shows its token reads what is public and writes nothing."""
    made = fresh.run("token", "create", "a", "--scope", "contribute", "--organisation", "demo")
    token = f"Bearer {made.stdout.strip()}"
    iri = f"{DEFAULT_BASE}agent/of-demo"
    at = f"/store?{urllib.parse.urlencode({'graph': iri})}"
    turtle = {"Content_Type": "text/turtle", "Authorization": token}
    got = service.get(at, method="PUT", data=AGENT.encode(), **turtle)
    assert (got.status, got.json()["expected"]) == (400, "no organisation, or --store oxigraph:PATH")
    assert service.get(at, method="DELETE", Authorization=token).status == 400
    query = f"/sparql?{urllib.parse.urlencode({'query': COUNT})}"
    public = service.get(query, Accept="text/csv")
    shown = service.get(query, Accept="text/csv", Authorization=token)
    assert (shown.status, shown.body, shown.headers["ETag"]) == (200, public.body, public.headers["ETag"])
    assert service.get("/repository/tcia", Accept="text/turtle", Authorization=token).status == 200
    for words in (("load", VALID / "agent-minimal.ttl"), ("export",)):
        done = fresh.run(*words, "--organisation", "demo")
        assert (done.returncode, "level of their own" in done.stderr) == (2, True)


def _check_commands(fresh: Place, service: Service, size: int) -> None:
    assert fresh.run("query", COUNT, "--format", "csv").stdout.split()[-1] == str(size)
    assert f"{DEFAULT_BASE}repository/tcia#" in fresh.run("export", f"{DEFAULT_BASE}repository/tcia").stdout
    assert fresh.run("validate").stdout == "162 records: conforms\n"
    backup = fresh.run("backup", fresh.engine.log.with_name("backup"))
    assert (backup.returncode, "engine's own tool" in backup.stderr) == (2, True)
    shown = fresh.run("config", "show").stdout
    assert "sparql_engine = 'auto'" in shown
    told = "(set, not shown)" if fresh.settings.sparql_password else ""
    assert f"sparql_password = {told!r}" in shown
    settings = replace(fresh.settings, publisher="x", contact="y", port=int(service.url.rpartition(":")[2]))
    found = states(list(examine(settings)))
    assert {found[name] for name in ("engine", "ledger", "records", "view", "port")} == {State.OK}


@pytest.mark.server
def test_an_engine_that_is_down_is_told_as_503_and_found_again(fresh: Place) -> None:
    sent = {"method": "PUT", "Content_Type": "text/turtle"}
    with fresh.serve(result_cache=0) as service:
        curator = "Bearer " + fresh.run("token", "create", "x", "--scope", "curate").stdout.strip()
        (name,) = {
            quad.subject.value for quad in parse(AGENT, format=RdfFormat.TURTLE) if "/agent/" in str(quad.subject)
        }
        at = f"/store?{urllib.parse.urlencode({'graph': name.partition('#')[0]})}"
        query = "/sparql?" + urllib.parse.urlencode({"query": COUNT})
        whole = service.get(query, Accept="text/csv").body
        fresh.engine.kill()
        for path in (query, "/repository/tcia.ttl", "/ready"):
            got = service.get(path, Accept="text/csv, text/turtle")
            assert got.status == 503, path
            assert got.headers["Retry-After"]
        refused = service.get(at, data=AGENT.encode(), Authorization=curator, **sent)
        assert (refused.status, refused.json()["error"]) == (503, "ServiceDown")
        fresh.engine.start()
        assert service.get("/ready").status == 200
        assert service.get(query, Accept="text/csv").body == whole
        assert service.get(at, data=AGENT.encode(), Authorization=curator, **sent).status == 201


def test_an_engine_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = Settings(
        store=f"sparql:http://127.0.0.1:{free_port()}/query", state=str(tmp_path), sparql_update="http://127.0.0.1:9/u"
    )
    with closing(open_remote(address_of(settings))) as level, pytest.raises(ServiceDown):
        level.write({"https://example.org/a": record("https://example.org/a")}, origin="test")
    assert states(list(examine(replace(settings, port=free_port()))))["engine"] is State.FAULT


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({}, "sparql:http://example.org/q"),
        ({"state": "x", "store": "sparql:nowhere"}, "store"),
        ({"state": "x", "store": "oxigraph:x"}, "--state"),
        ({"state": "x", "store": "sparql:http://user:secret@example.org/q"}, "store"),
        ({"state": "x", "sparql_update": "ftp://example.org/"}, "sparql_update"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(more: dict[str, Any], where: str) -> None:
    with pytest.raises(UsageError) as raised:
        address_of(Settings(**{"store": "sparql:http://example.org/q", **more}))
    assert raised.value.where == where
    assert "secret" not in str(raised.value)


def test_a_secret_may_lie_in_a_file_and_is_not_shown(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("very secret\n")
    environment = {**os.environ, "FAIRMAP_SPARQL_PASSWORD_FILE": str(secret)}
    command = [sys.executable, "-m", "fairmap", "config", "show", "--origin"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert "very secret" not in done.stdout
    assert "sparql_password = '(set, not shown)'  # environment FAIRMAP_SPARQL_PASSWORD_FILE" in done.stdout
    code = "import json; from fairmap.config import configure as c; s = c().settings; print(json.dumps(s.sparql_password)); print(s)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    told, _, shown = done.stdout.partition("\n")
    assert json.loads(told) == "very secret"
    assert "very secret" not in shown
