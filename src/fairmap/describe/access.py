"""How to get the data, in plain words: what the access condition and its requirements mean, in the order they are met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fairmap.describe.page import Standing
from fairmap.describe.words import REQUIREMENTS
from fairmap.namespaces import FM

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

    from fairmap.describe.facts import Facts
    from fairmap.describe.page import Value

CONDITION: Final = f"{FM}accessCondition"
REQUIREMENT: Final = f"{FM}accessRequirement"


def steps(facts: Facts, record: NamedNode) -> tuple[str, ...]:
    """What the condition means, then one step per requirement; why nothing is known where that is so."""
    conditions = facts.claims(record, CONDITION)
    known = [value for claim in conditions for value in claim.values]
    told = [_sentence(value) for value in known]
    if not told:
        reasons = [claim.reason.text for claim in conditions if claim.standing is Standing.UNKNOWN and claim.reason]
        told = [f"How to get the data is not known: {reason.lower()} in the source." for reason in reasons]
    requirements = [value for claim in facts.claims(record, REQUIREMENT) for value in claim.values]
    return (*told, *(_sentence(value) for value in sorted(requirements, key=_place)))


def _sentence(value: Value) -> str:
    text = value.hint or value.text
    return text if text.endswith(".") else f"{text}."


def _place(value: Value) -> tuple[int, str]:
    key = (value.iri or "").rpartition("/")[2]
    return (REQUIREMENTS.index(key) if key in REQUIREMENTS else len(REQUIREMENTS), value.text)
