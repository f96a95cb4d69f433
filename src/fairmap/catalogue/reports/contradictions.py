"""Two values that contradict each other: both lines, both values, and both ways out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal

from fairmap.catalogue.reports.words import term_of
from fairmap.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.model import Finding, Place

_RIGHTS: Final = "http://publications.europa.eu/resource/authority/access-right/"
_CONDITION: Final = re.compile(r"access condition \S*/access-condition/(?P<name>[\w-]+)")
_IMPLIED: Final = {"open": "PUBLIC", "consortium-only": "NON_PUBLIC", "mixed": "PUBLIC"}
"""The access right that an access condition implies; every other one is RESTRICTED. Source: the scheme of access conditions."""
_ALGORITHM: Final = f"{PREFIXES['spdx']}checksumAlgorithm_"
_LENGTHS: Final = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
"""Hexadecimal digits of a checksum. Sources: RFC 1321, FIPS 180-4."""


@dataclass(frozen=True)
class Way:
    """A way out.

    :ivar lead: what to do, where there is no IRI to write.
    :ivar old: IRI to be replaced.
    :ivar new: IRI to write for it.
    :ivar line: where.
    """

    lead: str
    hint: str = ""
    old: str = ""
    new: str = ""
    line: int = 0


def way_out(finding: Finding) -> Way | None:
    """How to get out of a contradiction; ``None``: it is none, or only the message tells."""
    rule = finding.shape.rsplit("/", 1)[-1]
    beside = next((place for place in finding.places if place.what == "beside"), None)
    if finding.place is None or finding.value is None:
        return None
    here = finding.place.line
    if rule == "AccessRightsFollow":
        return _rights(finding, here, beside)
    if rule == "ChecksumLength":
        return _checksum(finding, beside)
    if rule == "AgeRange" and beside is not None:
        exchange = f"write {told(beside.value)} in line {here} and {told(finding.value)} in line {beside.line}"
        return Way(f"Exchange the two values: {exchange}. Or correct the one that is wrong.")
    if rule == "DateOrder" and beside is not None:
        return Way(
            f"Correct one of the two dates: changed on {told(finding.value)} (line {here}), issued on {told(beside.value)} "
            f"(line {beside.line})."
        )
    return None


def same_language(places: Sequence[Place]) -> str:
    """Which texts are in one language, in words; empty when the places do not tell."""
    by_language: dict[str, list[str]] = {}
    for place in places:
        term = term_of(place.value) if place.value else None
        if isinstance(term, Literal) and term.language:
            by_language.setdefault(term.language, []).append(f"“{term.value}”")
    twice = ((language, texts) for language, texts in by_language.items() if len(texts) > 1)
    return "; ".join(f"{' and '.join(texts)} are both marked @{language}" for language, texts in twice)


def told(value: str | None) -> str:
    """A value without its type."""
    term = term_of(value) if value else None
    return term.value if term is not None else "the other value"


def _rights(finding: Finding, here: int, beside: Place | None) -> Way | None:
    match = _CONDITION.search(finding.message)
    if match is None:
        return None
    implied = _IMPLIED.get(match["name"], "RESTRICTED")
    where = f" (line {beside.line})" if beside else ""
    hint = (
        f"This fits the access condition “{match['name']}”{where}. "
        "If the access rights are right instead, write another access condition there: "
        "open means PUBLIC, consortium-only NON_PUBLIC, every other RESTRICTED."
    )
    return Way("", hint, told(finding.value), f"{_RIGHTS}{implied}", here)


def _checksum(finding: Finding, beside: Place | None) -> Way | None:
    digits = len(told(finding.value))
    if beside is None or digits not in _LENGTHS:
        return Way(f"The value has {digits} digits, as no algorithm gives them: it was cut. Write all of its digits.")
    name = _LENGTHS[digits]
    hint = f"{digits} digits fit {name.upper()}. If the algorithm is right instead, the value was cut: write all of its digits."
    return Way("", hint, told(beside.value), f"{_ALGORITHM}{name}", beside.line)
