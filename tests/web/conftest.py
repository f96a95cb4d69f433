"""The app over the real map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fairmap.config import Settings
from fairmap.judging import JudgeClient, JudgeProcess
from web.clients import client_of
from web.views import Counting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue


@pytest.fixture
def view(catalogue: Catalogue) -> Counting:
    return Counting(catalogue)


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgeClient]:
    """The judging process of a service, alone."""
    path = tmp_path_factory.mktemp("judge") / "judge.sock"
    process = JudgeProcess(Settings(), path)
    yield JudgeClient(path)
    process.close()


@pytest.fixture
def judging(view: Counting, judge: JudgeClient) -> FlaskClient:
    """The app with what judges."""
    return client_of(view, judge=judge)


@pytest.fixture
def client(view: Counting) -> FlaskClient:
    return client_of(view)
