"""Broken files mended by somebody who knows nothing and pastes all that the page says: they conform, and nothing gets worse."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairmap.catalogue import Document
from fairmap.catalogue.judging import Judge
from fairmap.catalogue.reports import write_report
from fairmap.cli import main
from fairmap.cli.errors import USAGE
from fairmap.model import Severity, ValidationReport
from fairmap.namespaces import DEFAULT_BASE

FILES = Path(__file__).parent / "mending"
REMEDY = re.compile(r'<div class="remedy">\s*<p>(.*?)</p>\s*(?:<pre[^>]*><code>(.*?)</code></pre>)?', re.DOTALL)
CHOICES = {
    "dataset-values.ttl": {
        ', "Knee MRI in runners"@en': "",
        'minTypicalAge "65"': 'minTypicalAge "20"',
        'maxTypicalAge "20"': 'maxTypicalAge "65"',
        "2023-01-01": "2025-01-01",
    }
}
"""What only the person with the data can know; the page shows both values and their lines."""


def judged(name: str, text: str, profile: str) -> ValidationReport:
    form = {".yaml": "yamlld", ".rdf": "rdfxml", ".jsonld": "jsonld"}.get(Path(name).suffix, "turtle")
    base = f"{DEFAULT_BASE}repository/imagen" if form == "yamlld" else DEFAULT_BASE
    return Judge(DEFAULT_BASE, profile).documents([Document(text.encode(), form, name, base)])


def remedies(report: ValidationReport) -> list[tuple[str, str]]:
    page = write_report(report, "html", cap=0)
    return [(unescape(re.sub(r"<[^>]*>", "", lead)), unescape(text)) for lead, text in REMEDY.findall(page)]


def pasted(text: str, told: list[tuple[str, str]]) -> str:
    """The text after all that is told was done; whole lines before pieces of them, additions last."""
    rows, added = text.splitlines(), []
    for lead, written in sorted(told, key=lambda one: not one[0].startswith("Replace line")):
        if match := re.match(r"Replace line (\d+) by this", lead):
            rows[int(match[1]) - 1] = written
        elif match := re.match(r"In lines? ([\d, and]+), write this in place of (.*?)(?:, with your own .*)?:\Z", lead):
            for line in map(int, re.findall(r"\d+", match[1])):
                before, old, after = re.split(rf"(?<!\w)({re.escape(match[2])})", rows[line - 1])
                assert old
                rows[line - 1] = f"{before}{written}{after}"
        elif lead.startswith("Add this to the list “stated”"):
            line = next(number for number, row in enumerate(rows) if row.startswith("stated:"))
            rows[line] += "".join(f"\n  {row}" for row in written.splitlines())
        elif match := re.match(r"Add this as a new line before line (\d+), indented like it:", lead):
            old = rows[int(match[1]) - 1]
            rows[int(match[1]) - 1] = (
                "\n".join(f"{old[: len(old) - len(old.lstrip())]}{row}" for row in written.splitlines()) + f"\n{old}"
            )
        elif match := re.match(r"Add this as a new line after line (\d+)", lead):
            rows[int(match[1]) - 1] += f"\n{written}"
        elif lead.endswith((" at the end of the file:", " at the end:")):
            added.append(written)
        else:
            put_before(rows, lead, written)
    return "\n".join([*rows, *added])


def put_before(rows: list[str], lead: str, written: str) -> None:
    """As is told for RDF/XML."""
    match = re.match(r"Add this as a new line before line (\d+):", lead)
    if match or lead.endswith("before the last line (</rdf:RDF>):"):
        number = int(match[1]) - 1 if match else -1
        rows[number] = f"{written}\n{rows[number]}"


def graves(report: ValidationReport) -> set[tuple[str, str | None, str]]:
    return {
        (f.focus, f.path, f.shape) for f in report.findings if f.severity is Severity.VIOLATION and not f.vocabulary
    }


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("dataset-words.ttl", "fairmap"),
        ("dataset-values.ttl", "fairmap"),
        ("repository-keys.yaml", "fairmap"),
        ("hospital.ttl", "healthdcat-ap"),
        ("catalogue.ttl", "dcat-ap"),
    ],
)
def test_who_pastes_all_that_the_page_says_has_a_file_that_conforms(name: str, profile: str) -> None:
    text = (FILES / name).read_text()
    report = judged(name, text, profile)
    assert not report.conforms
    for old, new in CHOICES.get(name, {}).items():
        text = text.replace(old, new)
    for _ in range(4):
        text = pasted(text, remedies(judged(name, text, profile)))
        report = judged(name, text, profile)
    assert report.conforms, write_report(report, "text", severity=Severity.VIOLATION) + text


@pytest.mark.parametrize(
    ("name", "profile", "rounds"),
    [
        ("chest.ttl", "dcat-ap", 2),
        ("knee.ttl", "dcat-ap", 1),
        ("registry.rdf", "dcat-ap", 1),
        ("biobank.rdf", "healthdcat-ap", 1),
        ("cohort.jsonld", "healthdcat-ap", 1),
    ],
)
def test_who_mends_only_what_must_be_mended_is_soon_done(name: str, profile: str, rounds: int) -> None:
    text = (FILES / name).read_text()
    before = judged(name, text, profile)
    assert len(graves(before)) >= 7
    for _ in range(rounds):
        text = pasted(text, remedies(only_graves(judged(name, text, profile))))
    after = judged(name, text, profile)
    assert after.conforms, write_report(after, "text", severity=Severity.VIOLATION) + text


def only_graves(report: ValidationReport) -> ValidationReport:
    return replace(report, findings=tuple(f for f in report.findings if f.severity is Severity.VIOLATION))


@pytest.mark.parametrize(("name", "profile"), [("hospital.ttl", "healthdcat-ap"), ("catalogue.ttl", "dcat-ap")])
def test_no_remedy_for_a_wish_makes_a_fault(name: str, profile: str) -> None:
    text = (FILES / name).read_text()
    report = judged(name, text, profile)
    before = graves(report)
    wishes = ValidationReport(
        tuple(f for f in report.findings if f.severity is not Severity.VIOLATION), report.records, report.sources
    )
    assert remedies(wishes)
    for one in remedies(wishes):
        assert graves(judged(name, pasted(text, [one]), profile)) <= before, one


def test_a_file_that_cannot_be_read_gives_a_page_with_the_place_and_the_likely_cause(tmp_path: Path) -> None:
    path = tmp_path / "cut.ttl"
    text = (FILES / "dataset-values.ttl").read_text()
    path.write_text(text.replace('"forty" ;', "40"))
    done = CliRunner().invoke(main, ["validate", "--format", "html", str(path)])
    page = unescape(re.sub(r"<[^>]*>", "", done.stdout))
    assert done.exit_code == USAGE
    assert "Line 12 has no ; or . at its end." in page
    assert "13     h:minTypicalAge" in page
    assert "A dot is expected" in page
    told = CliRunner().invoke(main, ["validate", "--format", "json", str(path)])
    found = json.loads(told.stdout)
    assert told.exit_code == USAGE
    assert (found["error"], found["file"], found["line"]) == ("UnreadableInput", str(path), 13)
    assert found["cause"].startswith("Line 12 has no ; or . at its end.")
    assert "findings" not in found
    assert CliRunner().invoke(main, ["validate", "--format", "csv", str(path)]).stdout == ""


def test_a_country_that_the_table_does_not_list_is_a_warning_with_the_one_that_is_meant() -> None:
    text = (FILES / "dataset-words.ttl").read_text()
    given = text.replace('"Spain"', "<http://publications.europa.eu/resource/authority/country/SPAIN>")
    page = write_report(judged("lung.ttl", given, "fairmap"), "text")
    assert "Warning: Country (dct:spatial)" in page
    assert "dct:spatial <http://publications.europa.eu/resource/authority/country/ESP> ;" in page
    known = text.replace('"Spain"', "<http://publications.europa.eu/resource/authority/country/ESP>")
    assert "dct:spatial" not in write_report(judged("lung.ttl", known, "fairmap"), "text")


def test_a_concept_that_is_not_known_is_told_with_those_that_can_be_meant() -> None:
    text = (FILES / "repository-keys.yaml").read_text()
    told = write_report(judged("repository-keys.yaml", text, "fairmap"), "text")
    assert "- brain-mri" in told
    assert "Taken from your value “brainmri”: check it." in told
    assert "“ask-us” is not known here. What can be chosen: application, " in told
    assert "accessCondition: application" in told


def test_a_home_page_without_https_is_no_page_of_fairmap() -> None:
    text = (FILES / "repository-keys.yaml").read_text()
    told = write_report(judged("repository-keys.yaml", text, "fairmap"), "text")
    assert "Violation: Home page (foaf:homepage)" in told
    assert "            homepage: https://imagen-europe.com/" in told


def test_what_lies_in_no_record_is_told_once_with_its_lines_and_the_cause() -> None:
    text = (FILES / "dataset-values.ttl").read_text()
    told = write_report(judged("dataset-values.ttl", text, "fairmap"), "text")
    (box,) = re.findall(r"Lines 22 to 25 describe <\S*knee-mri-files>.*", told)
    assert "by a name that is not valid: mend that first" in box
    assert "In lines 18 and 22, write this in place of <https://w3id.org/fairmap/distribution/knee-mri-files>:" in told
    assert "<https://w3id.org/fairmap/distribution/knee-mri-1>" in told


def test_a_thing_that_was_renamed_in_one_line_only_is_told_with_both_names() -> None:
    text = (FILES / "dataset-values.ttl").read_text()
    half = text.replace(
        "distribution <https://w3id.org/fairmap/distribution/knee-mri-files>",
        "distribution <https://w3id.org/fairmap/distribution/knee-mri-1>",
    )
    told = write_report(judged("dataset-values.ttl", half, "fairmap"), "text")
    assert "It describes <https://w3id.org/fairmap/distribution/knee-mri-files>: if this is the one, write" in told
    assert "refers to <https://w3id.org/fairmap/distribution/knee-mri-1> (line 18), which is not described" in told


def test_the_page_names_file_profile_and_date_and_counts_alike_everywhere() -> None:
    report = judged("catalogue.ttl", (FILES / "catalogue.ttl").read_text(), "dcat-ap")
    page = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", write_report(report, "html", profile="dcat-ap"))))
    assert re.search(r"File: catalogue\.ttl\. Judged by dcat-ap, \d+ \w+ \d{4}", page)
    assert "5 must be mended 23 should be mended (voluntary)" in page
    assert "(5 violations, 23 warnings)" in write_report(report, "text")
    assert page.index("Catalog “catalog”, which has no title") < page.index("Brain MRI of 120 volunteers")
