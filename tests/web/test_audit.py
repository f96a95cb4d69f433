"""The page of a FAIR audit, and its other forms."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, Store, parse

from fairmap.config import Settings
from fairmap.fair import Criteria, History, Judgement, Outcome, RecordAuditor
from fairmap.fair.transfer import of_text, to_text
from fairmap.judging import JudgeClient, JudgeProcess
from fairmap.namespaces import DEFAULT_BASE
from fairmap.web.history_chart import LEFT, TOP
from web.clients import BROWSER, client_of

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from web.views import Counting

DATASET = "/audit/dataset/tcia-imaging"
WHEN = """PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?when { ?audit a <https://w3id.org/ftr#TestResultSet> ; prov:wasGeneratedBy/prov:endedAtTime ?when }"""
FORMS = {".ttl": RdfFormat.TURTLE, ".jsonld": RdfFormat.JSON_LD, ".rdf": RdfFormat.RDF_XML, ".nt": RdfFormat.N_TRIPLES}


def test_a_worker_goes_on_after_an_audit_and_ends_after_a_submission(view: Counting, tmp_path: Path) -> None:
    path = tmp_path / "judge.sock"
    process = JudgeProcess(Settings(judge_workers=1), path)
    client, judging = JudgeClient(path), client_of(view, judge=JudgeClient(path))

    def workers() -> set[str]:
        return set(client.stats()["workers"])

    try:
        assert judging.get(DATASET).status_code == HTTPStatus.OK
        (before,) = workers()
        assert judging.get("/audit/dataset/primage-imaging").status_code == HTTPStatus.OK
        assert workers() == {before}
        assert judging.post("/validate", json={"data": "<urn:a> <urn:b> <urn:c> ."}).status_code == HTTPStatus.OK
        assert judging.get(DATASET).status_code == HTTPStatus.OK
        assert before not in workers()
    finally:
        process.close()


def test_the_page_tells_scores_failures_and_remedies(judging: FlaskClient) -> None:
    page = judging.get(DATASET, headers={"Accept": BROWSER}).text
    assert "of 325 testable points" in page
    assert "There is no dcat:keyword." in page
    assert "INSERT DATA { &lt;https://w3id.org/fairmap/dataset/tcia-imaging&gt; dcat:keyword" in page
    assert 'href="/dataset/tcia-imaging"' in page


def test_the_page_of_a_repository_tells_what_people_answered(judging: FlaskClient) -> None:
    page = judging.get("/audit/repository/tcia").text
    assert "8 of 12 answered" in page
    assert "unknown: " in page


def test_pages_of_records_lead_to_their_audit(judging: FlaskClient) -> None:
    assert f'href="{DATASET}"' in judging.get("/dataset/tcia-imaging").text
    assert 'href="/audit/repository/tcia"' in judging.get("/repository/tcia").text
    assert "/audit/" not in judging.get("/agent/nci").text


@pytest.mark.parametrize("suffix", FORMS)
def test_the_audit_comes_as_rdf_by_suffix_and_by_accept(judging: FlaskClient, suffix: str) -> None:
    by_suffix = judging.get(f"{DATASET}{suffix}?metrics=access")
    media_type = by_suffix.content_type.partition(";")[0]
    by_accept = judging.get(f"{DATASET}?metrics=access", headers={"Accept": media_type})
    assert (by_suffix.status_code, by_accept.status_code) == (200, 200)
    assert by_accept.headers["Content-Location"].endswith(f"{DATASET}{suffix}")
    quads = list(parse(by_suffix.data, format=FORMS[suffix]))
    assert any(quad.subject.value == f"https://w3id.org/fairmap{DATASET}#access-one-right" for quad in quads)


def test_the_audit_comes_as_json_and_csv(judging: FlaskClient) -> None:
    found = judging.get(f"{DATASET}.json?metrics=mqa&metrics=d31").json
    assert found is not None
    assert set(found["assessments"][0]["scores"]) == {"mqa", "d31"}
    rows = list(csv.DictReader(io.StringIO(judging.get(DATASET, headers={"Accept": "text/csv"}).text)))
    assert {row["dataset"] for row in rows} == {"https://w3id.org/fairmap/dataset/tcia-imaging"}


def test_who_has_the_audit_of_this_revision_gets_304(judging: FlaskClient) -> None:
    etag = judging.get(f"{DATASET}?metrics=access").headers["ETag"]
    assert judging.get(f"{DATASET}?metrics=access", headers={"If-None-Match": etag}).status_code == 304
    assert judging.get(f"{DATASET}?metrics=d31", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/audit/dataset/none", 404),
        ("/audit/agent/nci", 404),
        ("/audit/repository/tcia?metrics=rda", 400),
        (f"{DATASET}?metrics=fuji", 400),
    ],
)
def test_what_cannot_be_judged_is_told(judging: FlaskClient, path: str, status: int) -> None:
    assert judging.get(path).status_code == status


def test_kept_audits_are_the_history_of_a_record(view: Counting, judge: JudgeClient, tmp_path: Path) -> None:
    history = History(tmp_path / "state")
    (tmp_path / "state").mkdir()
    record = f"{DEFAULT_BASE}dataset/tcia-imaging"
    auditor = RecordAuditor(view, Criteria(DEFAULT_BASE), ["mqa"])
    now = auditor.assess(record)
    now = replace(now, made=now.made - timedelta(days=1))
    before = replace(
        now, made=now.made - timedelta(days=30), judgements=tuple(map(passed, now.judgements)), graph="0" * 64
    )
    before = replace(before, scores=tuple(replace(score, points=score.testable) for score in now.scores))
    app = client_of(view, judge=judge, store=f"oxigraph:{tmp_path}")
    etag = app.get(f"{DATASET}?metrics=mqa").headers["ETag"]
    assert "Audits that were kept" not in app.get(f"{DATASET}?metrics=mqa").text
    assert [history.keep(found) for found in (before, now)] == [True, True]
    again = app.get(f"{DATASET}?metrics=mqa", headers={"If-None-Match": etag})
    assert again.status_code == 200
    assert "Audits that were kept" in again.text
    assert "The record was changed." in again.text
    assert re.search(r"mqa: [\d-]+ [\d:]+: 100 %, [\d-]+ [\d:]+: \d+ %\.", again.text), "the picture in words"
    (points,) = re.findall(r'polyline points="([^"]+)"', again.text)
    assert points.split()[0] == f"{LEFT}.0,{TOP}.0", "all points at the first audit"
    assert app.get("/audit/repository/tcia").text.count("Audits that were kept") == 0
    store = Store()
    store.extend(parse(app.get(f"{DATASET}.ttl?metrics=mqa").data, format=RdfFormat.TURTLE))
    times = {row["when"].value for row in store.query(WHEN)}  # type: ignore[union-attr]
    assert len(times) == 3, "the audit now and the two that were kept"


def test_an_assessment_comes_from_its_worker_as_it_was_made(view: Counting) -> None:
    criteria = Criteria(DEFAULT_BASE)
    auditor = RecordAuditor(view, criteria)
    for record in ("dataset/tcia-imaging", "repository/tcia"):
        made = auditor.assess(f"{DEFAULT_BASE}{record}")
        assert of_text(to_text(made), criteria) == made
        assert of_text(to_text(made), criteria).dimensions == made.dimensions


def passed(judgement: Judgement) -> Judgement:
    return replace(judgement, outcome=Outcome.PASSED)
