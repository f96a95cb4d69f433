"""Answers to the questionnaire as a curator reads them: by the words of the questions and the choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.proposals import OTHER, given, one, questions, reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.proposals import Answers, Question

_WORDS: Final = {"yes": "Yes", "no": "No"}


@dataclass(frozen=True)
class Row:
    """A question and its answer.

    :ivar values: in words; none: it is unknown.
    :ivar reason: why it is, if that was told.
    """

    text: str
    values: tuple[str, ...]
    reason: str | None = None
    is_address: bool = False


def rows(answers: Answers) -> list[Row]:
    """All questions, in the order of the form."""
    return list(_rows(answers))


def _rows(answers: Answers) -> Iterator[Row]:
    why = {option.key: option.label for option in reasons()}
    for question in questions():
        told = one(answers, f"unknown-{question.name}")
        yield Row(question.text, _values(question, answers), why.get(told), question.kind == "address")
        if question.name == "accessRequirement":
            access = one(answers, "access")
            yield Row("Access: who and how?", (access,) if access else ())


def _values(question: Question, answers: Answers) -> tuple[str, ...]:
    labels = {option.key: option.label for option in question.options}
    if labels:
        others = one(answers, OTHER) if question.name == "spatial" else ""
        return tuple(labels.get(key, key) for key in (*given(question, answers), *([others] if others else ())))
    text = one(answers, question.name)
    return (_WORDS.get(text, text),) if text else ()
