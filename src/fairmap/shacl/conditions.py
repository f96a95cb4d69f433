"""Conditions of SPARQL for what may be wrong with a node.

For each constraint there are two conditions on a node: when it *may* violate the constraint, and when it *may* satisfy it. Each
holds at least where it is so, and may hold elsewhere, where SPARQL cannot tell; a negated shape swaps them. Where the engine
holds literals in another form than they were written in, SPARQL cannot tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.namespaces import RDF, XSD
from fairmap.shacl import model
from fairmap.shacl.checks import CHECKS
from fairmap.shacl.datatypes import LEXICAL, is_well_formed
from fairmap.shacl.paths import Alternative, Inverse, Predicate, Steps, as_sparql, backwards, predicates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Constraint, Shape
    from fairmap.shacl.paths import Path, Term

_DEEPEST: Final = 6
"""Shapes in shapes; each level may double the text."""
_MOST_VARIABLES: Final = 2000
_MOST_TERMS: Final = 500
_MOST_SHAPES: Final = 50
_MOST_STEPS: Final = 8
_TWO: Final = 2

TRUE: Final = "true"
FALSE: Final = "false"
_TYPE: Final = f"<{RDF}type>"

_NUMBERS: Final = frozenset(f"{XSD}{name}" for name in ("integer", "decimal", "double", "float"))
_DATES: Final = frozenset(f"{XSD}{name}" for name in ("date", "dateTime", "gYear", "gYearMonth"))
_BY_PATTERN: Final = frozenset(
    f"{XSD}{name}"
    for name in [
        "boolean",
        "time",
        "gMonth",
        "gMonthDay",
        "gDay",
        "duration",
        "dayTimeDuration",
        "yearMonthDuration",
        "hexBinary",
    ]
)
_KINDS: Final = {
    "IRI": ("(!isIRI({0}))", "isIRI({0})"),
    "BlankNode": ("(!isBlank({0}))", "isBlank({0})"),
    "Literal": ("(!isLiteral({0}))", "isLiteral({0})"),
    "BlankNodeOrIRI": ("isLiteral({0})", "(!isLiteral({0}))"),
    "BlankNodeOrLiteral": ("isIRI({0})", "(!isIRI({0}))"),
    "IRIOrLiteral": ("isBlank({0})", "(!isBlank({0}))"),
}
"""Conditions on a node that is of another kind, and on one of the kind."""


class Conditions(NamedTuple):
    """When a node may violate a constraint or shape, and when it may satisfy it."""

    bad: str
    good: str


UNKNOWN: Final = Conditions(TRUE, TRUE)


def any_of(conditions: Iterable[str]) -> str:
    """At least one of them; the constants are worked out."""
    kept = [c for c in dict.fromkeys(conditions) if c != FALSE]
    if TRUE in kept:
        return TRUE
    return FALSE if not kept else kept[0] if len(kept) == 1 else f"({' || '.join(kept)})"


def all_of(conditions: Iterable[str]) -> str:
    """All of them; the constants are worked out."""
    kept = [c for c in dict.fromkeys(conditions) if c != TRUE]
    if FALSE in kept:
        return FALSE
    return TRUE if not kept else kept[0] if len(kept) == 1 else f"({' && '.join(kept)})"


def negation(condition: str) -> str:
    """Its opposite."""
    return {TRUE: FALSE, FALSE: TRUE}.get(condition) or f"(!{condition})"


def _certain(condition: str) -> Conditions:
    return Conditions(negation(condition), condition)


class Writer:
    """Writes conditions for the shapes that are judged on one data graph."""

    def __init__(self, data: DataGraph, tables: dict[NamedNode, tuple[NamedNode, Constraint]]) -> None:
        """``tables`` takes up the functions that conditions call, with property and constraint (see :mod:`fairmap.shacl.tables`)."""
        self._tables = tables
        self._classes = data.classes
        self._rewritten = frozenset(data.rewritten)
        self._as_stored = data.as_stored
        self._count = 0
        self._depth = 0

    def is_exact(self, path: Path) -> bool:
        """Whether the literals that a path meets are held as they were written."""
        return self._rewritten.isdisjoint(predicates(path))

    def instance(self, node: str, iri: Term) -> str:
        """That a node is an instance of the class."""
        return any_of(f"EXISTS {{ {node} {_TYPE} {kind} }}" for kind in sorted(map(str, self._classes(iri))))

    def shape(self, shape: Shape, node: str, *, exact: bool) -> Conditions:
        """Whether a node conforms to a shape.

        :param node: a variable of SPARQL.
        :param exact: the node, when it is a literal, is held as it was written.
        """
        if shape.deactivated:
            return Conditions(FALSE, TRUE)
        if self._depth >= _DEEPEST or self._count > _MOST_VARIABLES:
            return UNKNOWN
        self._depth += 1
        found = [self.constraint(constraint, shape.path, node, exact=exact) for constraint in shape.constraints]
        found += [self.inner(inner, shape.path, node, exact=exact) for inner in shape.properties]
        self._depth -= 1
        return Conditions(any_of(c.bad for c in found), all_of(c.good for c in found))

    def inner(self, inner: Shape, path: Path | None, node: str, *, exact: bool) -> Conditions:
        """Whether what the path leads to conforms to a property shape."""
        if _is_long(path):
            return UNKNOWN
        return self._values(path, node, lambda value, held: self.shape(inner, value, exact=held), exact=exact)

    def constraint(self, constraint: Constraint, path: Path | None, node: str, *, exact: bool) -> Conditions:
        """Whether a focus node satisfies a constraint on what the path leads to."""
        if _is_long(path):
            return UNKNOWN
        if isinstance(path, Predicate) and type(constraint) in BY_TABLE and not self.is_exact(path):
            return self._by_table(path.iri, constraint, node)
        if isinstance(constraint, model.Closed | model.HasValue) or type(constraint) in CHECKS:
            if isinstance(constraint, model.HasValue) and path is not None:
                return self._has_value(constraint, path, node)
            return self._values(path, node, lambda value, held: self.value(constraint, value, exact=held), exact=exact)
        if path is None or not (exact and self.is_exact(path)):
            return self._loose(constraint, path, node)
        make = _TOGETHER.get(type(constraint))
        return UNKNOWN if make is None else make(self, constraint, path, node)

    def _by_table(self, predicate: NamedNode, constraint: Constraint, node: str) -> Conditions:
        name = NamedNode(f"urn:fairmap:shacl:fails:{len(self._tables)}")
        self._tables[name] = (predicate, constraint)
        return Conditions(f"{name}({node})", f"(!{name}({node}))")

    def value(self, constraint: Constraint, node: str, *, exact: bool) -> Conditions:  # noqa: PLR0911 - one per constraint
        """Whether a value node satisfies a constraint that judges each by itself."""
        match constraint:
            case model.ClassOf(iri):
                return _certain(self.instance(node, iri))
            case model.NodeKind(_, kind):
                return Conditions(*(condition.format(node) for condition in _KINDS[kind]))
            case model.Closed(allowed):
                return Conditions(self._other_property(node, sorted(map(str, allowed))), TRUE)
            case model.Not(shape):
                found = self.shape(shape, node, exact=exact)
                return Conditions(found.good, found.bad)
            case model.Conforms(shape):
                return self.shape(shape, node, exact=exact)
            case model.And(shapes) | model.Or(shapes) | model.Xone(shapes) if len(shapes) > _MOST_SHAPES:
                return UNKNOWN
            case model.And(shapes) | model.Or(shapes) | model.Xone(shapes):
                return _logical(constraint, [self.shape(shape, node, exact=exact) for shape in shapes])
            case model.In(terms) if len(terms) > _MOST_TERMS or any(isinstance(term, BlankNode) for term in terms):
                return UNKNOWN
            case model.HasValue(BlankNode()):
                return UNKNOWN
        return self._literal(constraint, node, exact=exact)

    def _literal(self, constraint: Constraint, node: str, *, exact: bool) -> Conditions:
        """Constraints that look at the form of a literal."""
        holds = self._holds(constraint, node)
        may = f"DATATYPE({node}) = {constraint.iri}" if isinstance(constraint, model.Datatype) else holds
        if exact:
            return Conditions(negation(holds), f"COALESCE({may}, false)" if may != holds else may)
        rewritten = f"(isLiteral({node}) && DATATYPE({node}) != <{XSD}string> && LANG({node}) = '')"
        return Conditions(
            any_of([negation(holds), rewritten]),
            any_of([f"COALESCE({may}, false)" if may != holds else may, rewritten]),
        )

    def _holds(self, constraint: Constraint, node: str) -> str:  # noqa: PLR0911 - one per constraint
        """That a literal held as written satisfies a constraint for certain."""
        match constraint:
            case model.Datatype(iri):
                return all_of([f"isLiteral({node})", f"DATATYPE({node}) = {iri}", _well_formed(iri.value, node)])
            case model.Range(bound, sign):
                return f"COALESCE({node} {sign} {bound}, false)" if is_well_formed(bound) else FALSE
            case model.MinLength(length):
                return f"COALESCE(STRLEN(STR({node})) >= {length}, false)"
            case model.MaxLength(length):
                return f"COALESCE(STRLEN(STR({node})) <= {length}, false)"
            case model.Pattern(pattern, flags):
                return f"COALESCE(REGEX(STR({node}), {pattern}, {flags}), false)"
            case model.LanguageIn(ranges):
                return any_of(f"COALESCE(LANGMATCHES(LANG({node}), {Literal(tag)}), false)" for tag in ranges)
            case model.In(terms):
                return self._same(node, sorted(terms, key=str))
            case model.HasValue(term):
                return self._same(node, [term])
        return FALSE

    def _same(self, node: str, terms: Iterable[Term]) -> str:
        """That a node held as written is one of the terms; a term that the engine would rewrite is held nowhere."""
        terms = list(terms)
        iris = [str(term) for term in terms if isinstance(term, NamedNode)]
        literals = [term for term in terms if isinstance(term, Literal) and self._as_stored(term) == term]
        some = [f"({node} IN ({', '.join(iris)}))"] if iris else []
        return any_of([*some, *(f"sameTerm({node}, {literal})" for literal in literals)])

    def new(self) -> str:
        """A variable that is used nowhere else."""
        self._count += 1
        return f"?v{self._count}"

    def _other_property(self, node: str, allowed: list[str]) -> str:
        predicate, value = self.new(), self.new()
        rest = f" FILTER ({predicate} NOT IN ({', '.join(allowed)}))" if allowed else ""
        return f"EXISTS {{ {node} {predicate} {value}{rest} }}"

    def _values(
        self, path: Path | None, node: str, each: Callable[[str, bool], Conditions], *, exact: bool
    ) -> Conditions:
        if path is None:
            return each(node, exact)
        if not exact and not isinstance(path, Predicate):
            return UNKNOWN
        held = self.is_exact(path)
        if not held and not isinstance(path, Predicate):
            return UNKNOWN
        bad = self.exists(path, node, lambda value: each(value, held).bad)
        good = negation(self.exists(path, node, lambda value: negation(each(value, held).good)))
        return Conditions(bad, good)

    def exists(self, path: Path, node: str, condition: Callable[[str], str]) -> str:
        """That the path leads from the node to one that meets the condition."""
        match path:
            case Steps((first, *rest)):
                inner = rest[0] if len(rest) == 1 else Steps(tuple(rest))
                return self.exists(first, node, lambda between: self.exists(inner, between, condition))
            case Alternative(parts):
                return any_of(self.exists(part, node, condition) for part in parts)
            case Inverse(Predicate(iri)):
                return self._pattern(lambda value: f"{value} {iri} {node}", condition)
            case Inverse(inner):
                return self.exists(backwards(inner), node, condition)
            case _:
                text = as_sparql(path)
                return self._pattern(lambda value: f"{node} {text} {value}", condition)

    def _pattern(self, pattern: Callable[[str], str], condition: Callable[[str], str]) -> str:
        value = self.new()
        wanted = condition(value)
        if wanted == FALSE:
            return FALSE
        return f"EXISTS {{ {pattern(value)}{'' if wanted == TRUE else f' FILTER ({wanted})'} }}"

    def _has_value(self, constraint: model.HasValue, path: Path, node: str) -> Conditions:
        term = constraint.term
        if not self.is_exact(path) or isinstance(term, BlankNode):
            return UNKNOWN
        if isinstance(term, NamedNode) and isinstance(path, Predicate):
            return _certain(f"EXISTS {{ {node} {path.iri} {term} }}")
        return _certain(self.exists(path, node, lambda value: self._same(value, [term])))

    def _loose(self, constraint: Constraint, path: Path | None, node: str) -> Conditions:
        """Counting where one stored literal may stand for several, which are never fewer."""
        if path is not None and isinstance(constraint, model.MinCount) and isinstance(path, Predicate):
            return _min_count(self, constraint, path, node)
        return UNKNOWN


def _is_long(path: Path | None) -> bool:
    return path is not None and sum(1 for _ in predicates(path)) > _MOST_STEPS


def _logical(constraint: Constraint, found: list[Conditions]) -> Conditions:
    bads, goods = [c.bad for c in found], [c.good for c in found]
    if isinstance(constraint, model.And):
        return Conditions(any_of(bads), all_of(goods))
    if isinstance(constraint, model.Or):
        return Conditions(all_of(bads), any_of(goods))
    pairs = [all_of([one, other]) for n, one in enumerate(goods) for other in goods[n + 1 :]]
    return Conditions(any_of([all_of(bads), *pairs]), any_of(goods))


def _well_formed(datatype: str, node: str) -> str:
    if datatype in _NUMBERS:
        return f"isNumeric({node})"
    if datatype in _DATES:
        return f"COALESCE(YEAR({node}) != 1000000, false)"
    if datatype in _BY_PATTERN:
        pattern = LEXICAL[datatype.removeprefix(XSD)].replace(r"\d", "[0-9]")
        return f"REGEX(STR({node}), {Literal(f'^(?:{pattern})$')})"
    return FALSE if datatype.removeprefix(XSD) in LEXICAL else TRUE


def _min_count(writer: Writer, constraint: model.MinCount, path: Path, node: str) -> Conditions:
    if constraint.count <= 0:
        return Conditions(FALSE, TRUE)
    there = writer.exists(path, node, lambda _: TRUE)
    if constraint.count == 1:
        return _certain(there)
    if constraint.count == _TWO and writer.is_exact(path):
        return _certain(_twice(writer, path, node))
    return Conditions(TRUE, there)


def _max_count(writer: Writer, constraint: model.MaxCount, path: Path, node: str) -> Conditions:
    if constraint.count == 0:
        return _certain(negation(writer.exists(path, node, lambda _: TRUE)))
    if constraint.count > 1:
        return UNKNOWN
    return _certain(negation(_twice(writer, path, node)))


def _twice(writer: Writer, path: Path, node: str) -> str:
    """That the path leads to two nodes, whose literals are held as written."""
    return writer.exists(
        path, node, lambda one: writer.exists(path, node, lambda other: f"(!sameTerm({one}, {other}))")
    )


def _unique_lang(writer: Writer, _: Constraint, path: Path, node: str) -> Conditions:
    def shared(one: str, other: str) -> str:
        return f"(!sameTerm({one}, {other}) && LANG({one}) != '' && LCASE(LANG({one})) = LCASE(LANG({other})))"

    twice = writer.exists(path, node, lambda one: writer.exists(path, node, lambda other: shared(one, other)))
    return Conditions(twice, TRUE)


def _disjoint(writer: Writer, constraint: model.Disjoint, path: Path, node: str) -> Conditions:
    if not writer.is_exact(Predicate(constraint.other)):
        return UNKNOWN
    shared = writer.exists(path, node, lambda value: f"EXISTS {{ {node} {constraint.other} {value} }}")
    return _certain(negation(shared))


def _less_than(writer: Writer, constraint: model.LessThan, path: Path, node: str) -> Conditions:
    other = Predicate(constraint.other)
    if not writer.is_exact(other):
        return UNKNOWN

    def fails(left: str, right: str) -> str:
        return any_of([f"(!COALESCE({left} {constraint.sign} {right}, false))", f"sameTerm({left}, {right})"])

    found = writer.exists(path, node, lambda left: writer.exists(other, node, lambda right: fails(left, right)))
    return Conditions(found, TRUE)


def _qualified(writer: Writer, constraint: model.Qualified, path: Path, node: str) -> Conditions:
    """Only the commonest case: at least one value that conforms."""
    if constraint.least != 1 or constraint.most is not None or constraint.siblings:
        return UNKNOWN
    certain = writer.exists(path, node, lambda v: negation(writer.shape(constraint.shape, v, exact=True).bad))
    maybe = writer.exists(path, node, lambda v: writer.shape(constraint.shape, v, exact=True).good)
    return Conditions(negation(certain), maybe)


BY_TABLE: Final = frozenset(
    {
        model.Datatype,
        model.Range,
        model.MinLength,
        model.MaxLength,
        model.Pattern,
        model.LanguageIn,
        model.In,
        model.MaxCount,
        model.UniqueLang,
    }
)
"""Constraints that are looked up in a table where the engine rewrote literals of a property."""

_TOGETHER: Final[dict[type[Constraint], Callable[..., Conditions]]] = {
    model.MinCount: _min_count,
    model.MaxCount: _max_count,
    model.UniqueLang: _unique_lang,
    model.Disjoint: _disjoint,
    model.LessThan: _less_than,
    model.LessThanOrEquals: _less_than,
    model.Qualified: _qualified,
}
