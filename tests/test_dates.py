"""When records changed: what feeds and conditional requests stand on."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

import fairmap
from conftest import ROOT
from fairmap.model import Dated
from fairmap.namespaces import DEFAULT_BASE
from fairmap.store import History
from fairmap.store.address import Address
from fairmap.store.backup import restore_backup
from fairmap.store.history import FRAGMENT, overlaid, overlay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fairmap.catalogue import Catalogue

AGENT = (ROOT / "tests/shapes/valid/agent-minimal.ttl").read_text()
AGENTS = (f"{DEFAULT_BASE}agent/",)


@pytest.fixture
def catalogue() -> Iterator[Catalogue]:
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened


def agent(name: str, title: str = "Somebody") -> bytes:
    text = AGENT.replace("example-hospital", name).replace("Example Hospital", title)
    return text.encode()


def names(entries: list[Dated]) -> list[str]:
    return [dated.iri.rpartition("/")[2] for dated in entries]


def test_each_record_has_a_moment_of_its_own(catalogue: Catalogue) -> None:
    entries = catalogue.view.dates.entries([DEFAULT_BASE], limit=1000)
    assert {dated.iri for dated in entries} == set(catalogue.records())
    assert len({dated.moment for dated in entries}) == len(entries)
    assert all(dated.is_new for dated in entries)


def test_a_record_written_again_as_it_was_has_not_changed(catalogue: Catalogue) -> None:
    catalogue.load(agent("x"))
    before = catalogue.view.dates.latest()
    catalogue.load(agent("x"))
    assert catalogue.view.dates.latest() == before
    catalogue.load(agent("x", "Somebody else"))
    (last,) = catalogue.view.dates.entries(AGENTS, after=before)
    assert (names([last]), last.is_new, last.is_deleted) == (["x"], False, False)
    assert last.created == before < last.moment


def test_a_withdrawn_record_is_told_until_it_comes_back(catalogue: Catalogue) -> None:
    catalogue.load(agent("x"))
    iri = f"{AGENTS[0]}x"
    count = catalogue.view.dates.count(AGENTS)
    catalogue.withdraw(iri)
    assert catalogue.view.dates.of([iri])[iri].is_deleted
    assert catalogue.view.dates.count(AGENTS) == count
    assert catalogue.view.dates.count(AGENTS, deleted=False) == count - 1
    catalogue.load(agent("x"))
    back = catalogue.view.dates.of([iri])[iri]
    assert back.is_new
    assert not back.is_deleted


def test_what_is_told_of_a_record_changes_with_the_names_in_it(catalogue: Catalogue) -> None:
    catalogue.load(agent("x"))
    dataset = (ROOT / "tests/shapes/valid/dataset-minimal.ttl").read_text()
    catalogue.load(dataset.replace("a dcat:Dataset", f"a dcat:Dataset ; dct:publisher <{AGENTS[0]}x>").encode())
    before = catalogue.view.dates.latest()
    catalogue.load(agent("x"))
    assert catalogue.view.dates.latest() == before
    catalogue.load(agent("x", "Somebody else"))
    changed = names(catalogue.view.dates.entries([DEFAULT_BASE], after=before))
    assert sorted(changed) == ["example-collection", "x"]


def test_another_version_of_the_program_tells_everything_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = f"oxigraph:{tmp_path}/store"
    with fairmap.open(store) as opened:
        opened.load_map()
        latest, total = opened.view.dates.latest(), opened.view.dates.count([DEFAULT_BASE])
    monkeypatch.setattr("fairmap.store.level.version", lambda _: "99")
    with fairmap.open(store) as opened:
        assert opened.view.dates.count([DEFAULT_BASE], after=latest) == total


def test_pages_together_have_each_entry_once(catalogue: Catalogue) -> None:
    after, found = 0, list[str]()
    while page := catalogue.view.dates.entries(AGENTS, after=after, limit=7):
        found += [dated.iri for dated in page]
        after = page[-1].moment
    assert len(found) == len(set(found)) == catalogue.view.dates.count(AGENTS)


def test_only_the_last_fragment_gets_more(catalogue: Catalogue) -> None:
    dates = catalogue.view.dates
    before = dates.fragments([DEFAULT_BASE])
    assert len(before) == -(-len(catalogue.records()) // FRAGMENT)
    closed = dates.entries([DEFAULT_BASE], before=before[-1], limit=1000)
    for number in range(FRAGMENT + 1):
        catalogue.load(agent(f"x{number}"))
    assert dates.fragments([DEFAULT_BASE])[: len(before)] == before
    assert len(dates.fragments([DEFAULT_BASE])) == len(before) + 1
    assert dates.entries([DEFAULT_BASE], before=before[-1], limit=1000) == closed


def test_moments_outlive_the_process_and_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = f"oxigraph:{tmp_path}/store"
    with fairmap.open(store) as opened:
        opened.load_map()
        before = opened.view.dates.entries([DEFAULT_BASE], limit=1000)
    monkeypatch.setattr("fairmap.store.history.time.time_ns", lambda: 0)
    with fairmap.open(store) as opened:
        assert opened.view.dates.entries([DEFAULT_BASE], limit=1000) == before
        opened.load(agent("x"))
        assert opened.view.dates.latest() == before[-1].moment + 1


def test_a_store_without_moments_gets_them_when_it_is_opened(tmp_path: Path) -> None:
    store = f"oxigraph:{tmp_path}/store"
    with fairmap.open(store) as opened:
        opened.load_map()
        opened.load(agent("x"))
        opened.withdraw(f"{AGENTS[0]}x")
        records = set(opened.records())
    with sqlite3.connect(tmp_path / "store/state/ledger.sqlite") as base:
        base.executescript("DROP TABLE change; DROP TABLE fragment; DROP TABLE unsettled")
    base.close()
    with fairmap.open(store) as opened:
        entries = opened.view.dates.entries([DEFAULT_BASE], limit=1000)
        assert {dated.iri for dated in entries if not dated.is_deleted} == records
        assert names([dated for dated in entries if dated.is_deleted]) == ["x"]


def test_what_a_crash_left_undated_is_dated_at_the_next_start(tmp_path: Path) -> None:
    store = f"oxigraph:{tmp_path}/store"
    with fairmap.open(store) as opened:
        opened.load_map()
        latest = opened.view.dates.latest()
    with sqlite3.connect(tmp_path / "store/state/ledger.sqlite") as base:
        base.execute("UPDATE record SET digest = 'other' WHERE iri LIKE '%agent/nih'")
        base.execute("INSERT INTO unsettled (iri) SELECT iri FROM record WHERE iri LIKE '%agent/nih'")
    base.close()
    with fairmap.open(store) as opened:
        assert names(opened.view.dates.entries(AGENTS, after=latest)) == ["nih"]


def test_after_a_restore_all_counts_as_changed(tmp_path: Path) -> None:
    with fairmap.open(f"oxigraph:{tmp_path}/store") as opened:
        opened.load_map()
        opened.load(agent("x"))
        opened.withdraw(f"{AGENTS[0]}x")
        opened.backup(tmp_path / "backup")
        opened.load(agent("later"))
        latest = opened.view.dates.latest()
        total = opened.view.dates.count([DEFAULT_BASE])
    restore_backup(tmp_path / "backup", Address(tmp_path / "restored"))
    with fairmap.open(f"oxigraph:{tmp_path}/restored") as opened:
        changed = opened.view.dates.entries([DEFAULT_BASE], after=latest, limit=1000)
        assert len(changed) == total - 1
        assert [dated.is_deleted for dated in changed if dated.iri.endswith("agent/x")] == [True]


def test_an_organisation_sees_its_versions_before_the_public_ones() -> None:
    public = [Dated("both", 1, 1), Dated("public", 2, 2), Dated("back", 3, 3), Dated("gone", 4, 4, is_deleted=True)]
    own = [Dated("both", 11, 11), Dated("own", 12, 12), Dated("back", 13, 5, is_deleted=True), Dated("gone", 14, 14)]
    seen = {dated.iri: dated for dated in overlaid(public, own)}
    assert seen == {
        "both": Dated("both", 11, 1),
        "public": public[1],
        "own": own[1],
        "back": Dated("back", 13, 3),
        "gone": Dated("gone", 14, 4),
    }


def test_rows_in_memory_say_the_same_as_the_ledger(catalogue: Catalogue) -> None:
    history = catalogue.level.ledger.history
    copy = History()
    copy.take("".join(overlay(history, History())))
    assert copy.entries([DEFAULT_BASE], limit=1000) == history.entries([DEFAULT_BASE], limit=1000)
    assert copy.fragments(AGENTS) == history.fragments(AGENTS)
    assert History(None, 0).latest() == 0
