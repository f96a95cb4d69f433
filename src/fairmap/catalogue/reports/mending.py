"""The right value made of the wrong one, where only its form is wrong and one reading is possible."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from fairmap.catalogue.reports.examples import Example, example, from_text
from fairmap.namespaces import FOAF, XSD
from fairmap.shacl.datatypes import is_well_formed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.model import Finding

    Term = NamedNode | BlankNode | Literal

_WEB: Final = re.compile(r"(?:https?://|mailto:|urn:|doi:)\S+\Z")
_MAIL: Final = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+\Z")
_DAY_FIRST: Final = re.compile(
    r"(?P<day>1[3-9]|2[0-9]|3[01])[-./](?P<month>0?[1-9]|1[0-2])[-./](?P<year>[12][0-9]{3})\Z"
)
_YEAR_FIRST: Final = re.compile(
    r"(?P<year>[12][0-9]{3})[-./](?P<month>0?[1-9]|1[0-2])[-./](?P<day>0?[1-9]|[12][0-9]|3[01])\Z"
)
_EITHER: Final = re.compile(
    r"(?P<day>0?[1-9]|1[0-2])(?P<sign>[-./])(?P<month>0?[1-9]|1[0-2])(?P=sign)(?P<year>[12][0-9]{3})\Z"
)
_PART: Final = re.compile(r"[12][0-9]{3}(?P<month>-(?:0[1-9]|1[0-2]))?\Z")
_MONTH: Final = re.compile(r"(?P<month>[A-Za-z]{3,9})\.?,? (?P<year>[12][0-9]{3})\Z")
_MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_NAME: Final = NamedNode(f"{FOAF}name")
_AGENT: Final = re.compile(r"together with \S+ a foaf:Agent\b")


def mended(given: Term, found: Example) -> Example | None:
    """The given value as the example shows it: with a type or language that was missing, or as a link in place of text."""
    wanted = found.statement.object
    term = None if isinstance(wanted, BlankNode) else _term(given, wanted)
    if term is None:
        return None
    return Example(found.predicate, str(term), (Quad(Example.node, found.statement.predicate, term),))


def dated(given: Term, found: Example) -> tuple[Example, str] | None:
    """A date in words or in an order that can be read two ways, in the form of the standard, and what to say of it."""
    wanted = found.statement.object
    if not isinstance(given, Literal) or not isinstance(wanted, Literal) or wanted.datatype.value != f"{XSD}date":
        return None
    text = given.value.strip()
    if match := _EITHER.match(text):
        day, month = int(match["day"]), int(match["month"])
        first, second = f"{match['year']}-{month:02}-{day:02}", f"{match['year']}-{day:02}-{month:02}"
        other = f" If the month stands first, write {second} in place of {first}." if first != second else ""
        return _typed(
            found, first, "date"
        ), f"Taken from your value “{text}”, read as day, month, year: check it.{other}"
    if (match := _MONTH.match(text)) and (month := _month(match["month"])):
        written = f"{match['year']}-{month:02}"
        return _typed(found, written, "gYearMonth"), f"Taken from your value “{text}”: check it."
    if match := _PART.match(text):
        return _typed(
            found, text, "gYearMonth" if match["month"] else "gYear"
        ), f"Taken from your value “{text}”: check it."
    return None


def _month(name: str) -> int:
    """The number of a month by its English name or the first letters of it; 0 for another word."""
    return next((number for number, full in enumerate(_MONTHS, 1) if full.startswith(name.lower())), 0)


def _typed(found: Example, text: str, kind: str) -> Example:
    term = Literal(text, datatype=NamedNode(f"{XSD}{kind}"))
    return Example(found.predicate, str(term), (Quad(Example.node, found.statement.predicate, term),))


def described(given: Term, findings: Sequence[Finding]) -> Example | None:
    """A nested description with the given text as its name, where a message shows one or asks for a person or organisation."""
    if not isinstance(given, Literal) or _WEB.match(given.value):
        return None
    for finding in findings:
        found = example(finding)
        names = [quad.object for quad in found.quads if quad.predicate == _NAME] if found else []
        if found and isinstance(found.statement.object, BlankNode) and len(names) == 1:
            return from_text(f"{found.predicate} {found.value.replace(str(names[0]), str(Literal(given.value)), 1)}")
    for finding in findings:
        if _AGENT.search(finding.message) and finding.path is not None:
            return from_text(f"<{finding.path}> [ a foaf:Agent ; foaf:name {Literal(given.value)} ]")
    return None


def _term(given: Term, wanted: object) -> Literal | NamedNode | None:
    if isinstance(given, NamedNode):
        is_text = isinstance(wanted, Literal) and wanted.datatype.value == f"{XSD}string"
        return Literal(given.value) if is_text else None
    if not isinstance(given, Literal):
        return None
    if isinstance(wanted, NamedNode):
        if wanted.value.startswith("mailto:") and _MAIL.match(given.value):
            return NamedNode(f"mailto:{given.value}")
        return NamedNode(given.value) if _WEB.match(given.value) and wanted.value.startswith("http") else None
    return _literal(given, wanted) if isinstance(wanted, Literal) else None


def _literal(given: Literal, wanted: Literal) -> Literal | None:
    if wanted.language:
        plain = not given.language and given.datatype.value == f"{XSD}string"
        return Literal(given.value, language=wanted.language) if plain else None
    typed = Literal(_lexical(given.value.strip(), wanted), datatype=wanted.datatype)
    return typed if given != typed and is_well_formed(typed) else None


def _lexical(text: str, wanted: Literal) -> str:
    """A date in the order of the standard, where only one reading is possible."""
    match = _DAY_FIRST.match(text) or _YEAR_FIRST.match(text)
    if match is None or wanted.datatype.value != f"{XSD}date":
        return text
    return f"{match['year']}-{int(match['month']):02}-{int(match['day']):02}"
