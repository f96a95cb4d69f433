"""What an audit finds: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from pyoxigraph import Triple

    from fairmap.fair.criteria import Criterion, MetricSet
    from fairmap.model import Severity
    from fairmap.shacl.paths import Node


class Outcome(Enum):
    """Local names of EARL's outcome values. Source: EARL 1.0 Schema, 2.7."""

    PASSED = "passed"
    FAILED = "failed"
    INAPPLICABLE = "inapplicable"
    CANT_TELL = "cantTell"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that keeps a dataset from passing a criterion.

    :ivar message: what is missing or wrong.
    :ivar path: the property, or a SPARQL path; ``None``: the dataset itself.
    :ivar value: the faulty value in N-Triples form.
    :ivar fix: a SPARQL update that mends it; ``None``: there is none that can be written down.
    :ivar part: the part of the dataset that is at fault, in N-Triples form; ``None``: the dataset itself.
    """

    message: str
    path: str | None
    value: str | None
    severity: Severity
    fix: str | None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of one criterion for one dataset.

    :ivar note: why it was not judged, or what a person answered.
    :ivar evidence: the triples that the outcome rests on.
    """

    criterion: Criterion
    outcome: Outcome
    failures: tuple[Failure, ...] = ()
    evidence: tuple[Triple, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class Score:
    """The points of one metric set.

    :ivar points: of criteria that are passed.
    :ivar testable: of criteria that are passed or failed.
    :ivar total: of all criteria.
    :ivar known: criteria with an outcome that is known: passed, failed or inapplicable.
    :ivar asked: all criteria.
    """

    metric_set: MetricSet
    points: int
    testable: int
    total: int
    known: int
    asked: int

    @property
    def percent(self) -> float | None:
        """Share of the testable points, 0 to 100; ``None``: nothing could be tested."""
        return 100 * self.points / self.testable if self.testable else None


@dataclass(frozen=True)
class Assessment:
    """What an audit finds about one dataset or repository.

    :ivar iri: of the assessment itself.
    :ivar node: of the dataset.
    :ivar made: when.
    :ivar version: of fairmap.
    :ivar shapes: SHA-256 of the files that say what is asked.
    :ivar graph: SHA-256 of the graph that was judged, in canonical order.
    """

    iri: str
    node: Node
    title: str | None
    judgements: tuple[Judgement, ...]
    scores: tuple[Score, ...]
    made: datetime
    version: str
    shapes: str
    graph: str
    dimensions: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def dataset(self) -> str:
        """Its IRI, or ``_:label``."""
        return str(self.node) if str(self.node).startswith("_:") else self.node.value

    def of(self, metric_set: MetricSet) -> list[Judgement]:
        """The judgements that count for a metric set, in the order of its criteria."""
        by_criterion = {judgement.criterion.iri: judgement for judgement in self.judgements}
        return [by_criterion[criterion.iri] for criterion in metric_set.criteria]
