"""A report as JSON values: for programs, and between fairmap's own processes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fairmap.model import Finding, Part, Place, Severity, Source, ValidationReport


def as_json(report: ValidationReport) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "conforms": report.conforms,
        "records": list(report.records),
        "findings": [_finding(found) for found in report.findings],
        "sources": [asdict(source) for source in report.sources],
    }


def from_json(value: dict[str, Any]) -> ValidationReport:
    """The report that :func:`as_json` wrote."""
    sources = (
        Source(source["name"], source["form"], _pairs(source["prefixes"]), _pairs(source["things"]))
        for source in value["sources"]
    )
    return ValidationReport(tuple(map(_read, value["findings"])), tuple(value["records"]), tuple(sources))


def _pairs(values: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first, second in values)


def _finding(found: Finding) -> dict[str, Any]:
    return {
        **vars(found),
        "severity": found.severity.value,
        "places": [asdict(place) for place in found.places],
        "parts": [{**vars(part), "findings": [_finding(inner) for inner in part.findings]} for part in found.parts],
    }


def _read(value: dict[str, Any]) -> Finding:
    parts = (Part(**{**part, "findings": tuple(map(_read, part["findings"]))}) for part in value["parts"])
    known = {name: value[name] for name in Finding.__dataclass_fields__}
    places = tuple(Place(**place) for place in value["places"])
    return Finding(**{**known, "severity": Severity(value["severity"]), "parts": tuple(parts), "places": places})
