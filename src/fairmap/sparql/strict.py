"""Whether a text keeps to the words of SPARQL 1.1: for engines that add their own and would carry them out.

Virtuoso, for one, fetches addresses (``define get:soft``), calls built-in procedures (``bif:``, ``sql:``) and takes updates where
a query is expected. The guard in :mod:`fairmap.sparql.guard` is asked first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fairmap.errors import QueryRefused, QuerySyntaxError
from fairmap.sparql.guard import place, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMS: Final = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_WORDS: Final = FORMS | frozenset(
    (  # noqa: SIM905 - as a list it would fill a page
        "BASE PREFIX DISTINCT REDUCED AS FROM NAMED WHERE GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET VALUES "
        "UNDEF OPTIONAL GRAPH UNION MINUS BIND FILTER NOT EXISTS IN A TRUE FALSE COUNT SUM MIN MAX AVG SAMPLE "
        "GROUP_CONCAT SEPARATOR STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND "
        "CONCAT STRLEN UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH "
        "DAY HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF "
        "STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR REPLACE "
    ).split()
)
_NUMBER: Final = re.compile(r"[0-9]+(?:[eE][0-9]*)?\Z")
_OWN: Final = re.compile(r"(?<!\w)(?:bif|sql):|openlinksw\.com/schemas", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"\\(?:u00[0-7]|U000000[0-7])", re.IGNORECASE)


def only_sparql(query: str) -> str:
    """The form of a query, in capitals, when it holds nothing but words of SPARQL 1.1.

    :raises QuerySyntaxError: for another word, a prefix that is not declared, or no form at all.
    :raises QueryRefused: for names of an engine's own, and for escapes that could hide a word.

    >>> only_sparql("PREFIX select: <https://example.org/> ASK { ?s select:x ?o }")
    'ASK'
    """
    if hidden := _HIDDEN.search(query):
        raise QueryRefused(f"{hidden[0]} is an escape where none is needed", expected="the character itself")
    found = list(tokens(query))
    _check_rest(query, found)
    said = [match for match in found if match.lastgroup != "comment"]
    namespaces: dict[str, str] = {}
    for number, match in enumerate(said):
        if match.lastgroup == "word":
            _check_word(query, match)
        elif match.lastgroup == "iri":
            _check_name(query, match, match[0][1:])
        elif match.lastgroup == "name" and match[0][0] not in "?$@_":
            prefix, _, local = match[0].partition(":")
            if number and said[number - 1][0].upper() == "PREFIX":
                namespaces[prefix] = said[number + 1][0][1:-1] if number + 1 < len(said) else ""
            _check_prefixed(query, match, namespaces, prefix, local)
    words = (match[0].upper() for match in said if match.lastgroup == "word")
    form = next((word for word in words if word in FORMS), None)
    if form is None:
        raise QuerySyntaxError("this is no query", expected=", ".join(sorted(FORMS)))
    return form


def _check_prefixed(query: str, match: re.Match[str], namespaces: Mapping[str, str], prefix: str, local: str) -> None:
    if prefix not in namespaces:
        where = place(query, match)
        raise QuerySyntaxError(f"the prefix {prefix}: is not declared", where=where, expected="PREFIX name: <IRI>")
    _check_name(query, match, f"{prefix}:")
    _check_name(query, match, namespaces[prefix] + local)


def _check_word(query: str, match: re.Match[str]) -> None:
    if match[0].upper() not in _WORDS and not _NUMBER.match(match[0]):
        raise QuerySyntaxError(f"{match[0][:40]} is no word of SPARQL 1.1", where=place(query, match))


def _check_name(query: str, match: re.Match[str], name: str) -> None:
    if "\\" in name or _OWN.search(name):
        raise QueryRefused(f"{match[0][:80]} is a name of an engine's own", where=place(query, match))


def _check_rest(query: str, found: Sequence[re.Match[str]]) -> None:
    """What lies between the tokens is white space and full stops; a quote or backslash there would be read in another way elsewhere."""
    last = 0
    for start, end in [*(match.span() for match in found), (len(query), len(query))]:
        odd = set(query[last:start]) & set("\\\"'")
        if odd:
            raise QuerySyntaxError(f"{odd.pop()} stands where SPARQL 1.1 has none", where=f"after character {last}")
        last = end
