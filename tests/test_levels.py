"""Levels of a store: organisations' records in places of their own, seen on top of the public ones."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import fairmap
from conftest import ROOT
from fairmap.access import Principal, Scope, organisation_name
from fairmap.catalogue import Catalogue
from fairmap.errors import AccessDenied, NotConforming, NotFound, StoreError, StoreInUse, UsageError
from fairmap.service.doctor import State
from fairmap.store import address, open_levels
from fairmap.store.backup import read_manifest, restore_backup, write_backup
from service import serving
from stores import examined, record
from stores import fairmap as run

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "https://w3id.org/fairmap/"
A, B = f"{BASE}agent/a", f"{BASE}agent/b"
VALID = ROOT / "tests" / "shapes" / "valid"
AGENT = (VALID / "agent-minimal.ttl").read_bytes()
HOSPITAL = f"{BASE}agent/example-hospital"
DATASET = (
    (VALID / "dataset-minimal.ttl")
    .read_text()
    .replace("prov:wasDerivedFrom", f"dct:publisher <{HOSPITAL}> ; prov:wasDerivedFrom", 1)
)


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory:" if request.param == "memory" else f"oxigraph:{tmp_path / 'store'}"


@pytest.fixture
def catalogue(store: str) -> Iterator[Catalogue]:
    """The map, and a publisher that only the organisation centre sees."""
    with Catalogue(store, BASE) as opened:
        opened.load_map()
        opened.load(AGENT, organisation="centre")
        yield opened


def test_each_organisation_has_its_own_level(store: str) -> None:
    levels = open_levels(address(store))
    levels.public.write({A: record(A, "public")}, origin="test")
    levels.of("centre").write({A: record(A, "own"), B: record(B, "private")}, origin="test")
    assert levels.organisations() == ["centre"]
    assert [len(level.engine) for _, level in levels.all()] == [1, 2]
    assert levels.record(A) == record(A, "public")
    assert levels.record(A, "centre") == record(A, "own")
    assert levels.record(A, "elsewhere") == record(A, "public")
    assert levels.record(B, "elsewhere") is levels.record(B) is None
    assert (levels.revision(), levels.revision("centre"), levels.revision("elsewhere")) == (1, 2, 1)
    levels.close()


def test_levels_on_disk_are_found_again_and_have_one_lock(tmp_path: Path) -> None:
    where = address(f"oxigraph:{tmp_path / 'store'}")
    levels = open_levels(where)
    levels.of("centre").write({B: record(B, "private")}, origin="test")
    with pytest.raises(StoreInUse):
        open_levels(where)
    levels.close()
    levels = open_levels(where)
    assert levels.organisations() == ["centre"]
    assert levels.record(B, "centre") == record(B, "private")
    levels.close()
    assert oct((tmp_path / "store" / "org").stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize("name", ["", "..", "../public", "a/b", "Centre", "a.b", "-a", "a-", "a" * 41, "ä", "a\n"])
def test_a_name_that_could_leave_its_folder_is_refused(name: str, tmp_path: Path) -> None:
    levels = open_levels(address(f"oxigraph:{tmp_path / 'store'}"))
    with pytest.raises(UsageError, match="cannot name"):
        levels.of(name)
    levels.close()
    assert not (tmp_path / "store" / "org").exists()
    assert organisation_name("a") == "a"


def test_who_writes_where() -> None:
    def target(scope: Scope, own: str | None, named: str | None) -> str | None:
        return Principal("x", scope, own).writes_to(named)

    assert target(Scope.CONTRIBUTE, "centre", None) == "centre"
    assert target(Scope.CONTRIBUTE, "centre", "centre") == "centre"
    assert target(Scope.CURATE, None, None) is None
    assert target(Scope.CURATE, "centre", None) is None
    assert target(Scope.CURATE, "centre", "centre") == "centre"
    assert target(Scope.ADMIN, None, "centre") == "centre"
    for scope, own in (
        (Scope.CONTRIBUTE, "other"),
        (Scope.CURATE, None),
        (Scope.CURATE, "other"),
        (Scope.ADMIN, "other"),
    ):
        with pytest.raises(AccessDenied):
            target(scope, own, "centre")


def test_an_organisations_records_are_judged_as_part_of_what_it_sees(catalogue: Catalogue) -> None:
    """The publisher of a dataset must be an agent: the public one is there for all, the private one for its organisation."""
    public = DATASET.replace(HOSPITAL, next(iri for iri in catalogue.records() if "/agent/" in iri))
    for organisation, text in (("centre", DATASET), ("centre", public), ("elsewhere", public), (None, public)):
        assert catalogue.load(text.encode(), organisation=organisation).conforms
    for outsider in ("elsewhere", None):
        with pytest.raises(NotConforming):
            catalogue.load(DATASET.encode(), organisation=outsider)
    assert catalogue.validate(organisation="centre").conforms
    assert catalogue.view.revision() == catalogue.level.ledger.revision


def test_an_organisation_has_its_own_version_of_a_public_record(catalogue: Catalogue) -> None:
    tcia = f"{BASE}repository/tcia"
    note = f'<{tcia}> <http://www.w3.org/2004/02/skos/core#editorialNote> "ours"@en .'.encode()
    document = fairmap.catalogue.Document(note, "turtle")
    public = catalogue.export(tcia)
    assert catalogue.replace(tcia, document, keep=True, organisation="centre") is False
    assert catalogue.export(tcia) == public
    own = catalogue.export(tcia, organisation="centre")
    assert b"ours" in own
    assert len(own.splitlines()) > 10
    catalogue.remove(tcia, organisation="centre")
    assert catalogue.levels.record(tcia, "centre") == catalogue.levels.record(tcia)
    with pytest.raises(AccessDenied, match="public"):
        catalogue.remove(tcia, organisation="centre")
    with pytest.raises(NotFound):
        catalogue.remove(f"{BASE}repository/none", organisation="centre")
    with pytest.raises(AccessDenied, match="public"):
        catalogue.change({tcia: []}, organisation="centre")
    assert catalogue.export(tcia) == public


KILLED = """
import os, sys
from fairmap.store import address, open_levels
from stores import record
levels = open_levels(address(sys.argv[1]))
level = levels.of("centre")
level._carry_out = lambda _: os._exit(9)
level.write({sys.argv[2]: record(sys.argv[2], "newer")}, origin="test")
"""


def test_a_write_of_an_organisation_that_was_broken_off_is_finished(tmp_path: Path) -> None:
    where = f"oxigraph:{tmp_path / 'store'}"
    levels = open_levels(address(where))
    levels.of("centre").write({A: record(A, "older")}, origin="test")
    levels.close()
    done = subprocess.run([sys.executable, "-c", KILLED, where, A], cwd=ROOT / "tests", check=False)
    assert done.returncode == 9
    assert examined(where)["journal"] is State.WARNING
    levels = open_levels(address(where))
    assert levels.record(A, "centre") == record(A, "newer")
    levels.close()
    assert set(examined(where).values()) == {State.OK}


def test_a_backup_holds_the_levels_of_organisations(tmp_path: Path) -> None:
    where = address(f"oxigraph:{tmp_path / 'store'}")
    levels = open_levels(where)
    levels.public.write({A: record(A, "public")}, origin="test")
    levels.of("centre").write({B: record(B, "private")}, origin="test")
    levels.of("elsewhere").write({A: record(A, "another")}, origin="test")
    write_backup(levels, tmp_path / "backup")
    levels.of("centre").write({B: record(B, "later")}, origin="test")
    levels.close()
    manifest = read_manifest(tmp_path / "backup")
    assert {name: (told.revision, told.records) for name, told in manifest.organisations.items()} == {
        "centre": (1, 1),
        "elsewhere": (1, 1),
    }
    restored = address(f"oxigraph:{tmp_path / 'restored'}")
    restore_backup(tmp_path / "backup", restored)
    levels = open_levels(restored)
    assert levels.organisations() == ["centre", "elsewhere"]
    assert levels.record(B, "centre") == record(B, "private")
    assert levels.record(A, "elsewhere") == record(A, "another")
    assert levels.record(B) is None
    levels.close()


@pytest.mark.parametrize("part", ["org/centre/*.sst", "state/org/centre/ledger.sqlite"])
def test_a_backup_with_a_damaged_level_is_not_restored(tmp_path: Path, part: str) -> None:
    levels = open_levels(address(f"oxigraph:{tmp_path / 'store'}"))
    levels.of("centre").write({B: record(B, "private")}, origin="test")
    write_backup(levels, tmp_path / "backup")
    levels.close()
    damaged = next((tmp_path / "backup").glob(part))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match="not as they were backed up"):
        restore_backup(tmp_path / "backup", address(f"oxigraph:{tmp_path / 'restored'}"))
    assert not (tmp_path / "restored").exists()


@pytest.mark.server
def test_the_command_line_works_on_levels_beside_a_service_and_without(tmp_path: Path) -> None:
    where = f"oxigraph:{tmp_path / 'store'}"
    (tmp_path / "agent.ttl").write_bytes(AGENT)
    assert run(where, "load", tmp_path / "agent.ttl", "--organisation", "centre").returncode == 1  # no map: no source
    with serving(where, log=tmp_path / "log"):
        done = run(where, "load", tmp_path / "agent.ttl", "--organisation", "centre")
        assert done.returncode == 0, done.stderr
        assert "Example Hospital" in run(where, "export", "--organisation", "centre").stdout
        assert run(where, "export", HOSPITAL).returncode == 2
        assert run(where, "load", tmp_path / "agent.ttl", "--organisation", "a/b").returncode == 2
        assert run(where, "backup", tmp_path / "backup").returncode == 0
        told = run(where, "doctor", "--port", 1).stdout
        assert "organisation centre: 1 chosen by chance are as they were written" in told
    assert "Example Hospital" in run(where, "export", HOSPITAL, "--organisation", "centre").stdout
    assert run(f"oxigraph:{tmp_path / 'restored'}", "restore", tmp_path / "backup").returncode == 0
    assert "Example Hospital" in run(f"oxigraph:{tmp_path / 'restored'}", "export", "--organisation", "centre").stdout
    assert "Traceback" not in (tmp_path / "log").read_text()


def _agent(number: int) -> tuple[str, bytes]:
    iri = f"{BASE}agent/number-{number}"
    return iri, AGENT.replace(b"agent/example-hospital", b"agent/number-%d" % number)


@pytest.mark.server
def test_kill_9_while_an_organisation_writes_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    where = f"oxigraph:{tmp_path / 'store'}"
    acknowledged: list[str] = []
    with serving(where, log=tmp_path / "log") as service:
        token = run(where, "token", "create", "x", "--scope", "contribute", "--organisation", "centre").stdout.strip()
        pid = int(Path(tmp_path / "store" / "state" / "lock").read_text())
        killer = threading.Timer(1, os.kill, (pid, 9))
        for number in range(10_000):
            if number == 1:  # the first write, which reads the shapes, may take long
                killer.start()
            iri, body = _agent(number)
            path = f"/store?graph={urllib.parse.quote(iri, safe='')}"
            bearer = f"Bearer {token}"
            try:
                got = service.get(path, data=body, method="PUT", Content_Type="text/turtle", Authorization=bearer)
                if got.status != 201:
                    break
            except OSError:
                break
            acknowledged.append(iri)
        killer.join()
        service.process.wait(timeout=30)
    assert acknowledged
    with serving(where, log=tmp_path / "log") as service:
        found = run(where, "export", "--organisation", "centre").stdout
        assert all(f"<{iri}>" in found or iri.removeprefix(BASE) in found for iri in acknowledged)
        last = f"/agent/{acknowledged[-1].rpartition('/')[2]}.nt"
        assert service.get(last, Authorization=f"Bearer {token}").status == 200
        assert service.get(last).status == 404
        assert set(examined(where).values()) <= {State.OK, State.WARNING}


@pytest.mark.server
def test_a_write_is_seen_by_the_next_query_of_each_audience(tmp_path: Path) -> None:
    where = f"oxigraph:{tmp_path / 'store'}"
    with serving(where, log=tmp_path / "log", query_workers=2) as service:
        made = {
            name: run(where, "token", "create", name, "--scope", scope, *more).stdout.strip()
            for name, scope, *more in (("owner", "contribute", "--organisation", "centre"), ("curator", "curate"))
        }

        def put(who: str, number: int) -> int:
            iri, body = _agent(number)
            path, bearer = f"/store?graph={urllib.parse.quote(iri, safe='')}", f"Bearer {made[who]}"
            got = service.get(path, data=body, method="PUT", Content_Type="text/turtle", Authorization=bearer)
            return got.status

        def seen(who: str | None = None) -> set[int]:
            query = 'SELECT ?s { ?s a <http://xmlns.com/foaf/0.1/Agent> FILTER CONTAINS(STR(?s), "number-") }'
            at = f"/sparql?{urllib.parse.urlencode({'query': query})}"
            got = (
                service.get(at, Accept="text/csv", Authorization=f"Bearer {made[who]}")
                if who
                else service.get(at, Accept="text/csv")
            )
            assert got.status == 200, got.body
            return {int(line.rpartition(b"-")[2]) for line in got.body.splitlines()[1:]}

        for number in range(4):
            assert put("owner", 2 * number) == 201
            # at first this is of the revision that the public view has after the next write
            assert seen("owner") == set(range(2 * number + 1))
            assert put("curator", 2 * number + 1) == 201
            assert seen() == seen("curator") == set(range(1, 2 * number + 2, 2))
            assert seen("owner") == set(range(2 * number + 2))
        started = time.monotonic()
        while len(list((tmp_path / "store" / "state" / "snapshots" / "org").iterdir())) > 1:
            assert time.monotonic() - started < 20
            time.sleep(0.1)
    assert "Traceback" not in (tmp_path / "log").read_text()
