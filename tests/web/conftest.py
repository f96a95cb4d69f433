"""The app over the real map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import fairmap
from web.clients import client_of
from web.views import Counting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue


@pytest.fixture(scope="module")
def catalogue() -> Iterator[Catalogue]:
    """The map, for tests that do not write to it."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened


@pytest.fixture
def view(catalogue: Catalogue) -> Counting:
    return Counting(catalogue)


@pytest.fixture
def client(view: Counting) -> FlaskClient:
    return client_of(view)
