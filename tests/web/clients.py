"""Asking the app without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairmap.config import Settings
from fairmap.web import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from fairmap.judging import JudgeClient

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/fairmap/ns#Repository> } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT { ?s a ?t } WHERE { ?s a ?t } LIMIT 3"
AGENTS = "SELECT ?s WHERE { ?s a <http://xmlns.com/foaf/0.1/Agent> } ORDER BY ?s"


def client_of(
    view: Any, *, ready: bool = True, judge: JudgeClient | None = None, dumps: Path | None = None, **settings: Any
) -> FlaskClient:
    limits = {"rate_limit": 0, "write_rate_limit": 0}
    return create_app(
        Settings(**{**limits, **settings}), view, ready=lambda: ready, judge=judge, dumps=dumps
    ).test_client()


def sparql(client: FlaskClient, query: str, accept: str | None = None, **arguments: str) -> TestResponse:
    return client.get(
        "/sparql", query_string={"query": query, **arguments}, headers={"Accept": accept} if accept else {}
    )


def ask(client: FlaskClient, query: str, accept: str | None = None, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(
        "/sparql", query_string={"query": query}, headers={**named, **({"Accept": accept} if accept else {})}
    )
