"""Judging staged records beside what they point to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from fairmap.model import ValidationReport
from fairmap.namespaces import is_vocabulary, record_of
from fairmap.shacl import ENGINES, Shapes, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Quad

    from fairmap.model import Record


def objects_of(records: Mapping[str, Record]) -> set[NamedNode]:
    """The IRIs that records point to."""
    return {quad.object for record in records.values() for quad in record.quads if isinstance(quad.object, NamedNode)}


def pointed_to(records: Mapping[str, Record]) -> set[str]:
    """The IRIs that records point to and say nothing about."""
    described = {quad.subject for record in records.values() for quad in record.quads}
    return {node.value for node in objects_of(records) if node not in described}


def judge_records(
    records: Mapping[str, Record],
    context: Iterable[Quad],
    shapes: Shapes,
    base_iri: str,
    *,
    engine: str = ENGINES[0],
) -> ValidationReport:
    """What is wrong with records.

    :param context: what is known about what they point to.
    """
    if not any(not is_vocabulary(iri) for iri in records):
        return ValidationReport(records=tuple(records))
    data = [quad for record in records.values() for quad in record.quads]
    found = validate([*data, *context], shapes, lambda iri: record_of(iri, base_iri), engine=engine)
    alone = not any(map(is_vocabulary, records))
    findings = (
        replace(finding, vocabulary=True) if finding.record is None and alone else finding
        for finding in found.findings
        if finding.record in records or finding.record is None
    )
    return ValidationReport(tuple(findings), tuple(records))
