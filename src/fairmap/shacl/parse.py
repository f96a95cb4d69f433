"""From a shapes graph to shapes. Ill-formed shapes are refused, all faults at once, each with the clause it breaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.errors import IllFormedShapes
from fairmap.namespaces import RDF, RDFS
from fairmap.shacl import model
from fairmap.shacl.compile import make_plan
from fairmap.shacl.components import Components, prefixes
from fairmap.shacl.parameters import CORE, core_constraints
from fairmap.shacl.paths import as_sparql
from fairmap.shacl.prebinding import prepare
from fairmap.shacl.reading import MAX_DEPTH, Broken, ShapesGraph, sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Quad, Triple

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Constraint, PropertyShape, Shape, Target
    from fairmap.shacl.paths import Node, Path, Term
    from fairmap.shacl.plan import Plan

_TARGETS: Final = {
    "targetClass": "class",
    "targetNode": "node",
    "targetSubjectsOf": "subjects",
    "targetObjectsOf": "objects",
}
_MOST_PLANS: Final = 8
_CLASS: Final = NamedNode(f"{RDFS}Class")
_SUBCLASS: Final = NamedNode(f"{RDFS}subClassOf")
_TYPE: Final = NamedNode(f"{RDF}type")


@dataclass(frozen=True, eq=False)
class ShapeSet:
    """All shapes of a shapes graph.

    :ivar targeted: those that have focus nodes of their own.
    :ivar by_node: all that are shapes by SHACL 2.1.
    :ivar dangling: property shapes that are named and not described: they judge nothing. Published profiles have some.
    """

    targeted: tuple[Shape, ...]
    by_node: Mapping[Node, Shape]
    graph: ShapesGraph
    dangling: tuple[str, ...] = ()
    _plans: dict[object, Plan] = field(default_factory=dict)

    def plan(self, data: DataGraph) -> Plan:
        """The questions to ask of a data graph; worked out once for all graphs that need the same ones."""
        key = data.kind
        if key not in self._plans:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            self._plans[key] = make_plan(data, self.targeted)
        return self._plans[key]

    @cached_property
    def needs_shapes_graph(self) -> bool:
        """Whether a query looks into the shapes graph."""
        constraints = (constraint for shape in self.by_node.values() for constraint in shape.constraints)
        queries = (c.query for c in constraints if isinstance(c, model.Sparql | model.Custom))
        return any(query.sees_shapes for query in queries)


def read_shapes(statements: Iterable[Quad] | Iterable[Triple], *, where: str | None = None) -> ShapeSet:
    """Read a shapes graph. ``owl:imports`` is not followed.

    :raises IllFormedShapes: with each fault and the clause it breaks.
    """
    graph = ShapesGraph(statements)
    reader = _Reader(graph)
    for node in _shape_nodes(graph):
        try:
            reader.shape(node, node)
        except Broken:
            continue
    if graph.faults:
        what = f"the shapes are ill-formed: {'; '.join(dict.fromkeys(sorted(graph.faults)))}"
        raise IllFormedShapes(what, where=where)
    targeted = tuple(shape for shape in reader.shapes.values() if shape.targets and not shape.deactivated)
    return ShapeSet(targeted, reader.shapes, graph, tuple(reader.dangling))


def _shape_nodes(graph: ShapesGraph) -> Iterator[Node]:
    """What is a shape without another shape saying so. Source: SHACL 2.1."""
    found: dict[Node, None] = {}
    for kind in ("NodeShape", "PropertyShape"):
        found |= dict.fromkeys(graph.subjects(_TYPE, sh(kind)))
    for name in (*_TARGETS, *CORE, "sparql", "property"):
        found |= dict.fromkeys(graph.subjects(sh(name)))
    return iter(found)


class _Reader:
    """Builds each shape once, what it refers to first."""

    def __init__(self, graph: ShapesGraph) -> None:
        self.graph = graph
        self.shapes: dict[Node, Shape] = {}
        self.dangling: list[str] = []
        self._open: dict[Node, None] = {}
        self._components = Components(graph)

    def shape(self, node: Term, owner: Term) -> Shape:
        """The shape that a node describes.

        :raises Broken: when it is none, contains itself or lies too deep.
        """
        if isinstance(node, Literal):
            raise self.graph.fault(owner, f"{node} is no shape", "2.1")
        if node in self.shapes:
            return self.shapes[node]
        if node in self._open:
            raise self.graph.fault(node, "the shape refers to itself; recursive shapes are not supported", "3.4.3")
        if len(self._open) >= MAX_DEPTH:
            raise self.graph.fault(node, f"shapes in shapes, more than {MAX_DEPTH} deep", "3.4.3")
        self._open[node] = None
        try:
            made = self._build(node)
        finally:
            del self._open[node]
        self.shapes[node] = made
        return made

    def _build(self, node: Node) -> Shape:
        paths = self.graph.objects(node, sh("path"))
        if len(paths) > 1:
            raise self.graph.fault(node, f"sh:path has {len(paths)} values, one is allowed", "2.3")
        if not paths and self.graph.is_a(node, sh("PropertyShape")):
            raise self.graph.fault(node, "a property shape has no sh:path", "2.3")
        if paths and self.graph.is_a(node, sh("NodeShape")):
            raise self.graph.fault(node, "a node shape has an sh:path", "2.2")
        path = self.graph.path(paths[0], node) if paths else None
        targets = tuple(self._targets(node))
        severity = self.graph.one(node, "severity", "2.1.4")
        level = sh("Violation") if severity is None else self.graph.iri(node, severity, "severity", "2.1.4")
        deactivated = self.graph.one(node, "deactivated", "2.1.6")
        off = deactivated is not None and self.graph.boolean(node, deactivated, "deactivated", "2.1.6")
        constraints = tuple(self._constraints(node, path))
        properties = tuple(self._properties(node))
        messages = self.graph.texts(node)
        if path is None:
            return model.NodeShape(node, targets, constraints, properties, messages, off, severity=level)
        return model.PropertyShape(node, targets, constraints, properties, messages, off, severity=level, along=path)

    def _targets(self, node: Node) -> Iterator[Target]:
        for name, kind in _TARGETS.items():
            for value in self.graph.objects(node, sh(name)):
                if kind != "node":
                    self.graph.iri(node, value, name, "2.1.3")
                elif isinstance(value, BlankNode):
                    raise self.graph.fault(node, "sh:targetNode is a blank node", "2.1.3.1")
                yield model.Target(kind, value)
        if isinstance(node, NamedNode) and self._is_class(node):
            yield model.Target("class", node)

    def _is_class(self, node: Node) -> bool:
        """Whether a shape is a class, too, and so its own target. Source: SHACL 2.1.3.3."""
        kinds = self.graph.objects(node, _TYPE)
        seen: set[Term] = set()
        while kinds:
            kind = kinds.pop()
            if kind not in seen:
                seen.add(kind)
                kinds += self.graph.objects(kind, _SUBCLASS)
        return _CLASS in seen

    def _properties(self, node: Node) -> Iterator[PropertyShape]:
        for value in self.graph.objects(node, sh("property")):
            if not isinstance(value, Literal) and not self.graph.describes(value):
                self.dangling.append(f"{node} has the property shape {value}, which is not described")
                continue
            try:
                shape = self.shape(value, node)
                if not isinstance(shape, model.PropertyShape):
                    raise self.graph.fault(node, f"sh:property leads to {value}, which has no sh:path", "2.3")
                yield shape
            except Broken:
                continue

    def _constraints(self, node: Node, path: Path | None) -> Iterator[Constraint]:
        yield from core_constraints(self, node, has_path=path is not None)
        for value in self.graph.objects(node, sh("sparql")):
            try:
                yield from self._sparql(node, value, path)
            except Broken:
                continue
        yield from self._components.constraints(node, path)

    def _sparql(self, shape: Node, node: Term, path: Path | None) -> Iterator[Constraint]:
        if isinstance(node, Literal):
            raise self.graph.fault(shape, f"sh:sparql is {node}, not an IRI or a blank node", "5.2.1")
        deactivated = self.graph.one(node, "deactivated", "5.2.1")
        if deactivated is not None and self.graph.boolean(node, deactivated, "deactivated", "5.2.1"):
            return
        text = self.graph.one(node, "select", "5.2.1")
        if text is None:
            raise self.graph.fault(node, "a SPARQL constraint has no sh:select", "5.2.1")
        try:
            query = prepare(
                self.graph.string(node, text, "select", "5.2.1").value,
                prefixes(self.graph, node),
                prebound=("this", "shapesGraph", "currentShape"),
                needed="this",
                path=None if path is None else as_sparql(path),
            )
        except IllFormedShapes as error:
            raise self.graph.fault(node, str(error), "5.2") from error
        yield model.Sparql(node, query, self.graph.texts(node))
