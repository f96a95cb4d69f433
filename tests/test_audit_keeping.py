"""Audits kept of what is published: beside the writer, each change once, nothing lost when something fails."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import time
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pyoxigraph import NamedNode

from fairmap.catalogue import Catalogue
from fairmap.errors import QueryTimeout, ServiceDown, StoreError
from fairmap.fair import Criteria, History
from fairmap.fair.keeping import Keeper
from fairmap.fair.progress import Counts, Progress
from fairmap.namespaces import DEFAULT_BASE
from fairmap.service.keeper import Door
from fairmap.store import address
from fairmap.store.backup import read_manifest, restore_backup
from service import Service, serving
from stores import fairmap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyoxigraph import Literal, Triple

A, B = f"{DEFAULT_BASE}dataset/a", f"{DEFAULT_BASE}dataset/b"


def dataset(iri: str, *keywords: str) -> bytes:
    told = "".join(f'; <http://www.w3.org/ns/dcat#keyword> "{word}"@en ' for word in keywords)
    return f"<{iri}> {{ <{iri}> a <http://www.w3.org/ns/dcat#Dataset> {told}. }}".encode()


@cache
def criteria() -> Criteria:
    return Criteria(DEFAULT_BASE)


class Place:
    """A store that judges nothing, and what keeps audits of it."""

    def __init__(self, folder: Path) -> None:
        self.uri = f"oxigraph:{folder}"
        self.catalogue = Catalogue(self.uri, DEFAULT_BASE, judging=False)
        self.history, self.progress = History(folder / "state"), Progress(folder / "state")
        self.log: list[str] = []

    def write(self, *documents: bytes) -> None:
        """Publish these records, one after the other."""
        for document in documents:
            self.catalogue.load(document, form="trig")

    def keep(self, view: Any = None, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Keep audits of what changed."""
        view = view or self.catalogue.view
        Keeper(view, criteria(), self.history, self.progress, self.log.append).catch_up(goes_on)

    def points(self, iri: str) -> list[int]:
        """Points by ``mqa`` of the kept audits of a record, the newest first."""
        return [kept.scores["mqa"][0] for kept in self.history.of(iri)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path / "store")
    yield found
    found.catalogue.close()


class Failing:
    """The view of a catalogue that fails for one record."""

    def __init__(self, view: Any, iri: str, error: Exception) -> None:
        self._view, self._iri, self._error = view, iri, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def construct(self, query: str, /, **terms: NamedNode | Literal) -> list[Triple]:
        """As the view, but for that record."""
        if terms["record"] == NamedNode(self._iri):
            raise self._error
        found: list[Triple] = self._view.construct(query, **terms)
        return found


def test_each_change_is_audited_once_and_an_agent_is_not(place: Place) -> None:
    agent = f"{DEFAULT_BASE}agent/x"
    place.write(dataset(A), dataset(B), f"<{agent}> {{ <{agent}> a <http://xmlns.com/foaf/0.1/Agent> . }}".encode())
    place.keep()
    place.write(dataset(A, "lung"))
    place.keep()
    place.keep()
    assert place.points(A) == [30, 0]
    assert place.points(B) == [0]
    assert place.progress.counts() == Counts(kept=3)
    place.catalogue.withdraw(B)
    place.keep()
    assert place.progress.counts() == Counts(kept=3)
    assert place.log == []


def test_what_fails_is_told_and_counted_and_the_others_are_kept(place: Place) -> None:
    place.write(dataset(A), dataset(B))
    place.keep(Failing(place.catalogue.view, A, QueryTimeout("too slow")))
    assert (place.points(A), place.points(B)) == ([], [0])
    assert place.progress.counts() == Counts(kept=1, failed=1)
    assert place.log == [f"no audit of {A} was kept: too slow"]


def test_a_view_that_does_not_answer_is_asked_again_later(place: Place) -> None:
    place.write(dataset(A), dataset(B))
    with pytest.raises(ServiceDown):
        place.keep(Failing(place.catalogue.view, B, ServiceDown("not yet")))
    assert (place.points(A), place.points(B)) == ([0], [])
    place.keep()
    assert (place.points(B), place.progress.counts()) == ([0], Counts(kept=2))


def test_an_audit_that_ends_the_process_is_given_up_after_the_second_time(place: Place) -> None:
    place.write(dataset(A), dataset(B))
    for _ in range(2):
        with pytest.raises(SystemExit):
            place.keep(Failing(place.catalogue.view, A, SystemExit()))  # type: ignore[arg-type]
    place.keep()
    assert (place.points(A), place.points(B)) == ([], [0])
    assert place.progress.counts() == Counts(kept=1, failed=1)
    assert "the process ended with it" in place.log[0]


def test_what_is_left_when_it_must_stop_is_done_the_next_time(place: Place) -> None:
    place.write(dataset(A), dataset(B))
    answers = iter([True, False])
    place.keep(goes_on=lambda: next(answers))
    assert (place.points(A), place.points(B)) == ([0], [])
    place.keep()
    assert place.points(B) == [0]


def test_kept_audits_are_in_a_backup_and_survive_a_restore(place: Place, tmp_path: Path) -> None:
    place.write(dataset(A))
    place.keep()
    place.write(dataset(A, "lung"))
    place.keep()
    told = place.history.of(A)
    with closing(sqlite3.connect(tmp_path / "store" / "state" / "audits.sqlite")) as reader:
        reader.execute("BEGIN").execute("SELECT * FROM audit").fetchone()  # as a page that is made meanwhile
        place.catalogue.backup(tmp_path / "backup")
    assert read_manifest(tmp_path / "backup").audits == 2
    again = tmp_path / "again"
    restore_backup(tmp_path / "backup", address(f"oxigraph:{again}"))
    assert History(again / "state").of(A) == told
    assert Progress(again / "state").counts() == Counts(kept=2)


def test_a_backup_with_fewer_audits_than_it_says_is_not_restored(place: Place, tmp_path: Path) -> None:
    place.write(dataset(A))
    place.keep()
    backup = tmp_path / "backup"
    place.catalogue.backup(backup)
    text = (backup / "manifest.json").read_text()
    (backup / "manifest.json").write_text(text.replace('"audits": 1', '"audits": 2'))
    with pytest.raises(StoreError, match="it holds 1 audits"):
        restore_backup(backup, address(f"oxigraph:{tmp_path / 'again'}"))
    (backup / "manifest.json").write_text(text)
    (backup / "state" / "audits.sqlite").unlink()
    with pytest.raises(StoreError, match=r"state/audits\.sqlite"):
        restore_backup(backup, address(f"oxigraph:{tmp_path / 'again'}"))
    assert not (tmp_path / "again").exists()


def test_audits_wait_for_a_pause_but_not_for_ever_and_not_for_a_writer_that_ended() -> None:
    ours, theirs = socket.socketpair()
    door = Door(theirs)
    ours.send(b"..")
    assert not door.is_quiet()
    assert door.settles(0.01, 60) is True
    assert door.is_quiet()
    assert door.settles(60, 0) is False
    ours.close()
    assert door.settles(60, 60) is None
    assert not door.is_open()
    theirs.close()


def test_a_store_in_memory_cannot_be_told_to_keep_audits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRMAP_AUDIT_KEEP", "true")
    done = fairmap("memory:", "serve")
    assert (done.returncode, done.stdout) == (2, "")
    assert "audit_keep" in done.stderr


def until(reached: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def counted(service: Service) -> dict[str, float]:
    families = text_string_to_metric_families(service.get("/metrics").body.decode())
    return {
        s.labels["outcome"]: s.value for family in families if family.name == "fairmap_audits" for s in family.samples
    }


def keeper_of(service: Service) -> int:
    """The process that keeps audits, below the writer of a service."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if (
                b"fairmap.service.keeper" in path.read_bytes()
                and service.store.encode() in path.with_name("environ").read_bytes()
            ):
                return int(path.parent.name)
        except OSError:
            continue
    return 0


@pytest.mark.server
def test_a_service_keeps_audits_of_what_is_published_and_goes_on_when_the_keeper_dies(tmp_path: Path) -> None:
    uri, log = f"oxigraph:{tmp_path / 'store'}", tmp_path / "log"
    history = History(tmp_path / "store" / "state")
    file = tmp_path / "data.trig"

    def publish(document: bytes) -> None:
        file.write_bytes(document)
        done = fairmap(uri, "load", file)
        assert done.returncode == 0, done.stderr

    with serving(uri, "--empty", "--no-shapes", log=log, audit_keep="true") as service:
        publish(dataset(A))
        until(lambda: len(history.of(A)) == 1)
        until(lambda: counted(service)["kept"] == 1)  # what it counts after it has written, the kill would take away
        os.kill(keeper_of(service), signal.SIGKILL)
        publish(dataset(A, "lung"))
        until(lambda: len(history.of(A)) == 2)
        until(lambda: counted(service) == {"kept": 2, "same": 0, "failed": 0})
        page = service.get("/audit/dataset/a").body.decode()
        assert "Audits that were kept" in page
        assert "mqa, mqa-imaging: " in page[page.index("history-desc") :]
        done = fairmap(uri, "backup", tmp_path / "backup")
        assert done.returncode == 0, done.stderr
    assert read_manifest(tmp_path / "backup").audits == 2
    assert "Traceback" not in log.read_text()
    shutil.rmtree(tmp_path / "backup")
