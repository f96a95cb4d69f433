"""How a query of the shapes looks at literals: whether it can tell in which of the forms of one value a literal is written.

The engine holds ``"05"^^xsd:integer`` as ``5``. For a query that compares it with a number this makes no difference; for one that asks
for its ``STR`` it does, and for one that looks for the same literal at another property, the engine may find too many, never too few.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal

from fairmap.shacl.algebra import OPERATORS, Bind, Call, Exists, Filter, Group, Maybe, Select, Triple, Union, Variable
from fairmap.shacl.paths import Alternative, Inverse, Predicate, Repeat, Steps, backwards, predicates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import NamedNode

    from fairmap.shacl.algebra import Expression, Node, Part
    from fairmap.shacl.paths import Path


class Form(IntEnum):
    """How far a query looks at a literal."""

    KIND = 0
    """That there is one, and that it is a literal."""
    VALUE = 1
    """What it means."""
    TERM = 2
    """Whether it is the same literal as another one, where the query finds something only if it is."""
    WRITING = 3
    """How it is written."""


@dataclass(frozen=True)
class Forms:
    """How a query looks at the values of properties; ``None`` stands for any property.

    :ivar levels: how far it looks at them; those not named are not looked at.
    :ivar constants: how far it looks at literals that it names itself.
    :ivar told: the properties whose values its solutions may have.
    :ivar counts: its answer depends on how many solutions a part of it has.
    """

    levels: Mapping[NamedNode | None, Form]
    constants: Mapping[Literal, Form]
    told: frozenset[NamedNode | None]
    counts: bool

    def level(self, iri: NamedNode) -> Form | None:
        """How far the query looks at values of this property; ``None``: not at all."""
        found = [self.levels[key] for key in (iri, None) if key in self.levels]
        return max(found, default=None)

    def tells(self, iri: NamedNode) -> bool:
        """Whether solutions may have values of this property."""
        return iri in self.told or None in self.told


UNKNOWN: Final = Forms({None: Form.WRITING}, {}, frozenset({None}), counts=True)
"""Of a query that was not understood."""

_OF_KIND: Final = frozenset({"ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "BOUND", "COUNT"})
_OF_NUMBERS: Final = frozenset({"COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"})
_OF_VALUE: Final = frozenset({OPERATORS, "IN", "&&", "IF", "COALESCE", "ABS", "CEIL", "FLOOR", "ROUND"}) | frozenset(
    {"YEAR", "MONTH", "DAY", "SUM", "AVG", "MIN", "MAX"}
)


def forms(query: Select, given: Iterable[str]) -> Forms:
    """How the query looks at literals.

    :param given: the variables that have a value when it is asked.
    """
    uses = _Uses()
    known = Counter(Variable(name) for name in given)
    met = known + uses.select(query, certain=True)
    for variable, times in met.items():
        if times > 1:
            uses.see(variable, Form.WRITING if variable in uses.elsewhere else Form.TERM)
    uses.pass_on()
    told = uses.values_of({*(uses.sources if query.names is None else query.names)} - known.keys())
    levels: dict[NamedNode | None, Form] = {}
    for variable, properties in uses.sources.items():
        for iri in properties:
            levels[iri] = max(levels.get(iri, Form.KIND), uses.levels[variable])
    return Forms(levels, uses.constants, told, uses.counts)


class _Uses:
    """Goes through a query and notes what is done with variables. Variables of the same name are taken for the same one.

    :ivar sources: the properties whose values a variable can stand for.
    :ivar levels: how far the query looks at what it stands for.
    :ivar elsewhere: variables that get a value where a solution does not depend on it alone: in OPTIONAL, EXISTS, BIND, or where
        something is counted.
    """

    def __init__(self) -> None:
        self.sources: dict[Variable, set[NamedNode | None]] = defaultdict(set)
        self.levels: dict[Variable, Form] = defaultdict(lambda: Form.KIND)
        self.elsewhere: set[Variable] = set()
        self.constants: dict[Literal, Form] = {}
        self.counts = False
        self._made_of: dict[Variable, set[Variable]] = defaultdict(set)
        self._new = count()

    def see(self, variable: Variable, level: Form) -> None:
        """Note that the query looks so far at what a variable stands for."""
        self.levels[variable] = max(self.levels[variable], level)

    def name(self, literal: Literal, level: Form) -> None:
        """Note that the query names a literal, and looks so far at it."""
        self.constants[literal] = max(self.constants.get(literal, Form.KIND), level)

    def pass_on(self) -> None:
        """What is done with what is made of a variable is done with the variable."""
        waiting = list(self._made_of)
        while waiting:
            made = waiting.pop()
            for variable in self._made_of[made]:
                if self.levels[variable] < self.levels[made]:
                    self.see(variable, self.levels[made])
                    waiting.append(variable)

    def values_of(self, variables: Iterable[Variable]) -> frozenset[NamedNode | None]:
        """The properties whose values variables stand for, or what they are made of."""
        seen: set[Variable] = set()
        waiting = list(variables)
        while waiting:
            variable = waiting.pop()
            if variable not in seen:
                seen.add(variable)
                waiting += self._made_of.get(variable, ())
        return frozenset(iri for variable in seen for iri in self.sources.get(variable, ()))

    def select(self, query: Select, *, certain: bool, inner: bool = False) -> Counter[Variable]:
        """Go through a query; how often variables get a value."""
        expressions = [part.value if isinstance(part, Bind) else part for part in (*query.computed, *query.grouped)]
        counting = bool(query.grouped) or any(map(_counts, (*expressions, *query.conditions)))
        self.counts = self.counts or counting
        met = self.group(query.group, certain=certain and not counting)
        for part in query.grouped:
            self._see_all(part, Form.WRITING)
        for part in (*query.computed, *query.grouped):
            if isinstance(part, Bind):
                met += self._bind(part)
        for condition in query.conditions:
            self.expression(condition, Form.VALUE)
        if inner and query.distinct:
            for name in query.names or list(met):
                self.see(name, Form.WRITING)
        return met

    def group(self, group: Group, *, certain: bool) -> Counter[Variable]:
        """Go through a group; how often variables get a value.

        :param certain: each solution of the query has one of this group in it, and nothing counts them.
        """
        met: Counter[Variable] = Counter()
        for part in group.parts:
            met += self._part(part, group.listed, certain=certain)
        return met

    def _part(
        self, part: Part, listed: Mapping[Variable, tuple[NamedNode, ...]], *, certain: bool
    ) -> Counter[Variable]:
        match part:
            case Triple():
                found = self._triple(part, listed, certain=certain)
            case Group():
                found = self.group(part, certain=certain)
            case Union(groups):
                found = _most(self.group(group, certain=certain) for group in groups)
            case Maybe(group):
                found = self.group(group, certain=False)
            case Select():
                found = self.select(part, certain=certain, inner=True)
            case Bind():
                found = self._bind(part)
            case Filter(condition):
                found = self.expression(condition, Form.VALUE)
        return found

    def _triple(
        self, triple: Triple, listed: Mapping[Variable, tuple[NamedNode, ...]], *, certain: bool
    ) -> Counter[Variable]:
        if isinstance(triple.path, Variable):
            return self._value(triple.value, listed.get(triple.path, (None,)), certain=certain)
        return self._path(triple.subject, triple.path, triple.value, certain=certain)

    def _bind(self, part: Bind) -> Counter[Variable]:
        self.elsewhere.add(part.variable)
        self._made_of[part.variable].update(_taken(part.value))
        return self.expression(part.value, Form.KIND) + Counter([part.variable])

    def expression(self, part: Expression, level: Form) -> Counter[Variable]:
        """Go through an expression; how often variables get a value in the groups of EXISTS."""
        match part:
            case Variable():
                self.see(part, level)
            case Literal():
                self.name(part, level)
            case Exists(group):
                return self.group(group, certain=False)
            case Call(function, parts):
                inner = _level(function, level)
                return sum((self.expression(one, inner) for one in parts), Counter())
        return Counter()

    def _see_all(self, part: Expression | Bind, level: Form) -> None:
        for variable in _taken(part.value if isinstance(part, Bind) else part):
            self.see(variable, level)

    def _value(self, value: Node, properties: Iterable[NamedNode | None], *, certain: bool) -> Counter[Variable]:
        """Note a value of properties: of a variable, or a literal that the query names."""
        variable = value
        if isinstance(value, Literal):
            variable, level = self._fresh(), Form.TERM if certain else Form.WRITING
            self.name(value, level)
            self.see(variable, level)
        if not isinstance(variable, Variable):
            return Counter()
        self.sources[variable].update(properties)
        if not certain:
            self.elsewhere.add(variable)
        return Counter([variable])

    def _path(
        self,
        subject: Node,
        path: Path,
        value: Node,
        *,
        certain: bool,
    ) -> Counter[Variable]:
        match path:
            case Predicate(iri):
                return self._value(value, (iri,), certain=certain)
            case Inverse(Predicate(iri)):
                return self._value(subject, (iri,), certain=certain)
            case Inverse(inner):
                return self._path(subject, backwards(inner), value, certain=certain)
            case Alternative(parts):
                return _most(self._path(subject, part, value, certain=certain) for part in parts)
            case Steps((first, *others)):
                between = self._fresh()
                before = self._path(subject, first, between, certain=certain)
                rest = Steps(tuple(others)) if len(others) > 1 else others[0]
                return before + self._path(between, rest, value, certain=certain)
            case Repeat():
                return self._repeat(subject, path, value)
        raise AssertionError

    def _repeat(self, subject: Node, path: Repeat, value: Node) -> Counter[Variable]:
        """A repeated path finds each node once, so it can tell literals that are written in two ways from each other."""
        for literal in (end for end in (subject, value) if isinstance(end, Literal)):
            self.name(literal, Form.WRITING)
        ends = [end for end in (subject, value, self._fresh()) if isinstance(end, Variable)]
        for end in ends:
            self.sources[end].update(predicates(path))
            self.see(end, Form.WRITING)
            self._made_of[end].update(other for other in ends if other != end)
        return Counter(ends)

    def _fresh(self) -> Variable:
        return Variable(f"[] between {next(self._new)}")


def _level(function: str, level: Form) -> Form:
    """How far a function looks at what it is asked of, when its own value is looked at so far."""
    if function in _OF_KIND:
        return Form.KIND
    return max(level, Form.VALUE) if function in _OF_VALUE else Form.WRITING


def _most(found: Iterable[Counter[Variable]]) -> Counter[Variable]:
    most: Counter[Variable] = Counter()
    for one in found:
        most |= one
    return most


def _counts(part: Expression) -> bool:
    """Whether the expression has an aggregate."""
    return isinstance(part, Call) and (
        part.function.removesuffix(" DISTINCT") in _OF_NUMBERS or any(map(_counts, part.parts))
    )


def _taken(part: Expression) -> set[Variable]:
    """The variables whose values the value of an expression is made of."""
    match part:
        case Variable():
            return {part}
        case Call(function, parts) if function not in _OF_KIND:
            return set().union(*map(_taken, parts))
    return set()
