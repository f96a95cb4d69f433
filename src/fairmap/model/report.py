"""A validation report: what was judged, and each finding in words and terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Severity(Enum):
    """SHACL's three severities. Source: SHACL 2.1.4."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"


@dataclass(frozen=True)
class Finding:
    """One result.

    :ivar record: IRI of the record the fault is in, or ``None`` when it lies in no record.
    :ivar focus: the focus node (IRI, or ``_:label`` for a blank node).
    :ivar path: the property (IRI, or a SPARQL path as text), or ``None`` for a fault of the node itself.
    :ivar value: the faulty value in N-Triples form, or ``None``.
    :ivar message: what is wrong and what to write instead.
    :ivar shape: IRI of the shape that judged, or a name of publish's own rules.
    :ivar component: IRI of the SHACL constraint component.
    """

    severity: Severity
    record: str | None
    focus: str
    path: str | None
    value: str | None
    message: str
    shape: str
    component: str


@dataclass(frozen=True)
class ValidationReport:
    """All findings about the records that were judged.

    :ivar records: IRIs of the records judged.
    """

    findings: tuple[Finding, ...] = ()
    records: tuple[str, ...] = field(default=())

    @property
    def conforms(self) -> bool:
        """No violation: warnings and infos are told, and do not refuse a record."""
        return not any(finding.severity is Severity.VIOLATION for finding in self.findings)

    def __add__(self, other: ValidationReport) -> ValidationReport:
        return ValidationReport(self.findings + other.findings, tuple(dict.fromkeys(self.records + other.records)))
