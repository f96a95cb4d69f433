"""``/validate``: what may be submitted, by what it is judged, and in what form the report comes."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import RdfFormat, parse

from fairmap.catalogue import Document
from fairmap.catalogue.judging import Judge
from fairmap.catalogue.reports import REPORT_MEDIA_TYPES, from_json
from fairmap.namespaces import DEFAULT_BASE
from fairmap.profiles import profile_names
from fairmap.rdf import FORMATS, by_name, serialise
from web.clients import BROWSER, client_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from fairmap.catalogue import Catalogue
    from fairmap.judging import JudgeClient
    from web.views import Counting

DATASET = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<http://e/d> a dcat:Dataset ; dct:title "x"@en ; dct:issued "soon" ."""
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
[] a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ sh:path dcat:keyword ; sh:minCount 1 ; sh:message "No keyword."@en ] ."""
MISSING = {"http://purl.org/dc/terms/description", "http://purl.org/dc/terms/issued"}
"""What DCAT-AP does not accept in the dataset."""


def post(client: FlaskClient, query: str = "", **options: Any) -> TestResponse:
    return client.post(f"/validate{query}", **options)


def violations(response: TestResponse) -> set[str]:
    assert response.status_code == 200, response.text
    return {f["path"] for f in response.get_json()["findings"] if f["severity"] == "Violation"}


# What may be submitted


def test_a_document_with_its_media_type(judging: FlaskClient) -> None:
    triples = [quad.triple for quad in parse(DATASET.encode(), format=RdfFormat.TURTLE)]
    for name in ("turtle", "jsonld", "rdfxml", "ntriples", "trig", "nquads"):
        form = by_name(name, FORMATS)
        body = serialise(triples, form)
        assert violations(post(judging, "?profile=dcat-ap", data=body, content_type=form.media_type)) == MISSING, name


def test_a_form_with_text(judging: FlaskClient) -> None:
    assert violations(post(judging, data={"data": DATASET, "profile": "dcat-ap"})) == MISSING


def test_a_form_with_files_which_are_judged_together(judging: FlaskClient) -> None:
    more = b'<http://e/d> <http://purl.org/dc/terms/description> "words"@en .'
    files = [(io.BytesIO(DATASET.encode()), "dataset.ttl"), (io.BytesIO(more), "more.nt")]
    assert violations(post(judging, data={"file": files, "profile": "dcat-ap"})) == MISSING - {
        "http://purl.org/dc/terms/description"
    }


def test_json_with_data_as_text_or_as_json_ld(judging: FlaskClient) -> None:
    as_json = {"@id": "http://e/d", "@type": "http://www.w3.org/ns/dcat#Dataset", "http://purl.org/dc/terms/title": "x"}
    for data in (DATASET, as_json):
        found = violations(post(judging, json={"data": data, "profile": "dcat-ap"}))
        assert "http://purl.org/dc/terms/description" in found


def test_a_document_without_a_name_is_read_as_it_looks(judging: FlaskClient) -> None:
    quads = list(parse(DATASET.encode(), format=RdfFormat.TURTLE))
    for name in ("turtle", "jsonld", "rdfxml", "ntriples"):
        text = serialise([quad.triple for quad in quads], by_name(name, FORMATS)).decode()
        assert violations(post(judging, json={"data": text, "profile": "dcat-ap"})) == MISSING, name
    yaml = "'@id': http://e/d\n'@type': http://www.w3.org/ns/dcat#Dataset\n"
    assert violations(post(judging, json={"data": yaml, "profile": "dcat-ap"}))


@pytest.mark.parametrize("shapes", [SHAPES, [SHAPES]], ids=["text", "file"])
def test_shapes_of_the_askers_own_take_the_profiles_place(judging: FlaskClient, shapes: Any) -> None:
    sent = shapes if isinstance(shapes, str) else [(io.BytesIO(shapes[0].encode()), "own.ttl")]
    response = post(
        judging, data={"data": DATASET, "shapes": sent, "profile": "dcat-ap"}, content_type="multipart/form-data"
    )
    assert [finding["message"] for finding in response.get_json()["findings"]] == ["No keyword."]
    assert response.get_json()["records"] == ["http://e/d"]


# By what it is judged


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_judges(judging: FlaskClient, name: str) -> None:
    assert violations(post(judging, f"?profile={name}", data=DATASET, content_type="text/turtle"))


def test_records_are_judged_beside_the_map_as_when_they_are_loaded(judging: FlaskClient, catalogue: Catalogue) -> None:
    for iri in (
        "dataset/tcia-imaging",
        "repository/tcia",
        "agent/nci",
        "source/d31",
        "catalog/imaging-health-data-map",
    ):
        record = catalogue.export(f"{DEFAULT_BASE}{iri}")
        broken = record.replace(b"/concept/modality/", b"/concept/modalities/").replace(
            b"skos:prefLabel", b"skos:altLabel"
        )
        for body in (record, broken):
            answer = post(judging, data=body, content_type="application/trig")
            judged = from_json(answer.get_json()).findings
            assert [replace(finding, places=()) for finding in judged] == list(
                catalogue.validate(body, form="trig").findings
            )


def test_a_country_that_is_not_listed_is_told_here_and_on_the_page_as_on_the_command_line(
    judging: FlaskClient, catalogue: Catalogue
) -> None:
    record = catalogue.export(f"{DEFAULT_BASE}repository/tcia", form="turtle").decode()
    assert "authority/country/USA>" in record
    wrong = record.replace("authority/country/USA>", "authority/country/AMERICA>")
    found = post(judging, data=wrong, content_type="text/turtle").get_json()["findings"]
    (country,) = [finding for finding in found if finding["path"] == "http://purl.org/dc/terms/spatial"]
    assert (country["severity"], country["places"][0]["what"]) == ("Warning", "value")
    by_command = Judge(DEFAULT_BASE).documents([Document(wrong.encode(), "turtle", "x", DEFAULT_BASE)]).findings
    assert country["message"] in {finding.message for finding in by_command}
    page = post(judging, data={"data": wrong, "profile": "fairmap"}, headers={"Accept": BROWSER}).text
    assert "This country is not in the EU table" in page


def test_a_record_of_the_map_by_a_profile(judging: FlaskClient) -> None:
    record = f"{DEFAULT_BASE}dataset/tcia-imaging"
    found = judging.get("/validate", query_string={"record": record, "profile": "dcat-ap", "format": "json"})
    assert found.get_json()["records"] == [record]
    assert {finding["record"] for finding in found.get_json()["findings"]} == {record}
    assert violations(found) == {"http://purl.org/dc/terms/accessRights"}, (
        "what it was made by is described in a source"
    )
    own = judging.get("/validate", query_string={"record": record, "format": "json"}).get_json()
    assert own["conforms"]
    etag = found.headers["ETag"]
    again = judging.get(
        "/validate",
        query_string={"record": record, "profile": "dcat-ap", "format": "json"},
        headers={"If-None-Match": etag},
    )
    assert again.status_code == 304


def test_pages_of_records_lead_to_their_validation(judging: FlaskClient) -> None:
    page = judging.get("/dataset/tcia-imaging").text
    for name in profile_names():
        assert f"profile={name}" in page
    assert "/validate?record=" not in judging.get("/agent/nci").text


# The form of the report


@pytest.mark.parametrize("name", REPORT_MEDIA_TYPES)
def test_the_report_comes_in_each_form_by_name_and_by_accept(judging: FlaskClient, name: str) -> None:
    sent: dict[str, Any] = {"data": {"data": DATASET, "profile": "dcat-ap"}}
    by_format = post(judging, f"?format={name}", **sent)
    by_accept = post(judging, headers={"Accept": REPORT_MEDIA_TYPES[name]}, **sent)
    assert by_format.status_code == by_accept.status_code == 200
    assert by_format.mimetype == by_accept.mimetype == REPORT_MEDIA_TYPES[name]
    assert by_format.headers["Cache-Control"] == "no-store"
    if name == "turtle":
        results = "http://www.w3.org/ns/shacl#ValidationResult"
        assert sum(str(quad.object.value) == results for quad in parse(by_format.data, format=RdfFormat.TURTLE)) > 2
    if name == "csv":
        assert len(list(csv.reader(io.StringIO(by_format.text)))) > 3
    if name in {"json", "jsonld", "sarif"}:
        json.loads(by_format.text)


# The page


def test_the_page_asks_for_what_is_needed_and_fills_in_an_example(judging: FlaskClient) -> None:
    page = judging.get("/validate", headers={"Accept": BROWSER}).text
    for part in (
        'method="post"',
        'enctype="multipart/form-data"',
        'name="file"',
        '<textarea id="data"',
        'name="shapes"',
    ):
        assert part in page
    example = judging.get("/validate?example=1").text
    assert "Chest CT of 250 patients" in example
    assert '<option value="dcat-ap" selected>' in example
    assert '<option value="fdp" selected>' in judging.get("/validate?profile=fdp").text


def test_the_page_tells_what_is_wrong_and_keeps_what_was_typed(judging: FlaskClient) -> None:
    typed = {"data": DATASET, "profile": "eucaim", "shapes": "", "data_format": "turtle"}
    page = post(judging, data=typed, headers={"Accept": BROWSER}, content_type="multipart/form-data")
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    assert "dct:issued &#34;soon&#34;" in page.text
    assert '<option value="eucaim" selected>' in page.text
    assert '<option value="turtle" selected>' in page.text


def test_a_fault_in_what_was_typed_keeps_it(judging: FlaskClient) -> None:
    typed = {"data": "<http://e/a> <b .", "profile": "fdp", "shapes": "<script>"}
    page = post(judging, data=typed, headers={"Accept": BROWSER})
    assert page.status_code == 400
    assert "It was not judged" in page.text
    assert "data:1:" in page.text
    assert "&lt;http://e/a&gt; &lt;b ." in page.text
    assert "<script>" not in page.text
    assert '<option value="fdp" selected>' in page.text


def test_nothing_that_was_submitted_becomes_part_of_the_page(judging: FlaskClient) -> None:
    evil = '"<script>alert(1)</script>"'
    data = f"<http://e/<x> a <http://e/C> . <http://e/d> a <http://e/C> ; <http://e/p> {evil} ."
    shapes = f"""@prefix sh: <http://www.w3.org/ns/shacl#> . [] a sh:NodeShape ; sh:targetClass <http://e/C> ;
      sh:property [ sh:path <http://e/p> ; sh:name {evil} ; sh:in () ; sh:message {evil} ] ."""
    for text in (data, data.partition(" . ")[2]):
        page = post(judging, data={"data": text, "shapes": shapes}, headers={"Accept": BROWSER}).text
        assert "<script>" not in page


# Faults


@pytest.mark.parametrize(
    ("query", "options", "status", "told"),
    [
        ("", {"data": "<a", "content_type": "text/turtle"}, 400, "not Turtle"),
        ("", {"data": "x", "content_type": "image/png"}, 415, "image/png"),
        ("?profile=nothing", {"data": DATASET, "content_type": "text/turtle"}, 400, "nothing"),
        ("?format=pdf", {"data": DATASET, "content_type": "text/turtle"}, 400, "pdf"),
        ("", {"data": {"profile": "dcat-ap"}}, 400, "nothing to judge"),
        ("", {"data": {"data": DATASET, "data_format": "word"}}, 400, "word"),
        ("", {"json": {"profile": "dcat-ap"}}, 400, "no data"),
        ("", {"json": {"data": DATASET, "colour": "blue"}}, 400, "colour"),
        ("", {"json": {"data": DATASET, "profile": 1}}, 400, "profile"),
        ("", {"json": {"data": DATASET, "shapes": SHAPES.replace("minCount 1", "minCount 1, 2")}}, 422, "ill-formed"),
        ("", {"data": b"#" * (2 << 20), "content_type": "text/turtle"}, 413, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_told(
    view: Counting, judge: JudgeClient, query: str, options: dict[str, Any], status: int, told: str
) -> None:
    response = post(client_of(view, judge=judge, judge_size=1), query, **options)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert told in response.text


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (f"{DEFAULT_BASE}dataset/none", 404),
        ("http://e/d", 404),
        ("no iri", 400),
        (f"{DEFAULT_BASE}concept/modality", 404),
    ],
)
def test_a_record_that_is_not_there_is_told(judging: FlaskClient, record: str, status: int) -> None:
    assert judging.get("/validate", query_string={"record": record}).status_code == status


def test_without_a_judging_process_nothing_is_judged(client: FlaskClient) -> None:
    response = post(client, data=DATASET, content_type="text/turtle")
    assert response.status_code == 503
    assert client.get("/validate").status_code == 200


def test_a_judgement_counts_as_ten_requests(view: Counting, judge: JudgeClient) -> None:
    client = client_of(view, judge=judge, rate_limit=25)
    sent = {"data": DATASET, "content_type": "text/turtle"}
    assert [post(client, "?profile=dcat-ap", **sent).status_code for _ in range(3)] == [200, 200, 429]
    assert [client.get("/validate").status_code for _ in range(6)] == [200] * 5 + [429]
    small = client_of(view, judge=judge, rate_limit=5)
    assert [post(small, "?profile=dcat-ap", **sent).status_code for _ in range(2)] == [200, 429]
