"""Asking for searches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def found(client: FlaskClient, query: str) -> Any:
    """What a search finds, as JSON."""
    response = client.get(f"/search?{query}", headers={"Accept": "application/json"})
    assert response.status_code == 200, response.text
    return response.json


def chosen(query: str) -> set[str]:
    """The fields of a query."""
    return set(parse_qs(query))
