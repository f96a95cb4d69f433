"""SERVICE clauses that name a listed endpoint: found, checked, and sent to another address. Source: SPARQL 1.1 Federated Query.

The engine's own client has no deadline, follows redirects and reaches every address. So the text that it gets names only the
address of a broker, and holds the words SERVICE and LOAD nowhere else, be it in a string or a comment: a spelling that this
part reads otherwise than the engine does is refused, whatever it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.errors import QueryRefused
from fairmap.sparql.guard import guard, place, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from fairmap.sparql.guard import Limits

_CLAUSE: Final = re.compile(r"(SERVICE)([ \t\r\n]+SILENT)?([ \t\r\n]*)<([^<>\"{}|^`\\\x00-\x20]*)>", re.IGNORECASE)
_WORD: Final = re.compile("SERVICE|LOAD", re.IGNORECASE)
_ESCAPED: Final = frozenset({"string", "iri"})
"""Tokens in which a letter may be written as its code point."""


@dataclass(frozen=True)
class Clause:
    """The head of one SERVICE clause.

    :ivar start: where its word SERVICE begins.
    :ivar end: where its IRI has ended.
    :ivar silent: SILENT with the space before it, or nothing.
    """

    start: int
    end: int
    silent: str
    endpoint: str


def admit(query: str, limits: Limits, endpoints: Collection[str]) -> bool:
    """Let a query pass or refuse it, as :func:`fairmap.sparql.guard` does; whether it asks one of ``endpoints``.

    :raises QueryRefused: also for what cannot be told apart from a request without parsing.
    """
    if not endpoints or len(query) > limits.length or not _WORD.search(query):
        guard(query, limits)
        return False
    clauses = _clauses(query, endpoints)
    guard(query, limits, {clause.start for clause in clauses})
    if clauses:
        redirected(query, endpoints, lambda _: "http://127.0.0.1/")
    return bool(clauses)


def redirected(query: str, endpoints: Collection[str], address: Callable[[str], str]) -> str:
    r"""``query`` with the address for an endpoint in its place, and no trace of a request beside that.

    :raises QueryRefused: when that cannot be had.

    >>> redirected("ASK { SERVICE <http://e/> { ?s ?p 'service' } }", ["http://e/"], lambda _: "http://127.0.0.1/x")
    "ASK { SERVICE <http://127.0.0.1/x> { ?s ?p 's\\u0065rvice' } }"
    """
    clauses = {clause.start: clause for clause in _clauses(query, endpoints)}
    text, last = [], 0
    for match in tokens(query):
        if match.start() < last:
            continue
        text.append(query[last : match.start()])
        if clause := clauses.get(match.start()):
            text.append(f"SERVICE{clause.silent} <{address(clause.endpoint)}>")
            last = clause.end
        else:
            text.append(_without_words(query, match))
            last = match.end()
    found = "".join([*text, query[last:]])
    if len(_WORD.findall(found)) != len(clauses):
        raise QueryRefused("the query holds the word SERVICE or LOAD in pieces", expected="no such word beside SERVICE")
    return found


def with_graphs(query: str, endpoints: Collection[str]) -> str:
    """``query`` with GRAPH for each SERVICE and every other letter in its place: the same mistakes, and nothing is sent.

    >>> with_graphs("ASK { SERVICE SILENT <http://e/> { ?s ?p ?o } }", ["http://e/"])
    'ASK { GRAPH          <http://e/> { ?s ?p ?o } }'
    """
    text, last = [], 0
    for clause in _clauses(query, endpoints):
        head = query[clause.start : clause.end]
        start = clause.start + head.index("<")
        text += [query[last : clause.start], "GRAPH", re.sub(r"\w", " ", query[clause.start + 5 : start])]
        last = start
    return "".join([*text, query[last:]])


def _clauses(query: str, endpoints: Collection[str]) -> list[Clause]:
    """The heads of all SERVICE clauses, in order.

    :raises QueryRefused: for one that names no listed endpoint as ``<IRI>``, or stands inside another.
    """
    found: list[Clause] = []
    depth, inside = 0, None
    for match in tokens(query):
        kind = match.lastgroup
        depth += (kind == "open") - (kind == "close")
        if inside is not None and kind == "close" and depth <= inside:
            inside = None
        if kind != "word" or match[0].upper() != "SERVICE":
            continue
        head = _CLAUSE.match(query, match.start())
        if head is None or head[4] not in endpoints:
            raise QueryRefused(
                "SERVICE names no endpoint that may be asked from here",
                where=place(query, match),
                expected=f"SERVICE and one of {', '.join(f'<{endpoint}>' for endpoint in endpoints)}, letter by letter",
            )
        if inside is not None:
            raise QueryRefused(
                "SERVICE stands inside SERVICE", where=place(query, match), expected="one after the other"
            )
        inside = depth
        found.append(Clause(match.start(), head.end(), head[2] or "", head[4]))
    return found


def _without_words(query: str, match: re.Match[str]) -> str:
    """The token as it stands, or one of the same meaning without the words."""
    text, kind = match[0], match.lastgroup
    if kind == "comment":
        return " "
    if not _WORD.search(text):
        return text
    if kind not in _ESCAPED:
        raise QueryRefused(
            f"{text} cannot stand beside SERVICE, since it holds the word SERVICE or LOAD",
            where=place(query, match),
            expected="another name for a variable; an IRI between < and >",
        )
    return _WORD.sub(lambda word: f"{word[0][0]}\\u{ord(word[0][1]):04x}{word[0][2:]}", text)
