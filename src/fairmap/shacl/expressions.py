"""What the engine says about two literals or a text: SPARQL's comparison and REGEX, each asked once.

The engine's regular expressions do not backtrack, so no pattern of a shape makes them hang.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, Store

from fairmap.shacl.datatypes import is_well_formed

if TYPE_CHECKING:
    from fairmap.shacl.paths import Term

_KEPT: Final = 20_000


class Expressions:
    """Answers, kept as long as this is."""

    def __init__(self) -> None:
        self._store = Store()
        self._answers: dict[str, bool] = {}

    def compare(self, left: Term, sign: str, right: Term) -> bool:
        """Whether ``left sign right`` is true; terms that SPARQL cannot compare, or that are ill-formed, do not hold."""
        if not (isinstance(left, Literal) and isinstance(right, Literal)):
            return False
        return is_well_formed(left) and is_well_formed(right) and self._ask(f"{left} {sign} {right}")

    def matches(self, text: str, pattern: Literal, flags: Literal) -> bool:
        """Whether the text has a match."""
        return self._ask(f"REGEX({Literal(text)}, {pattern}, {flags})")

    def _ask(self, expression: str) -> bool:
        if expression not in self._answers:
            if len(self._answers) > _KEPT:
                self._answers.clear()
            self._answers[expression] = bool(self._store.query(f"ASK {{ FILTER ({expression}) }}"))
        return self._answers[expression]
