"""What a query of the shapes looks at: which triples, from the focus node on, and whether it can tell how a literal was written.

Read from the algebra that rdflib makes of the query. Where that cannot tell, the query is taken to look anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import NamedNode
from rdflib import URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.plugins.sparql.parserutils import CompValue, Expr

from fairmap.shacl.paths import Alternative, Inverse, Predicate, Repeat, Steps, backwards, predicates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fairmap.shacl.paths import Path

Way = tuple["Path", ...]

_BY_VALUE: Final = frozenset(
    f"Builtin_{name}" for name in ("BOUND", "COALESCE", "IF", "ABS", "CEIL", "FLOOR", "ROUND", "YEAR", "MONTH", "DAY")
) | {
    *("Builtin_isIRI", "Builtin_isURI", "Builtin_isBLANK", "Builtin_isLITERAL", "Builtin_EXISTS", "Builtin_NOTEXISTS"),
    *("RelationalExpression", "AdditiveExpression", "MultiplicativeExpression", "UnaryPlus", "UnaryMinus", "UnaryNot"),
    *("ConditionalAndExpression", "ConditionalOrExpression", "TrueFilter"),
}
"""Parts of expressions whose answer is the same for all ways to write a value."""
_BY_FORM: Final = frozenset({"Function", "ToMultiSet", "Group", "Slice", "Graph", "Minus"})
_INNER: Final = frozenset({"SelectQuery", "AskQuery", "Project", "Distinct", "Reduced"})


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
    :ivar by_value: it sees only what literals mean, not how they are written.
    """

    looks: tuple[Look, ...] | None
    by_value: bool


class _AnywhereError(Exception):
    """The query may look anywhere."""


def sight(algebra: Any, starts: Mapping[str, Way]) -> Sight:
    """What the query sees.

    :param starts: the ways to the nodes that are the values of variables when the query is asked.
    """
    walk = _Walk()
    by_value = _is_by_value(algebra)
    try:
        walk.pattern(algebra, {Variable(name): way for name, way in starts.items()})
    except _AnywhereError:
        return Sight(None, by_value)
    return Sight(tuple(dict.fromkeys(walk.looks)), by_value)


class _Walk:
    """Goes through an algebra and notes the looks; ``known`` has the ways to what variables stand for."""

    def __init__(self) -> None:
        self.looks: list[Look] = []

    def pattern(self, part: Any, known: dict[Any, Way]) -> dict[Any, Way]:
        """Go through a pattern; what is known of the variables that have a value wherever it matches."""
        name = part.name
        if name == "BGP":
            return self._triples(list(part.triples), known)
        if name == "Join":
            return self._join(part.p1, part.p2, known)
        if name == "LeftJoin":
            found = self.pattern(part.p1, known)
            self._expression(part.expr, self.pattern(part.p2, found))
            return found
        if name == "Union":
            self.pattern(part.p1, known)
            self.pattern(part.p2, known)
            return known
        if name in {"Filter", "Extend"}:
            found = self.pattern(part.p, known)
            self._expression(part.expr, found)
            return found
        if name in _INNER:
            return self.pattern(part.p, known)
        raise _AnywhereError

    def _join(self, one: Any, other: Any, known: dict[Any, Way]) -> dict[Any, Way]:
        """In the order in which more hangs together with the focus node."""
        before, tried = len(self.looks), []
        for first, second in ((one, other), (other, one)):
            found = self.pattern(second, self.pattern(first, known))
            tried.append((self.looks[before:], found))
            del self.looks[before:]
        looks, found = min(tried, key=lambda way: sum(look.way is None for look in way[0]))
        self.looks.extend(looks)
        return found

    def _triples(self, triples: list[Any], known: dict[Any, Way]) -> dict[Any, Way]:
        known = dict(known)
        while triples:
            near = next((t for t in triples if t[0] in known or t[2] in known), triples[0])
            triples.remove(near)
            if near[0] in known or near[2] in known:
                self._triple(near, known)
            else:
                self._somewhere(near[1])
        return known

    def _triple(self, triple: tuple[Any, Any, Any], known: dict[Any, Way]) -> None:
        subject, predicate, value = triple
        start, end, turned = (subject, value, False) if subject in known else (value, subject, True)
        way = known[start]
        if isinstance(predicate, Variable):
            self.looks.append(Look(way, None))
            return
        path = _path(predicate)
        if turned:
            path = backwards(path)
        self.looks.extend(along(path, way))
        known.setdefault(end, (*way, path))

    def _somewhere(self, predicate: Any) -> None:
        """Note a triple that does not hang together with the focus node."""
        if isinstance(predicate, Variable):
            raise _AnywhereError
        self.looks.extend(Look(None, iri) for iri in predicates(_path(predicate)))

    def _expression(self, part: Any, known: dict[Any, Way]) -> None:
        if isinstance(part, CompValue):
            if part.name in {"Builtin_EXISTS", "Builtin_NOTEXISTS"}:
                self.pattern(part.graph, known)
                return
            for inner in part.values():
                self._expression(inner, known)
        elif isinstance(part, list | tuple):
            for inner in part:
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


def _path(path: Any) -> Path:
    match path:
        case URIRef():
            return Predicate(NamedNode(str(path)))
        case InvPath():
            return Inverse(_path(path.arg))
        case SequencePath():
            return Steps(tuple(map(_path, path.args)))
        case AlternativePath():
            return Alternative(tuple(map(_path, path.args)))
        case MulPath():
            return Repeat(_path(path.path), zero=path.zero, many=path.more)
    raise _AnywhereError


def _is_by_value(algebra: Any) -> bool:
    """Whether nothing in the query depends on how a literal is written: no such function, and no join of literals."""
    values: list[Any] = []
    for part in _parts(algebra):
        if part.name == "BGP":
            values += [value for _, _, value in part.triples]
        elif part.name == "Extend":
            values.append(part.var)
        elif part.name in _BY_FORM or (isinstance(part, Expr) and part.name not in _BY_VALUE):
            return False
    variables = [value for value in values if isinstance(value, Variable)]
    return len(variables) == len(set(variables)) and all(isinstance(value, Variable | URIRef) for value in values)


def _parts(part: Any) -> Iterator[Any]:
    if isinstance(part, CompValue):
        yield part
        for inner in part.values():
            yield from _parts(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _parts(inner)
