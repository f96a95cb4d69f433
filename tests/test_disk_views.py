"""Views on disk: of a large public level, and of organisations; made, let go, ended."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from fairmap import wire
from fairmap.config import Settings
from fairmap.errors import FairmapError, QueryStopped, QueryTimeout, ServiceDown
from fairmap.model import Record
from fairmap.rdf import Statements
from fairmap.store import address, node_of, open_levels
from fairmap.views import OrganisationClient, OrganisationViews, ViewClient, ViewProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "https://w3id.org/fairmap/"
A, B, C = (f"{BASE}agent/{name}" for name in "abc")
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
WRITTEN = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"


def counted(iri: str, *numbers: str) -> Record:
    """A record whose literals the engine rewrites."""
    node, kind = NamedNode(iri), NamedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger")
    p = NamedNode("https://example.org/p")
    return Record(iri, tuple(Quad(node, p, Literal(number, datatype=kind), node_of(iri)) for number in numbers))


class Disk:
    """A public level that is served from disk."""

    def __init__(self, folder: Path, view_memory: int = 0) -> None:
        self.levels = open_levels(address(f"oxigraph:{folder / 'store'}"))
        self.levels.public.write({A: counted(A, *map(str, range(200)))}, origin="test")
        self.snapshots = folder / "snapshots"
        settings = Settings(query_deadline=2, query_workers=2, view_memory=view_memory)
        self.process = ViewProcess(self.levels.public, settings, folder / "view.sock", self.snapshots)
        self.client = ViewClient(folder / "view.sock", BASE)

    def write(self, *records: Record, withdrawn: tuple[str, ...] = ()) -> None:
        """Write, as the writer does."""
        changes: dict[str, Record | None] = {record.iri: record for record in records}
        self.process.follow(self.levels.public.write({**changes, **dict.fromkeys(withdrawn)}, origin="test"))

    def count(self) -> int:
        """How many triples a query sees."""
        return int(self.client.select(COUNT)[0]["n"].value)

    def close(self) -> None:
        """Stop it."""
        self.process.close()
        self.levels.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    opened = Disk(tmp_path)
    yield opened
    opened.close()
    assert list(opened.snapshots.iterdir()) == []


def test_a_change_is_seen_by_the_next_query_and_old_snapshots_go(disk: Disk) -> None:
    assert disk.count() == 200
    for number in range(1, 5):
        disk.write(counted(B, *map(str, range(number))))
        assert disk.count() == 200 + number
        assert disk.client.revision() == 1 + number
    disk.write(withdrawn=(B,))
    assert disk.count() == 200
    assert list(disk.client.gone()) == [B]
    assert len(list(disk.snapshots.iterdir())) == 1


def test_constructed_triples_have_their_literals_as_written(disk: Disk) -> None:
    disk.write(counted(B, "1", "01", "+1"))
    told = {str(triple.object) for triple in disk.client.construct(WRITTEN)}
    assert told == {str(quad.object) for quad in disk.levels.public.dump()}
    assert len(told) == 202
    assert disk.client.graph_names() == [A, B]
    found = dict(disk.client.graphs([B]))
    assert set(Statements(found[B])) == {quad.triple for quad in counted(B, "1", "01", "+1").quads}


def test_a_query_with_every_kind_of_pattern_is_answered(disk: Disk) -> None:
    """The engine opens some of its files only when a query needs them."""
    for number in range(3):
        disk.write(counted(B, str(number)))
    for query in ("SELECT ?g { GRAPH ?g { } }", f"SELECT * {{ GRAPH <{B}> {{ }} }}", "SELECT * { ?s ?p 2 }"):
        assert disk.client.select(query) is not None
    assert len(disk.client.select("SELECT ?g { GRAPH ?g { } }")) == 2


def test_a_query_is_ended_at_its_deadline_and_the_next_one_runs(disk: Disk) -> None:
    with pytest.raises(QueryTimeout):
        disk.client.select(ENDLESS)
    assert disk.count() == 200


@pytest.mark.parametrize("update", [False, True])
def test_a_worker_can_reach_no_address(disk: Disk, monkeypatch: pytest.MonkeyPatch, *, update: bool) -> None:
    """Even when the guard lets SERVICE and LOAD through, the kernel gives the worker no socket."""
    monkeypatch.setattr("fairmap.views.client.admit", lambda *_: False)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.5)
        where = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        asked = f"LOAD <{where}>" if update else f"SELECT * {{ SERVICE <{where}> {{ ?s ?p ?o }} }}"
        run = (lambda: list(disk.client.updates([asked]))) if update else (lambda: disk.client.select(asked))
        with pytest.raises(FairmapError):
            run()
        with pytest.raises(TimeoutError):
            listener.accept()


def test_an_update_is_worked_out_on_a_copy(disk: Disk) -> None:
    text = f"DELETE WHERE {{ GRAPH <{A}> {{ ?s ?p 7 }} }} ; INSERT DATA {{ GRAPH <{B}> {{ <{B}> <{B}> 1 }} }}"
    for _ in range(3):
        (found,) = disk.client.updates([text])
        assert {name: len(quads) for name, quads in found.graphs.items() if name in {A, B}} == {A: 199, B: 1}
        assert found.revision == 1
    assert disk.count() == 200
    assert len(list(disk.snapshots.iterdir())) == 1


def test_a_view_that_died_is_started_again_and_leaves_nothing(disk: Disk) -> None:
    os.kill(disk.process._process.pid, signal.SIGKILL)  # noqa: SLF001 - the fault is played here
    disk.process._process.wait()  # noqa: SLF001
    assert disk.process.revive()
    assert disk.count() == 200
    assert len(list(disk.snapshots.iterdir())) == 1


def test_a_graph_that_grows_too_large_for_memory_moves_to_disk(tmp_path: Path) -> None:
    disk = Disk(tmp_path, view_memory=1)
    try:
        assert not disk.snapshots.exists()
        disk.write(counted(B, *map(str, range(3000))))
        assert disk.count() == 3200
        assert len(list(disk.snapshots.iterdir())) == 1
    finally:
        disk.close()


class Organisation:
    """The views of the organisation centre."""

    def __init__(self, store: str, folder: Path, idle: float = 60) -> None:
        self.levels = open_levels(address(store))
        self.levels.public.write({A: counted(A, "1", "2"), C: counted(C, "7")}, origin="test")
        self.own = self.levels.of("centre")
        self.own.write({A: counted(A, "01"), B: counted(B, "5", "6")}, origin="test")
        settings = Settings(query_deadline=3)
        self.snapshots = folder / "snapshots" if store.startswith("oxigraph") else None
        self.views = OrganisationViews(self.levels, settings, folder / "views", self.snapshots, idle=idle)
        path = folder / "views" / "centre.sock"
        self.client = OrganisationClient(
            path, BASE, lambda: self.views.view("centre"), length=1 << 18, answer_limit=1 << 20
        )

    def told(self) -> set[str]:
        """The numbers that the organisation sees, as written."""
        return {str(triple.object).partition("^")[0].strip('"') for triple in self.client.construct(WRITTEN)}

    def until_ended(self) -> None:
        """Wait for the views that were let go."""
        end = time.monotonic() + 20
        while self.views._leaving:  # noqa: SLF001 - nothing else tells of it
            assert time.monotonic() < end
            self.views.tidy()
            time.sleep(0.05)


@pytest.fixture(params=["memory", "disk"])
def centre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Organisation]:
    store = "memory:" if request.param == "memory" else f"oxigraph:{tmp_path / 'store'}"
    opened = Organisation(store, tmp_path)
    yield opened
    opened.views.close()
    assert opened.snapshots is None or list(opened.snapshots.iterdir()) == []
    opened.levels.close()


def test_an_organisation_sees_its_version_on_top_of_the_public_records(centre: Organisation) -> None:
    assert centre.told() == {"01", "5", "6", "7"}
    assert centre.client.revision() == 2


def test_after_a_change_in_either_level_a_new_view_is_made(centre: Organisation) -> None:
    assert len(centre.told()) == 4
    centre.own.write({B: None}, origin="test")
    centre.views.let_go("centre")
    assert centre.told() == {"01", "7"}
    assert list(centre.client.gone()) == [B]
    centre.levels.public.write({C: None, B: counted(B, "9")}, origin="test")
    centre.views.let_go()
    assert centre.told() == {"01", "9"}
    assert list(centre.client.gone()) == [C]
    assert centre.client.revision() == 4
    centre.until_ended()


def test_who_asked_before_a_change_gets_the_answer(centre: Organisation) -> None:
    ended: list[type[BaseException]] = []

    def ask() -> None:
        try:
            centre.client.select(ENDLESS)
        except QueryStopped as error:
            ended.append(type(error))

    centre.own.write({B: counted(B, *map(str, range(200)))}, origin="test")
    assert len(centre.told()) > 200
    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.5)
    centre.views.let_go()
    asking.join(timeout=20)
    assert ended == [QueryTimeout]
    centre.until_ended()


def test_a_view_that_died_is_made_again(centre: Organisation) -> None:
    assert len(centre.told()) == 4
    process = centre.views._made["centre"].process  # noqa: SLF001 - the fault is played here
    process.kill()
    process.wait()
    assert len(centre.told()) == 4


def test_a_view_that_nobody_asks_is_let_go(tmp_path: Path) -> None:
    opened = Organisation(f"oxigraph:{tmp_path / 'store'}", tmp_path, idle=0.5)
    try:
        assert len(opened.told()) == 4
        path = tmp_path / "views" / "centre.sock"
        end = time.monotonic() + 20
        while path.exists():
            assert time.monotonic() < end
            opened.views.tidy()
            time.sleep(0.05)
        opened.until_ended()
        with pytest.raises(ServiceDown):
            wire.connect(path, "the view")
        assert opened.snapshots is not None
        assert list(opened.snapshots.iterdir()) == []
        assert len(opened.told()) == 4
    finally:
        opened.views.close()
        opened.levels.close()


def test_an_update_of_an_organisation_is_worked_out_on_what_it_sees(centre: Organisation) -> None:
    update = f"INSERT {{ GRAPH <{B}> {{ <{B}> ?p ?o }} }} WHERE {{ GRAPH <{C}> {{ ?s ?p ?o }} }} ; CLEAR GRAPH <{A}>"
    (found,) = ViewClient(centre.views.view("centre"), BASE).updates([update])
    assert {name: len(quads) for name, quads in found.graphs.items() if name in {A, B}} == {A: 0, B: 3}
    assert found.revision == centre.levels.revision("centre") == 2
    assert len(centre.told()) == 4
