"""``fairmap audit``: files, records of the store, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Quad, Store

from conftest import ROOT
from fairmap.fair import History
from stores import fairmap

if TYPE_CHECKING:
    from pathlib import Path

COMPLETE = ROOT / "tests" / "fair" / "complete.ttl"
PROVENANCE = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> PREFIX dqv: <http://www.w3.org/ns/dqv#>
PREFIX earl: <http://www.w3.org/ns/earl#> PREFIX ftr: <https://w3id.org/ftr#> PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX spdx: <http://spdx.org/rdf/terms#>
ASK { <https://w3id.org/fairmap/audit/dataset/tcia-imaging> dct:hasVersion ?kept .
  ?kept a ftr:TestResultSet ; prov:wasGeneratedBy ?activity ; prov:hadMember ?score , ?one . ?score a ftr:BenchmarkScore .
  ?score dqv:value ?points . ?one a dqv:QualityMeasurement ; dqv:isMeasurementOf ?criterion ; earl:result/earl:outcome ?outcome .
  ?activity prov:endedAtTime ?when ; prov:wasAssociatedWith/dcat:version ?version ; prov:used/spdx:checksum/spdx:checksumValue ?sha }"""
TCIA = "https://w3id.org/fairmap/repository/tcia"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    uri = f"oxigraph:{tmp_path_factory.mktemp('audit') / 'store'}"
    done = fairmap(uri, "load", ROOT / "data" / "imaging-health-data-map.trig")
    assert done.returncode == 0, done.stderr
    return uri


@pytest.fixture
def poor(tmp_path: Path) -> Path:
    """Two datasets of which little is said."""
    file = tmp_path / "poor.ttl"
    file.write_text(
        '@prefix dcat: <http://www.w3.org/ns/dcat#> . <urn:a> a dcat:Dataset . <urn:b> a dcat:Dataset ; dcat:keyword "b" .'
    )
    return file


def test_each_dataset_in_a_file_is_judged(poor: Path) -> None:
    done = fairmap("memory:", "audit", poor, "--metrics", "mqa", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found = {a["dataset"]: a["scores"]["mqa"]["points"] for a in json.loads(done.stdout)["assessments"]}
    assert found == {"urn:a": 0, "urn:b": 30}


def test_a_failure_is_told_with_its_remedy(poor: Path) -> None:
    done = fairmap("memory:", "audit", poor, "--metrics", "mqa")
    assert "0 of 325 testable points" in done.stdout
    assert 'INSERT DATA { <urn:a> dcat:keyword "medical imaging"@en }' in done.stdout


@pytest.mark.parametrize(
    ("limit", "code"), [("RDA-F1-01D", 0), ("mqa-keyword", 0), ("100", 0), ("100.5", 2), ("RDA-F9", 2), ("d31-F1", 2)]
)
def test_the_complete_record_reaches_every_limit(limit: str, code: int) -> None:
    sets = ("--metrics", "rda", "--metrics", "mqa")
    done = fairmap("memory:", "audit", COMPLETE, *sets, "--format", "csv", "--fail-on", limit)
    assert done.returncode == code, done.stderr
    if code:
        assert "--fail-on" in done.stderr


@pytest.mark.parametrize(("limit", "code"), [("mqa-keyword", 1), ("mqa-contact", 1), ("0", 0), ("50", 1)])
def test_exit_code_1_comes_only_with_a_limit_that_is_not_reached(poor: Path, limit: str, code: int) -> None:
    assert fairmap("memory:", "audit", poor, "--metrics", "mqa", "--fail-on", limit).returncode == code
    assert fairmap("memory:", "audit", poor, "--metrics", "mqa").returncode == 0


def test_a_repository_of_the_store_is_judged_by_the_answers_of_people(store: str) -> None:
    done = fairmap(store, "audit", TCIA)
    assert done.returncode == 0, done.stderr
    assert "8 of 12 answered" in done.stdout
    assert "cannot be told: d31-F2, d31-A1, d31-A2, d31-R3" in done.stdout


def test_a_dataset_of_the_store_is_judged_with_what_points_to_it(store: str) -> None:
    done = fairmap(store, "audit", "https://w3id.org/fairmap/dataset/tcia-imaging", "--format", "json")
    (found,) = json.loads(done.stdout)["assessments"]
    assert found["assessment"] == "https://w3id.org/fairmap/audit/dataset/tcia-imaging"
    assert set(found["scores"]) == {"d31", "rda", "mqa", "mqa-imaging", "access"}
    assert found["scores"]["rda"]["points"] > 0


def test_without_a_name_every_dataset_and_repository_is_judged(store: str) -> None:
    done = fairmap(store, "audit", "--metrics", "d31", "--format", "json")
    found = json.loads(done.stdout)["assessments"]
    assert len([a for a in found if "/repository/" in a["dataset"]]) == 47
    assert sum(a["scores"]["d31"]["asked"] - a["scores"]["d31"]["known"] for a in found if a["dataset"] == TCIA) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-file.ttl"], "there is no such file, and it is no IRI"),
        (["https://w3id.org/fairmap/dataset/none"], "there is no such record"),
        (["https://w3id.org/fairmap/agent/nci"], "no dataset and no repository"),
        ([TCIA, "--metrics", "rda"], "a repository is judged by the questions of D3.1 only"),
        ([ROOT / "shapes" / "agent.ttl"], "the file holds no dcat:Dataset"),
    ],
)
def test_what_cannot_be_judged_is_told(store: str, arguments: list[object], message: str) -> None:
    done = fairmap(store, "audit", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_kept_audit_is_history_and_is_kept_once(tmp_path: Path) -> None:
    store = f"oxigraph:{tmp_path / 'store'}"
    assert fairmap(store, "load", ROOT / "data" / "imaging-health-data-map.trig").returncode == 0
    iri = "https://w3id.org/fairmap/dataset/tcia-imaging"
    first, again = (fairmap(store, "audit", iri, "--metrics", "access", "--keep") for _ in range(2))
    assert (first.returncode, first.stderr) == (0, "1 audit kept\n")
    assert again.stderr == "0 audits kept; 1 came out as the last time\n"
    (kept,) = History(tmp_path / "store" / "state").of(iri)
    assert set(kept.scores) == {"access"}
    told = Store()
    told.extend(Quad(t.subject, t.predicate, t.object) for t in kept.triples())
    assert told.query(PROVENANCE)
    assert History(tmp_path / "store" / "state").of(TCIA) == []


@pytest.mark.parametrize("arguments", [[COMPLETE, "--keep"], ["--keep"]])
def test_only_audits_of_records_on_disk_are_kept(arguments: list[object]) -> None:
    done = fairmap("memory:", "audit", *arguments)
    assert done.returncode == 2
    assert "only audits of records of a store on disk are kept" in done.stderr
