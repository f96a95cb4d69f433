"""Cases as parameters of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.judging import FailedError, exceptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.manifests import Case

NOTHING = "../shared (official sources to compare with) is missing"


def parameters(cases: Iterable[Case]) -> list[Any]:
    """One for each case, known failures marked as such; without the suites one that is skipped."""
    failing = exceptions().failing
    found = [
        pytest.param(
            case,
            id=case.name,
            marks=[pytest.mark.xfail(raises=FailedError, strict=True, reason=failing[case.name])]
            if case.name in failing
            else [],
        )
        for case in cases
    ]
    return found or [pytest.param(None, id="no-suites", marks=pytest.mark.skip(reason=NOTHING))]
