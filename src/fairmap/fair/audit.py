"""Judging datasets by criteria."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol
from uuid import NAMESPACE_URL, uuid5

from pyoxigraph import BlankNode, NamedNode

from fairmap.fair.answers import answer
from fairmap.fair.assessment import Assessment, Failure, Judgement, Outcome, Score
from fairmap.fair.criteria import ANSWERED, APPLIES, Check
from fairmap.fair.graph import Graph, follow
from fairmap.fair.remedy import Place, remedy
from fairmap.fair.terms import term_of
from fairmap.model import Severity
from fairmap.namespaces import DCAT, DCT, RDF, record_of
from fairmap.rdf import digest
from fairmap.shacl import Shapes, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import Quad

    from fairmap.fair.criteria import Criteria, Criterion, MetricSet
    from fairmap.model import Finding
    from fairmap.shacl.paths import Node

_MOST_EVIDENCE: Final = 20
"""Triples that are kept for one point."""

_NOT_TESTED: Final = {
    Check.NEEDS_NETWORK: "it needs the network, which the audit does not use",
    Check.WITH_MANIFEST: "it needs a manifest of the files",
    Check.MANUAL: "it needs a person",
}


class Profiles(Protocol):
    """Whether a dataset conforms to an application profile."""

    def __call__(self, profile: str, dataset: Node, quads: Sequence[Quad], /) -> tuple[Outcome, str]:
        """The outcome, and a note on it.

        :param profile: such as ``dcat-ap``; ``claimed``: the one that the catalogue record names.
        """
        ...


def no_profiles(profile: str, _dataset: Node, _quads: Sequence[Quad]) -> tuple[Outcome, str]:
    """Untested: there are no shapes of application profiles."""
    named = "the profile that the record claims" if profile == "claimed" else f"the profile {profile}"
    return Outcome.UNTESTED, f"there are no shapes for {named}"


def datasets(quads: Iterable[Quad]) -> list[Node]:
    """Each ``dcat:Dataset``, in the order of the quads."""
    kind, dataset = NamedNode(f"{RDF}type"), NamedNode(f"{DCAT}Dataset")
    found = (quad.subject for quad in quads if quad.predicate == kind and quad.object == dataset)
    return list(dict.fromkeys(node for node in found if isinstance(node, NamedNode | BlankNode)))


class Auditor:
    """Judges by metric sets.

    :param names: of the metric sets, see :data:`fairmap.fair.METRIC_SETS`.
    :param profiles: judges the criteria that ask for an application profile.
    """

    def __init__(
        self, criteria: Criteria, names: Sequence[str], base_iri: str, profiles: Profiles = no_profiles
    ) -> None:
        self._criteria = criteria
        self._sets = criteria.sets(names)
        self._base_iri = base_iri
        self._profiles = profiles
        self._version = version("fairmap")
        asked = {criterion.iri: criterion for found in self._sets for criterion in found.criteria}
        self._asked = list(asked.values())
        self._shapes = Shapes(tuple(criteria.shapes(self._asked)), ("shapes/fair",))

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
        graph = Graph(quads)
        findings = self._findings(quads)
        known = graph_digest or digest(quads)
        made = (now or datetime.now(UTC)).replace(microsecond=0)
        return [self._assessment(_Subject(graph, quads, node, findings), known, made) for node in nodes]

    def _findings(self, quads: Iterable[Quad]) -> Mapping[tuple[str, str], list[Finding]]:
        """Findings by focus node, and by criterion or shape of what does not apply."""
        found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
        if any(criterion.has_shape for criterion in self._asked):
            for finding in validate(quads, self._shapes, lambda iri: iri).findings:
                shape, hash_sign, part = finding.shape.partition("#")
                found[finding.focus, finding.shape if hash_sign + part == APPLIES else shape].append(finding)
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
        if criterion.check in _NOT_TESTED:
            return Judgement(criterion, Outcome.UNTESTED, note=_NOT_TESTED[criterion.check])
        if criterion.profile:
            outcome, note = self._profiles(criterion.profile, subject.node, subject.quads)
            failure = Failure(note, None, None, Severity.VIOLATION, None)
            return Judgement(criterion, outcome, (failure,) if outcome is Outcome.FAILED else (), note=note)
        if criterion.applies_to and subject.findings.get((subject.name, f"{criterion.applies_to}{APPLIES}")):
            return Judgement(criterion, Outcome.INAPPLICABLE, note="it is asked of other datasets only")
        found = subject.findings.get((subject.name, criterion.iri), ())
        if found:
            failures = [_failure(criterion, finding, place) for finding in found]
            return Judgement(criterion, Outcome.FAILED, tuple(dict.fromkeys(failures)))
        ends = chain.from_iterable(follow(subject.graph, subject.node, path) for path in criterion.paths)
        evidence = dict.fromkeys(triple for _, triples in ends for triple in triples)
        return Judgement(criterion, Outcome.PASSED, evidence=tuple(evidence)[:_MOST_EVIDENCE])


class _Subject:
    """What is known of one dataset."""

    def __init__(
        self, graph: Graph, quads: Sequence[Quad], node: Node, findings: Mapping[tuple[str, str], list[Finding]]
    ) -> None:
        self.graph = graph
        self.quads = quads
        self.node = node
        self.name = node.value if isinstance(node, NamedNode) else str(node)
        self.findings = findings


def _failure(criterion: Criterion, finding: Finding, place: Place | None) -> Failure:
    template = criterion.fixes.get(finding.shape)
    value = None if finding.value is None else term_of(finding.value)
    fix = remedy(template, place, finding.path, value) if template and place else None
    shown = None if value is None or finding.path is None else str(value)
    return Failure(finding.message, finding.path, shown, finding.severity, fix)


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
