"""The frozen values that the parts hand to each other."""

from fairmap.model.answer import Answer, Reader
from fairmap.model.record import Change, Record
from fairmap.model.report import Finding, Severity, ValidationReport

__all__ = ["Answer", "Change", "Finding", "Reader", "Record", "Severity", "ValidationReport"]
