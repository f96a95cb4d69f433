"""How the cases are grouped and counted, and the page that tells it: ``python -m conformance.groups`` in ``tests/`` prints it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.judging import exceptions
from conformance.manifests import DESCRIPTION, GRAPH_STORE, PROTOCOL, UPDATE, cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.manifests import Case

FEDERATION: Final = "SPARQL 1.1 Federated Query"
ENTAILMENT: Final = "SPARQL 1.1 Entailment Regimes"
_FEDERATED: Final = frozenset({"sparql11/service", "sparql11/syntax-fed"})
_OF_KIND: Final = {
    UPDATE: "SPARQL 1.1 Update",
    PROTOCOL: "SPARQL 1.1 Protocol",
    GRAPH_STORE: "SPARQL 1.1 Graph Store HTTP Protocol",
    DESCRIPTION: "SPARQL 1.1 Service Description",
}
_HEAD: Final = """\
# Conformance

The suites of the W3C for SPARQL 1.0 and 1.1 are run over HTTP against `fairmap serve --empty --no-shapes --no-union`, one test
for each case (`tests/conformance/`; the suites lie in `../shared/w3c`). This page is written by `python -m conformance.groups` in
`tests/`; a test compares it. Cases are *refused* when the service refuses their requests by decision; *known failures* are run too,
and a test fails when one of them passes.

"""
_NOTES: Final = """
No case is run under an entailment regime: the service has none. Of the 987 cases of query and update language (evaluation and
syntax, with those of SERVICE and LOAD) {passed} pass. A test runs the same cases but the refused ones on the engine alone
(pyoxigraph): the same ones pass and fail there, so nothing is lost on the way.

How a case is judged: a query has its own address as its base; data are written by an update; answers are asked for in the format
of the expected files. A syntax case passes when a request of the language is not called malformed (it may be refused with 4xx,
for a missing graph or an unknown function) and when one that is not of the language is refused with 4xx; four of the latter
(`syntax-update-1/test_41`, `47`, `48`, `49`) have a LOAD and are refused for that already.
`sparql11/http-rdf-update` is withdrawn by the W3C in favour of `sparql11/graph-store-protocol`, which is run.

## Literals
The engine stores some literals in another lexical form of the same value (`1.0` as `1`, `01` as `1`), and SELECT gives the stored
form. In {valued} cases the answer is therefore compared by value, with datatypes as they are; in all others term by term. Where a query
looks at the lexical form, or the datatype changes (`xsd:negativeInteger` becomes `xsd:integer`), the case is a known failure.
Triples that came in a document (`load`, Graph Store Protocol) are given as they were written by CONSTRUCT, DESCRIBE, the Graph Store
Protocol and exports; those of an update, in the stored form.
"""


@dataclass(frozen=True)
class Count:
    """How the cases of a group end."""

    cases: int
    refused: int
    failing: int

    @property
    def passed(self) -> int:
        """The others."""
        return self.cases - self.refused - self.failing


def group_of(case: Case) -> str:
    """The specification that a case tests, evaluation and syntax apart."""
    if case.entails:
        return ENTAILMENT
    if case.suite in _FEDERATED:
        return FEDERATION
    if case.kind in _OF_KIND:
        return _OF_KIND[case.kind]
    version = "SPARQL 1.0" if case.suite.startswith("sparql10") else "SPARQL 1.1"
    if "Syntax" not in case.kind:
        return f"{version} Query"
    return f"{version} {'Update' if case.updates else 'Query'}, syntax"


def counts() -> dict[str, Count]:
    """The groups in the order of the manifests; without the cases under an entailment regime."""
    known = exceptions()
    chosen = [case for case in cases() if not case.entails]
    every = Counter(map(group_of, chosen))
    refused = Counter(group_of(case) for case in chosen if case.name in known.refused)
    failing = Counter(group_of(case) for case in chosen if case.name in known.failing)
    return {group: Count(number, refused[group], failing[group]) for group, number in every.items()}


def page() -> str:
    """``docs/conformance.md``."""
    known, found = exceptions(), counts()
    http = set(_OF_KIND.values()) - {_OF_KIND[UPDATE]}
    passed = sum(count.passed for group, count in found.items() if group not in http)
    rows = [(group, c.cases, c.passed, c.refused, c.failing) for group, c in found.items()]
    return "".join(
        (
            _HEAD,
            _table(
                ("suite", "cases", "passed", "refused", "known failures"), [*rows, ("all", *map(sum, _columns(rows)))]
            ),
            _NOTES.format(passed=passed, valued=len(known.by_value)),
            "\n## Known failures\n",
            _table(("case", "why"), known.failing.items()),
            "\n## Refused\n",
            _table(("case", "why"), known.refused.items()),
            "\n## Compared by value\n",
            _table(("case", "literals that come in their stored form"), _quoted(known.by_value)),
        )
    )


def _columns(rows: Iterable[tuple[str, int, int, int, int]]) -> Iterable[tuple[int, ...]]:
    return zip(*(row[1:] for row in rows), strict=True)


def _quoted(reasons: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(case, f"`{reason}`") for case, reason in reasons.items()]


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - it is what the module is run for
