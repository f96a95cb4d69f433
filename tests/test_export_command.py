"""The command ``export``: profiles, selections, checks and reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse

from fairmap.cli import main
from fairmap.export import Check, Checked, projection, projection_names
from fairmap.namespaces import DCAT, RDF
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

BASE = "https://w3id.org/fairmap/"
HEART = f"{BASE}dataset/ukbiobank-heart-mri"
MAP = folder("data") / "imaging-health-data-map.trig"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    uri = f"oxigraph:{tmp_path_factory.mktemp('export') / 'store'}"
    assert run("load", "--store", uri, MAP).exit_code == 0
    return uri


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("name", projection_names())
def test_every_profile_exports_one_record_in_each_of_its_forms(store: str, name: str, tmp_path: Path) -> None:
    for form in projection(name).forms:
        path = tmp_path / form
        done = run("export", "--store", store, "--profile", name, "--format", form, "-o", path, HEART)
        assert done.exit_code == 0, done.stderr
        assert done.stdout == ""
        assert path.stat().st_size > 200
    assert [file.name for file in tmp_path.glob("*.part")] == []


def test_a_query_selects_the_records(store: str, tmp_path: Path) -> None:
    query = tmp_path / "select.rq"
    query.write_text(f"SELECT ?dataset {{ ?dataset a <{DCAT}Dataset> }} ORDER BY ?dataset LIMIT 3")
    for given in (query, query.read_text()):
        done = run("export", "--store", store, "--profile", "dcat-ap", "--format", "ntriples", "--query", given)
        assert done.exit_code == 0
        quads = parse(done.stdout, format=RdfFormat.N_TRIPLES)
        kinds = [
            quad for quad in quads if quad.predicate.value == f"{RDF}type" and quad.object.value == f"{DCAT}Dataset"
        ]
        assert len(kinds) == 3


def test_what_holders_must_tell_goes_to_standard_error_or_to_a_file(store: str, tmp_path: Path) -> None:
    told = run("export", "--store", store, "--profile", "healthdcat-ap", HEART).stderr
    assert "The holder must still tell us which law applies to the dataset." in told
    path = tmp_path / "report.json"
    done = run("export", "--store", store, "--profile", "healthdcat-ap", "--report", path)
    assert (done.exit_code, done.stderr) == (0, "")
    remarks = json.loads(path.read_text())
    hdab = [remark["record"] for remark in remarks if remark["property"].endswith("#hdab")]
    assert len(hdab) == len(set(hdab)) == 61
    plain = tmp_path / "report.txt"
    assert run("export", "--store", store, "--profile", "healthdcat-ap", "--report", plain).exit_code == 0
    assert "and 60 more" in plain.read_text()


def test_a_check_lists_what_holders_must_tell_for_each_record_and_exits_with_1(store: str) -> None:
    done = run("export", "--store", store, "--profile", "healthdcat-ap", "--check", HEART)
    assert done.exit_code == 1
    assert f"{HEART}\n  The holder must still tell us" in done.stderr
    assert "1 records checked: 5 violations are facts that holders must tell, 0 are others" in done.stderr


def test_a_check_of_what_conforms_exits_with_0(store: str) -> None:
    done = run("export", "--store", store, "--profile", "dcat-ap", "--check", HEART)
    assert done.exit_code == 0, done.stderr


def test_a_file_has_its_name_when_it_is_judged(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.ttl"
    seen: list[str] = []

    class Watched(Check):
        def parts(self) -> Iterator[Checked]:
            seen.extend(file.name for file in tmp_path.iterdir())
            yield from super().parts()

    monkeypatch.setattr("fairmap.cli.export.Check", Watched)
    done = run("export", "--store", store, "--profile", "healthdcat-ap", "--check", "-o", path, HEART)
    assert (done.exit_code, seen) == (1, ["out.ttl.part"])
    assert [file.name for file in tmp_path.iterdir()] == ["out.ttl"]


def test_wrong_usage_is_told(store: str) -> None:
    cases = {
        ("--profile", "dcat-ap", f"{BASE}dataset/none"): "no such record",
        ("--profile", "dcat-ap", "--format", "csv"): "turtle",
        ("--profile", "nonsense"): "dcat-ap",
        ("--query", "SELECT ?x {}", HEART): "one of IRI... and --query",
        ("--query", "SELECT ?x {"): "not SPARQL",
        ("--query", "ASK {}"): "a SELECT query",
        ("--query", "SELECT ('word' AS ?x) {}"): "IRI",
        ("--profile", "dcat-ap", "--organisation", "x"): "--profile fairmap",
    }
    for arguments, words in cases.items():
        done = run("export", "--store", store, *arguments)
        assert done.exit_code == 2
        assert words in done.stderr
        assert done.stdout == ""
