"""Validation reports for people and machines."""

from fairmap.catalogue.reports.exchange import as_json, from_json
from fairmap.catalogue.reports.page import as_fragment, stylesheet
from fairmap.catalogue.reports.unreadable import as_unreadable
from fairmap.catalogue.reports.write import REPORT_FORMATS, REPORT_MEDIA_TYPES, write_report

__all__ = [
    "REPORT_FORMATS",
    "REPORT_MEDIA_TYPES",
    "as_fragment",
    "as_json",
    "as_unreadable",
    "from_json",
    "stylesheet",
    "write_report",
]
