"""Validation reports for people and machines: text, JSON, and RDF as SHACL defines it."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.errors import UsageError
from fairmap.model import Finding, Severity, ValidationReport
from fairmap.namespaces import RDF, SH, XSD, compact
from fairmap.rdf import FORMATS, by_name, serialise
from fairmap.store.literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORT_FORMATS: Final = ("text", "json", "turtle", "jsonld")


def write_report(report: ValidationReport, form: str) -> str:
    """The report as a document.

    :param form: one of :data:`REPORT_FORMATS`; RDF and JSON are complete, text groups equal faults.
    :raises UsageError: for another form.
    """
    if form == "text":
        return "\n".join(_text(report)) + "\n"
    if form == "json":
        return json.dumps(as_json(report), indent=2, ensure_ascii=False) + "\n"
    if form in {"turtle", "jsonld"}:
        return serialise(_triples(report), by_name(form, FORMATS)).decode()
    raise UsageError(f"there is no report format {form!r}", expected=", ".join(REPORT_FORMATS))


def as_json(report: ValidationReport) -> dict[str, Any]:
    """The report as JSON values."""
    findings = [{**vars(finding), "severity": finding.severity.value} for finding in report.findings]
    return {"conforms": report.conforms, "records": list(report.records), "findings": findings}


def from_json(value: dict[str, Any]) -> ValidationReport:
    """The report that :func:`as_json` wrote."""
    findings = tuple(Finding(**{**found, "severity": Severity(found["severity"])}) for found in value["findings"])
    return ValidationReport(findings, tuple(value["records"]))


def _text(report: ValidationReport) -> Iterator[str]:
    counts = {severity: sum(f.severity is severity for f in report.findings) for severity in Severity}
    verdict = "conforms" if report.conforms else "does not conform"
    told = ", ".join(
        f"{count} {severity.value.lower()}{'s' * (count != 1)}" for severity, count in counts.items() if count
    )
    yield f"{len(report.records)} record{'s' * (len(report.records) != 1)}: {verdict}{f' ({told})' if told else ''}"
    ordered = sorted(report.findings, key=lambda f: f.record or "")
    for record, findings in groupby(ordered, key=lambda f: f.record):
        yield ""
        yield f"{record or 'in no record'}"
        for finding in findings:
            yield from _finding_text(finding)


def _finding_text(finding: Finding) -> Iterator[str]:
    path = "" if finding.path is None else compact(finding.path)
    node = "" if finding.focus == finding.record else f" of {finding.focus}"
    yield f"  {finding.severity.value}: {path or 'the record'}{node}"
    if finding.value is not None:
        yield f"    value:  {finding.value}"
    yield f"    remedy: {finding.message}"
    yield f"    rule:   {finding.shape}"


def _triples(report: ValidationReport) -> Iterator[Triple]:
    """The report as a graph. Source: SHACL 3.6."""
    node = BlankNode("report")
    kind = NamedNode(f"{RDF}type")
    yield Triple(node, kind, NamedNode(f"{SH}ValidationReport"))
    conforms = Literal(str(report.conforms).lower(), datatype=NamedNode(f"{XSD}boolean"))
    yield Triple(node, NamedNode(f"{SH}conforms"), conforms)
    for number, finding in enumerate(report.findings, 1):
        result = BlankNode(f"r{number}")
        yield Triple(node, NamedNode(f"{SH}result"), result)
        yield Triple(result, kind, NamedNode(f"{SH}ValidationResult"))
        yield Triple(result, NamedNode(f"{SH}focusNode"), _node(finding.focus))
        yield Triple(result, NamedNode(f"{SH}resultSeverity"), NamedNode(f"{SH}{finding.severity.value}"))
        yield Triple(result, NamedNode(f"{SH}resultMessage"), Literal(finding.message, language="en"))
        yield Triple(result, NamedNode(f"{SH}sourceShape"), _node(finding.shape))
        yield Triple(result, NamedNode(f"{SH}sourceConstraintComponent"), _node(finding.component))
        if finding.path is not None and not any(sign in finding.path for sign in "<(^|"):
            yield Triple(result, NamedNode(f"{SH}resultPath"), NamedNode(finding.path))
        if finding.value is not None:
            yield Triple(result, NamedNode(f"{SH}value"), _term(finding.value))


def _node(name: str) -> NamedNode | BlankNode:
    return BlankNode(name.removeprefix("_:")) if name.startswith("_:") else NamedNode(name)


def _term(text: str) -> NamedNode | BlankNode | Literal:
    if text.startswith("<"):
        return NamedNode(text[1:-1])
    return BlankNode(text.removeprefix("_:")) if text.startswith("_:") else literal(text)
