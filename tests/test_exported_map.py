"""The map in every profile, judged by our shapes and the official ones, as docs/profiles.md tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from profiles.exported import Result, results, section

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def found(shared: Path) -> list[Result]:
    return results()


def test_neither_our_shapes_nor_the_official_ones_find_what_no_holder_is_asked_for(found: list[Result]) -> None:
    assert {one.by.name: one.others for one in found if one.others} == {}
    judged = {one.by.name for one in found if one.official}
    assert judged == {"dcat-ap", "fdp", "health-ri", "healthdcat-ap"}


def test_every_record_is_in_every_profile_that_tells_of_its_kind(found: list[Result]) -> None:
    failed = [
        (one.by.name, told.iri)
        for one in found
        for told in one.projected
        for remark in told.remarks
        if remark.kind == "failed"
    ]
    assert failed == []
    assert {len(one.projected) for one in found if "repository" in one.by.kinds and one.by.name != "fairmap"} == {109}


def test_the_page_tells_what_comes_out(found: list[Result]) -> None:
    told = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    assert told.endswith(section(found)), "write it anew: make profiles"
