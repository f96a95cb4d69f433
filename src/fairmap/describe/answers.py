"""How the repositories answer the FAIR questions, side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.describe.fair import ORDER
from fairmap.describe.page import Ref
from fairmap.describe.queries import load
from fairmap.describe.words import OUTCOMES
from fairmap.namespaces import CONCEPT, EARL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fairmap.model import Reader

_SCHEME: Final = f"{CONCEPT}fair-dimension/"


@dataclass(frozen=True)
class Question:
    """A FAIR question.

    :ivar code: short: ``F1``.
    :ivar dimension: local name of its FAIR dimension.
    """

    ref: Ref
    code: str
    dimension: str


@dataclass(frozen=True)
class Given:
    """One answer.

    :ivar iri: of the measurement.
    :ivar outcome: local name of the EARL outcome.
    :ivar reason: why it is not known.
    """

    iri: str
    outcome: str
    words: str
    reason: str | None


@dataclass(frozen=True)
class Answered:
    """A repository with its answer to each question, in their order; ``None`` where it was not asked."""

    repository: Ref
    answers: tuple[Given | None, ...]


@dataclass(frozen=True)
class Answers:
    """The repositories that were asked, by name."""

    questions: tuple[Question, ...]
    repositories: tuple[Answered, ...]

    @property
    def outcomes(self) -> tuple[tuple[str, str, int], ...]:
        """Local name, words and number of answers of each outcome that there is."""
        numbers = Counter(given.outcome for row in self.repositories for given in row.answers if given)
        return tuple((key, words, numbers[key]) for key, words in OUTCOMES.items() if numbers[key])

    @property
    def passed(self) -> tuple[int, ...]:
        """How many repositories pass each question."""
        given = [row.answers for row in self.repositories]
        return tuple(
            sum((answer := answers[place]) is not None and answer.outcome == "passed" for answers in given)
            for place in range(len(self.questions))
        )


def answers(reader: Reader) -> Answers:
    """The answers of the first 200 repositories that have some. Two queries."""
    questions = _questions(reader)
    titles: dict[str, str] = {}
    given: dict[tuple[str, str], Given] = {}
    for row in reader.select(load("answers")):
        told = {name: term.value for name, term in row.items()}
        iri, title = told["repository"], told["title"]
        titles[iri] = min(titles.get(iri, title), title)
        given[iri, told["criterion"]] = _given(told)
    rows = sorted(titles.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
    return Answers(
        questions,
        tuple(
            Answered(Ref(title, iri), tuple(given.get((iri, question.ref.iri or "")) for question in questions))
            for iri, title in rows
        ),
    )


def _given(told: Mapping[str, str]) -> Given:
    outcome = told["outcome"].removeprefix(EARL)
    return Given(told["measurement"], outcome, OUTCOMES.get(outcome, outcome), told.get("reason"))


def _questions(reader: Reader) -> tuple[Question, ...]:
    """Those of the map, in the order of the FAIR dimensions."""
    found = {}
    for row in reader.select(load("questions")):
        told = {name: term.value for name, term in row.items()}
        code, dimension = told["code"].rpartition("-")[2], told["dimension"].removeprefix(_SCHEME)
        found[told["criterion"]] = Question(Ref(told["title"], told["criterion"]), code, dimension)
    return tuple(sorted(found.values(), key=_place))


def _place(question: Question) -> tuple[int, str]:
    key = question.dimension
    return ORDER.index(key) if key in ORDER else len(ORDER), question.code
