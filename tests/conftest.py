"""What tests share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from jinja2 import BytecodeCache

import fairmap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from jinja2.bccache import Bucket

    from fairmap.catalogue import Catalogue

ROOT = Path(__file__).parents[1]

collect_ignore = ["clients", "wheel"]
"""What makes environments of its own: ``make clients``, ``make wheel-test``."""


class Compiled(BytecodeCache):
    """Templates compiled once for all the apps that tests make: it takes longer than most pages."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the template its code, when its text is the same."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(autouse=True, scope="session")
def compiled() -> None:
    """Let apps share their compiled templates."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}


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
