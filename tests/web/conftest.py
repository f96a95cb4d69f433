"""The app over the real map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from web.clients import client_of
from web.views import Counting

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue


@pytest.fixture
def view(catalogue: Catalogue) -> Counting:
    return Counting(catalogue)


@pytest.fixture
def client(view: Counting) -> FlaskClient:
    return client_of(view)
