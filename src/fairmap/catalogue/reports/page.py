"""A report as a page that stands alone, and as a part of another page. No script, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from fairmap.catalogue.reports.examples import rule
from fairmap.catalogue.reports.groups import CAP, outline
from fairmap.catalogue.reports.remedies import piece, remedy
from fairmap.catalogue.reports.same_line import by_line, marked
from fairmap.catalogue.reports.text import heading, verdict
from fairmap.catalogue.reports.words import PRIORITIES, part_name, problem, property_code, property_name, value_text
from fairmap.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Environment

    from fairmap.catalogue.reports.groups import Case, Group, Section
    from fairmap.catalogue.reports.remedy import Remedy
    from fairmap.model import Finding, Place, Source, ValidationReport

_WEB: Final = re.compile(r"https?://\S+\Z")
_CODE: Final = re.compile(r"(<[^<>\s]+>|https?://[^\s<>“”]*[^\s<>“”.,;:)]|\b(?:[a-z][\w-]*):[A-Za-z]\w+(?![\w:/]))")
_OPENING: Final = 70
_FILES: Final = 5
_HOW: Final = (
    "Start at the top: what must be mended comes first. "
    "Each box says what is wrong, shows the line of the file, and gives what to write."
)


def as_page(report: ValidationReport, severity: Severity | None, cap: int, profile: str = "") -> str:
    """The report as a whole page.

    :param profile: what it was judged by.
    """
    when = f"{datetime.now(UTC):%d %B %Y}".lstrip("0")
    return alone("report_alone.html", **_context(report, severity, cap), profile=profile, when=when)


def alone(template: str, **context: Any) -> str:
    """A whole page; a content security policy in it lets nothing but its own style sheet work."""
    style = stylesheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _templates().get_template(template).render(context, style=style, style_digest=digest)


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
        "heading": heading,
        "beginning": _beginning,
        "warning": Severity.WARNING,
        "anchor": "report-",
        "href": lambda iri: iri if iri and _WEB.match(iri) else None,
    }
    environment.filters |= {
        "sentence": _sentence,
        "opening": _opening,
        "one_of_each_line": _one_of_each_line,
        "by_line": by_line,
    }
    return environment


def _sentence(text: str) -> Markup:
    """A sentence in which web addresses and Turtle are marked as code."""
    parts = re.split(_CODE, text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in enumerate(parts)
    )


def _beginning(section: Section) -> Place | None:
    """Where the record of a section begins, when one of its faults tells: that one has no line of its own."""
    own = (group.finding for group in section.groups if group.finding.focus == section.record)
    return next((found.place for found in own if found.place and found.place.what == "node"), None)


def _opening(text: str) -> str:
    """The beginning of a line."""
    return text if len(text) <= _OPENING else f"{text[:_OPENING].rsplit(' ', 1)[0]} …"


def _one_of_each_line(places: Iterable[Place]) -> list[Place]:
    """The places, each line once."""
    return list({(place.source, place.line): place for place in reversed(tuple(places))}.values())[::-1]


def _context(report: ValidationReport, severity: Severity | None, cap: int) -> dict[str, Any]:
    sources = {source.name: source for source in report.sources}

    def piece_of(finding: Finding, place: Place) -> tuple[str, str, str]:
        return piece(finding, sources.get(place.source), place)

    def way(case: Case) -> Remedy | None:
        place = case.finding.place
        source = sources.get(place.source) if place else _only(report)
        return remedy(case.finding, source, case.others)

    found = outline(report, severity=severity or Severity.INFO, cap=cap)
    counts = {level: found.count(level) for level in Severity}
    return {
        "outline": found,
        "counts": counts,
        "conforms": report.conforms_at(severity or Severity.VIOLATION),
        "verdict": verdict(report, found, severity).partition(" (")[0],
        "records": report.records,
        "remedy": way,
        "piece": piece_of,
        "marked": lambda groups: marked([piece_of(f, place) for f in _findings(groups) for place in f.places]),
        "names": list(sources)[:_FILES],
        "how": _HOW,
        "files": len(sources),
    }


def _findings(groups: Iterable[Group]) -> Iterator[Finding]:
    return (case.finding for group in groups for case in group.cases)


def _only(report: ValidationReport) -> Source | None:
    """The document, when there is one: a fault without a place can only be in it."""
    return report.sources[0] if len(report.sources) == 1 else None
