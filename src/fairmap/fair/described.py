"""Criteria, metric sets and the shapes they share as things of their own: in words, as triples, as they were written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.errors import NotFound
from fairmap.fair.criteria import ANSWERED, METRIC_SETS
from fairmap.fair.results import of_criterion, of_metric_set
from fairmap.namespaces import DCT, FM, SH, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.fair.criteria import Criteria, Criterion, MetricSet
    from fairmap.shacl.paths import Node

FAIR_SHAPES: Final = f"{SHAPES}fair/"
_MESSAGE, _FIX, _SOURCE = NamedNode(f"{SH}message"), NamedNode(f"{FM}fix"), NamedNode(f"{DCT}source")
_PARTS: Final = (NamedNode(f"{SH}property"), NamedNode(f"{SH}sparql"))
_SEVERITY, _PATH = NamedNode(f"{SH}severity"), NamedNode(f"{SH}path")


@dataclass(frozen=True)
class Rule:
    """One thing that a criterion asks.

    :ivar message: what a failure says.
    :ivar path: where; ``None``: of the dataset itself.
    :ivar fix: the template of the remedy.
    :ivar severity: local name.
    """

    message: str
    path: str | None
    fix: str | None
    severity: str


class Described:
    """All criteria of the audit that a program judges, by their notation, and the named shapes beside them."""

    def __init__(self, criteria: Criteria) -> None:
        self._criteria = criteria
        self.sets = criteria.sets([name for name in METRIC_SETS if name != ANSWERED])
        self._by_notation = {c.notation: c for found in self.sets for c in found.criteria}

    def __contains__(self, notation: str) -> bool:
        return notation in self._by_notation

    def __getitem__(self, notation: str) -> Criterion:
        return self._by_notation[notation]

    def sets_of(self, criterion: Criterion) -> list[MetricSet]:
        """The metric sets that it counts for."""
        return [found for found in self.sets if criterion in found.criteria]

    def sources(self, criterion: Criterion) -> list[str]:
        """Where the criteria of its metric sets are from."""
        graph = self._criteria.graph
        nodes = (NamedNode(found.iri) for found in self.sets_of(criterion))
        return list(dict.fromkeys(iri for node in nodes for iri in graph.iris(node, _SOURCE)))

    def rules(self, criterion: Criterion) -> list[Rule]:
        """What it asks, in the order of its shape."""
        graph, node = self._criteria.graph, NamedNode(criterion.iri)
        nodes = [node, *(part for link in _PARTS for part in graph.objects(node, link))]
        return [
            Rule(
                message,
                self._criteria.path_text(part),
                graph.text(part, _FIX),
                (graph.iri(part, _SEVERITY) or f"{SH}Violation").removeprefix(SH),
            )
            for part in nodes
            if (message := graph.text(part, _MESSAGE))
        ]

    def triples(self, criterion: Criterion) -> list[Triple]:
        """The criterion with its shape, its test and its metric sets."""
        found = [*self._below(NamedNode(criterion.iri)), *of_criterion(criterion, self._criteria.version)]
        for metric_set in self.sets_of(criterion):
            found += of_metric_set(metric_set)
        return list(dict.fromkeys(found))

    def all_triples(self) -> list[Triple]:
        """Those of all criteria."""
        criteria = self._by_notation.values()
        return list(dict.fromkeys(triple for criterion in criteria for triple in self.triples(criterion)))

    def shape(self, name: str) -> list[Triple]:
        """The triples of a metric set or shared shape, by the end of its IRI.

        :raises NotFound: when there is none.
        """
        found = list(self._below(NamedNode(f"{FAIR_SHAPES}{name}")))
        if not found:
            raise NotFound("there is no such shape", where=f"{FAIR_SHAPES}{name}")
        return found

    def written(self, name: str) -> str:
        """The Turtle of ``criterion:NAME`` or ``fair:NAME``, as it stands in its file; empty when there is none."""
        begins = re.compile(rf"^(?:criterion|fair):{re.escape(name)}(?: |\n).*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
        found = (begins.search(text) for text in self._criteria.texts)
        return next((match[0].strip() for match in found if match), "")

    def _below(self, node: NamedNode) -> Iterator[Triple]:
        """The triples of a node, of its blank nodes and of its parts."""
        nodes: list[Node] = [node]
        for subject in nodes:
            for link, value in self._criteria.graph.properties(subject):
                yield Triple(subject, link, value)
                is_part = isinstance(value, BlankNode) or (
                    isinstance(value, NamedNode) and value.value.startswith(f"{node.value}#")
                )
                if is_part and not isinstance(value, Literal) and value not in nodes:
                    nodes.append(value)
