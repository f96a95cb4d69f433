"""That no case is left out, and that the page tells how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.groups import counts, page
from conformance.judging import exceptions, of_the_language
from conformance.manifests import cases
from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_every_case_is_collected(shared: Path) -> None:
    assert {group: count.cases for group, count in counts().items()} == {
        "SPARQL 1.0 Query": 283,
        "SPARQL 1.0 Query, syntax": 199,
        "SPARQL 1.1 Update": 94,
        "SPARQL 1.1 Query": 235,
        "SPARQL 1.1 Query, syntax": 111,
        "SPARQL 1.1 Federated Query": 10,
        "SPARQL 1.1 Update, syntax": 55,
        "SPARQL 1.1 Service Description": 3,
        "SPARQL 1.1 Protocol": 34,
        "SPARQL 1.1 Graph Store HTTP Protocol": 14,
    }
    assert len(of_the_language()) == 987
    assert sum(case.entails for case in cases()) == 70


def test_every_exception_is_of_a_case_and_of_one_kind(shared: Path) -> None:
    known = exceptions()
    named = [*known.refused, *known.failing, *known.by_value]
    assert len(set(named)) == len(named)
    assert set(named) <= {case.name for case in cases()}


def test_the_page_is_current(shared: Path) -> None:
    written = (ROOT / "docs/conformance.md").read_text(encoding="utf-8")
    assert written == page(), "write it anew: cd tests && python -m conformance.groups > ../docs/conformance.md"
