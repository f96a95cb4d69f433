"""The right value guessed from the wrong one, where it holds all that is needed and a little more; always told to be checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.catalogue.reports.examples import from_text
from fairmap.namespaces import DCAT, RDFS
from fairmap.shacl.datatypes import INTEGERS

if TYPE_CHECKING:
    from fairmap.catalogue.reports.examples import Example

    Term = NamedNode | BlankNode | Literal

_MAIL: Final = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+\Z")
_WWW: Final = re.compile(r"www\.[\w-]+\.\S+\Z")
_YEARS: Final = re.compile(r"(?P<first>[12][0-9]{3})\s*(?:-|\u2013|/|to|until)\s*(?P<last>[12][0-9]{3})\Z")
_SIZE: Final = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[kKMGT])(?P<binary>i?)B\Z")
_NUMBER: Final = re.compile(r"[^0-9.,-]*(?P<number>[0-9]{1,3}(?:[,' ][0-9]{3})+|[0-9]+)(?:\s[^0-9.,]*)?\Z")
_POWER: Final = {"k": 1, "K": 1, "M": 2, "G": 3, "T": 4}


def guessed(given: Term, found: Example) -> tuple[Example, bool, str] | None:
    """What may be meant, whether parts of it are examples still, and what to say of it.

    :param found: the example of the rule.
    """
    if not isinstance(given, Literal):
        return None
    text, wanted = given.value.strip(), found.statement.object
    if isinstance(wanted, Literal):
        return _number(text, wanted, found)
    if isinstance(wanted, NamedNode):
        return _address(text, wanted, found)
    return _mail(text, found) or _period(text, found) or _label(given, found)


def _number(text: str, wanted: Literal, found: Example) -> tuple[Example, bool, str] | None:
    if wanted.datatype.value not in INTEGERS:
        return None
    told = f"Taken from your value “{text}”: check it."
    if found.statement.predicate.value == f"{DCAT}byteSize":
        size = _SIZE.match(text)
        if size is None:
            return None
        step = 1024 if size["binary"] else 1000
        whole = int(float(size["number"]) * step ** _POWER[size["unit"]])
        return _made(found, str(Literal(str(whole), datatype=wanted.datatype)), f"{told} The exact number is better.")
    number = _NUMBER.match(text)
    if number is None:
        return None
    digits = re.sub(r"\D", "", number["number"])
    return _made(found, str(Literal(digits, datatype=wanted.datatype)), told)


def _address(text: str, wanted: NamedNode, found: Example) -> tuple[Example, bool, str] | None:
    if not _WWW.match(text) or not wanted.value.startswith("http"):
        return None
    return _made(found, f"<https://{text}>", f"“{text}” lacks https://: check that the address opens.")


def _mail(text: str, found: Example) -> tuple[Example, bool, str] | None:
    shown = re.findall(r"<mailto:[^<>]*>", found.value)
    if not _MAIL.match(text) or len(shown) != 1:
        return None
    hint = f"The address is yours, “{text}”. The rest is an example: put what is true in its place."
    return _made(found, found.value.replace(shown[0], f"<mailto:{text}>"), hint, is_pattern=True)


def _period(text: str, found: Example) -> tuple[Example, bool, str] | None:
    years = _YEARS.match(text)
    days = re.findall(r'"[0-9]{4}-[0-9]{2}-[0-9]{2}"', found.value)
    if years is None or len(days) != 2 or "startDate" not in found.value:  # noqa: PLR2004 - begin and end
        return None
    value = found.value.replace(days[0], f'"{years["first"]}-01-01"').replace(days[1], f'"{years["last"]}-12-31"')
    return _made(found, value, f"Taken from your value “{text}”, from the first day to the last: check it.")


def _label(given: Literal, found: Example) -> tuple[Example, bool, str] | None:
    """A text in place of the label that the example of a description has, and nothing else."""
    texts = [quad for quad in found.quads if isinstance(quad.object, Literal)]
    if len(texts) != 1 or texts[0].predicate.value != f"{RDFS}label" or not isinstance(texts[0].object, Literal):
        return None
    shown = texts[0].object
    language = given.language or shown.language
    value = found.value.replace(str(shown), str(Literal(given.value, language=language)))
    hint = "" if given.language else f"If your text is in another language, write its code in place of {language}."
    return _made(found, value, hint)


def _made(found: Example, value: str, hint: str, *, is_pattern: bool = False) -> tuple[Example, bool, str] | None:
    made = from_text(f"{found.predicate} {value}")
    return (made, is_pattern, hint) if made else None
