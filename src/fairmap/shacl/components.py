"""Constraint components that a shapes graph defines itself. Source: SHACL 6."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from fairmap.errors import IllFormedShapes
from fairmap.namespaces import RDF, RDFS, SH
from fairmap.shacl.model import Custom
from fairmap.shacl.paths import as_sparql
from fairmap.shacl.prebinding import prepare
from fairmap.shacl.reading import Broken, ShapesGraph, sh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.shacl.paths import Node, Path, Term
    from fairmap.shacl.prebinding import Query

_TYPE: Final = NamedNode(f"{RDF}type")
_SUBCLASS: Final = NamedNode(f"{RDFS}subClassOf")
_IMPORTS: Final = NamedNode("http://www.w3.org/2002/07/owl#imports")
_NOT_ALLOWED: Final = frozenset({"this", "shapesGraph", "currentShape", "path", "PATH", "value"})
_NAME: Final = re.compile(r"\w+\Z")


@dataclass(frozen=True)
class _Parameter:
    predicate: NamedNode
    name: str
    optional: bool


class Components:
    """The components of one shapes graph."""

    def __init__(self, graph: ShapesGraph) -> None:
        self._graph = graph
        self._parameters: dict[Node, list[_Parameter]] = {}
        for node in self._nodes():
            try:
                self._parameters[node] = list(self._read(node))
            except Broken:
                continue

    def constraints(self, node: Node, path: Path | None) -> Iterator[Custom]:
        """The constraints that a shape has by giving values to the parameters of a component."""
        for component, parameters in self._parameters.items():
            try:
                yield from self._of_component(component, parameters, node, path)
            except Broken:
                continue

    def _nodes(self) -> Iterator[Node]:
        kinds = [sh("ConstraintComponent")]
        seen: set[Term] = set()
        while kinds:
            kind = kinds.pop()
            if kind not in seen:
                seen.add(kind)
                yield from (n for n in self._graph.subjects(_TYPE, kind) if not str(n).startswith(f"<{SH}"))
                kinds += [sub for sub in self._graph.subjects(_SUBCLASS, kind) if isinstance(sub, NamedNode)]

    def _read(self, component: Node) -> Iterator[_Parameter]:
        graph = self._graph
        for node in graph.objects(component, sh("parameter")):
            path = graph.one(node, "path", "6.2.1")
            if not isinstance(path, NamedNode):
                raise graph.fault(node, "the sh:path of a parameter is not an IRI", "6.2.1")
            name = re.split(r"[/#:]", path.value)[-1]
            if name in _NOT_ALLOWED or not _NAME.match(name):
                raise graph.fault(node, f"a parameter must not be named {name!r}", "6.2.1")
            optional = graph.one(node, "optional", "6.2.1")
            is_optional = optional is not None and graph.boolean(node, optional, "optional", "6.2.1")
            yield _Parameter(path, name, is_optional)

    def _of_component(
        self, component: Node, parameters: list[_Parameter], node: Node, path: Path | None
    ) -> Iterator[Custom]:
        values = {p: self._graph.objects(node, p.predicate) for p in parameters}
        needed = [p for p in parameters if not p.optional]
        if not needed or not all(values[p] for p in needed):
            return
        if len(parameters) > 1 and any(len(found) > 1 for found in values.values()):
            raise self._graph.fault(node, f"a parameter of {component} has more than one value", "6.3")
        validator = self._validator(component, path)
        if validator is None:
            return
        prebound = ("this", "shapesGraph", "currentShape", *(p.name for p in parameters))
        query = self._query(validator, prebound, path)
        messages = self._graph.texts(validator) or self._graph.texts(component)
        choices: list[tuple[tuple[str, Term], ...]]
        if len(parameters) == 1:
            choices = [((parameters[0].name, value),) for value in values[parameters[0]]]
        else:
            choices = [tuple((p.name, found[0]) for p, found in values.items() if found)]
        for chosen in choices:
            yield Custom(component, query, chosen, messages)

    def _validator(self, component: Node, path: Path | None) -> Term | None:
        """The validator for this kind of shape. Source: SHACL 6.2.3."""
        own = "nodeValidator" if path is None else "propertyValidator"
        for name in (own, "validator"):
            if found := self._graph.objects(component, sh(name)):
                return found[0]
        return None

    def _query(self, validator: Term, prebound: tuple[str, ...], path: Path | None) -> Query:
        graph = self._graph
        ask, select = (graph.one(validator, name, "6.2.3") for name in ("ask", "select"))
        text = ask if select is None else select
        if text is None:
            raise graph.fault(validator, "a validator has neither sh:ask nor sh:select", "6.2.3")
        name = "ask" if select is None else "select"
        try:
            return prepare(
                graph.string(validator, text, name, "6.2.3").value,
                prefixes(graph, validator),
                prebound=prebound if select is not None else (*prebound, "value"),
                needed=None if select is None else "this",
                path=None if path is None else as_sparql(path),
            )
        except IllFormedShapes as error:
            raise graph.fault(validator, str(error), "6.2.3") from error


def prefixes(graph: ShapesGraph, node: Term) -> Iterator[tuple[str, str]]:
    """The prefixes of a query: those declared by sh:prefixes and what these import. Source: SHACL 5.2.2.

    Only what is in the shapes graph itself is looked at.
    """
    waiting = graph.objects(node, sh("prefixes"))
    seen: set[Term] = set()
    declared: dict[str, str] = {}
    while waiting:
        ontology = waiting.pop()
        if ontology in seen:
            continue
        seen.add(ontology)
        waiting += graph.objects(ontology, _IMPORTS)
        for declaration in graph.objects(ontology, sh("declare")):
            prefix, namespace = (graph.one(declaration, name, "5.2.2") for name in ("prefix", "namespace"))
            if not isinstance(prefix, Literal) or not isinstance(namespace, Literal):
                raise graph.fault(ontology, "sh:declare without sh:prefix or sh:namespace", "5.2.2")
            if not re.fullmatch(r"[\w.-]*", prefix.value) or re.search(r"[<>\"{}|^`\\\x00-\x20]", namespace.value):
                raise graph.fault(ontology, f"{prefix} {namespace} is no prefix declaration", "5.2.2")
            if declared.setdefault(prefix.value, namespace.value) != namespace.value:
                raise graph.fault(
                    node, f"the prefix {prefix.value} is declared twice with different namespaces", "5.2.2"
                )
    yield from declared.items()
