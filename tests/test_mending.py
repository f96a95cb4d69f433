"""Broken files mended by somebody who knows nothing and pastes all that the page says: they conform, and nothing gets worse."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from fairmap.catalogue import Document
from fairmap.catalogue.judging import Judge
from fairmap.catalogue.reports import write_report
from fairmap.model import Severity, ValidationReport
from fairmap.namespaces import DEFAULT_BASE

FILES = Path(__file__).parent / "mending"
REMEDY = re.compile(r'<div class="remedy">\s*<p>(.*?)</p>\s*(?:<pre><code>(.*?)</code></pre>)?', re.DOTALL)
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
    form = "yamlld" if name.endswith(".yaml") else "turtle"
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
    return "\n".join([*rows, *added])


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
