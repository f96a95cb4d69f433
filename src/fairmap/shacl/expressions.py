"""What the engine says about two literals or a text: SPARQL's comparison and REGEX, each asked once.

The engine's regular expressions do not backtrack, so no pattern of a shape makes them hang.
"""

from __future__ import annotations

from decimal import Decimal
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, Store

from fairmap.namespaces import XSD
from fairmap.shacl.datatypes import INTEGERS, is_well_formed

if TYPE_CHECKING:
    from fairmap.shacl.paths import Term

_KEPT: Final = 20_000
_SIGNS: Final = {"<": lt, "<=": le, ">": gt, ">=": ge}
_DIGITS: Final = 18
"""Before and after the point: the engine's integers and decimals hold so many for certain, and compare them exactly."""


class Expressions:
    """Answers, kept as long as this is."""

    def __init__(self) -> None:
        self._store = Store()
        self._answers: dict[str, bool] = {}

    def compare(self, left: Term, sign: str, right: Term) -> bool:
        """Whether ``left sign right`` is true; terms that SPARQL cannot compare, or that are ill-formed, do not hold."""
        if not (isinstance(left, Literal) and isinstance(right, Literal)):
            return False
        if not (is_well_formed(left) and is_well_formed(right)):
            return False
        one, other = number(left), number(right)
        if one is None or other is None:
            return self._ask(f"{left} {sign} {right}")
        return bool(_SIGNS[sign](one, other))

    def matches(self, text: str, pattern: Literal, flags: Literal) -> bool:
        """Whether the text has a match."""
        return self._ask(f"REGEX({Literal(text)}, {pattern}, {flags})")

    def _ask(self, expression: str) -> bool:
        if expression not in self._answers:
            if len(self._answers) > _KEPT:
                self._answers.clear()
            self._answers[expression] = bool(self._store.query(f"ASK {{ FILTER ({expression}) }}"))
        return self._answers[expression]


def number(literal: Literal) -> int | Decimal | None:
    """The value of a well-formed integer or decimal that is exact in the engine too; ``None`` for all other literals."""
    datatype, text = literal.datatype.value, literal.value
    if datatype in INTEGERS:
        return int(text) if len(text) <= _DIGITS else None
    if datatype == f"{XSD}decimal":
        return Decimal(text) if len(text) <= _DIGITS else None
    return None
