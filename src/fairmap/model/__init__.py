"""The frozen values that the parts hand to each other."""

from fairmap.model.answer import Answer, Reader
from fairmap.model.dated import Dated, Dates, moment_of, time_of
from fairmap.model.packed import Packed
from fairmap.model.record import Change, PackedRecord, Record
from fairmap.model.report import Finding, Part, Place, Severity, Source, ValidationReport
from fairmap.model.search import Count, Found, FoundRecord, Search, Suggestion, Why

__all__ = [
    "Answer",
    "Change",
    "Count",
    "Dated",
    "Dates",
    "Finding",
    "Found",
    "FoundRecord",
    "Packed",
    "PackedRecord",
    "Part",
    "Place",
    "Reader",
    "Record",
    "Search",
    "Severity",
    "Source",
    "Suggestion",
    "ValidationReport",
    "Why",
    "moment_of",
    "time_of",
]
