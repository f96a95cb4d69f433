"""A report as a page that stands alone, and as a part of another page. No script, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from fairmap.catalogue.reports.examples import rule
from fairmap.catalogue.reports.groups import CAP, outline
from fairmap.catalogue.reports.remedies import remedy
from fairmap.catalogue.reports.text import verdict
from fairmap.catalogue.reports.words import PRIORITIES, part_name, problem, property_code, property_name, value_text
from fairmap.model import Severity

if TYPE_CHECKING:
    from jinja2 import Environment

    from fairmap.catalogue.reports.groups import Case
    from fairmap.catalogue.reports.remedies import Remedy
    from fairmap.model import Source, ValidationReport

_WEB: Final = re.compile(r"https?://\S+\Z")
_HOW: Final = (
    "Start at the top: what must be mended comes first. "
    "Each box says what is wrong, shows the line of the file, and gives what to write."
)


def as_page(report: ValidationReport, severity: Severity | None, cap: int) -> str:
    """The report as a whole page; a content security policy in it lets nothing but its own style sheet work."""
    style = stylesheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    context = _context(report, severity, cap)
    return _templates().get_template("report_alone.html").render(context, style=style, style_digest=digest)


def as_fragment(report: ValidationReport, *, severity: Severity | None = None, cap: int = CAP) -> str:
    """The inside of the page, for another one: HTML that begins with a heading of the second level; style: :func:`stylesheet`."""
    return _templates().get_template("report.html").render(_context(report, severity, cap))


def stylesheet() -> str:
    """What the report looks like; all rules are for what lies in ``.report``."""
    source, _, _ = _templates().loader.get_source(_templates(), "report.css")  # type: ignore[union-attr]
    return source


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader  # noqa: PLC0415 - a third of what a command takes to start

    loader = PackageLoader("fairmap.catalogue.reports", "templates")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {
        "property_name": property_name,
        "property_code": property_code,
        "part_name": part_name,
        "problem": problem,
        "rule": rule,
        "value_text": value_text,
        "priorities": PRIORITIES,
        "href": lambda iri: iri if iri and _WEB.match(iri) else None,
    }
    return environment


def _context(report: ValidationReport, severity: Severity | None, cap: int) -> dict[str, Any]:
    sources = {source.name: source for source in report.sources}

    def way(case: Case) -> Remedy | None:
        place = case.finding.place
        source = sources.get(place.source) if place else _only(report)
        return remedy(case.finding, source, case.others)

    found = outline(report, severity=severity or Severity.INFO, cap=cap)
    counts = {
        level: sum(section.count(level) for section in found.sections if section.kind != "vocabulary")
        for level in Severity
    }
    return {
        "outline": found,
        "counts": counts,
        "conforms": report.conforms_at(severity or Severity.VIOLATION),
        "verdict": verdict(report, severity),
        "records": report.records,
        "remedy": way,
        "how": _HOW,
        "files": len(sources),
    }


def _only(report: ValidationReport) -> Source | None:
    """The document, when there is one: a fault without a place can only be in it."""
    return report.sources[0] if len(report.sources) == 1 else None
