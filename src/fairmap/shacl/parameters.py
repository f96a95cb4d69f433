"""What each parameter of SHACL Core makes: one function per parameter, from its values to constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from fairmap.namespaces import SH
from fairmap.shacl import model
from fairmap.shacl.reading import Broken, ShapesGraph, sh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fairmap.shacl.model import Constraint, Shape
    from fairmap.shacl.paths import Node, Term


class Builder(Protocol):
    """What parameters need to know of the reader of shapes."""

    graph: ShapesGraph

    def shape(self, node: Term, owner: Term) -> Shape:
        """The shape that a node describes."""
        ...


class Maker(Protocol):
    """From the values of a parameter to constraints."""

    def __call__(self, reader: Builder, node: Node, values: list[Term], /) -> Iterator[Constraint]:
        """The constraints; faults are raised as :class:`Broken`."""
        ...


_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "IRI": (NamedNode,),
    "BlankNode": (BlankNode,),
    "Literal": (Literal,),
    "BlankNodeOrIRI": (BlankNode, NamedNode),
    "BlankNodeOrLiteral": (BlankNode, Literal),
    "IRIOrLiteral": (NamedNode, Literal),
}
_SIGNS: Final = {"MinInclusive": ">=", "MinExclusive": ">", "MaxInclusive": "<=", "MaxExclusive": "<"}


def _class(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    for value in values:
        yield model.ClassOf(reader.graph.iri(node, value, "class", "4.1.1"))


def _datatype(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    yield model.Datatype(reader.graph.iri(node, values[0], "datatype", "4.1.2"))


def _node_kind(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    kind = reader.graph.iri(node, values[0], "nodeKind", "4.1.3").value.removeprefix(SH)
    if kind not in _KINDS:
        raise reader.graph.fault(node, f"sh:nodeKind is {kind}; it must be one of {', '.join(_KINDS)}", "4.1.3")
    yield model.NodeKind(_KINDS[kind], kind)


def _count(kind: type[model.MinCount | model.MaxCount], name: str, clause: str) -> Maker:
    def make(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
        yield kind(reader.graph.integer(node, values[0], name, clause))

    return make


def _length(kind: type[model.MinLength | model.MaxLength], name: str, clause: str) -> Maker:
    def make(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
        yield kind(reader.graph.integer(node, values[0], name, clause))

    return make


def _range(which: str, clause: str) -> Maker:
    def make(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
        bound = values[0]
        if not isinstance(bound, Literal):
            raise reader.graph.fault(node, f"sh:{which[0].lower()}{which[1:]} is {bound}, not a literal", clause)
        yield model.Range(bound, _SIGNS[which], which)

    return make


def _pattern(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    graph = reader.graph
    given = graph.one(node, "flags", "4.4.3")
    flags = Literal("") if given is None else graph.string(node, given, "flags", "4.4.3")
    for value in values:
        pattern = graph.string(node, value, "pattern", "4.4.3")
        if not Store().query(f'ASK {{ BIND (REGEX("", {pattern}, {flags}) AS ?x) FILTER BOUND(?x) }}'):
            raise graph.fault(node, f"sh:pattern {pattern} is not a regular expression of SPARQL", "4.4.3")
        yield model.Pattern(pattern, flags)


def _language_in(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    members = reader.graph.members(values[0], node, "sh:languageIn")
    ranges = [reader.graph.string(node, member, "languageIn", "4.4.4").value.lower() for member in members]
    yield model.LanguageIn(tuple(ranges))


def _unique_lang(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    if reader.graph.boolean(node, values[0], "uniqueLang", "4.4.5"):
        yield model.UniqueLang()


def _pair(kind: Callable[[NamedNode], Constraint], name: str, clause: str) -> Maker:
    def make(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
        for value in values:
            yield kind(reader.graph.iri(node, value, name, clause))

    return make


def _not(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    for value in values:
        yield model.Not(reader.shape(value, node))


def _node(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    for value in values:
        shape = reader.shape(value, node)
        if shape.path is not None:
            raise reader.graph.fault(node, "sh:node leads to a property shape, not to a node shape", "4.7.1")
        yield model.Conforms(shape)


def _logical(kind: Callable[[tuple[Shape, ...]], Constraint], name: str) -> Maker:
    def make(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
        for value in values:
            members = reader.graph.members(value, node, f"sh:{name}")
            yield kind(tuple(reader.shape(member, node) for member in members))

    return make


def _qualified(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    graph = reader.graph
    least, most = (graph.one(node, f"qualified{which}Count", "4.7.3") for which in ("Min", "Max"))
    disjoint = graph.one(node, "qualifiedValueShapesDisjoint", "4.7.3")
    separate = disjoint is not None and graph.boolean(node, disjoint, "qualifiedValueShapesDisjoint", "4.7.3")
    for value in values:
        siblings = _siblings(reader, node, value) if separate else ()
        yield model.Qualified(
            reader.shape(value, node),
            tuple(siblings),
            None if least is None else graph.integer(node, least, "qualifiedMinCount", "4.7.3"),
            None if most is None else graph.integer(node, most, "qualifiedMaxCount", "4.7.3"),
        )


def _siblings(reader: Builder, node: Node, own: Term) -> Iterator[Shape]:
    """The qualified value shapes of the other property shapes of all parents. Source: SHACL 4.7.3, sibling shapes."""
    graph = reader.graph
    found: dict[Term, None] = {}
    for parent in graph.subjects(sh("property"), node):
        for other in graph.objects(parent, sh("property")):
            found |= dict.fromkeys(graph.objects(other, sh("qualifiedValueShape")))
    found.pop(own, None)
    for sibling in found:
        yield reader.shape(sibling, node)


def _closed(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    graph = reader.graph
    if not graph.boolean(node, values[0], "closed", "4.8.1"):
        return
    allowed: set[NamedNode] = set()
    for property_shape in graph.objects(node, sh("property")):
        allowed |= {path for path in graph.objects(property_shape, sh("path")) if isinstance(path, NamedNode)}
    ignored = graph.one(node, "ignoredProperties", "4.8.1")
    members = [] if ignored is None else graph.members(ignored, node, "sh:ignoredProperties")
    yield model.Closed(frozenset({*allowed, *(graph.iri(node, m, "ignoredProperties", "4.8.1") for m in members)}))


def _has_value(_reader: Builder, _node: Node, values: list[Term]) -> Iterator[Constraint]:
    yield from map(model.HasValue, values)


def _in(reader: Builder, node: Node, values: list[Term]) -> Iterator[Constraint]:
    yield model.In(frozenset(reader.graph.members(values[0], node, "sh:in")))


PROPERTY_ONLY: Final = {
    "minCount": "4.2.1",
    "maxCount": "4.2.2",
    "uniqueLang": "4.4.5",
    "lessThan": "4.5.3",
    "lessThanOrEquals": "4.5.4",
    "qualifiedValueShape": "4.7.3",
}
"""Parameters that node shapes must not have, and the clause that says so."""

ONCE: Final = {
    "datatype": "4.1.2",
    "nodeKind": "4.1.3",
    "minCount": "4.2.1",
    "maxCount": "4.2.2",
    "minExclusive": "4.3.1",
    "minInclusive": "4.3.2",
    "maxExclusive": "4.3.3",
    "maxInclusive": "4.3.4",
    "minLength": "4.4.1",
    "maxLength": "4.4.2",
    "languageIn": "4.4.4",
    "uniqueLang": "4.4.5",
    "closed": "4.8.1",
    "in": "4.8.3",
}
"""Parameters that have one value at most, and the clause that says so."""

CORE: Final[Mapping[str, Maker]] = {
    "class": _class,
    "datatype": _datatype,
    "nodeKind": _node_kind,
    "minCount": _count(model.MinCount, "minCount", "4.2.1"),
    "maxCount": _count(model.MaxCount, "maxCount", "4.2.2"),
    "minExclusive": _range("MinExclusive", "4.3.1"),
    "minInclusive": _range("MinInclusive", "4.3.2"),
    "maxExclusive": _range("MaxExclusive", "4.3.3"),
    "maxInclusive": _range("MaxInclusive", "4.3.4"),
    "minLength": _length(model.MinLength, "minLength", "4.4.1"),
    "maxLength": _length(model.MaxLength, "maxLength", "4.4.2"),
    "pattern": _pattern,
    "languageIn": _language_in,
    "uniqueLang": _unique_lang,
    "equals": _pair(model.Equals, "equals", "4.5.1"),
    "disjoint": _pair(model.Disjoint, "disjoint", "4.5.2"),
    "lessThan": _pair(model.LessThan, "lessThan", "4.5.3"),
    "lessThanOrEquals": _pair(model.LessThanOrEquals, "lessThanOrEquals", "4.5.4"),
    "not": _not,
    "and": _logical(model.And, "and"),
    "or": _logical(model.Or, "or"),
    "xone": _logical(model.Xone, "xone"),
    "node": _node,
    "qualifiedValueShape": _qualified,
    "closed": _closed,
    "hasValue": _has_value,
    "in": _in,
}


def core_constraints(reader: Builder, node: Node, *, has_path: bool) -> Iterator[Constraint]:
    """The constraints of SHACL Core that a shape has; faults are noted in the graph."""
    for name, make in CORE.items():
        values = reader.graph.objects(node, sh(name))
        if not values:
            continue
        try:
            if len(values) > 1 and name in ONCE:
                raise reader.graph.fault(node, f"sh:{name} has {len(values)} values, one is allowed", ONCE[name])
            if not has_path and name in PROPERTY_ONLY:
                raise reader.graph.fault(node, f"a node shape must not have sh:{name}", PROPERTY_ONLY[name])
            yield from make(reader, node, values)
        except Broken:
            continue
