"""SPARQL query and update: evaluation and syntax, over HTTP and on the engine alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.answers import quads_of
from conformance.endpoints import Engine, RefusedError
from conformance.judging import FailedError, carry_out, exceptions, judge, of_the_language
from conformance.selection import parameters

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.endpoints import Remote
    from conformance.manifests import Case

_RUN = [case for case in of_the_language() if case.name not in exceptions().refused]
_REFUSED = [case for case in of_the_language() if case.name in exceptions().refused]


@pytest.mark.server
@pytest.mark.parametrize("case", parameters(_RUN))
def test_case(case: Case, remote: Remote) -> None:
    judge(case, remote)


@pytest.mark.server
@pytest.mark.parametrize("case", parameters(_REFUSED))
def test_requests_to_other_services_are_refused_but_not_as_malformed(case: Case, remote: Remote) -> None:
    remote.fill(quads_of(case.data))
    with pytest.raises(RefusedError, match="sends no requests") as refused:
        carry_out(case, remote)
    assert not refused.value.malformed
    assert not refused.value.by_service


def test_no_case_passes_on_the_engine_and_fails_over_http(shared: Path) -> None:
    """Over HTTP all but the known failures pass, says the test of each; here they are all run on the engine."""
    passed = {case.name for case in _RUN if _passes(case, Engine())}
    assert passed == {case.name for case in _RUN} - exceptions().failing.keys()


def _passes(case: Case, engine: Engine) -> bool:
    try:
        judge(case, engine)
    except FailedError:
        return False
    return True
