"""Errors and their form, methods and headers of every answer, and whether the service is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fairmap import errors
from fairmap.web.errors import RETRY_AFTER, STATUS
from fairmap.web.headers import POLICY
from web.addresses import PAGES
from web.clients import BROWSER, SELECT, client_of, sparql
from web.views import Failing

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere", "/repository/nowhere", "/repository/nowhere.ttl", "/concept/nowhere", "/concept/modality/nowhere",
        "/vocabulary/nowhere", "/repository/", "/ns.exe", "/static/nowhere.css", "/agent/%3Cx%3E",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    problem = response.get_json()
    assert response.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance"} <= set(problem)
    assert problem["status"] == 404


def test_browsers_get_a_page_for_an_error(client: FlaskClient) -> None:
    response = client.get("/repository/nowhere", headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert "There is no such record" in response.text
    assert response.headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("path", [*PAGES, "/health", "/ready", "/context.jsonld"])
def test_other_methods_are_405_with_allow(client: FlaskClient, path: str) -> None:
    response = client.delete(path)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert response.get_json()["title"] == "Method Not Allowed"


def test_head_and_options(client: FlaskClient) -> None:
    head = client.head("/repository/tcia", headers={"Accept": "text/turtle"})
    assert (head.status_code, head.data, head.mimetype) == (200, b"", "text/turtle")
    options = client.options("/sparql")
    assert options.status_code == 200
    assert "POST" in options.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in options.headers["Access-Control-Allow-Headers"]


def test_every_error_has_a_status() -> None:
    def tree(kind: type[errors.FairmapError]) -> set[type[errors.FairmapError]]:
        return {kind}.union(*(tree(below) for below in kind.__subclasses__()))

    assert {kind for kind in tree(errors.FairmapError) if kind.__module__ == "fairmap.errors"} == set(STATUS)


@pytest.mark.parametrize("path", [*PAGES, "/health", "/nowhere", "/sparql?query=ASK%7B%7D"])
def test_security_headers_are_on_every_answer(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("kind", [errors.Busy, errors.QueryTimeout, errors.QueryCrashed, errors.ServiceDown])
def test_what_may_pass_is_503_with_retry_after(kind: type[errors.FairmapError]) -> None:
    client = client_of(Failing(kind("not now")))
    for response in (sparql(client, SELECT), sparql(client, SELECT, BROWSER), client.get("/repository/tcia")):
        assert response.status_code == 503
        assert response.headers["Retry-After"] == RETRY_AFTER


def test_a_failure_on_the_way_breaks_the_answer() -> None:
    client = client_of(Failing(errors.QueryTimeout("too late"), after=b"?s\n"))
    response = client.get("/sparql", query_string={"query": SELECT, "format": "tsv"})
    assert response.status_code == 200
    with pytest.raises(errors.QueryTimeout):
        _ = response.data


def test_a_fault_of_ours_is_logged_and_told_without_detail(caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(Failing(ZeroDivisionError("secret")))
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    response = client.get("/repository/tcia")
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "ZeroDivisionError: secret" in caplog.text


# Up or not


def test_health_and_ready(client: FlaskClient, catalogue: Catalogue) -> None:
    assert client.get("/health").get_json() == {"status": "ok"}
    ready = client.get("/ready").get_json()
    assert ready == {"status": "ready", "revision": catalogue.level.ledger.revision}
    waiting = client_of(catalogue.view, ready=False).get("/ready")
    assert (waiting.status_code, waiting.mimetype) == (503, "application/problem+json")
    assert waiting.headers["Retry-After"] == RETRY_AFTER
