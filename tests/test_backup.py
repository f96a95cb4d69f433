"""A store at rest: backups, and what is wrong with it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from conftest import ROOT
from fairmap.config import Settings, configure
from fairmap.errors import StoreError, StoreInUse, UsageError
from fairmap.model import Record
from fairmap.service.doctor import State, examine
from fairmap.store import Level, Levels, address, open_level
from fairmap.store.backup import holder, read_manifest, restore_backup, write_backup
from service import free_port
from stores import examined, fairmap, graph_of, record

A = "https://w3id.org/fairmap/agent/a"
B = "https://w3id.org/fairmap/agent/b"
AGENT = (ROOT / "tests" / "shapes" / "valid" / "agent-minimal.ttl").read_text()
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MARK = "agent-of-a-secret-query"


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A closed store with two records, one of them written twice, and a literal that the engine rewrites."""
    uri = f"oxigraph:{tmp_path / 'store'}"
    level = open_level(address(uri))
    level.write({A: record(A, "old")}, origin="test")
    number = Literal("007", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger"))
    extra = Quad(NamedNode(B), NamedNode("https://example.org/n"), number, NamedNode(B))
    level.write({A: record(A, "a"), B: Record(B, (*record(B, "b").quads, extra))}, origin="test")
    level.close()
    return uri


@pytest.fixture
def backup(store: str, tmp_path: Path) -> Path:
    folder = tmp_path / "backup"
    done = fairmap(store, "backup", folder)
    assert done.returncode == 0, done.stderr
    assert "2 records, revision 2, backed up" in done.stderr
    return folder


def test_a_backup_is_for_this_user_only_and_tells_what_it_holds(store: str, backup: Path) -> None:
    assert {oct(folder.stat().st_mode & 0o777) for folder in (backup, backup / "public", backup / "state")} == {"0o700"}
    manifest = read_manifest(backup)
    assert (manifest.revision, manifest.records, manifest.format) == (2, 2, 1)
    assert manifest.digest == graph_of(store)
    assert not backup.with_name("backup.partial").exists()


def test_a_restored_store_is_the_same_shares_no_file_and_leaves_the_backup_as_it_was(
    store: str, backup: Path, tmp_path: Path
) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in backup.rglob("*") if path.is_file()}
    again = f"oxigraph:{tmp_path / 'again'}"
    done = fairmap(again, "restore", backup)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert {path.stat().st_nlink for path in (tmp_path / "again").rglob("*") if path.is_file()} == {1}
    assert fairmap(again, "export").stdout == fairmap(store, "export").stdout
    level = open_level(address(again))
    level.write({A: record(A, "new"), B: None}, origin="test")
    level.engine.optimize()
    level.close()
    assert {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in backup.rglob("*") if path.is_file()
    } == before


def test_a_store_goes_on_beside_its_backup(store: str, backup: Path, tmp_path: Path) -> None:
    level = open_level(address(store))
    level.write({A: record(A, "new")}, origin="test")
    level.engine.optimize()
    level.close()
    restored = restore_backup(backup, address(f"oxigraph:{tmp_path / 'again'}"))
    assert restored.digest == graph_of(f"oxigraph:{tmp_path / 'again'}") != graph_of(store)


def test_a_backup_crosses_file_systems(store: str) -> None:
    elsewhere = Path("/dev/shm")  # noqa: S108 - a file system of its own on Linux
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == Path(store.partition(":")[2]).stat().st_dev:
        pytest.skip("there is no second file system to write to")
    folder = elsewhere / f"fairmap-test-{os.getpid()}"
    try:
        assert fairmap(store, "backup", folder / "backup").returncode == 0
        restore_backup(folder / "backup", address(f"oxigraph:{folder / 'store'}"))
        assert graph_of(f"oxigraph:{folder / 'store'}") == graph_of(store)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_each_file_of_a_backup_is_checked(backup: Path, tmp_path: Path) -> None:
    for name in read_manifest(backup).files:
        if not (backup / name).stat().st_size:
            continue
        spoilt = tmp_path / "spoilt"
        shutil.copytree(backup, spoilt)
        data = bytearray((spoilt / name).read_bytes())
        data[len(data) // 2] ^= 1
        (spoilt / name).write_bytes(data)
        with pytest.raises(StoreError, match="not as they were backed up"):
            restore_backup(spoilt, address(f"oxigraph:{tmp_path / 'again'}"))
        shutil.rmtree(spoilt)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "store"]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("digest", "0" * 64),
        ("revision", 3),
        ("records", 1),
        ("format", 99),
        ("format", "x"),
        ("files", {}),
        ("files", ["state/ledger.sqlite"]),
        ("files", {"../x/y": "", "state/ledger.sqlite": ""}),
        ("files", {"state/..": "", "state/ledger.sqlite": ""}),
        ("more", 1),
    ],
)
def test_a_manifest_that_is_not_right_is_refused(backup: Path, tmp_path: Path, member: str, value: object) -> None:
    path = backup / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), member: value}))
    done = fairmap(f"oxigraph:{tmp_path / 'again'}", "restore", backup)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "again").exists()


def test_what_is_no_backup_is_refused(backup: Path, tmp_path: Path) -> None:
    again = address(f"oxigraph:{tmp_path / 'again'}")
    with pytest.raises(StoreError, match="there is no backup"):
        restore_backup(tmp_path / "nothing", again)
    (backup / "manifest.json").write_text("[")
    with pytest.raises(StoreError, match="no manifest"):
        restore_backup(backup, again)
    with pytest.raises(UsageError):
        restore_backup(backup, address("memory:"))


def test_a_store_in_use_and_a_used_folder_are_not_restored_to(store: str, backup: Path, tmp_path: Path) -> None:
    before = fairmap(store, "export").stdout
    done = fairmap(store, "restore", backup)
    assert done.returncode == 3
    assert "not empty" in done.stderr
    level = open_level(address(store))
    with pytest.raises(StoreInUse, match=str(os.getpid())):
        restore_backup(backup, address(store))
    level.close()
    assert fairmap(store, "export").stdout == before
    (tmp_path / "empty").mkdir()
    restore_backup(backup, address(f"oxigraph:{tmp_path / 'empty'}"))
    assert fairmap(f"oxigraph:{tmp_path / 'empty'}", "export").stdout == before


def test_a_backup_needs_a_store_and_a_free_folder_outside_it(store: str, backup: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for uri, folder, code in (
        (f"oxigraph:{tmp_path / 'none'}", tmp_path / "new", 3),
        ("memory:", tmp_path / "new", 2),
        (store, backup, 3),
        (store, tmp_path / "file" / "new", 3),
        (store, tmp_path / "store" / "public" / "x", 2),
    ):
        done = fairmap(uri, "backup", folder)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "new").exists()


def test_a_broken_off_backup_is_told_and_not_taken_for_one(store: str, tmp_path: Path) -> None:
    (tmp_path / "new.partial").mkdir()
    done = fairmap(store, "backup", tmp_path / "new")
    assert done.returncode == 3
    assert "broken off" in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_backup_that_is_not_what_the_level_holds_is_an_error_and_nothing_is_left(store: str, tmp_path: Path) -> None:
    level = open_level(address(store))

    class Forgetful:
        """An engine whose backup is of an empty store."""

        def __getattr__(self, name: str) -> Any:
            return getattr(level.engine, name)

        def backup(self, path: str) -> None:
            Store(path).flush()

    lossy = Level(level.engine, level.ledger)
    lossy.engine = Forgetful()  # type: ignore[assignment]
    with pytest.raises(StoreError, match="as the manifest says"):
        write_backup(Levels(lossy, address("memory:")), tmp_path / "new")
    level.close()
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_doctor_finds_nothing_wrong_with_a_good_store(store: str) -> None:
    assert set(examined(store).values()) == {State.OK}
    assert set(examined("memory:").values()) == {State.OK}


def test_doctor_changes_nothing(store: str) -> None:
    folder = Path(store.partition(":")[2])
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    examined(store)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_doctor_names_who_holds_the_store(store: str) -> None:
    level = open_level(address(store))
    found = {one.subject: one for one in examine(Settings(store=store, port=free_port()))}
    level.close()
    assert found["service"].state is State.WARNING
    assert f"process {os.getpid()}" in found["service"].text
    assert holder(address(store)) is None


def test_doctor_tells_a_missing_store_and_does_not_make_it(tmp_path: Path) -> None:
    assert examined(f"oxigraph:{tmp_path / 'none'}")["store"] is State.WARNING
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("x")
    assert examined(f"oxigraph:{tmp_path / 'file' / 'store'}")["store"] is State.FAULT
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("x")
    assert examined(f"oxigraph:{tmp_path / 'other'}")["ledger"] is State.FAULT


KILLED = """
import os, sys
from fairmap.store import address, open_level
from stores import record
open_level(address(sys.argv[1])).write({sys.argv[2]: record(sys.argv[2], "newer")}, origin="test")
os._exit(9)
"""


def test_doctor_finds_an_unfinished_write(store: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, store, A], cwd=ROOT / "tests", check=False)
    assert done.returncode == 9
    found = examined(store)
    assert (found["journal"], found["records"]) == (State.WARNING, State.OK)


def test_doctor_finds_a_broken_store(store: str) -> None:
    folder = Path(store.partition(":")[2])
    engine = Store(str(folder / "public"))
    engine.add(record(A, "nobody wrote this").quads[0])
    engine.flush()
    del engine
    assert examined(store)["records"] is State.FAULT
    for path in (folder / "public").glob("*.sst"):
        path.write_bytes(b"x" * path.stat().st_size)
    assert examined(store)["ledger"] is State.FAULT
    (folder / "state" / "ledger.sqlite").write_bytes(b"rubbish" * 500)
    done = fairmap(store, "doctor", "--port", free_port(), "--format", "json")
    assert done.returncode == 3
    assert {"fault", "ok"} <= {one["state"] for one in json.loads(done.stdout)}
    assert "Traceback" not in done.stderr


def test_doctor_warns_of_settings_that_look_wrong(store: str) -> None:
    for wrong in ({"publisher": ""}, {"base_iri": "https://e.org/"}, {"query_workers": 500}, {"query_memory": 1 << 40}):
        assert examined(store, **wrong)["settings"] is State.WARNING
    done = fairmap(store, "doctor", "--port", free_port())
    assert done.returncode == 0, done.stdout
    assert re.search(r"^warning  settings  publisher is not set.* - remedy: ", done.stdout, re.MULTILINE)


def test_a_log_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="plain or json"):
        configure({"log": "xml"}, environment={}, directory=tmp_path)
