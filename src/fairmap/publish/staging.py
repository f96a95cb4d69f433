"""Sorting triples into records. A triple that lies in no record, or in another's graph, is a finding like any other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad

from fairmap.model import Finding, Packed, Record, Severity
from fairmap.namespaces import DEFAULT_GRAPH, KINDS, is_vocabulary, record_of
from fairmap.store import name_of, node_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OUTSIDE: Final = "https://w3id.org/fairmap/shapes/OneRecordOneGraph"
"""The rule's name in reports."""

_WAITING: Final = 100_000
"""Quads that wait as text before they are compressed."""


@dataclass(frozen=True)
class Staged:
    """Records ready to be judged, and what lies outside of them."""

    records: Mapping[str, Record]
    findings: tuple[Finding, ...]


def stage(quads: Iterable[Quad], base_iri: str, *, graph: str | None = None) -> Staged:
    """Sort quads into records by their subjects; blank nodes go with what leads to them.

    :param graph: the record that triples of the default graph must belong to; ``None``: each to its own.
    """
    quads = list(quads)
    owners = _owners(quads, base_iri)
    sorted_quads: dict[str, dict[Quad, None]] = defaultdict(dict)
    findings = []
    for quad in quads:
        owner, named = owners(quad), _graph_name(quad, graph)
        if named is not None and is_vocabulary(named):
            owner = named
        if owner is None or named not in {None, owner}:
            findings.append(_outside(quad, owner, named, base_iri))
        else:
            sorted_quads[owner][Quad(quad.subject, quad.predicate, quad.object, NamedNode(owner))] = None
    records = {iri: Record(iri, tuple(found)) for iri, found in sorted(sorted_quads.items())}
    return Staged(records, tuple(findings))


def packed_by_graph(quads: Iterable[Quad], graph: str | None) -> dict[str, Packed]:
    """Quads by the graphs that they stand in, compact, in the order of their coming.

    :param graph: the graph of triples that stand in none.
    """
    packed: dict[str, Packed] = {}
    waiting = 0
    default = DEFAULT_GRAPH if graph is None else graph
    for quad in quads:
        name = name_of(quad.graph_name)
        if name == DEFAULT_GRAPH and default != DEFAULT_GRAPH:
            name, quad = default, Quad(quad.subject, quad.predicate, quad.object, node_of(default))  # noqa: PLW2901
        if name not in packed:
            packed[name] = Packed()
        packed[name].add(f"{quad} .\n")
        waiting += 1
        if waiting == _WAITING:
            _close(packed)
            waiting = 0
    _close(packed)
    return packed


def _close(packed: dict[str, Packed]) -> None:
    for one in packed.values():
        one.close()


class _owners:  # noqa: N801 - used as a function
    """The record each quad belongs to."""

    def __init__(self, quads: Iterable[Quad], base_iri: str) -> None:
        self._base = base_iri
        self._inner: dict[NamedNode | BlankNode, set[BlankNode]] = defaultdict(set)
        self._records: dict[BlankNode, set[str | None]] = defaultdict(set)
        for quad in quads:
            if isinstance(quad.object, BlankNode) and isinstance(quad.subject, NamedNode | BlankNode):
                self._inner[quad.subject].add(quad.object)
        for node in self._inner:
            if isinstance(node, NamedNode):
                self._spread(node)

    def __call__(self, quad: Quad) -> str | None:
        """The one record, or ``None`` when there is none or more than one."""
        if isinstance(quad.subject, NamedNode):
            return record_of(quad.subject.value, self._base)
        found = self._records.get(quad.subject, set()) if isinstance(quad.subject, BlankNode) else set()
        return next(iter(found)) if len(found) == 1 else None

    def _spread(self, start: NamedNode) -> None:
        """Note the record of a node at the blank nodes it leads to; two are enough to know that a node has not one."""
        record = record_of(start.value, self._base)
        waiting: list[NamedNode | BlankNode] = [start]
        while waiting:
            for node in self._inner.get(waiting.pop(), ()):
                found = self._records[node]
                if record not in found and len(found) <= 1:
                    found.add(record)
                    waiting.append(node)


def _graph_name(quad: Quad, graph: str | None) -> str | None:
    return graph if isinstance(quad.graph_name, DefaultGraph) else str(quad.graph_name.value)


def _outside(quad: Quad, owner: str | None, named: str | None, base_iri: str) -> Finding:
    if owner is None:
        message = (
            f"This triple lies in no record. Its subject must be a record {base_iri}{{kind}}/{{slug}} with a kind of "
            f"{', '.join(KINDS)}, a part of one ({base_iri}repository/example#part), or a blank node that one record leads to."
        )
    else:
        message = f"This triple is about {owner} and stands in the graph {named}. Move it to the graph <{owner}>."
    subject = quad.subject
    return Finding(
        severity=Severity.VIOLATION,
        record=owner,
        focus=subject.value if isinstance(subject, NamedNode) else str(subject),
        path=quad.predicate.value,
        value=str(quad.object),
        message=message,
        shape=OUTSIDE,
        component=OUTSIDE,
    )
