"""Running a case of query or update on an endpoint and judging what comes of it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.answers import Graph, by_value, expected, quads_of, same
from conformance.endpoints import RefusedError
from conformance.manifests import DESCRIPTION, GRAPH_STORE, PROTOCOL, UPDATE, cases

if TYPE_CHECKING:
    from conformance.answers import Answer
    from conformance.endpoints import Endpoint
    from conformance.manifests import Case

FOLDER: Final = Path(__file__).parent
_OF_HTTP: Final = frozenset({PROTOCOL, GRAPH_STORE, DESCRIPTION})


class FailedError(AssertionError):
    """The case fails, and why."""


@dataclass(frozen=True)
class Exceptions:
    """Cases that are no plain tests, each with its reason.

    :ivar refused: the service refuses their requests by decision.
    :ivar failing: their outcome is known to be wrong.
    :ivar by_value: their answers have numbers in another lexical form of the same value and datatype.
    """

    refused: dict[str, str]
    failing: dict[str, str]
    by_value: dict[str, str]


@cache
def exceptions() -> Exceptions:
    """Those in the files of this folder."""
    return Exceptions(_reasons("refused.csv"), _reasons("known_failures.csv"), _reasons("equal_by_value.csv"))


def _reasons(name: str) -> dict[str, str]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return {row["case"]: row["reason"] for row in csv.DictReader(file)}


def of_the_language() -> list[Case]:
    """All cases of query and update, but those under an entailment regime, which the service has none of."""
    return [case for case in cases() if case.kind not in _OF_HTTP and not case.entails]


def of_kind(kind: str) -> list[Case]:
    """All cases of one kind."""
    return [case for case in cases() if case.kind == kind]


def judge(case: Case, endpoint: Endpoint) -> None:
    """Run the case.

    :raises FailedError: when its outcome is not what the manifest says.
    """
    if "Syntax" in case.kind:
        _judge_syntax(case, endpoint)
    elif case.kind == UPDATE:
        _judge_update(case, endpoint)
    else:
        _judge_query(case, endpoint)


def carry_out(case: Case, endpoint: Endpoint) -> None:
    """Send the request of a case; what it answers is not looked at.

    :raises RefusedError: when it was not carried out.
    """
    if case.updates:
        endpoint.update(case.text)
    else:
        endpoint.query(case.text, "srj")


def _judge_syntax(case: Case, endpoint: Endpoint) -> None:
    """A request of the language may be refused (it drops a missing graph, calls an unknown function), but not as malformed."""
    endpoint.fill([])
    try:
        carry_out(case, endpoint)
    except RefusedError as refused:
        if refused.by_service or (refused.malformed and case.positive):
            raise FailedError(str(refused)) from refused
    else:
        if not case.positive:
            raise FailedError("it was carried out, though it is not in the language")


def _judge_update(case: Case, endpoint: Endpoint) -> None:
    endpoint.fill(quads_of(case.data))
    try:
        endpoint.update(case.text)
    except RefusedError as refused:
        raise FailedError(str(refused)) from refused
    _compare(case, endpoint.holds(), Graph(frozenset(quads_of(case.after))))


def _judge_query(case: Case, endpoint: Endpoint) -> None:
    wanted = expected(case.result)
    ending = case.result.rpartition(".")[2]
    endpoint.fill(quads_of(case.data))
    try:
        found = endpoint.query(case.text, ending if ending in {"srx", "srj", "csv", "tsv"} else "srj")
    except RefusedError as refused:
        raise FailedError(str(refused)) from refused
    _compare(case, found, wanted)


def _compare(case: Case, found: Answer, wanted: Answer) -> None:
    valued = case.name in exceptions().by_value
    if same(found, wanted, lax=case.lax):
        if valued:
            raise FailedError("the answer is the same term for term: take the case out of equal_by_value.csv")
    elif not valued or not same(by_value(found), by_value(wanted), lax=case.lax):
        raise FailedError(f"wanted {wanted}\nfound {found}")
