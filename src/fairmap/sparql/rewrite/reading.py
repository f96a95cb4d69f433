"""The parts of a query that can be rewritten, read from its tokens: graph patterns made of plain triples, filters and what follows.

Reads a subset on purpose: what it does not know (blank nodes, collections, VALUES, GRAPH, sub-groups, ...) makes the group, or the
query, unreadable, and unreadable text stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from fairmap.namespaces import RDF
from fairmap.sparql.guard import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOREIGN: Final = frozenset({"VALUES", "LATERAL", "SERVICE", "DESCRIBE", "BASE", "VERSION", "INSERT", "DELETE"})
_FORMS: Final = frozenset({"SELECT", "ASK", "CONSTRUCT"})
_TAIL: Final = frozenset({"OPTIONAL", "BIND"})
_IRI: Final = re.compile(r"<(?:\w+://|urn:)[^\\>]*>")
_LOCAL: Final = re.compile(r"[\w.:%-]*")
_TYPE: Final = f"<{RDF}type>"


class Unreadable(Exception):
    """Not of the subset; stays inside this package."""


class Token(NamedTuple):
    """``kind``: a group of the guard's tokens, or ``.`` or ``?`` for these signs alone."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def is_variable(self) -> bool:
        """Whether it stands for a variable."""
        return self.kind == "name" and self.text[0] in "?$"

    @property
    def is_iri(self) -> bool:
        """Whether it stands for an IRI, in full or with a prefix."""
        return self.kind == "iri" or (self.kind == "name" and self.text[0] not in "?$@_")


class Triple(NamedTuple):
    """A triple pattern; ``steps`` are the members of its sequence path, in the query's own spelling."""

    subject: str
    steps: tuple[str, ...]
    object: str

    def __str__(self) -> str:
        return f"{self.subject} {'/'.join(self.steps)} {self.object}"


@dataclass(frozen=True)
class Group:
    """The graph pattern of a WHERE.

    :ivar start, end: its place in the text, without the braces.
    :ivar filters: each from FILTER to its last bracket.
    :ivar tail: from the first OPTIONAL or BIND on; no triples of this group stand there.
    """

    start: int
    end: int
    triples: tuple[Triple, ...]
    filters: tuple[str, ...]
    tail: str


@dataclass(frozen=True)
class Query:
    """What was read of a query.

    :ivar body: where its text begins behind the prologue.
    :ivar has_dataset: it has FROM.
    """

    text: str
    signs: tuple[Token, ...]
    body: int
    prefixes: dict[str, str]
    has_dataset: bool
    groups: tuple[Group, ...]

    def words(self, start: int, end: int) -> str:
        """The tokens between two places with a space between them, variables with a question mark."""
        found = (sign for sign in self.signs if start <= sign.start < end)
        return " ".join(f"?{sign.text[1:]}" if sign.is_variable else sign.text for sign in found)

    def iri(self, term: str) -> str | None:
        """The absolute IRI that the text of a term stands for, ``None``: it is none, or relative."""
        if term == "a":
            return _TYPE[1:-1]
        if _IRI.fullmatch(term):
            return term[1:-1]
        prefix, colon, local = term.partition(":")
        return self.prefixes[prefix] + local if colon and prefix in self.prefixes and _LOCAL.fullmatch(local) else None


def read(text: str) -> Query:
    """The query's groups that can be rewritten.

    :raises Unreadable: when nothing in it may be touched.
    """
    found = list(_signs(text))
    words = {token.text.upper() for token in found if token.kind == "word"}
    if words & _FOREIGN or not words & _FORMS:
        raise Unreadable
    prefixes, at = _prologue(found)
    groups = []
    for first, last in _where_groups(found, at):
        try:
            groups.append(_Reader(text, found, first, last).group())
        except Unreadable:
            continue
    return Query(text, tuple(found), found[at].start, prefixes, "FROM" in words, tuple(groups))


def _signs(text: str) -> Iterator[Token]:
    """The tokens without comments, and the full stops and question marks that the guard passes over."""
    place = 0
    for match in tokens(text):
        start, end = match.span()
        if place < start:
            yield from _between(text, place, start)
        place = end
        kind, sign = str(match.lastgroup), match[0]
        if kind == "comment":
            continue
        if kind == "name" and sign[-1] == ".":
            end = start + len(sign.rstrip("."))
            yield Token(kind, text[start:end], start, end)
            yield Token(".", ".", end, end + 1)
            continue
        yield Token(kind, sign, start, end)
    yield from _between(text, place, len(text))


def _between(text: str, start: int, end: int) -> Iterator[Token]:
    for place in range(start, end):
        sign = text[place]
        if sign in ".?":
            yield Token(sign, sign, place, place + 1)
        elif not sign.isspace():
            raise Unreadable


def _prologue(found: list[Token]) -> tuple[dict[str, str], int]:
    prefixes: dict[str, str] = {}
    at = 0
    while at + 2 < len(found) and found[at].text.upper() == "PREFIX":
        name, iri = found[at + 1 : at + 3]
        if not _IRI.fullmatch(iri.text):
            raise Unreadable
        prefixes[name.text.removesuffix(":")] = iri.text[1:-1]
        at += 3
    return prefixes, at


def _where_groups(found: list[Token], at: int) -> Iterator[tuple[int, int]]:
    """First and last token inside the braces of each WHERE that stands in nothing but other such groups, plain ones and UNIONs."""
    if at >= len(found) or found[at].text.upper() not in _FORMS:
        raise Unreadable
    is_open: list[
        tuple[int, bool, bool]
    ] = []  # of each brace: its place, whether it is a WHERE, whether what is in it counts
    is_expected = found[at].text.upper() != "CONSTRUCT"
    for number in range(at, len(found)):
        token = found[number]
        word = token.text.upper() if token.kind == "word" else ""
        if word == "SELECT":
            is_expected = True
            _refuse_star(found, number)
        elif word == "WHERE":
            is_expected = found[number - 1].text.upper() != "CONSTRUCT"
        elif token.text == "{":
            counts = (not is_open or is_open[-1][2]) and (is_expected or _is_plain(found[number - 1]))
            is_open.append((number, is_expected, counts))
            is_expected = False
        elif token.text == "}":
            if not is_open:
                raise Unreadable
            first, is_where, counts = is_open.pop()
            if is_where and counts:
                yield first + 1, number
    if is_open:
        raise Unreadable


def _refuse_star(found: list[Token], at: int) -> None:
    """The columns of ``SELECT *`` depend on the order of the text."""
    following = [token.text.upper() for token in found[at + 1 : at + 3]]
    if following and (following[0] == "*" or (following[0] in {"DISTINCT", "REDUCED"} and following[-1] == "*")):
        raise Unreadable


def _is_plain(before: Token) -> bool:
    return before.text in {"{", "}", "."} or before.text.upper() == "UNION"


class _Reader:
    """Reads one group from token ``at`` to before token ``last``."""

    def __init__(self, text: str, found: list[Token], at: int, last: int) -> None:
        self._text = text
        self._tokens = found
        self._at = at
        self._last = last
        self._start = found[at - 1].end
        self._end = found[last].start

    def group(self) -> Group:
        triples: list[Triple] = []
        filters: list[str] = []
        while (word := self._word()) not in _TAIL and self._at < self._last:
            if word == "FILTER":
                start = self._next().start
                filters.append(self._text[start : self._skip_filter()])
            elif self._tokens[self._at].kind == ".":
                self._at += 1
            else:
                triples += self._same_subject()
        tail = self._text[self._tokens[self._at].start : self._end] if self._at < self._last else ""
        self._check_tail()
        if not triples:
            raise Unreadable
        return Group(self._start, self._end, tuple(triples), tuple(filters), tail)

    def _check_tail(self) -> None:
        while self._at < self._last:
            word = self._word()
            if word == "FILTER":
                self._next()
                self._skip_filter()
            elif word in _TAIL:
                self._next()
                self._skip_brackets()
            elif self._tokens[self._at].kind == ".":
                self._at += 1
            else:
                raise Unreadable

    def _word(self) -> str:
        token = self._tokens[self._at]
        return token.text.upper() if token.kind == "word" and self._at < self._last else ""

    def _next(self) -> Token:
        if self._at >= self._last:
            raise Unreadable
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip_brackets(self) -> int:
        """Go behind the bracket that closes the one that comes; where it ends."""
        depth = 0
        while True:
            token = self._next()
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                if token.kind != "close":
                    raise Unreadable
                return token.end

    def _skip_filter(self) -> int:
        while self._tokens[self._at].kind in {"word", "name", "iri"}:  # NOT EXISTS, a function
            self._next()
        return self._skip_brackets()

    def _same_subject(self) -> Iterator[Triple]:
        subject = self._next()
        if not (subject.is_variable or subject.is_iri):
            raise Unreadable
        while True:
            steps = self._verb()
            while True:
                yield Triple(subject.text, steps, self._object())
                if self._tokens[self._at].text != ",":
                    break
                self._next()
            while is_more := self._at < self._last and self._tokens[self._at].text == ";":
                self._next()
                if self._tokens[self._at].text != ";":
                    break
            if not is_more or not self._is_verb():
                break
        if self._at < self._last and self._tokens[self._at].kind != "." and self._word() not in {"FILTER", *_TAIL}:
            raise Unreadable

    def _is_verb(self) -> bool:
        token = self._tokens[self._at]
        return self._at < self._last and (token.text in {"a", "(", "^", "!"} or token.is_variable or token.is_iri)

    def _verb(self) -> tuple[str, ...]:
        token = self._tokens[self._at]
        if token.is_variable:
            return (self._next().text,)
        steps, start, has_choice = [], token.start, False
        while True:
            end = self._step()
            sign = self._tokens[self._at]
            if sign.text not in {"/", "|"} or sign.kind != "operator":
                break
            has_choice |= sign.text == "|"
            if sign.text == "/":
                steps.append(self._text[start:end])
                start = self._tokens[self._at + 1].start
            self._next()
        if has_choice:
            return (self._text[token.start : end],)
        return (*steps, self._text[start:end])

    def _step(self) -> int:
        """Go behind one member of a path; where it ends."""
        while self._tokens[self._at].text in {"^", "!"}:
            self._next()
        token = self._tokens[self._at]
        if token.text == "(":
            end = self._skip_brackets()
        elif token.is_iri or token.text == "a":
            end = self._next().end
        else:
            raise Unreadable
        if self._tokens[self._at].text in {"*", "+", "?"} and self._tokens[self._at].start == end:
            end = self._next().end
        return end

    def _object(self) -> str:
        token = self._next()
        if token.is_variable or token.is_iri:
            return token.text
        if token.kind == "string":
            following = self._tokens[self._at]
            if following.text == "^^":
                self._next()
                if not self._next().is_iri:
                    raise Unreadable
            elif following.text[0] == "@":
                self._next()
            return self._text[token.start : self._tokens[self._at - 1].end]
        if token.kind == "word" and (token.text.isdecimal() or token.text in {"true", "false"}):
            return token.text
        raise Unreadable
