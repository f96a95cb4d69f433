"""What may run: length, nesting, number of operators, no LOAD, and no SERVICE but where it is allowed. Tokenises and does not parse.

The engine overflows its stack on deep or very long expressions, and would send requests for SERVICE and LOAD (see
``docs/adr/003-queries-in-killable-workers.md``), so these are refused before it sees them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.errors import QueryRefused

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

_TOKEN: Final = re.compile(
    r"""
      (?P<comment>\#[^\n\r]*)
    | (?P<string>\"{3}(?:[^"\\]|\\.|\"(?!\"\"))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3} | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
    | (?P<iri><[^<>"{}|^`\x00-\x20]*>)
    | (?P<open>[({\[])
    | (?P<close>[)}\]])
    | (?P<punctuation>\^\^|[;,=<>])
    | (?P<operator>&&|\|\||[-+*/|^!])
    | (?P<name>[?$]\w+ | \w*:(?:[\w:%][\w.:%-]*)? | @[\w-]+ | _:\w+)
    | (?P<word>\w+)
    """,
    re.VERBOSE | re.DOTALL,
)
# The engine reads keywords without asking for a space behind or before them (`1SERVICE:x`), so a bare word or a prefix that
# holds one of these is refused, whatever else it holds. A local name does not begin with a point: `x:.SERVICE<...>` is a
# name, a point and a request.
_REQUEST_NAMES: Final = ("SERVICE", "LOAD")
_VARYING_NAMES: Final = ("NOW", "RAND", "UUID", "BNODE", "SERVICE")
_REQUESTS: Final = re.compile("|".join(_REQUEST_NAMES), re.IGNORECASE)
_VARYING: Final = re.compile("|".join(_VARYING_NAMES), re.IGNORECASE)
_VARYING_CALL: Final = re.compile(rf"(?:{_VARYING.pattern})\(", re.IGNORECASE)
_KEYWORD_OPERATORS: Final = frozenset({"UNION", "OPTIONAL", "MINUS", "FILTER", "BIND", "EXISTS", "IN"})


@dataclass(frozen=True)
class Limits:
    """How much a query may ask.

    :ivar length: characters.
    :ivar depth: brackets in brackets; the engine dies somewhere above 300.
    :ivar operators: operators and clauses; the engine dies somewhere above 5000 in a row.
    """

    length: int = 262_144
    depth: int = 100
    operators: int = 4000


def tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens of a query or update; the name of the group that matched is the kind."""
    return _TOKEN.finditer(text)


def guard(query: str, limits: Limits = Limits(), allowed: Container[int] = ()) -> None:
    """Let a query pass or refuse it, within a time linear in its length.

    :param allowed: where the words SERVICE stand that may stay.
    :raises QueryRefused: with what it has and what is allowed.
    """
    if len(query) > limits.length:
        raise QueryRefused(f"the query has {len(query)} characters", expected=f"at most {limits.length}")
    if not _is_plain(query, limits):
        _guard_tokens(query, limits, allowed)


def _guard_tokens(query: str, limits: Limits, allowed: Container[int]) -> None:
    depth = operators = 0
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup
        if kind == "open":
            depth += 1
            if depth > limits.depth:
                raise QueryRefused(
                    "brackets are nested too deep", where=place(query, match), expected=f"at most {limits.depth}"
                )
        elif kind == "close":
            depth -= 1
        elif kind == "operator":
            operators += 1
        elif kind == "word":
            operators += match[0].upper() in _KEYWORD_OPERATORS
        if match.start() not in allowed:
            _refuse_requests(query, match)
    if operators > limits.operators:
        raise QueryRefused(f"the query has {operators} operators", expected=f"at most {limits.operators}")


def _is_plain(query: str, limits: Limits) -> bool:
    """Whether a look at the letters is enough: no request, fewer brackets than may be nested, too short for many operators."""
    if not query.isascii() or len(query) > limits.operators:
        return False
    words = query.upper()
    brackets = query.count("(") + query.count("{") + query.count("[")
    return brackets <= limits.depth and not any(name in words for name in _REQUEST_NAMES)


def is_deterministic(query: str) -> bool:
    """Whether the query has the same answer whenever it runs on the same graph: it has none of NOW, RAND, UUID, BNODE, SERVICE.

    Says no in doubt: the engine may read ``?a<NOW()&&?b>`` as a comparison, and words without a space between them.

    >>> is_deterministic("SELECT ?now { ?now <http://e/rand> 'UUID()' } # BNODE()"), is_deterministic("SELECT (rand() AS ?x) {}")
    (True, False)
    """
    words = query.upper()
    if query.isascii() and not any(name in words for name in _VARYING_NAMES):
        return True
    return not any(_may_vary(match) for match in _TOKEN.finditer(query))


def names_dataset(query: str) -> bool:
    """Whether the query has a dataset of its own: the engine would take the union of all graphs all the same.

    >>> names_dataset("SELECT*FROM<urn:g>{?s ?p 'from'}"), names_dataset("SELECT ?from { ?from <urn:from> 'FROM' } # FROM")
    (True, False)
    """
    return "FROM" in query.upper() and any(
        match.lastgroup == "word" and match[0].upper() == "FROM" for match in _TOKEN.finditer(query)
    )


def _may_vary(match: re.Match[str]) -> bool:
    if match.lastgroup == "iri":
        return bool(_VARYING_CALL.search(match[0]))
    if match.lastgroup == "name":
        return match[0][0] not in "?$@_" and bool(_VARYING.search(match[0].partition(":")[0]))
    return match.lastgroup == "word" and bool(_VARYING.search(match[0]))


def _refuse_requests(query: str, match: re.Match[str]) -> None:
    word = match[0].partition(":")[0]
    is_read = match.lastgroup == "word" or (match.lastgroup == "name" and match[0][0] not in "?$@_")
    if is_read and _REQUESTS.search(word):
        raise QueryRefused(
            f"{word} is not run here: the service sends no requests for a query",
            where=place(query, match),
            expected="a query over the graphs of this service; no prefix named like that",
        )


def place(text: str, match: re.Match[str]) -> str:
    """Line and column of a match in ``text``."""
    before = text[: match.start()]
    return f"line {before.count(chr(10)) + 1}, column {match.start() - (before.rfind(chr(10)) + 1) + 1}"
