"""Tables for literals as written: which subjects of a property fail a constraint, where SPARQL would see the engine's literals.

A condition asks for it by a function. All constraints of a property are looked at in one scan, at the first question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from fairmap.namespaces import XSD
from fairmap.shacl.checks import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fairmap.shacl.evaluate import Evaluator
    from fairmap.shacl.model import Constraint
    from fairmap.shacl.paths import Term

_BOOLEAN: Final = NamedNode(f"{XSD}boolean")
_YES: Final = Literal("true", datatype=_BOOLEAN)
_NO: Final = Literal("false", datatype=_BOOLEAN)


class Tables:
    """The tables of one data graph, made when they are asked for."""

    def __init__(self, evaluator: Evaluator, wanted: Mapping[NamedNode, tuple[NamedNode, Constraint]]) -> None:
        self._evaluator = evaluator
        self._wanted = wanted
        self._failing: dict[NamedNode, set[Term]] = {}

    @property
    def functions(self) -> dict[NamedNode, Callable[[Term], Literal]]:
        """A function for each table: whether a node fails the constraint."""
        return {name: self._function(name) for name in self._wanted}

    def _function(self, name: NamedNode) -> Callable[[Term], Literal]:
        def fails(node: Term) -> Literal:
            if name not in self._failing:
                self._scan(self._wanted[name][0])
            return _YES if node in self._failing[name] else _NO

        return fails

    def _scan(self, predicate: NamedNode) -> None:
        asked = {name: constraint for name, (found, constraint) in self._wanted.items() if found == predicate}
        self._failing.update({name: set() for name in asked})
        data = self._evaluator.data
        for node in dict.fromkeys(subject for subject, _ in data.pairs(predicate)):
            values = data.objects(node, predicate)
            for name, constraint in asked.items():
                if not self._holds(constraint, values):
                    self._failing[name].add(node)

    def _holds(self, constraint: Constraint, values: list[Term]) -> bool:
        check = CHECKS.get(type(constraint))
        if check is None:
            return self._evaluator.holds_together(constraint, values)
        return all(check(self._evaluator, constraint, value) for value in values)
