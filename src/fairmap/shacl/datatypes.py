"""Which lexical forms a datatype has. Source: XML Schema 1.1 part 2; datatypes that are not listed have any."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING, Final

from fairmap.namespaces import RDF, XSD

if TYPE_CHECKING:
    from pyoxigraph import Literal

_ZONE: Final = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_YEAR: Final = r"-?(?:[1-9]\d{3,}|0\d{3})"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_TIME: Final = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_DATE: Final = f"(?P<year>{_YEAR})-(?P<month>{_MONTH})-(?P<day>{_DAY})"
_DAYS: Final = r"\d+D"
_CLOCK: Final = r"T(?:\d+H(?:\d+M)?(?:\d+(?:\.\d+)?S)?|\d+M(?:\d+(?:\.\d+)?S)?|\d+(?:\.\d+)?S)"
_MONTHS: Final = r"(?:\d+Y(?:\d+M)?|\d+M)"
_FLOAT: Final = r"(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN)"
_INTEGER: Final = r"[+-]?\d+"
_NAME_START: Final = r"[^\W\d]"
_NC_NAME: Final = rf"{_NAME_START}[\w.·-]*"

_BOUNDS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}

LEXICAL: Final[dict[str, str]] = {
    **dict.fromkeys(_BOUNDS, _INTEGER),
    "boolean": "true|false|1|0",
    "decimal": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)",
    "double": _FLOAT,
    "float": _FLOAT,
    "date": f"{_DATE}{_ZONE}",
    "dateTime": f"{_DATE}T{_TIME}{_ZONE}",
    "dateTimeStamp": f"{_DATE}T{_TIME}{_ZONE.removesuffix('?')}",
    "time": f"{_TIME}{_ZONE}",
    "gYear": f"{_YEAR}{_ZONE}",
    "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonth": f"--{_MONTH}{_ZONE}",
    "gMonthDay": f"--{_MONTH}-{_DAY}{_ZONE}",
    "gDay": f"---{_DAY}{_ZONE}",
    "duration": f"-?P(?:{_MONTHS}(?:{_DAYS})?(?:{_CLOCK})?|{_DAYS}(?:{_CLOCK})?|{_CLOCK})",
    "dayTimeDuration": f"-?P(?:{_DAYS}(?:{_CLOCK})?|{_CLOCK})",
    "yearMonthDuration": f"-?P{_MONTHS}",
    "hexBinary": "(?:[0-9a-fA-F]{2})*",
    "base64Binary": r"(?:(?:[A-Za-z0-9+/] ?){4})*(?:(?:[A-Za-z0-9+/] ?){2}= ?=|(?:[A-Za-z0-9+/] ?){3}=)?",
    "language": "[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "NCName": _NC_NAME,
    "Name": rf"(?:{_NAME_START}|:)[\w.:·-]*",
    "NMTOKEN": r"[\w.:·-]+",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\s]+(?: [^\s]+)*)?",
}
"""Regular expressions by local names in the namespace of XML Schema."""

_COMPILED: Final = {f"{XSD}{name}": re.compile(f"(?:{text})\\Z", re.ASCII) for name, text in LEXICAL.items()}
for _name in ("NCName", "Name", "NMTOKEN", "token"):
    _COMPILED[f"{XSD}{_name}"] = re.compile(f"(?:{LEXICAL[_name]})\\Z")

INTEGERS: Final = frozenset(f"{XSD}{name}" for name in _BOUNDS)
"""``xsd:integer`` and what is derived from it."""


def is_well_formed(literal: Literal) -> bool:
    """Whether the lexical form is one of the datatype's.

    >>> from pyoxigraph import Literal, NamedNode
    >>> [is_well_formed(Literal(text, datatype=NamedNode(f"{XSD}byte"))) for text in ("5", "300", "c")]
    [True, False, False]
    """
    datatype = literal.datatype.value
    pattern = _COMPILED.get(datatype)
    if pattern is None:
        return datatype != f"{RDF}langString" or bool(literal.language)
    match = pattern.match(literal.value)
    if match is None:
        return False
    if bounds := _BOUNDS.get(datatype.removeprefix(XSD)):
        return _within(literal.value, *bounds)
    return "day" not in match.groupdict() or _is_day(int(match["year"]), int(match["month"]), int(match["day"]))


def _within(text: str, least: int | None, most: int | None) -> bool:
    digits = text.lstrip("+-0")
    value = 10**20 if len(digits) > 20 else int(digits or "0")  # noqa: PLR2004 - more digits than any bound has
    if text[0] == "-":
        value = -value
    return (least is None or value >= least) and (most is None or value <= most)


def _is_day(year: int, month: int, day: int) -> bool:
    """Whether the month has the day; the calendar repeats every 400 years."""
    return day <= calendar.monthrange(year % 400 + 2000, month)[1]
