"""Results of a validation, and the report as a graph. Source: SHACL 3.6."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.namespaces import RDF, XSD
from fairmap.shacl.paths import as_triples
from fairmap.shacl.reading import sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.shacl.model import Shape
    from fairmap.shacl.paths import Node, Path, Term

_TYPE: Final = NamedNode(f"{RDF}type")
_BOOLEAN: Final = NamedNode(f"{XSD}boolean")


@dataclass(frozen=True)
class Part:
    """An inner shape that a value was held against.

    :ivar results: why the value does not conform; empty when it does.
    """

    shape: Shape
    value: Term
    results: tuple[Result, ...]


@dataclass(frozen=True)
class Result:
    """One validation result.

    :ivar path: what the focus node has or lacks the value of; ``None`` for a fault of the node itself.
    :ivar shape: the shape whose constraint it is.
    :ivar component: IRI of the constraint component.
    :ivar constraint: the SPARQL constraint, where there is one.
    :ivar messages: one for each language; never empty.
    :ivar parts: the inner shapes that say why: those of sh:and, sh:or, sh:xone, sh:not, sh:node and sh:qualifiedValueShape.
    """

    focus: Term
    path: Path | None
    value: Term | None
    shape: Shape
    component: str
    severity: NamedNode
    messages: tuple[Literal, ...]
    constraint: Node | None = None
    parts: tuple[Part, ...] = ()

    @property
    def details(self) -> tuple[Result, ...]:
        """The results because of which values do not conform to inner shapes. Source: SHACL 3.6.2.5."""
        return tuple(result for part in self.parts for result in part.results)


def report(results: Iterable[Result]) -> Iterator[Triple]:
    """The results as an ``sh:ValidationReport``, in the order of the results; ``sh:conforms`` is its last triple.

    It conforms when there is no result at all, as SHACL has it, warnings among them. Source: SHACL 3.6.1.1.
    """
    node = BlankNode()
    yield Triple(node, _TYPE, sh("ValidationReport"))
    conforms = True
    for result in results:
        conforms = False
        name = BlankNode()
        yield Triple(node, sh("result"), name)
        yield from _described(name, result)
    yield Triple(node, sh("conforms"), Literal("true" if conforms else "false", datatype=_BOOLEAN))


def _described(name: BlankNode, result: Result) -> Iterator[Triple]:
    yield Triple(name, _TYPE, sh("ValidationResult"))
    yield Triple(name, sh("focusNode"), result.focus)
    if result.path is not None:
        path, triples = as_triples(result.path)
        yield Triple(name, sh("resultPath"), path)
        yield from triples
    if result.value is not None:
        yield Triple(name, sh("value"), result.value)
    yield Triple(name, sh("sourceShape"), result.shape.node)
    if result.constraint is not None:
        yield Triple(name, sh("sourceConstraint"), result.constraint)
    yield Triple(name, sh("sourceConstraintComponent"), NamedNode(result.component))
    yield Triple(name, sh("resultSeverity"), result.severity)
    for message in result.messages:
        yield Triple(name, sh("resultMessage"), message)
    for detail in result.details:
        inner = BlankNode()
        yield Triple(name, sh("detail"), inner)
        yield from _described(inner, detail)
