"""A place in a query, and steps from it."""

from __future__ import annotations

from fairmap.text.tokens import Names, Token, tokenise


class Cursor:
    """Goes through the tokens of a query or update; never beyond the last, which has the kind ``end``."""

    def __init__(self, query: str, base: str) -> None:
        self.names = Names(base)
        self.tokens = tokenise(query)
        self.at = 0
        self._query = query

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def step(self) -> Token:
        """The next token, which is passed."""
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def past(self, closing: tuple[str, ...], opening: tuple[str, ...] = ()) -> list[Token]:
        """Go past the first of the signs ``closing`` that closes none of ``opening`` on the way; what was passed."""
        first, depth = self.at, 1
        while depth and self.token.kind != "end":
            token = self.step()
            depth += token.is_mark(*opening) - token.is_mark(*closing)
        return self.tokens[first : self.at]

    def place(self, token: Token) -> str:
        """Line and column for people."""
        before = self._query[: token.start]
        return f"line {before.count(chr(10)) + 1}, column {token.start - before.rfind(chr(10))}"

    def prologue(self) -> bool:
        """Pass one declaration; whether there was one."""
        if self.token.is_word("PREFIX"):
            self.step()
            prefix = self.step().text.removesuffix(":")
            self.names.prefixes[prefix] = self.names.iri(self.step()) or ""
        elif self.token.is_word("BASE"):
            self.step()
            self.names.base = self.names.iri(self.step()) or ""
        elif self.token.is_word("VERSION"):
            self.step()
            self.step()
        else:
            return False
        return True

    def literal_end(self) -> None:
        """Pass the language or datatype of a string."""
        if self.token.kind == "tag":
            self.step()
        elif self.token.is_mark("^^"):
            self.step()
            self.step()
