"""The frozen values that the parts hand to each other."""

from fairmap.model.answer import Answer, Reader
from fairmap.model.dated import Dated, Dates, moment_of, time_of
from fairmap.model.packed import Packed
from fairmap.model.record import Change, PackedRecord, Record
from fairmap.model.report import Finding, Part, Place, Severity, Source, ValidationReport

__all__ = [
    "Answer",
    "Change",
    "Dated",
    "Dates",
    "Finding",
    "Packed",
    "PackedRecord",
    "Part",
    "Place",
    "Reader",
    "Record",
    "Severity",
    "Source",
    "ValidationReport",
    "moment_of",
    "time_of",
]
