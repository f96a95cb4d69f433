"""What a query of the shapes says, as values: groups of patterns, and expressions as far as it matters which terms they look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

if TYPE_CHECKING:
    from fairmap.shacl.paths import Path

OPERATORS: Final = "operators"
"""The function of a :class:`Call` that stands for operators, some of them perhaps different ones."""


@dataclass(frozen=True)
class Variable:
    """A variable; blank nodes are variables, too, whose names no variable of SPARQL can have."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function, an operator or a list in an expression.

    :ivar function: its name in capitals, the IRI of one that is no part of SPARQL, ``IN``, ``&&`` or :data:`OPERATORS`;
        with ``DISTINCT`` behind it for an aggregate over distinct values.
    :ivar parts: what it is asked of; for ``IN`` the term and then the list.
    """

    function: str
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Exists:
    """EXISTS or NOT EXISTS."""

    group: Group


@dataclass(frozen=True)
class Triple:
    """A triple pattern."""

    subject: Node
    path: Variable | Path
    value: Node


@dataclass(frozen=True)
class Union:
    """Any of the groups."""

    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Maybe:
    """OPTIONAL."""

    group: Group


@dataclass(frozen=True)
class Filter:
    """A condition on all that the group around it finds."""

    condition: Expression


@dataclass(frozen=True)
class Bind:
    """A variable that gets the value of an expression."""

    value: Expression
    variable: Variable


@dataclass(frozen=True)
class Select:
    """A query, or a query inside of one.

    :ivar names: the variables that it tells; ``None``: all. An ASK query tells none.
    :ivar computed: those of them that are computed.
    :ivar grouped: what GROUP BY names.
    :ivar conditions: those of HAVING.
    """

    names: tuple[Variable, ...] | None
    computed: tuple[Bind, ...]
    group: Group
    distinct: bool = False
    grouped: tuple[Expression | Bind, ...] = ()
    conditions: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Group:
    """Parts that hold together, in their order."""

    parts: tuple[Part, ...]

    @cached_property
    def listed(self) -> dict[Variable, tuple[NamedNode, ...]]:
        """What variables can stand for at most, where a filter of the group says it: ``FILTER (?property IN (...))``."""
        found = {}
        for part in self.parts:
            if isinstance(part, Filter) and isinstance(part.condition, Call) and part.condition.function == "IN":
                variable, *listed = part.condition.parts
                iris = tuple(term for term in listed if isinstance(term, NamedNode))
                if isinstance(variable, Variable) and len(iris) == len(listed):
                    found[variable] = iris
        return found


Node = Variable | NamedNode | Literal
Expression = Node | Call | Exists
Part = Triple | Group | Union | Maybe | Filter | Bind | Select
