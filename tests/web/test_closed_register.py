"""Where proposals cannot wait, each page of them says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fairmap.config import Settings
from fairmap.service import ControlClient
from fairmap.service.places import Places
from fairmap.web import create_app
from fairmap.web.audience import Access
from web.clients import BROWSER

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from web.views import Counting

ASKED = (
    ("POST", "/register"),
    ("POST", "/register/check"),
    ("GET", "/register/proposals"),
    ("GET", "/register/proposals/0123456789ab"),
    ("POST", "/register/proposals/0123456789ab/accept"),
    ("GET", "/register/sign-in"),
    ("POST", "/register/sign-in"),
)


@pytest.fixture
def client(view: Counting, tmp_path: Path) -> FlaskClient:
    """The app of a service whose engine is elsewhere."""
    settings = Settings(store="sparql:http://127.0.0.1:1/sparql", state=str(tmp_path), rate_limit=0, write_rate_limit=0)
    control = ControlClient(tmp_path / "control.sock")
    access = Access(settings, Places(tmp_path / "control.sock", tmp_path / "view.sock"), control)
    return create_app(settings, view, ready=lambda: True, control=control, access=access).test_client()


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_a_store_elsewhere_takes_no_proposals_and_says_so(client: FlaskClient, method: str, path: str) -> None:
    refused = client.open(path, method=method, data={"title": "Archive"} if method == "POST" else None)
    assert refused.status_code == 404
    told = refused.get_json()
    assert told["detail"] == "this service takes no proposals: its store has no place where they could wait"
    assert told["expected"] == "a service with a store of its own (oxigraph:PATH)"
    page = client.open(path, method=method, headers={"Accept": BROWSER})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "This service takes no proposals" in page.text


def test_the_questionnaire_of_a_store_elsewhere_has_no_form(client: FlaskClient) -> None:
    page = client.get("/register", headers={"Accept": BROWSER})
    assert page.status_code == 200
    assert "Nothing can be sent here" in page.text
    assert 'action="/register"' not in page.text
