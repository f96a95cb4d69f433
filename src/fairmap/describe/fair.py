"""The FAIR answers of a repository, by dimension."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from fairmap.describe.facts import claim_of
from fairmap.describe.page import Answer, Dimension, Fair, Ref, Standing
from fairmap.describe.words import OUTCOMES, TYPE
from fairmap.namespaces import CONCEPT, DQV, EARL, SKOS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import NamedNode

    from fairmap.describe.facts import Facts

MEASUREMENT: Final = f"{DQV}hasQualityMeasurement"
ORDER: Final = ("findable", "accessible", "interoperable", "reusable")
_SCHEME: Final = f"{CONCEPT}fair-dimension/"
_UNANSWERED: Final = frozenset({"cantTell", "untested"})


def fair(facts: Facts, repository: NamedNode) -> Fair:
    """The answers of all measurements in the graph, in the order of the criteria."""
    statements = facts.values.statements
    statements.take(repository, MEASUREMENT)
    by_dimension: defaultdict[str, list[tuple[str, Answer]]] = defaultdict(list)
    for measurement in statements.instances(f"{DQV}QualityMeasurement"):
        dimension, code, answer = _answer(facts, measurement)
        by_dimension[dimension].append((code, answer))
    answers = {
        dimension: tuple(answer for _, answer in sorted(coded, key=lambda pair: pair[0]))
        for dimension, coded in by_dimension.items()
    }
    every = [answer for of in answers.values() for answer in of]
    return Fair(
        _dimensions(facts, answers),
        answered=sum(answer.outcome not in _UNANSWERED for answer in every),
        asked=len(every),
        unknown=tuple(claim for claim in facts.claims(repository, MEASUREMENT) if claim.standing is Standing.UNKNOWN),
    )


def _dimensions(facts: Facts, answers: Mapping[str, tuple[Answer, ...]]) -> tuple[Dimension, ...]:
    iris = sorted({*answers, *facts.dimensions()}, key=_place)
    return tuple(
        Dimension(
            iri.removeprefix(_SCHEME).capitalize() if iri.startswith(_SCHEME) else facts.values.references.name(iri),
            iri or None,
            answers.get(iri, ()),
            facts.of_dimension(iri),
        )
        for iri in iris
    )


def _place(dimension: str) -> tuple[int, str]:
    key = dimension.removeprefix(_SCHEME)
    return (ORDER.index(key) if key in ORDER else len(ORDER), key)


def _answer(facts: Facts, measurement: NamedNode) -> tuple[str, str, Answer]:
    """The dimension, the code of the question, the answer."""
    statements, references = facts.values.statements, facts.values.references
    statements.take(measurement, TYPE)
    statements.take(measurement, f"{DQV}computedOn")
    criteria = statements.iris(measurement, f"{DQV}isMeasurementOf")
    criterion = criteria[0] if criteria else measurement.value
    outcome = (statements.value(measurement, f"{EARL}outcome") or "").removeprefix(EARL)
    claim = claim_of(facts.values, measurement, Standing.UNKNOWN if outcome in _UNANSWERED else Standing.STATED)
    options = tuple(Ref(references.name(iri), iri) for iri in statements.iris(measurement, f"{DQV}value"))
    answer = Answer(Ref(references.name(criterion), criterion), options, outcome, OUTCOMES.get(outcome, outcome), claim)
    code = references.first(criterion, f"{SKOS}notation") or criterion
    return references.dimension(criterion) or "", code, answer
