"""SPARQL cut into tokens with the grammar's own terminals, and the prefixes it declares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

_TOKEN: Final = re.compile(
    r"""
      (?P<comment>\#[^\n\r]*)
    | (?P<string>\"{3}(?:[^"\\]|\\.|\"(?!\"\"))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3} | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
    | (?P<iri><[^<>"{}|^`\x00-\x20]*>)
    | (?P<variable>[?$]\w+)
    | (?P<tag>@[A-Za-z][\w-]*)
    | (?P<blank>_:\w(?:[\w.-]*[\w-])?)
    | (?P<prefixed>(?:[^\W\d_](?:[\w.-]{0,80}[\w-])?)?:(?:(?![-.])(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\[^\w\s])*(?<!\.))?)
    | (?P<number>(?:\d+(?:\.\d*(?=[eE][+-]?\d)|\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>\w+)
    | (?P<mark><<\(|<<|\)>>|>>|\{\||\|\}|\^\^|&&|\|\||!=|<=|>=|[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True)
class Token:
    """A terminal of SPARQL and where it stands; the last token of a text has the kind ``end``."""

    kind: str
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords (given in capitals)."""
        return self.kind == "word" and self.text.upper() in words

    def is_mark(self, *marks: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind == "mark" and self.text in marks


def tokenise(text: str) -> list[Token]:
    """The tokens of a query or update without comments, and one at its end."""
    found = [
        Token(str(match.lastgroup), match[0], match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "comment"
    ]
    return [*found, Token("end", "", len(text), len(text))]


def string_value(token: Token) -> str:
    r"""What a string token says.

    >>> string_value(Token("string", r"'a \"b\" \u0041'", 0, 0))
    'a "b" A'
    """
    size = 3 if token.text[:3] in {'"""', "'''"} else 1
    return _ESCAPE.sub(_unescape, token.text[size:-size])


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""  # noqa: PLR2004 - the end of Unicode
    return _ESCAPED.get(match[3], match[3])


class Names:
    """What IRIs and prefixed names stand for."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.prefixes: dict[str, str] = {}

    def iri(self, token: Token) -> str | None:
        """The IRI that a token names; ``None`` when it names none."""
        if token.kind == "iri":
            iri = _ESCAPE.sub(_unescape, token.text[1:-1])
            return iri if ":" in iri.partition("/")[0] else _resolved(self.base, iri)
        if token.kind == "prefixed":
            prefix, _, local = token.text.partition(":")
            return self.prefixes[prefix] + re.sub(r"\\(.)", r"\1", local) if prefix in self.prefixes else None
        return None


def _resolved(base: str, iri: str) -> str:
    """The IRI that a relative one is; an empty fragment stays, since a namespace may end with one."""
    return urljoin(base, iri) + ("#" if iri.endswith("#") else "")
