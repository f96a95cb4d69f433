"""A catalogue to make documents of: the map, and a dataset that tells nearly everything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import fairmap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.catalogue import Catalogue


@pytest.fixture(scope="package")
def rich() -> Iterator[Catalogue]:
    """The map and the dataset."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        opened.load(Path(__file__).parent / "rich.trig")
        yield opened
