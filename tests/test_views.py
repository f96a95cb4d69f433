"""The view process and its workers: queries that may be killed, and changes that are seen at once."""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from fairmap import wire
from fairmap.config import Settings
from fairmap.errors import Busy, QueryCrashed, QueryRefused, QueryStopped, QueryTimeout, ServiceDown
from fairmap.model import Record
from fairmap.rdf import Statements
from fairmap.store import Level, address, open_level
from fairmap.views import ViewClient, ViewProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "https://w3id.org/fairmap/"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def record(name: str, size: int) -> Record:
    node = NamedNode(f"{BASE}agent/{name}")
    counted = NamedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger")
    values = (Literal(str(number), datatype=counted) for number in range(size))
    return Record(node.value, tuple(Quad(node, NamedNode("https://example.org/p"), value, node) for value in values))


class View:
    """A level, its view process and a client."""

    def __init__(self, path: Path, **settings: float) -> None:
        self.level: Level = open_level(address("memory:"))
        first = record("a", 200)
        self.level.write({first.iri: first}, origin="test")
        defaults: dict[str, Any] = {"query_deadline": 1, "query_workers": 1, "query_queue": 2}
        self.settings = Settings(**{**defaults, **settings})
        self.process = ViewProcess(self.level, self.settings, path)
        self.client = ViewClient(path, BASE, answer_limit=1 << 20)

    def count(self) -> int:
        """How many triples a query sees."""
        return int(self.client.select(COUNT)[0]["n"].value)


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    opened = View(tmp_path / "view.sock")
    yield opened
    opened.process.close()


def test_a_change_is_seen_by_the_next_query(view: View) -> None:
    assert view.count() == 200
    for number in range(1, 6):
        more = record("b", number)
        view.process.follow(view.level.write({more.iri: more}, origin="test"))
        assert view.count() == 200 + number
    view.process.follow(view.level.write({f"{BASE}agent/b": None}, origin="test"))
    assert view.count() == 200
    assert list(view.client.gone()) == [f"{BASE}agent/b"]


def test_workers_make_blank_nodes_and_uuids_of_their_own(view: View) -> None:
    made = set()
    for number in range(1, 4):
        made.add(view.client.select("SELECT (STRUUID() AS ?made) {}")[0]["made"].value)
        more = record("b", number)
        view.process.follow(view.level.write({more.iri: more}, origin="test"))  # makes workers anew
    assert len(made) == 3


def test_constructed_triples_have_their_literals_as_written(view: View) -> None:
    triples = view.client.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert {str(triple.object) for triple in triples} == {str(quad.object) for quad in view.level.dump()}
    assert all("nonNegativeInteger" in str(triple.object) for triple in triples)


def test_graphs_are_given_whole_with_their_literals_as_written(view: View) -> None:
    more = record("b", 3)
    view.process.follow(view.level.write({more.iri: more}, origin="test"))
    a, b = f"{BASE}agent/a", f"{BASE}agent/b"
    assert view.client.graph_names() == [a, b]
    found = dict(view.client.graphs([b, f"{BASE}agent/none", a]))
    assert list(found) == [b, a]
    assert set(Statements(found[b])) == {quad.triple for quad in more.quads}
    assert set(Statements(found[a])) == {quad.triple for quad in record("a", 200).quads}


def test_a_query_is_ended_at_its_deadline_and_the_next_one_runs(view: View) -> None:
    start = time.monotonic()
    with pytest.raises(QueryTimeout, match="1 s"):
        view.client.select(ENDLESS)
    assert 1 <= time.monotonic() - start < 5
    assert view.count() == 200


def test_the_deadline_counts_from_leaving_the_queue(view: View) -> None:
    first = threading.Thread(target=ended_by, args=(view,))
    first.start()
    time.sleep(0.3)
    start = time.monotonic()
    assert ended_by(view) is QueryTimeout
    assert 1.4 <= time.monotonic() - start < 5
    first.join()
    assert 1 <= view.client.stats()["longest"] <= 1.5


def ended_by(view: View) -> type[Exception]:
    try:
        view.client.select(ENDLESS)
    except (QueryStopped, Busy) as error:
        return type(error)
    raise AssertionError("it has no end")


def test_who_waits_as_long_as_a_query_may_run_is_sent_away(view: View) -> None:
    threads = [threading.Thread(target=ended_by, args=(view,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    start = time.monotonic()
    assert ended_by(view) is Busy
    assert 0.9 <= time.monotonic() - start < 1.9
    for thread in threads:
        thread.join()


def test_normal_queries_run_while_all_other_workers_are_taken(tmp_path: Path) -> None:
    view = View(tmp_path / "view.sock", query_workers=3, query_deadline=3)
    try:
        threads = [threading.Thread(target=ended_by, args=(view,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(0.8)
        slow = [int(pid) for pid, busy in view.client.stats()["workers"].items() if busy]
        assert [os.getpriority(os.PRIO_PROCESS, pid) for pid in slow] == [15, 15]
        for _ in range(50):
            start = time.monotonic()
            assert view.count() == 200
            assert time.monotonic() - start < 1
        for thread in threads:
            thread.join()
        workers = {int(pid) for pid in view.client.stats()["workers"]}
        assert workers
        assert not workers & set(slow)
        assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in workers} == {0}
    finally:
        view.process.close()


def test_the_revision_is_read_without_the_view_process(view: View) -> None:
    assert view.count() == 200
    assert view.client.revision() == view.level.ledger.revision
    os.kill(view.process._process.pid, signal.SIGSTOP)  # noqa: SLF001
    try:
        assert view.client.revision() == view.level.ledger.revision
    finally:
        os.kill(view.process._process.pid, signal.SIGCONT)  # noqa: SLF001
    more = record("b", 1)
    view.process.follow(view.level.write({more.iri: more}, origin="test"))
    assert view.client.revision() == view.level.ledger.revision
    os.kill(view.process._process.pid, signal.SIGKILL)  # noqa: SLF001
    view.process._process.wait()  # noqa: SLF001
    with pytest.raises(ServiceDown):
        view.client.revision()


def test_a_large_answer_is_given_while_it_grows(view: View) -> None:
    answer = view.client.query("SELECT * { ?s ?p ?o . VALUES ?x { 1 2 3 4 5 6 7 8 } }", results="csv")
    body = b"".join(answer.chunks)
    assert (answer.size or len(body), body.count(b"\r\n")) == (len(body), 1601)
    endless = view.client.query("SELECT ?a ?c ?d ?f { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    assert endless.size is None
    assert next(endless.chunks)
    del endless
    assert view.count() == 200


def test_a_query_that_needs_too_much_memory_dies_alone(tmp_path: Path) -> None:
    view = View(tmp_path / "view.sock", query_memory=64)
    try:
        with pytest.raises(QueryCrashed):
            view.client.select("SELECT DISTINCT ?a ?c ?d ?f ?g ?i { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c")
        assert view.count() == 200
    finally:
        view.process.close()


def test_who_comes_when_too_many_wait_is_sent_away(view: View) -> None:
    told: list[type[Exception]] = []

    def run() -> None:
        try:
            view.client.select(ENDLESS)
        except QueryStopped as error:
            told.append(type(error))
        except Busy as error:
            told.append(type(error))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(told) == 6
    assert told.count(Busy) >= 3
    assert QueryTimeout in told
    assert view.count() == 200


def test_a_worker_whose_reader_has_left_is_free_again(view: View) -> None:
    connection = wire.connect(view.client._path, "the view")  # noqa: SLF001 - the reader that leaves is played here
    request = {"query": ENDLESS, "results": "json", "graph": None}
    wire.send_json(connection, wire.REQUEST, request)
    time.sleep(0.2)
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()
    start = time.monotonic()
    assert view.count() == 200
    assert time.monotonic() - start < 0.8


def test_a_worker_can_reach_no_address(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when the guard lets SERVICE through, the worker has no file descriptor left for a socket."""
    monkeypatch.setattr("fairmap.views.client.admit", lambda *_: False)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.5)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(QueryStopped):
            view.client.select(f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_an_answer_larger_than_allowed_is_refused(view: View) -> None:
    answer = view.client.query("SELECT * { ?a ?b ?c . ?d ?e ?f }")
    assert answer.size is None
    with pytest.raises(QueryStopped, match="larger than 1 MiB"):
        list(answer.chunks)
    assert view.count() == 200


def test_the_guard_stands_before_the_view(view: View) -> None:
    with pytest.raises(QueryRefused):
        view.client.select("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }")


def test_a_view_process_that_died_is_started_again(view: View) -> None:
    os.kill(view.process._process.pid, signal.SIGKILL)  # noqa: SLF001 - the fault is played here
    view.process._process.wait()  # noqa: SLF001
    with pytest.raises(ServiceDown):
        view.count()
    more = record("b", 3)
    view.process.follow(view.level.write({more.iri: more}, origin="test"))
    assert view.count() == 203


def test_a_view_that_dies_while_it_is_asked_is_told_as_down(tmp_path: Path) -> None:
    path = tmp_path / "view.sock"
    with wire.listen(path) as listener:

        def die() -> None:
            connection, _ = listener.accept()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()  # with the request unread: the reader's side is reset

        thread = threading.Thread(target=die)
        thread.start()
        with pytest.raises((ServiceDown, QueryCrashed)):
            ViewClient(path, BASE).query("ASK {}")
        thread.join()
