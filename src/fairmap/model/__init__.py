"""The frozen values that the parts hand to each other."""

from fairmap.model.answer import Answer, Reader
from fairmap.model.packed import Packed
from fairmap.model.record import Change, PackedRecord, Record
from fairmap.model.report import Finding, Severity, ValidationReport

__all__ = ["Answer", "Change", "Finding", "Packed", "PackedRecord", "Reader", "Record", "Severity", "ValidationReport"]
