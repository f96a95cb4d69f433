"""A report in the XML form of JUnit, which build servers show: a test case for each record and each fault that lies in none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from fairmap.catalogue.reports.words import problem, property_code, property_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fairmap.model import Finding, Severity, ValidationReport

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""


def as_junit(report: ValidationReport, threshold: Severity) -> str:
    """A case fails by each finding that reaches the threshold; the others are told as its output."""
    own: dict[str | None, list[Finding]] = {record: [] for record in report.records}
    foreign = []
    for found in report.findings:
        if found.vocabulary:
            foreign.append(found)
        else:
            own.setdefault(found.record, []).append(found)
    suite = Element("testsuite", name="fairmap validate")
    for record, findings in own.items():
        _case(suite, record or "in no record", findings, threshold)
    if foreign:
        case = SubElement(suite, "testcase", classname="vocabularies", name="in vocabularies that came along")
        SubElement(case, "system-out").text = _lines(foreign)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in suite)))
    suite.set("errors", "0")
    root = Element("testsuites", dict(suite.attrib))
    root.append(suite)
    indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{tostring(root, encoding='unicode')}\n"


def _case(suite: Element, record: str, findings: list[Finding], threshold: Severity) -> None:
    title = next((found.title for found in findings if found.title), None)
    case = SubElement(suite, "testcase", classname="records", name=_clean(f"{title} <{record}>" if title else record))
    place = next((found.place for found in findings if found.place), None)
    if place:
        case.set("file", _clean(place.source))
        case.set("line", str(place.line))
    graver = [found for found in findings if found.severity.reaches(threshold)]
    for found in graver:
        failure = SubElement(case, "failure", type=found.component, message=_clean(_headline(found)))
        failure.text = _lines([found])
    rest = [found for found in findings if not found.severity.reaches(threshold)]
    if rest:
        SubElement(case, "system-out").text = _lines(rest)


def _headline(found: Finding) -> str:
    where = f" ({found.place.source}:{found.place.line})" if found.place else ""
    return f"{property_name(found)}: {problem(found) or found.message}{where}"


def _lines(findings: Iterable[Finding]) -> str:
    rows = []
    for found in findings:
        where = f"{found.place.source}:{found.place.line}: " if found.place else ""
        code = property_code(found)
        value = f" {found.value}" if found.value is not None else ""
        rows.append(f"{where}{found.severity.value}: {code}{value}: {found.message} [{found.shape}]")
    return _clean("\n".join(rows))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
