"""What must hold while many write at once, and over ``kill -9``: no lost update, no torn read, nothing lost, nothing half."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse

from fairmap.catalogue import Document
from fairmap.config import Settings
from fairmap.errors import FairmapError, NotFound, ServiceDown
from fairmap.namespaces import DEFAULT_GRAPH
from fairmap.rdf import FORMATS, by_name, serialise
from fairmap.service import ControlClient, places
from fairmap.service.places import Assignment
from fairmap.sparql import changed_graphs
from fairmap.sparql.touched import operations
from fairmap.store import address, open_level
from service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pyoxigraph import Quad

pytestmark = pytest.mark.alone

SECONDS = float(os.environ.get("FAIRMAP_TEST_SECONDS", "8"))
"""How long clients write and read; CI sets 60."""

CLIENTS = 64
ROUNDS = 20
G = "http://e/g"
PREFIXES = "PREFIX e: <http://e/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"


def control_of(store: str) -> ControlClient:
    found = places(store)
    assert found is not None
    return ControlClient(found.control)


def turtle(text: str) -> list[Document]:
    return [Document(text.encode(), "turtle")]


def url(query: str) -> str:
    return "/sparql?" + urllib.parse.urlencode({"query": query})


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("durability")
    settings = {"web_threads": 16, "query_queue": 128}
    with serving(f"oxigraph:{place / 'store'}", "--empty", "--no-shapes", log=place / "log", **settings) as running:
        yield running
    assert "Traceback" not in (place / "log").read_text()


@pytest.fixture(scope="module")
def curator(service: Service) -> str:
    text = control_of(service.store).create_token("curator", "curate", organisation=None, days=None)
    return f"Bearer {text}"


@pytest.mark.server
def test_many_clients_lose_no_update_and_read_no_half_one(service: Service, curator: str) -> None:
    """Each update counts up and keeps a second triple at the same number; readers compare the two."""
    control = control_of(service.store)
    control.put(G, turtle("<http://e/c> <http://e/n> 0 ; <http://e/m> 0 ."), keep=False)
    step = f"""{PREFIXES} DELETE {{ GRAPH <{G}> {{ e:c e:n ?n ; e:m ?n }} }}
        INSERT {{ GRAPH <{G}> {{ e:c e:n ?next ; e:m ?next }} }}
        WHERE {{ GRAPH <{G}> {{ e:c e:n ?n }} BIND (?n + 1 AS ?next) }}""".encode()
    both = url(f"{PREFIXES} SELECT ?n ?m {{ GRAPH <{G}> {{ e:c e:n ?n ; e:m ?m }} }}")
    end = time.monotonic() + SECONDS

    def client(number: int) -> tuple[int, int]:
        written = read = seen = 0
        while time.monotonic() < end:
            if number % 2:
                kind = "application/sparql-update"
                got = service.get("/sparql/update", data=step, Content_Type=kind, Authorization=curator)
                assert got.status in {204, 503}, got.body
                written += got.status == 204
            else:
                got = service.get(f"{both}%23{number}", Accept="text/csv")
                assert got.status in {200, 503}, got.body
                if got.status == 200:
                    (row,) = got.body.decode().split()[1:]
                    first, second = map(int, row.split(","))
                    assert first == second
                    assert first >= seen
                    seen, read = first, read + 1
        return written, read

    with ThreadPoolExecutor(CLIENTS) as pool:
        told = list(pool.map(client, range(CLIENTS)))
    updates, reads = (sum(counts) for counts in zip(*told, strict=True))
    assert updates > CLIENTS
    assert reads > CLIENTS
    got = service.get(both, Accept="text/csv").body.decode().split()[1]
    assert got == f"{updates},{updates}"


@pytest.mark.server
def test_writes_that_wait_together_fail_alone_and_see_each_other(service: Service) -> None:
    control = control_of(service.store)

    def write(number: int) -> str:
        name = f"http://e/together/{number % 40}"
        try:
            if number % 4 == 0:
                control.put(name, turtle(f"<http://e/s{number}> <http://e/p> {number} ."), keep=True)
            elif number % 4 == 1:
                control.put(name, turtle("<http://e/broken"), keep=False)
            elif number % 4 == 2:
                control.update(f"INSERT DATA {{ GRAPH <{name}> {{ <http://e/s{number}> <http://e/p> {number} }} }}")
            else:
                control.update("INSERT DATA { <http://e/broken }")
        except FairmapError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(32) as pool:
        told = list(pool.map(write, range(200)))
    assert told == ["done", "UnreadableInput", "done", "QuerySyntaxError"] * 50
    for number in range(0, 200, 2):
        graph = control.graph(f"http://e/together/{number % 40}", "ntriples").decode()
        assert f"<http://e/s{number}>" in graph


AWKWARD = [
    *(
        f'"{form}"^^xsd:{kind}'
        for kind in ("integer", "nonNegativeInteger", "byte", "decimal")
        for form in ("5", "05", "+5")
    ),
    '"1.50"^^xsd:decimal',
    '"1"^^xsd:boolean',
    '"true"^^xsd:boolean',
    '"INF"^^xsd:double',
    '"1e0"^^xsd:double',
    '"2026-11-24T00:00:00.000Z"^^xsd:dateTime',
    '"2026-11-24T00:00:00+00:00"^^xsd:dateTime',
    '"PT60M"^^xsd:duration',
    '"nonsense"^^xsd:integer',
    '""',
    '"a\\n\\t\\"\\\\ \\u00e9 \\U0001F9E0"',
    '"x"@en',
    '"x"@de-at',
    '"<b>&amp;</b>"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>',
    '"{}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>',
    '"x"^^<http://e/own>',
]


@pytest.mark.server
@pytest.mark.parametrize("form", ["turtle", "ntriples", "rdfxml", "jsonld"])
def test_what_is_put_comes_back_term_by_term(service: Service, curator: str, form: str) -> None:
    known = by_name(form, FORMATS)
    text = f"{PREFIXES} <http://e/s> e:p {' , '.join(AWKWARD)} ; e:q <http://e/ü?a=1&b#c> ."
    sent = {quad.triple for quad in parse(text.encode(), format=RdfFormat.TURTLE)}
    at = "/store?" + urllib.parse.urlencode({"graph": f"http://e/terms/{form}"})
    body = serialise(list(sent), known)
    got = service.get(at, data=body, method="PUT", Content_Type=known.media_type, Authorization=curator)
    assert got.status == 201, got.body
    for back in ("turtle", "ntriples", "rdfxml", "jsonld"):
        wanted = by_name(back, FORMATS)
        assert isinstance(wanted.engine, RdfFormat)
        answer = service.get(at, Accept=wanted.media_type)
        assert answer.headers["Content-Type"].startswith(wanted.media_type)
        assert {quad.triple for quad in parse(answer.body, format=wanted.engine)} == sent, back


class _Round:
    """Writes of all kinds until the service dies; what was acknowledged, and what was in flight."""

    def __init__(self, state: dict[str, set[str]], chance: random.Random) -> None:
        self.acknowledged = state
        self.in_flight = state
        self._chance = chance

    def write(self, control: ControlClient, number: int) -> None:
        kind = self._chance.choice(["put", "update", "delete", "load"])
        name = f"http://e/k/{self._chance.randrange(4)}"
        values = {str(number), str(number + 1_000_000)}
        after = dict(self.acknowledged)
        if kind == "load":
            after |= {f"http://e/k/{n}": values for n in range(4)}
        elif kind == "delete":
            after.pop(name, None)
        else:
            after[name] = values if kind == "put" else after.get(name, set()) | values
        self.in_flight = after
        triples = "".join(f'<http://e/s> <http://e/p> "{value}" .\n' for value in sorted(values))
        if kind == "put":
            control.put(name, turtle(triples), keep=False)
        elif kind == "update":
            control.update(f"INSERT DATA {{ GRAPH <{name}> {{ {triples} }} }}")
        elif kind == "delete":
            _delete(control, name)
        else:
            lines = [line[:-2] + f"<http://e/k/{n}> ." for n in range(4) for line in triples.splitlines()]
            control.load([Document("\n".join(lines).encode(), "nquads")], None)
        self.acknowledged = after


def _delete(control: ControlClient, name: str) -> None:
    try:
        control.delete(name)
    except NotFound:
        return


def _by_graph(quads: Iterable[Quad]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for quad in quads:
        assert isinstance(quad.graph_name, NamedNode)
        assert isinstance(quad.object, Literal)
        found.setdefault(quad.graph_name.value, set()).add(quad.object.value)
    return found


def _after_a_restart(store: str) -> dict[str, set[str]]:
    level = open_level(address(store))
    try:
        return _by_graph(level.dump())
    finally:
        level.close()


@contextlib.contextmanager
def _writer(store: str) -> Iterator[tuple[subprocess.Popen[bytes], ControlClient]]:
    """The writer of a service with its view, without the web."""
    at = places(store)
    assert at is not None
    settings = Settings(store=store, shapes=False, query_workers=1)
    at.control.unlink(missing_ok=True)
    command = [sys.executable, "-m", "fairmap.service.writer"]
    process = subprocess.Popen(
        command, env=Assignment(settings, at, load_map=False, figures=at.control.parent).environment()
    )
    control = ControlClient(at.control)
    for _ in range(600):
        try:
            control.status()
            break
        except (ServiceDown, OSError):
            time.sleep(0.1)
    try:
        yield process, control
    finally:
        process.kill()
        process.wait()


@pytest.mark.server
def test_20_rounds_of_kill_9_leave_the_last_acknowledged_state_or_the_one_in_flight(tmp_path: Path) -> None:
    store = f"oxigraph:{tmp_path / 'store'}"
    chance = random.Random(20261124)  # noqa: S311 - the same writes each time
    state: dict[str, set[str]] = {}
    number = 0
    for _ in range(ROUNDS):
        with _writer(store) as (process, control):
            writes = _Round(state, chance)
            writes.write(control, -number)
            timer = threading.Timer(chance.uniform(0.05, 0.6), process.kill)
            timer.start()
            try:
                while True:
                    number += 1
                    writes.write(control, number)
            except (ServiceDown, OSError):
                timer.join()
        state = _after_a_restart(store)
        assert state in (writes.acknowledged, writes.in_flight)
    assert number > ROUNDS


UPDATES = [
    "INSERT DATA { GRAPH e:a { e:s e:p 1 } }",
    "PREFIX x: <http://e/> INSERT DATA { GRAPH x:n { x:s x:p 1 } GRAPH <b> { x:s x:p 1 } e:s e:p 7 }",
    "DELETE DATA { GRAPH e:b { e:s e:p 2 } }",
    "DELETE WHERE { GRAPH ?g { ?s e:p 1 } }",
    "DELETE WHERE { GRAPH e:a { ?s ?p ?o } ?x ?y ?z }",
    "DELETE { GRAPH ?g { ?s ?p ?o } } INSERT { GRAPH e:n { ?s ?p ?g } } WHERE { GRAPH ?g { ?s ?p ?o } FILTER (?o > 1) }",
    "WITH e:a DELETE { ?s ?p ?o } INSERT { ?s ?p 9 . GRAPH e:b { ?s ?p 9 } } WHERE { ?s ?p ?o }",
    "WITH e:a DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { ?s ?p ?x GRAPH ?g { ?s ?p ?o } }",
    "INSERT { GRAPH ?o { ?s ?p 1 } } USING e:b USING NAMED e:a WHERE { { GRAPH ?h { ?s ?p ?n } } BIND (e:made AS ?o) }",
    "CLEAR GRAPH e:a",
    "CLEAR DEFAULT",
    "DROP ALL",
    "DROP NAMED",
    "DROP SILENT GRAPH <http://e/none>",
    "CREATE SILENT GRAPH e:a",
    "COPY e:a TO e:c",
    "MOVE GRAPH e:a TO DEFAULT",
    "ADD DEFAULT TO e:b",
    (
        "INSERT DATA { GRAPH e:n { e:s e:p 1 } } ; DELETE { GRAPH ?g { ?s ?p 1 } } INSERT { GRAPH ?g { ?s ?p 5 } } "
        "WHERE { GRAPH ?g { ?s ?p 1 } } ; MOVE e:n TO e:m"
    ),
    "INSERT DATA { GRAPH e:a { e:s e:p 'GRAPH <http://e/b> ; }' } } # ; GRAPH",
    "INSERT DATA { e:x e:p 1GRAPH e:a { e:s e:p 6 } }",
    r"INSERT DATA { GRAPH <http://e/\u0061> { e:s e:p 6 } }",
]
FIRST = """GRAPH e:a { e:s e:p 1 , 2 . e:t e:q "x"@en } GRAPH e:b { e:s e:p 2 } GRAPH e:c { e:u e:p 3 } e:s e:p 1 ."""


@pytest.mark.parametrize("update", UPDATES)
def test_an_update_changes_only_graphs_that_are_told(update: str) -> None:
    store, plain = Store(), Store()
    for one in (store, plain):
        one.update(f"{PREFIXES} INSERT DATA {{ {FIRST} }}")
    before = set(store)
    text = f"{PREFIXES} {update}"
    told = changed_graphs(store, text, "http://e/")
    plain.update(text, base_iri="http://e/")
    after = set(store)
    assert after == set(plain)
    names = {
        quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else DEFAULT_GRAPH for quad in before ^ after
    }
    assert names <= told


def test_most_updates_are_not_compared_with_the_whole_store() -> None:
    understood = [operations(f"{PREFIXES} {update}", "http://e/") is not None for update in UPDATES]
    assert understood.count(False) == len(["WITH and a variable", "DROP ALL", "DROP NAMED", "hidden GRAPH", "escape"])
