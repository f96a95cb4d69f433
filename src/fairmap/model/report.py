"""A validation report: what was judged, and each finding in words and terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Severity(Enum):
    """SHACL's three severities, the gravest first. Source: SHACL 2.1.4."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"

    def reaches(self, threshold: Severity) -> bool:
        """Whether it is as grave as the threshold, or graver."""
        order = list(Severity)
        return order.index(self) <= order.index(threshold)


@dataclass(frozen=True)
class Source:
    """A document that was judged.

    :ivar form: name of its format.
    :ivar prefixes: the prefixes that it declares, with their namespaces.
    :ivar things: some of the things that it describes: IRI of the class, IRI of the thing.
    """

    name: str
    form: str
    prefixes: tuple[tuple[str, str], ...] = ()
    things: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a finding comes from in a document.

    :ivar line: counted from 1.
    :ivar text: what stands there.
    :ivar what: ``value``, ``property`` (with other values, or another one than is meant) ``node`` (the first line about it) or
        ``beside`` (what the value is held against).
    :ivar value: the value that stands there in N-Triples form, where it is not the finding's own.
    """

    source: str
    line: int
    text: str
    what: str = "value"
    value: str | None = None


@dataclass(frozen=True)
class Part:
    """A shape that a value was held against, as ``sh:or``, ``sh:node`` and the like name them.

    :ivar name: what the shape is called, where it has a name.
    :ivar value: the value in N-Triples form.
    :ivar findings: why the value does not conform; empty when it does.
    """

    shape: str
    name: str | None
    value: str | None
    conforms: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One result.

    :ivar record: IRI of the record the fault is in, or ``None`` when it lies in no record.
    :ivar focus: the focus node (IRI, ``_:label`` for a blank node, or a literal in N-Triples form).
    :ivar path: the property (IRI, or a SPARQL path as text), or ``None`` for a fault of the node itself.
    :ivar value: the faulty value in N-Triples form, or ``None``.
    :ivar message: what is wrong and what to write instead.
    :ivar shape: IRI of the shape that judged, or a name of publish's own rules.
    :ivar component: IRI of the SHACL constraint component.
    :ivar name: what the shape calls the property.
    :ivar title: what the record is called.
    :ivar kind: IRI of a class of the focus node.
    :ivar example: a term in N-Triples form that the shape would take, where it tells one.
    :ivar parts: the shapes that the value was held against, and why it does not conform to them.
    :ivar vocabulary: it is about a term of a vocabulary or table that came along, not about the record that uses it.
    :ivar places: where it comes from, when the document tells; more than one for values that are too many.
    """

    severity: Severity
    record: str | None
    focus: str
    path: str | None
    value: str | None
    message: str
    shape: str
    component: str
    name: str | None = None
    title: str | None = None
    kind: str | None = None
    example: str | None = None
    parts: tuple[Part, ...] = ()
    vocabulary: bool = False
    places: tuple[Place, ...] = ()

    @property
    def place(self) -> Place | None:
        """The first place."""
        return self.places[0] if self.places else None


@dataclass(frozen=True)
class ValidationReport:
    """All findings about the records that were judged.

    :ivar records: IRIs of the records judged.
    :ivar sources: the documents, where their lines were kept.
    """

    findings: tuple[Finding, ...] = ()
    records: tuple[str, ...] = field(default=())
    sources: tuple[Source, ...] = field(default=())

    @property
    def conforms(self) -> bool:
        """No violation: warnings and infos are told, and do not refuse a record."""
        return self.conforms_at(Severity.VIOLATION)

    def conforms_at(self, threshold: Severity) -> bool:
        """No finding as grave as the threshold; a vocabulary that came along is not the records' fault."""
        return not any(found.severity.reaches(threshold) and not found.vocabulary for found in self.findings)

    def __add__(self, other: ValidationReport) -> ValidationReport:
        return ValidationReport(
            self.findings + other.findings,
            tuple(dict.fromkeys(self.records + other.records)),
            tuple(dict.fromkeys(self.sources + other.sources)),
        )
