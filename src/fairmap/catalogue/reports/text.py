"""A report as text for a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fairmap.catalogue.reports.examples import with_name
from fairmap.catalogue.reports.groups import outline
from fairmap.catalogue.reports.remedies import remedy
from fairmap.catalogue.reports.words import part_name, problem, property_code, property_name
from fairmap.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.catalogue.reports.groups import Case, Group, Outline, Section
    from fairmap.model import Finding, Source, ValidationReport


def as_text(report: ValidationReport, severity: Severity | None, cap: int) -> str:
    """The report as lines; findings below ``severity`` are left out, equal ones told once."""
    return "\n".join(_lines(report, severity, cap)) + "\n"


def verdict(report: ValidationReport, found: Outline, severity: Severity | None = None) -> str:
    """How many records, whether they conform, and how many things there are to mend."""
    word = "conforms" if report.conforms_at(severity or Severity.VIOLATION) else "does not conform"
    counts = {level: found.count(level) for level in Severity}
    told = ", ".join(f"{count} {level.value.lower()}{'s' * (count != 1)}" for level, count in counts.items() if count)
    number = len(report.records)
    return f"{number} record{'s' * (number != 1)}: {word}{f' ({told})' if told else ''}"


def _lines(report: ValidationReport, severity: Severity | None, cap: int) -> Iterator[str]:
    found = outline(report, severity=severity or Severity.INFO, cap=cap)
    yield verdict(report, found, severity)
    sources = {source.name: source for source in report.sources}
    for section in found.sections:
        yield ""
        title = heading(section)
        yield f"{title} <{section.record}>" if section.kind == "record" else f"{title[:1].lower()}{title[1:]}"
        for group in section.groups:
            yield from _group(group, sources)
    if found.left_out:
        yield ""
        for shape, count in found.left_out.items():
            yield f"{count} more by the rule {shape}; --cap 0 or another format tells all"


def heading(section: Section) -> str:
    """What a section is called: the record's title, else its class and the end of its IRI."""
    if section.kind == "record":
        return section.title or f"{section.of} “{_end(section.record or '')}”, which has no title"
    return {
        "many": "In many records",
        "none": "In no record",
        "vocabulary": "In vocabularies and tables that came along; not the records' fault",
    }[section.kind]


def _end(iri: str) -> str:
    return re.split(r"[/#]", iri.rstrip("/"))[-1]


def _group(group: Group, sources: dict[str, Source]) -> Iterator[str]:
    found = group.finding
    part = part_name(found)
    code = property_code(found)
    name = f"{property_name(found)} ({code})" if code else property_name(found)
    times = f", {group.total} times" if group.total > 1 else ""
    yield f"  {found.severity.value}: {name}{f' of the {part}' if part else ''}{times}"
    for case in group.cases:
        yield from _case(case, in_group=len(group.cases) > 1)
    if group.total > len(group.cases):
        yield f"    and {group.total - len(group.cases)} more"
    if wrong := problem(found):
        yield f"    wrong:  {wrong}"
    yield from _parts(found, "    ")
    yield f"    remedy: {with_name(found)}"
    source = sources.get(found.place.source) if found.place else None
    if len(group.cases) == 1 and found.place is not None and (way := remedy(found, source, group.cases[0].others)):
        yield f"    write:  {way.lead}"
        yield from (f"            {line}" for line in way.text.splitlines())
        if way.hint:
            yield f"    note:   {way.hint}"
    yield f"    rule:   {found.shape}"
    for other in group.cases[0].others if len(group.cases) == 1 else ():
        yield f"    also:   {other.severity.value}: {other.message}"


def _case(case: Case, *, in_group: bool) -> Iterator[str]:
    found = case.finding
    where = ", ".join(f"{place.source}:{place.line}" for place in found.places)
    if in_group:
        named = found.record if found.record == found.focus or found.focus.startswith("_:") else found.focus
        yield f"    at:     {' '.join(filter(None, (where, named, found.value)))}"
        return
    if found.focus not in {found.record, None} and not found.focus.startswith("_:"):
        yield f"    of:     {found.focus}"
    if where:
        yield f"    where:  {where}"
    if found.value is not None:
        yield f"    value:  {found.value}"


def _parts(found: Finding, indent: str) -> Iterator[str]:
    """Which of the inner shapes fits, and why the others do not."""
    for number, part in enumerate(found.parts, 1):
        yield f"{indent}part:   {part.name or number}: {'fits' if part.conforms else 'does not fit'}"
        for inner in part.findings:
            name = f"{property_name(inner)}: " if inner.path else ""
            yield f"{indent}        {name}{inner.message}"
            yield from _parts(inner, f"{indent}  ")
