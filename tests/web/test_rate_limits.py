"""One client cannot ask without end, and cannot pass for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import stores
from service import serving
from web.clients import BROWSER, client_of
from web.documents import agent

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from web.views import Counting


def status(client: FlaskClient, path: str = "/ns", address: str = "192.0.2.1", **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.get(path, headers=named, environ_base={"REMOTE_ADDR": address}) as response:
        return response.status_code


def test_who_asks_too_often_is_told_how_long_to_wait(view: Counting) -> None:
    client = client_of(view, rate_limit=3)
    first = client.get("/ns")
    assert first.headers["RateLimit-Policy"] == '"read";q=3;w=60'
    assert first.headers["RateLimit"].startswith('"read";r=2;t=')
    assert [status(client, address="127.0.0.1") for _ in range(3)] == [200, 200, 429]
    response = client.get("/sparql?query=ASK{}")
    assert (response.status_code, response.mimetype) == (429, "application/problem+json")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert response.headers["RateLimit"].startswith('"read";r=0;t=')
    assert "RateLimit" in response.headers["Access-Control-Expose-Headers"]
    problem = response.get_json(force=True)
    assert problem["status"] == 429
    assert "3 requests a minute" in problem["detail"]
    assert "3 requests a minute" in client.get("/", headers={"Accept": BROWSER}).text
    assert status(client) == 200, "another client"


def test_a_refused_query_does_not_run(view: Counting) -> None:
    client = client_of(view, rate_limit=1)
    client.get("/ns")
    before = view.queries
    assert client.get("/sparql?query=ASK{}").status_code == 429
    assert view.queries == before


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "/static/fairmap.css"])
def test_what_keeps_the_service_running_is_not_counted(view: Counting, path: str) -> None:
    client = client_of(view, rate_limit=1)
    assert [status(client, path) for _ in range(5)] == [200] * 5
    assert [status(client), status(client)] == [200, 429]
    assert status(client, path) == 200


def test_no_limit_is_no_limit(view: Counting) -> None:
    client = client_of(view, rate_limit=0)
    assert {status(client, "/context.jsonld") for _ in range(700)} == {200}
    with client.get("/ns") as response:
        assert "RateLimit" not in response.headers


def test_without_a_trusted_proxy_nobody_believes_a_header(view: Counting) -> None:
    client = client_of(view, rate_limit=1)
    told = [status(client, X_Forwarded_For=f"198.51.100.{n}", Forwarded=f"for=198.51.100.{n}") for n in range(3)]
    assert told == [200, 429, 429]


def test_behind_proxies_the_address_is_what_the_outermost_trusted_one_saw(view: Counting) -> None:
    client = client_of(view, rate_limit=1, trusted_proxies=2)
    assert status(client, X_Forwarded_For="203.0.113.1, 198.51.100.1, 10.0.0.1") == 200
    assert status(client, X_Forwarded_For="203.0.113.2, 198.51.100.1, 10.0.0.1") == 429, "made up before the proxies"
    assert status(client, X_Forwarded_For="203.0.113.2, 198.51.100.2, 10.0.0.1") == 200


def test_a_subscriber_has_one_limit_for_all_addresses_of_its_network(view: Counting) -> None:
    client = client_of(view, rate_limit=1)
    assert [status(client, address=f"2001:db8:0:1::{n}") for n in (1, 2)] == [200, 429]
    assert status(client, address="2001:db8:0:2::1") == 200


def test_a_token_that_nobody_accepted_is_no_client_of_its_own(view: Counting) -> None:
    client = client_of(view, rate_limit=2, write_rate_limit=1)
    assert [status(client, Authorization=f"Bearer fm_{n}") for n in range(3)] == [401, 401, 429]
    tried = [client.delete("/store?graph=urn:g", headers={"Authorization": f"Bearer fm_{n}"}) for n in range(2)]
    assert [response.status_code for response in tried] == [401, 429]


def test_refused_requests_are_counted(view: Counting) -> None:
    client = client_of(view, rate_limit=1)
    assert 'fairmap_http_rate_limited_total{kind="read"} 0.0' in client.get("/metrics").text
    assert [status(client), status(client)] == [200, 429]
    assert 'fairmap_http_rate_limited_total{kind="read"} 1.0' in client.get("/metrics").text


@pytest.mark.server
def test_writers_have_limits_by_token(tmp_path: Path) -> None:
    store = f"oxigraph:{tmp_path / 'store'}"
    with serving(store, log=tmp_path / "log", write_rate_limit=3, web_workers=1) as service:

        def token(name: str) -> str:
            return f"Bearer {stores.token(store, name, '--scope', 'curate')}"

        def put(slug: str, shown: str) -> int:
            path = f"/store?graph=https://w3id.org/fairmap/agent/{slug}"
            return service.get(
                path, data=agent(slug), method="PUT", Content_Type="text/turtle", Authorization=shown
            ).status

        one, other = token("one"), token("other")
        assert [put("later-1", one), put("later-1", other)] == [201, 204]  # by address
        assert [put("later-1", one) for _ in range(4)] == [204, 204, 204, 429]
        assert [put("later-1", other) for _ in range(4)] == [204, 204, 204, 429]
        assert [put("later-2", "Bearer fm_wrong"), put("later-2", "Bearer fm_wrong")] == [
            401,
            429,
        ]  # the address's third and fourth
        assert service.get("/store?graph=https://w3id.org/fairmap/agent/later-1").status == 200
