"""Results for people: the message in English, what the property is called, which record it is in, which part failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.model import Finding, Part, Severity
from fairmap.namespaces import DCT, FOAF, RDFS, SH, SKOS
from fairmap.shacl.data import TYPE
from fairmap.shacl.examples import example
from fairmap.shacl.paths import as_text
from fairmap.shacl.reading import sh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fairmap.shacl.data import DataGraph
    from fairmap.shacl.model import Shape
    from fairmap.shacl.paths import Node, Term
    from fairmap.shacl.reading import ShapesGraph
    from fairmap.shacl.results import Result

_SEVERITIES: Final = {severity.value: severity for severity in Severity}
TITLES: Final = tuple(
    NamedNode(iri) for iri in (f"{DCT}title", f"{FOAF}name", f"{SKOS}prefLabel", f"{RDFS}label", f"{DCT}identifier")
)
"""What things are called by, the best first."""
_LABEL: Final = NamedNode(f"{RDFS}label")
LONGEST: Final = 200
"""Letters of a title that are told."""


class Findings:
    """Makes findings of the results of one data graph."""

    def __init__(self, data: DataGraph, shapes: ShapesGraph, record_of: Callable[[str], str | None]) -> None:
        self._data = data
        self._shapes = shapes
        self._record_of = record_of
        self._titles: dict[str, str | None] = {}

    def of(self, result: Result) -> Finding:
        """A result for people."""
        best = best_text(result.messages)
        severity = result.severity.value.removeprefix(SH)
        record = self._record(result.focus)
        own_path = result.path == result.shape.path
        return Finding(
            severity=_SEVERITIES.get(severity, Severity.VIOLATION),
            record=record,
            focus=result.focus.value if isinstance(result.focus, NamedNode) else str(result.focus),
            path=None if result.path is None else as_text(result.path),
            value=None if result.value is None else str(result.value),
            message=best.value,
            shape=self._name(result.constraint or result.shape.node),
            component=result.component,
            name=self._text(result.shape.node, sh("name")) if own_path else None,
            title=self._title(record),
            kind=self._kind(result.focus),
            example=example(result.shape) if own_path else None,
            parts=tuple(
                Part(
                    self._name(part.shape.node),
                    self._called(part.shape),
                    str(part.value),
                    not part.results,
                    tuple(map(self.of, part.results)),
                )
                for part in result.parts
            ),
        )

    def _name(self, node: Node) -> str:
        return node.value if isinstance(node, NamedNode) else self._shapes.named(node)

    def _text(self, node: Node, predicate: NamedNode) -> str | None:
        texts = [value for value in self._shapes.objects(node, predicate) if isinstance(value, Literal)]
        return best_text(texts).value if texts else None

    def _called(self, shape: Shape) -> str | None:
        return self._text(shape.node, sh("name")) or self._text(shape.node, _LABEL)

    def _title(self, record: str | None) -> str | None:
        """What the data call a record, in English where they can."""
        if record is None:
            return None
        if record not in self._titles:
            found = (self._data.objects(NamedNode(record), predicate) for predicate in TITLES)
            texts = next(filter(None, ([v for v in values if isinstance(v, Literal)] for values in found)), None)
            self._titles[record] = best_text(texts).value[:LONGEST] if texts else None
        return self._titles[record]

    def _kind(self, focus: Term) -> str | None:
        kinds = [kind.value for kind in self._data.objects(focus, TYPE) if isinstance(kind, NamedNode)]
        return min(kinds, default=None)

    def _record(self, node: Term) -> str | None:
        """The record of a node; of a blank node, that of what points to it."""
        seen: set[Term] = set()
        while isinstance(node, BlankNode) and node not in seen:
            seen.add(node)
            node = next(self._data.referrers(node), node)
        return self._record_of(node.value) if isinstance(node, NamedNode) else None


def best_text(texts: Sequence[Literal]) -> Literal:
    """The English one, else the one without a language, else the first in the order of letters."""
    return min(texts, key=lambda text: (text.language != "en", text.language is not None, text.value))
