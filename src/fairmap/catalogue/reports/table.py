"""A report as rows of CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from fairmap.catalogue.reports.remedies import remedy
from fairmap.catalogue.reports.words import problem, property_code, property_name

if TYPE_CHECKING:
    from fairmap.model import Finding, Source, ValidationReport

_COLUMNS: Final = (
    "severity",
    "record",
    "title",
    "focus",
    "property",
    "path",
    "value",
    "problem",
    "message",
    "remedy",
    "file",
    "line",
    "shape",
    "component",
    "vocabulary",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell."""


def as_csv(report: ValidationReport) -> str:
    """A row for each finding. Source: RFC 4180."""
    buffer = io.StringIO()
    rows = csv.writer(buffer)
    rows.writerow(_COLUMNS)
    sources = {source.name: source for source in report.sources}
    for found in report.findings:
        rows.writerow(map(_safe, _row(found, sources)))
    return buffer.getvalue()


def _row(found: Finding, sources: dict[str, Source]) -> list[str]:
    place = found.place
    way = remedy(found, sources.get(place.source) if place else None)
    return [
        found.severity.value,
        found.record or "",
        found.title or "",
        found.focus,
        property_name(found),
        property_code(found),
        found.value or "",
        problem(found),
        found.message,
        " ".join(filter(None, (way.lead, way.text))) if way else "",
        place.source if place else "",
        str(place.line) if place else "",
        found.shape,
        found.component,
        str(found.vocabulary).lower(),
    ]


def _safe(cell: str) -> str:
    """The cell as text for spreadsheets, too: what begins like a formula has an apostrophe before it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
