"""Judging datasets by criteria."""

from __future__ import annotations

import gc
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from operator import attrgetter
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from pyoxigraph import BlankNode, NamedNode

from fairmap.fair.answers import answer
from fairmap.fair.assessment import Assessment, Failure, Judgement, Outcome, Score
from fairmap.fair.criteria import ANSWERED, APPLIES, Check
from fairmap.fair.findings import Reading
from fairmap.fair.graph import Graph, Paths
from fairmap.fair.remedy import Place, remedy
from fairmap.namespaces import DCAT, DCT, RDF, record_of
from fairmap.rdf import digest
from fairmap.shacl import DataGraph, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from pyoxigraph import Quad, Triple

    from fairmap.fair.conformance import Profiles, Verdict
    from fairmap.fair.criteria import Criteria, Criterion, MetricSet
    from fairmap.fair.findings import Found
    from fairmap.shacl.paths import Node, Path, Term

_MOST_EVIDENCE: Final = 20
"""Triples that are kept for one point."""

_ORDER: Final = attrgetter("order")
_NOT_TESTED: Final = {
    Check.NEEDS_NETWORK: "it needs the network, which the audit does not use",
    Check.WITH_MANIFEST: "it needs a manifest of the files",
    Check.MANUAL: "it needs a person",
}


def datasets(quads: Iterable[Quad]) -> list[Node]:
    """Each ``dcat:Dataset``, in the order of the quads."""
    kind, dataset = NamedNode(f"{RDF}type"), NamedNode(f"{DCAT}Dataset")
    found = (quad.subject for quad in quads if quad.predicate == kind and quad.object == dataset)
    return list(dict.fromkeys(node for node in found if isinstance(node, NamedNode | BlankNode)))


class Auditor:
    """Judges by metric sets.

    :param names: of the metric sets, see :data:`fairmap.fair.METRIC_SETS`.
    :param profiles: judges the criteria that ask for an application profile; default: the profiles that come with fairmap.
    """

    def __init__(
        self, criteria: Criteria, names: Sequence[str], base_iri: str, profiles: Profiles | None = None
    ) -> None:
        self._criteria = criteria
        self._sets = criteria.sets(names)
        self._base_iri = base_iri
        self._profiles = profiles or criteria.conformance
        self._version = version("fairmap")
        asked = {criterion.iri: criterion for found in self._sets for criterion in found.criteria}
        self._asked = list(asked.values())
        self._named = list(dict.fromkeys(criterion.profile for criterion in self._asked if criterion.profile))
        self._shapes = criteria.judging(self._asked)
        self._untested = {
            criterion.iri: Judgement(
                criterion, Outcome.UNTESTED, note=criterion.missing or _NOT_TESTED[criterion.check]
            )
            for criterion in self._asked
            if criterion.check in _NOT_TESTED and not criterion.options
        }
        self._reading = Reading()

    def assess(
        self,
        quads: Sequence[Quad],
        nodes: Sequence[Node],
        *,
        graph_digest: str | None = None,
        now: datetime | None = None,
    ) -> list[Assessment]:
        """The assessments of ``nodes``, which are datasets, or repositories when only D3.1 is asked.

        :param quads: what is known of them, and of what they hang together with.
        :param graph_digest: SHA-256 of the graph that is judged; ``None``: of all ``quads``.
        """
        known = graph_digest or digest(quads)
        made = (now or datetime.now(UTC)).replace(microsecond=0)
        with _collecting_later():
            judged = self._judged(quads, nodes, made.date())
            return [self._assessment(_Subject(judged, node), known, made) for node in nodes]

    def _judged(self, quads: Sequence[Quad], nodes: Sequence[Node], today: date) -> _Judged:
        """What the shapes and the profiles find in the quads, which are read once for both."""
        graph = Graph(quads)
        if not any(criterion.has_shape or criterion.profile for criterion in self._asked):
            return _Judged(graph, {}, _nothing)
        background = self._profiles.background(quads) if self._named else []
        data = DataGraph.of_quads([*quads, *background])
        verdicts = (
            self._profiles.judge(data, graph, dict.fromkeys(self._named, nodes), today) if self._named else _nothing
        )
        return _Judged(graph, self._findings(data), verdicts)

    def _findings(self, data: DataGraph) -> Mapping[tuple[Term, str], list[Found]]:
        """What is found by focus node, and by criterion or shape of what does not apply."""
        found: dict[tuple[Term, str], list[Found]] = defaultdict(list)
        for result in judge(data, self._shapes.parsed, parts=False):
            one = self._reading.found(result)
            shape, hash_sign, part = one.shape.partition("#")
            found[one.focus, one.shape if hash_sign + part == APPLIES else shape].append(one)
        return found

    def _assessment(self, subject: _Subject, graph_digest: str, made: datetime) -> Assessment:
        place = None
        if isinstance(subject.node, NamedNode):
            place = Place(subject.graph, subject.node, self._base_iri, made.date())
        judged = tuple(self._judge(subject, criterion, place) for criterion in self._asked)
        by_criterion = {judgement.criterion.iri: judgement for judgement in judged}
        return Assessment(
            self._iri(subject.name, made),
            subject.node,
            subject.graph.text(subject.node, NamedNode(f"{DCT}title")),
            judged,
            tuple(_score(found, by_criterion) for found in self._sets),
            made,
            self._version,
            self._criteria.digest,
            graph_digest,
            self._criteria.dimensions,
        )

    def _iri(self, name: str, made: datetime) -> str:
        if record_of(name, self._base_iri) == name:
            return f"{self._base_iri}audit/{name.removeprefix(self._base_iri)}"
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{name} {made.isoformat()}')}"

    def _judge(self, subject: _Subject, criterion: Criterion, place: Place | None) -> Judgement:
        if criterion.options:
            return answer(subject.graph, subject.node, criterion)
        if criterion.iri in self._untested:
            return self._untested[criterion.iri]
        if criterion.profile:
            verdict = subject.verdict(criterion.profile)
            return Judgement(criterion, verdict.outcome, verdict.failures, verdict.evidence, verdict.note)
        if criterion.applies_to and subject.findings.get((subject.node, f"{criterion.applies_to}{APPLIES}")):
            return Judgement(criterion, Outcome.INAPPLICABLE, note="it is asked of other datasets only")
        found = subject.findings.get((subject.node, criterion.iri))
        if found:
            failures = [_failure(criterion, one, place) for one in sorted(found, key=_ORDER)]
            return Judgement(criterion, Outcome.FAILED, tuple(dict.fromkeys(failures)))
        return Judgement(criterion, Outcome.PASSED, evidence=subject.evidence(criterion.paths))


@contextmanager
def _collecting_later() -> Iterator[None]:
    """No search for cyclic garbage: an audit makes none, and terms of the engine are searched, which takes a quarter of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True)
class _Judged:
    """What was found in some quads."""

    graph: Graph
    findings: Mapping[tuple[Term, str], list[Found]]
    verdicts: Callable[[str, Node], Verdict]


def _nothing(_profile: str, _node: Node) -> Verdict:
    raise AssertionError


class _Subject:
    """What is known of one dataset."""

    def __init__(self, judged: _Judged, node: Node) -> None:
        self.graph = judged.graph
        self.findings = judged.findings
        self.node = node
        self.name = node.value if isinstance(node, NamedNode) else str(node)
        self._verdicts = judged.verdicts
        self._paths = Paths(judged.graph)

    def evidence(self, paths: Sequence[Path]) -> tuple[Triple, ...]:
        """The first triples along the paths."""
        ways = [way for path in paths for _, way in self._paths.follow(self.node, path)]
        return tuple(dict.fromkeys(triple for way in ways for triple in way))[:_MOST_EVIDENCE]

    def verdict(self, profile: str) -> Verdict:
        """Whether it conforms."""
        return self._verdicts(profile, self.node)


def _failure(criterion: Criterion, found: Found, place: Place | None) -> Failure:
    template = criterion.fixes.get(found.shape)
    fix = remedy(template, place, found.path, found.value) if template and place else None
    shown = None if found.value is None or found.path is None else str(found.value)
    return Failure(found.message, found.path, shown, found.severity, fix)


def _score(metric_set: MetricSet, judged: Mapping[str, Judgement]) -> Score:
    found = [judged[criterion.iri] for criterion in metric_set.criteria]
    weights = {outcome: sum(j.criterion.weight for j in found if j.outcome is outcome) for outcome in Outcome}
    open_outcomes = {Outcome.UNTESTED, Outcome.CANT_TELL}
    return Score(
        metric_set,
        points=weights[Outcome.PASSED],
        testable=weights[Outcome.PASSED] + weights[Outcome.FAILED],
        total=sum(weights.values()),
        known=sum(judgement.outcome not in open_outcomes for judgement in found),
        asked=len(found),
    )


def is_answered(metric_set: MetricSet) -> bool:
    """Whether people answer its criteria."""
    return metric_set.name == ANSWERED
