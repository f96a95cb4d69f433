"""A report as SHACL defines it. Source: SHACL 3.6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.catalogue.reports.words import term_of
from fairmap.namespaces import RDF, SH, XSD
from fairmap.store.literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.model import Finding, Severity, ValidationReport

_TYPE: Final = NamedNode(f"{RDF}type")
_IN_PATHS: Final = "<(^|"


def triples(report: ValidationReport, threshold: Severity) -> Iterator[Triple]:
    """All results; it conforms when none of the records' own reaches the threshold."""
    node = BlankNode("report")
    yield Triple(node, _TYPE, NamedNode(f"{SH}ValidationReport"))
    conforms = str(report.conforms_at(threshold)).lower()
    yield Triple(node, NamedNode(f"{SH}conforms"), Literal(conforms, datatype=NamedNode(f"{XSD}boolean")))
    for number, finding in enumerate(report.findings, 1):
        yield Triple(node, NamedNode(f"{SH}result"), BlankNode(f"r{number}"))
        yield from _result(finding, f"r{number}")


def _result(finding: Finding, label: str) -> Iterator[Triple]:
    result = BlankNode(label)
    yield Triple(result, _TYPE, NamedNode(f"{SH}ValidationResult"))
    yield Triple(result, NamedNode(f"{SH}focusNode"), _focus(finding.focus))
    yield Triple(result, NamedNode(f"{SH}resultSeverity"), NamedNode(f"{SH}{finding.severity.value}"))
    yield Triple(result, NamedNode(f"{SH}resultMessage"), Literal(finding.message, language="en"))
    yield Triple(result, NamedNode(f"{SH}sourceShape"), _node(finding.shape))
    yield Triple(result, NamedNode(f"{SH}sourceConstraintComponent"), _node(finding.component))
    if finding.path is not None and not any(sign in finding.path for sign in _IN_PATHS):
        yield Triple(result, NamedNode(f"{SH}resultPath"), NamedNode(finding.path))
    if finding.value is not None:
        yield Triple(result, NamedNode(f"{SH}value"), term_of(finding.value))
    details = (inner for part in finding.parts for inner in part.findings)
    for number, inner in enumerate(details, 1):
        yield Triple(result, NamedNode(f"{SH}detail"), BlankNode(f"{label}d{number}"))
        yield from _result(inner, f"{label}d{number}")


def _node(name: str) -> NamedNode | BlankNode:
    return BlankNode(name.removeprefix("_:")) if name.startswith("_:") else NamedNode(name)


def _focus(name: str) -> NamedNode | BlankNode | Literal:
    """A focus node; in details it can be a value."""
    return literal(name) if name.startswith('"') else _node(name)
