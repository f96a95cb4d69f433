"""What tests share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import fairmap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.catalogue import Catalogue

ROOT = Path(__file__).parents[1]

collect_ignore = ["clients", "wheel"]
"""What makes environments of its own: ``make clients``, ``make wheel-test``."""


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of official shapes, suites and sources beside the checkout."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("../shared (official sources to compare with) is missing")
    return folder


@pytest.fixture(scope="module")
def catalogue() -> Iterator[Catalogue]:
    """The map, for tests that do not write to it."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened
