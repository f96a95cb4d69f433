"""Answers as they were typed, and what is wrong with them, told at each question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from fairmap.namespaces import XSD
from fairmap.proposals.questions import COUNTRY, countries, questions, reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.proposals.questions import Question

Answers: TypeAlias = Mapping[str, Sequence[str]]
"""What was typed, by field; a field of choices has several."""

REASON: Final = "unknown-"
"""What the name of the field with the reason begins with."""
OTHER: Final = "spatial-other"
ACCESS: Final = "access"
CONTACT: Final = "contact"
BLANK: Final = "blank"
TRAP: Final = "website"
"""A field that people do not see, and programs fill in."""
_LONGEST: Final = {"text": 300, "long": 5000, "address": 2000}
"""Letters of the longest answer."""
_TRUTHS: Final = {"yes": "true", "no": "false"}
_MAIL: Final = re.compile(r"[^\s@<>\"',;]{1,64}@[^\s@<>\"',;]{1,190}\.[^\s@<>\"',;.]{2,60}")
_COUNTRY: Final = re.compile(r"[A-Z]{3}")
_ADDRESS: Final = re.compile(r"https?://[^/\s]+", re.IGNORECASE)
_PRINTED: Final = 60


@dataclass(frozen=True)
class Fault:
    """What is wrong with an answer.

    :ivar field: of the form; empty: the whole.
    :ivar message: what is wrong and what to do, for who answered.
    """

    field: str
    message: str


def names() -> frozenset[str]:
    """The names of all fields."""
    asked = {question.name for question in questions()}
    why = {f"{REASON}{question.name}" for question in questions() if question.has_reason}
    return frozenset({*asked, *why, OTHER, ACCESS, CONTACT, TRAP})


def check(answers: Answers) -> list[Fault]:
    """All that is wrong with the answers before a record is made of them."""
    found = [fault for question in questions() for fault in _of_question(question, answers)]
    found += _of_text(ACCESS, "long", one(answers, ACCESS), least=3)
    contact = one(answers, CONTACT)
    if contact and not _MAIL.fullmatch(contact):
        what = "is no mail address. Write one such as name@hospital.example, or leave the field empty."
        found.append(Fault(CONTACT, f"“{shortened(contact)}” {what}"))
    if one(answers, TRAP):
        found.append(Fault(TRAP, "This field is a trap for programs. Leave it empty."))
    for name in sorted(set(answers) - names()):
        found.append(Fault("", f"There is no question “{shortened(name)}” in this form."))
    single = {q.name for q in questions() if q.kind != "choices"} | {CONTACT, ACCESS, OTHER, TRAP}
    for name in sorted(name for name in answers if name in single or name.startswith(REASON)):
        if len(answers[name]) > 1:
            found.append(Fault(name.removeprefix(REASON), f"There are {len(answers[name])} answers; give one."))
    return found


def one(answers: Answers, name: str) -> str:
    """The answer to a question that has one, without space around it; empty: none was given."""
    return next(iter(answers.get(name, ())), "").strip()


def reason(answers: Answers, question: Question) -> str:
    """The key of the reason why nothing was answered; ``blank`` when the question was passed over."""
    return one(answers, f"{REASON}{question.name}") or BLANK


def terms(question: Question, answers: Answers) -> list[NamedNode | Literal]:
    """The values that an answer without faults comes to; none: it is unknown."""
    if question.kind in {"choice", "choices"}:
        by_key = {option.key: option.iri for option in question.options}
        chosen = [by_key[key] for key in dict.fromkeys(given(question, answers)) if key in by_key]
        return [NamedNode(iri) for iri in dict.fromkeys([*chosen, *_others(question, answers)])]
    text = one(answers, question.name)
    if not text:
        return []
    if question.kind == "truth":
        return [Literal(_TRUTHS[text], datatype=NamedNode(f"{XSD}boolean"))]
    if question.kind == "address":
        return [NamedNode(text)]
    text = text.replace("\r\n", "\n")
    return [Literal(text, language="en") if question.name == "description" else Literal(text)]


def given(question: Question, answers: Answers) -> list[str]:
    """The choices that were made, without the empty one."""
    return [key.strip() for key in answers.get(question.name, ()) if key.strip()]


def shortened(text: str) -> str:
    """A text as it can stand in a message."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return plain if len(plain) <= _PRINTED else f"{plain[:_PRINTED]}…"


def _others(question: Question, answers: Answers) -> list[str]:
    codes = re.split(r"[\s,;]+", one(answers, OTHER).upper()) if question.name == "spatial" else []
    return [f"{COUNTRY}/{code}" for code in codes if code]


def _of_question(question: Question, answers: Answers) -> Iterator[Fault]:
    name = question.name
    why = one(answers, f"{REASON}{name}")
    if question.kind in {"choice", "choices"}:
        yield from _of_choices(question, answers)
        has_answer = bool(given(question, answers) or _others(question, answers))
    else:
        text = one(answers, name)
        has_answer = bool(text)
        if question.kind == "truth" and text and text not in _TRUTHS:
            yield Fault(name, f"“{shortened(text)}” is neither yes nor no. {question.message}")
        elif question.kind == "address":
            yield from _of_address(question, text)
        elif question.kind in _LONGEST:
            yield from _of_text(name, question.kind, text, least=question.least, message=question.message)
    if question.is_required and not has_answer:
        yield Fault(name, f"This cannot be left out. {question.message}")
    if why and why not in {option.key for option in reasons()}:
        known = ", ".join(option.label for option in reasons())
        yield Fault(name, f"“{shortened(why)}” is no reason for not knowing. Choose one of: {known}.")
    elif why and has_answer:
        yield Fault(name, "There is an answer and a reason why it is unknown. Take one of the two away.")


def _of_choices(question: Question, answers: Answers) -> Iterator[Fault]:
    keys = {option.key for option in question.options}
    for key in dict.fromkeys(given(question, answers)):
        if key not in keys:
            yield Fault(question.name, f"“{shortened(key)}” is not among the choices. {question.message}")
    if question.kind == "choice" and len(set(given(question, answers))) > 1:
        yield Fault(question.name, f"More than one is chosen. {question.message}")
    for iri in _others(question, answers):
        code = iri.rpartition("/")[2]
        if not _COUNTRY.fullmatch(code) or iri not in countries():
            yield Fault(
                question.name, f"“{shortened(code)}” is not the three letters of a country, such as AUT or DNK."
            )


def _of_address(question: Question, text: str) -> Iterator[Fault]:
    if not text:
        return
    if len(text) > _LONGEST["address"]:
        yield Fault(question.name, f"The link has {len(text)} letters; {_LONGEST['address']} are the most.")
    elif not _is_address(text):
        yield Fault(question.name, f"“{shortened(text)}” is no web address. {question.message}")


def _is_address(text: str) -> bool:
    try:
        NamedNode(text)
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and "." in (parts.hostname or "") and parts.username is None
        _ = parts.port
    except ValueError:
        return False
    return has_host and bool(_ADDRESS.match(text)) and text.isprintable() and " " not in text


def _of_text(name: str, kind: str, text: str, *, least: int, message: str = "") -> Iterator[Fault]:
    if not text:
        return
    if len(text) > _LONGEST[kind]:
        yield Fault(name, f"The text has {len(text)} letters; {_LONGEST[kind]} are the most.")
    elif len(text) < least:
        yield Fault(name, f"The text is too short: {least} letters are the least. {message}".strip())
    elif not any(letter.isalpha() for letter in text):
        yield Fault(name, f"There is no word in “{shortened(text)}”. {message}".strip())
    bad = [
        letter for letter in text if letter not in "\r\n\t" and unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"}
    ]
    if bad:
        what = f"The text has a character that cannot be kept (U+{ord(bad[0]):04X}). Take it out."
        yield Fault(name, what)
    elif kind == "text" and "\n" in text:
        yield Fault(name, "The text has more than one line. Write it in one.")
