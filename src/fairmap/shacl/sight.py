"""What a query of the shapes looks at: which triples, from the focus node on, and how far it looks at their literals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from fairmap.shacl.algebra import Bind, Call, Exists, Filter, Group, Maybe, Node, Select, Triple, Union, Variable
from fairmap.shacl.forms import UNKNOWN, Forms, forms
from fairmap.shacl.grammar import NotReadError, read
from fairmap.shacl.model import Custom
from fairmap.shacl.paths import Alternative, Inverse, Path, Predicate, Repeat, Steps, backwards, predicates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fairmap.shacl.algebra import Expression, Part
    from fairmap.shacl.model import Shape, Sparql

Way = tuple[Path, ...]
_Ways = dict[Node, Way]
_Listed = dict[Variable, tuple[NamedNode, ...]]


class Look(NamedTuple):
    """Where triples are looked at.

    :ivar way: paths from a focus node, one after the other, to the node whose triples they are; ``None``: at any node.
    :ivar property: the property of that node, forwards or backwards; ``None``: all.
    """

    way: Way | None
    property: NamedNode | None


@dataclass(frozen=True)
class Sight:
    """What a query can see.

    :ivar looks: where it looks; ``None`` when it may look anywhere.
    :ivar forms: how far it looks at literals.
    """

    looks: tuple[Look, ...] | None
    forms: Forms


class _AnywhereError(Exception):
    """The query may look anywhere."""


def sight_of(shape: Shape, constraint: Sparql | Custom) -> Sight:
    """What a query of the shape sees; found out once."""
    query = constraint.query
    starts: dict[str, Way] = {"this": ()}
    if query.asks:
        starts["value"] = () if shape.path is None else (shape.path,)
    named = frozenset(name for name, _ in constraint.parameters) if isinstance(constraint, Custom) else frozenset()
    key = (starts.get("value"), named)
    if key not in query.sights:
        query.sights[key] = _sight(query.text(""), starts, named)
    return query.sights[key]


def _sight(text: str, starts: Mapping[str, Way], named: frozenset[str]) -> Sight:
    try:
        query = read(text)
    except NotReadError:
        return Sight(None, UNKNOWN)
    seen = forms(query, {*starts, *named})
    found: list[Look] = []
    try:
        _Walk({Variable(name): way for name, way in starts.items()}, found).select(query)
    except _AnywhereError:
        return Sight(None, seen)
    return Sight(tuple(dict.fromkeys(found)), seen)


class _Walk:
    """Goes through a query and notes the looks.

    :param given: the ways to the variables that have a value in each group.
    :param found: where the looks are noted.
    """

    def __init__(self, given: _Ways, found: list[Look]) -> None:
        self._given = given
        self._looks = found

    def select(self, query: Select) -> _Ways:
        """Go through a query, which knows nothing of what is around it; the ways to what it tells."""
        ways = self.group(query.group, {})
        for part in (*query.computed, *query.grouped, *query.conditions):
            self._expression(part.value if isinstance(part, Bind) else part, {**self._given, **ways})
        return ways if query.names is None else {name: way for name, way in ways.items() if name in query.names}

    def group(self, group: Group, around: _Ways) -> _Ways:
        """Go through a group; the ways to what has a value wherever it matches.

        :param around: the ways to what the group is joined with.
        """
        ways = {**around, **self._given}
        listed = group.listed
        triples = self._near([part for part in group.parts if isinstance(part, Triple)], ways, listed)
        own = [self._joined(part, ways) for part in group.parts]
        for found in own:
            ways = {**found, **ways}
        while triples := self._near(triples, ways, listed):
            self._somewhere(triples.pop(0), listed)
        bound = self._in_order(group, ways, own)
        return {name: way for name, way in ways.items() if name in bound}

    def _joined(self, part: Part, ways: _Ways) -> _Ways:
        match part:
            case Group():
                return self.group(part, ways)
            case Select(names):
                given = {name: way for name, way in self._given.items() if names is None or name in names}
                return _Walk(given, self._looks).select(part)
            case Union(groups):
                for group in groups:
                    self.group(group, ways)
        return {}

    def _in_order(self, group: Group, ways: _Ways, own: Sequence[_Ways]) -> set[Node]:
        """Go through what sees only what has a value before it; what has one at the end."""
        bound: set[Node] = set(self._given)
        for part, found in zip(group.parts, own, strict=True):
            known = {name: way for name, way in ways.items() if name in bound}
            match part:
                case Triple(subject, _, value):
                    bound |= {subject, value}
                case Maybe(inner):
                    self.group(inner, known)
                case Bind(value):
                    self._expression(value, known)
            bound |= found.keys()
        known = {name: way for name, way in ways.items() if name in bound}
        for part in group.parts:
            if isinstance(part, Filter):
                self._expression(part.condition, known)
        return bound

    def _near(self, triples: Sequence[Triple], ways: _Ways, listed: _Listed) -> list[Triple]:
        """Go through the triples that hang together with what is known; the others."""
        left = list(triples)
        while near := next((t for t in left if t.subject in ways or t.value in ways), None):
            left.remove(near)
            self._triple(near, ways, listed)
        return left

    def _triple(self, triple: Triple, ways: _Ways, listed: _Listed) -> None:
        turned = triple.subject not in ways
        start, end = (triple.value, triple.subject) if turned else (triple.subject, triple.value)
        way = ways[start]
        if isinstance(triple.path, Variable):
            self._looks.extend(Look(way, iri) for iri in listed.get(triple.path, (None,)))
            return
        path = backwards(triple.path) if turned else triple.path
        self._looks.extend(along(path, way))
        ways.setdefault(end, (*way, path))

    def _somewhere(self, triple: Triple, listed: _Listed) -> None:
        """Note a triple that does not hang together with the focus node."""
        if isinstance(triple.path, Variable):
            if triple.path not in listed:
                raise _AnywhereError
            self._looks.extend(Look(None, iri) for iri in listed[triple.path])
        else:
            self._looks.extend(Look(None, iri) for iri in predicates(triple.path))

    def _expression(self, part: Expression, known: _Ways) -> None:
        match part:
            case Exists(group):
                _Walk({**known, **self._given}, self._looks).group(group, {})
            case Call(_, parts):
                for inner in parts:
                    self._expression(inner, known)


def along(path: Path, before: Way) -> Iterator[Look]:
    """The looks that following a path takes."""
    match path:
        case Predicate(iri):
            yield Look(before, iri)
        case Inverse(Predicate(iri)):
            yield Look(before, iri)
        case Inverse(inner):
            yield from along(backwards(inner), before)
        case Steps(parts):
            for number, part in enumerate(parts):
                yield from along(part, before + parts[:number])
        case Alternative(parts):
            for part in parts:
                yield from along(part, before)
        case Repeat(inner):
            yield from along(inner, (*before, Repeat(inner, zero=True, many=True)))
