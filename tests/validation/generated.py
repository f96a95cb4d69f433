"""Small random data and shapes graphs, for comparing ways to judge them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from fairmap.namespaces import RDF, RDFS, SH, XSD

if TYPE_CHECKING:
    from random import Random

    from fairmap.shacl.paths import Node, Term

EX = "http://example.org/"


def ex(name: str) -> NamedNode:
    return NamedNode(f"{EX}{name}")


def typed(text: str, name: str) -> Literal:
    return Literal(text, datatype=NamedNode(f"{XSD}{name}"))


NODES: list[Node] = [*(ex(f"n{number}") for number in range(5)), *(BlankNode(f"b{number}") for number in range(3))]
PROPERTIES = [ex("p"), ex("q"), ex("r")]
CLASSES = [ex("A"), ex("B"), ex("C")]
LITERALS = [
    Literal("x"),
    Literal("abc"),
    Literal("x", language="en"),
    Literal("y", language="en"),
    Literal("z", language="de-at"),
    typed("1", "integer"),
    typed("01", "integer"),
    typed("7", "integer"),
    typed("abc", "integer"),
    typed("5", "nonNegativeInteger"),
    typed("5", "integer"),
    typed("300", "byte"),
    typed("1.50", "decimal"),
    typed("1.5", "decimal"),
    typed("true", "boolean"),
    typed("1", "boolean"),
    typed("2020-01-02", "date"),
    typed("2020-02-31", "date"),
    typed("2021-01-02T00:00:00Z", "dateTime"),
    typed("2021-01-02T00:00:00.000Z", "dateTime"),
]
VALUES_OF_PAIRS: list[Term] = [*PROPERTIES]
TERMS: list[Term] = [*NODES, *LITERALS]


def data_graph(chance: Random) -> list[Quad]:
    """Some nodes with a type and some values."""
    found = [
        Quad(chance.choice(NODES), chance.choice(PROPERTIES), chance.choice(TERMS)) for _ in range(chance.randrange(20))
    ]
    found += [
        Quad(chance.choice(NODES), NamedNode(f"{RDF}type"), chance.choice(CLASSES))
        for _ in range(chance.randrange(1, 10))
    ]
    if chance.random() < 0.5:
        found.append(Quad(CLASSES[1], NamedNode(f"{RDFS}subClassOf"), CLASSES[0]))
    return found


class ShapesWriter:
    """Draws a shapes graph, triple by triple."""

    def __init__(self, chance: Random, without: tuple[str, ...]) -> None:
        self.chance = chance
        self._without = without
        self._count = 0
        self.triples: list[Triple] = []

    def any(self, values: Any) -> Any:
        """One of the values."""
        return self.chance.choice(list(values))

    def new(self) -> BlankNode:
        """A node for a shape, path or list."""
        self._count += 1
        return BlankNode(f"s{self._count}")

    def add(self, node: Node, name: str, value: Term) -> None:
        """Give the node a property of SHACL."""
        self.triples.append(Triple(node, NamedNode(f"{SH}{name}"), value))

    def list(self, members: Any) -> Node:
        """A list of the members."""
        rest: Node = NamedNode(f"{RDF}nil")
        for member in reversed(list(members)):
            node = self.new()
            self.triples.append(Triple(node, NamedNode(f"{RDF}first"), member))
            self.triples.append(Triple(node, NamedNode(f"{RDF}rest"), rest))
            rest = node
        return rest

    def path(self, depth: int = 0) -> Node:
        """A path of any kind, half of the time a single property."""
        kind = self.any(["plain", "plain", "plain", "inverse", "sequence", "alternative", "*", "+", "?"])
        if kind == "plain" or depth > 1 or self.chance.random() < 0.5:
            return self.chance.choice(PROPERTIES)
        node = self.new()
        if kind == "sequence":
            return self.list([self.path(depth + 1), self.path(depth + 1)])
        if kind == "alternative":
            self.add(node, "alternativePath", self.list([self.path(depth + 1), self.path(depth + 1)]))
            return node
        name = {"inverse": "inversePath", "*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}[kind]
        simple = name == "inversePath" and "inverse of a path" in self._without
        self.add(node, name, self.chance.choice(PROPERTIES) if simple else self.path(depth + 1))
        return node

    def shape(self, depth: int) -> Node:
        """A node shape."""
        node = self.new()
        self.fill(node, depth, has_path=False)
        return node

    def property_shape(self, depth: int) -> Node:
        """A property shape."""
        node = self.new()
        self.add(node, "path", self.path())
        self.fill(node, depth, has_path=True)
        return node

    def fill(self, node: Node, depth: int, *, has_path: bool) -> None:
        """Give the shape one or two constraints."""
        kinds = [*EACH, "closed"]
        if has_path:
            kinds += TOGETHER
        if depth < 2:
            kinds += [*NESTED, "property", "property"]
            if has_path:
                kinds.append("qualifiedValueShape")
        kinds = [kind for kind in kinds if kind not in self._without]
        for kind in self.chance.sample(kinds, self.any([1, 1, 1, 2])):
            self.parameter(node, kind, depth)

    def parameter(self, node: Node, kind: str, depth: int) -> None:
        """Give the shape a constraint of this kind."""
        if kind == "property":
            self.add(node, "property", self.property_shape(depth + 1))
        elif kind in {"and", "or", "xone"}:
            self.add(node, kind, self.list([self.shape(depth + 1), self.shape(depth + 1)]))
        elif kind in {"not", "node"}:
            self.add(node, kind, self.shape(depth + 1))
        elif kind == "qualifiedValueShape":
            self.add(node, kind, self.shape(depth + 1))
            self.add(node, self.any(["qualifiedMinCount", "qualifiedMaxCount"]), typed(self.any("012"), "integer"))
        elif kind == "in":
            self.add(node, kind, self.list(self.any([TERMS[:3] + LITERALS[:6], LITERALS[5:], [ex("n0")]])))
        elif kind == "languageIn":
            self.add(node, kind, self.list([Literal(self.any(["en", "de", "de-AT"]))]))
        elif kind == "closed":
            self.add(node, kind, typed("true", "boolean"))
            self.add(node, "ignoredProperties", self.list([NamedNode(f"{RDF}type"), PROPERTIES[0]]))
        else:
            self.add(node, kind, self.any({**EACH, **dict.fromkeys(PAIRS, VALUES_OF_PAIRS), **COUNTS}[kind]))


EACH: dict[str, list[Term]] = {
    "class": [*CLASSES],
    "datatype": [
        NamedNode(f"{RDF}langString"),
        *(NamedNode(f"{XSD}{name}") for name in ("string", "integer", "nonNegativeInteger", "decimal", "date", "byte")),
    ],
    "nodeKind": [
        NamedNode(f"{SH}{name}") for name in ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "IRIOrLiteral")
    ],
    "minInclusive": [typed("5", "integer"), typed("1.5", "decimal"), typed("2020-06-01", "date")],
    "maxExclusive": [typed("5", "integer"), typed("2020-06-01", "date")],
    "minLength": [typed("2", "integer")],
    "maxLength": [typed("2", "integer")],
    "pattern": [Literal("^[a-z]"), Literal("1"), Literal("0")],
    "hasValue": TERMS,
    "in": [],
    "languageIn": [],
    "disjoint": [*PROPERTIES],
    "equals": [*PROPERTIES],
}
COUNTS: dict[str, list[Term]] = {
    "minCount": [typed(text, "integer") for text in "012"],
    "maxCount": [typed(text, "integer") for text in "012"],
    "uniqueLang": [typed("true", "boolean")],
}
PAIRS = ("lessThan", "lessThanOrEquals")
TOGETHER = [*COUNTS, *PAIRS]
NESTED = ["and", "or", "xone", "not", "node"]


def shapes_graph(chance: Random, without: tuple[str, ...] = ()) -> list[Triple]:
    """One or two shapes with targets, and without these parameters."""
    writer = ShapesWriter(chance, without)
    for number in range(writer.any([1, 1, 2])):
        node = ex(f"S{number}")
        writer.triples.append(Triple(node, NamedNode(f"{RDF}type"), NamedNode(f"{SH}NodeShape")))
        kind = writer.any(["targetClass", "targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode"])
        choices: dict[str, Any] = {"targetClass": CLASSES, "targetNode": [ex("n0"), *LITERALS]}
        values = choices.get(kind, PROPERTIES)
        writer.add(node, kind, writer.any(values))
        if chance.random() < 0.3:
            writer.fill(node, 0, has_path=False)
        else:
            writer.add(node, "property", writer.property_shape(0))
    return writer.triples
