"""A report as a document in the form that is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from fairmap.catalogue.reports.exchange import as_json
from fairmap.catalogue.reports.graph import triples
from fairmap.catalogue.reports.groups import CAP
from fairmap.catalogue.reports.junit import as_junit
from fairmap.catalogue.reports.page import as_page
from fairmap.catalogue.reports.sarif import as_sarif
from fairmap.catalogue.reports.table import as_csv
from fairmap.catalogue.reports.text import as_text
from fairmap.errors import UsageError
from fairmap.model import Severity
from fairmap.rdf import FORMATS, by_name, serialise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fairmap.model import ValidationReport

REPORT_MEDIA_TYPES: Final = {
    "text": "text/plain",
    "html": "text/html",
    "turtle": "text/turtle",
    "jsonld": "application/ld+json",
    "json": "application/json",
    "csv": "text/csv",
    "sarif": "application/sarif+json",
    "junit": "application/xml",
}
"""The media type of each form."""
REPORT_FORMATS: Final = tuple(REPORT_MEDIA_TYPES)


def write_report(
    report: ValidationReport, form: str, *, severity: Severity | None = None, cap: int = CAP, profile: str = ""
) -> str:
    """The report as a document.

    :param form: one of :data:`REPORT_FORMATS`; text and HTML group equal faults, the others are complete.
    :param severity: what does not conform, and what text and HTML show; ``None``: violations, and everything.
    :param cap: how many faults of one shape text and HTML tell one by one; 0: all.
    :param profile: what it was judged by, for the page.
    :raises UsageError: for another form.
    """
    if form == "text":
        return as_text(report, severity, cap)
    if form == "html":
        return as_page(report, severity, cap, profile)
    write = _COMPLETE.get(form)
    if write is None:
        raise UsageError(f"there is no report format {form!r}", expected=", ".join(REPORT_FORMATS))
    return write(report, severity or Severity.VIOLATION)


def _json(report: ValidationReport, threshold: Severity) -> str:
    document = {**as_json(report), "conforms": report.conforms_at(threshold)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _turtle(report: ValidationReport, threshold: Severity) -> str:
    return serialise(triples(report, threshold), by_name("turtle", FORMATS)).decode()


def _jsonld(report: ValidationReport, threshold: Severity) -> str:
    return serialise(triples(report, threshold), by_name("jsonld", FORMATS)).decode()


_COMPLETE: Final[Mapping[str, Callable[[ValidationReport, Severity], str]]] = {
    "turtle": _turtle,
    "jsonld": _jsonld,
    "json": _json,
    "csv": lambda report, _: as_csv(report),
    "sarif": lambda report, _: as_sarif(report),
    "junit": as_junit,
}
