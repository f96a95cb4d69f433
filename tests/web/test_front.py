"""Requests that are answered before Flask get what Flask would say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from flask import request_started

from fairmap.config import Settings
from fairmap.web import create_app
from fairmap.web.front import Front
from web.clients import AGENTS, BROWSER, CONSTRUCT, SELECT

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from fairmap.catalogue import Catalogue

EVERYTHING = "SELECT * { ?s ?p ?o }"
QUERY = {"content_type": "application/sparql-query"}
GRAPH = "https://w3id.org/fairmap/repository/tcia"


def get(query: str, accept: str | None = None, encoding: str | None = None, **fields: str) -> dict[str, Any]:
    named = {"Accept": accept, "Accept-Encoding": encoding}
    headers = {name: value for name, value in named.items() if value is not None}
    return {"method": "GET", "query_string": urlencode({"query": query, **fields}), "headers": headers}


def post(data: Any, accept: str | None = None, **more: Any) -> dict[str, Any]:
    return {"method": "POST", "data": data, "headers": {"Accept": accept} if accept else {}, **more}


PLAIN = [
    get(AGENTS),
    get(AGENTS, "*/*", "gzip"),
    get(AGENTS, "text/csv", "gzip;q=0"),
    get(AGENTS, "application/sparql-results+xml", "br, gzip"),
    get(AGENTS, "text/tab-separated-values;q=0.5, text/turtle"),
    get(AGENTS, format="csv"),
    get(AGENTS, format=""),
    get(CONSTRUCT),
    get(CONSTRUCT, "application/rdf+xml"),
    get(CONSTRUCT, "application/n-triples", "gzip"),
    get("ASK {}", "application/json"),
    get("ASK {} # é", "application/json"),
    get(AGENTS, **{"default-graph-uri": GRAPH}),
    get(AGENTS, **{"named-graph-uri": GRAPH, "other": "x"}),
    post(AGENTS, **QUERY),
    post(AGENTS, "text/csv", content_type="application/sparql-query; charset=utf-8"),
    post(CONSTRUCT, "application/ld+json", query_string=urlencode({"default-graph-uri": GRAPH}), **QUERY),
    post({"query": AGENTS, "format": "tsv"}),
    post({"query": AGENTS, "named-graph-uri": GRAPH}, "text/csv"),
]
OTHER = [
    get(AGENTS, BROWSER),
    get(AGENTS, "image/png"),
    get(AGENTS, format="pdf"),
    get(CONSTRUCT, "text/csv"),
    get("SELEC"),
    get(""),
    get("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"),
    get("ASK {} #" + "x" * 5000, query_length="1"),
    get("INSERT DATA { <urn:a> <urn:b> <urn:c> }"),
    get("ASK { FILTER (<http://example.org/no>(1)) }"),
    get(EVERYTHING, "text/csv", "gzip"),
    get(EVERYTHING, "text/csv"),
    get(AGENTS, **{"default-graph-uri": "no IRI"}),
    {"method": "GET", "query_string": "query=ASK%20%7B%7D%ff"},
    {"method": "GET", "query_string": "query=ASK%20%7B%7D&query=ASK%20%7B%7D"},
    {"method": "GET"},
    {"method": "HEAD", "query_string": urlencode({"query": AGENTS})},
    {"method": "OPTIONS"},
    {"method": "PUT", "data": b"x"},
    {"method": "POST"},
    post(AGENTS),
    post(AGENTS, content_type="text/plain"),
    post(b"ASK {} # \xff", **QUERY),
    post(b"query=%ff&x=\xff", content_type="application/x-www-form-urlencoded"),
    post({"query": ["ASK {}", "ASK {}"]}),
    post({"query": AGENTS}, content_type="multipart/form-data"),
    post("x" * 300_000, **QUERY),
    {**get(AGENTS), "headers": {"If-None-Match": "*"}},
    {**get(AGENTS), "headers": {"If-None-Match": 'W/"other"'}},
    {**get(AGENTS), "headers": {"Authorization": "Bearer none"}},
]


def same(app: Flask, request: dict[str, Any]) -> TestResponse:
    """The same id, so that it does not differ in bodies either."""
    headers = {**request.get("headers", {}), "X-Request-ID": "the-same"}
    return app.test_client().open("/sparql", **{**request, "headers": headers})


def pair(catalogue: Catalogue, **settings: Any) -> tuple[Flask, Flask]:
    """An app, and the same without its front."""
    apps = [create_app(Settings(**settings), catalogue.view, ready=lambda: True, run="one") for _ in range(2)]
    assert isinstance(apps[1].wsgi_app, Front)
    apps[1].wsgi_app = apps[1].wsgi_app.behind  # type: ignore[method-assign]
    return apps[0], apps[1]


@pytest.mark.parametrize("room", [0, 64])
@pytest.mark.parametrize("request_", [*PLAIN, *OTHER])
def test_the_front_says_what_flask_says(catalogue: Catalogue, request_: dict[str, Any], room: int) -> None:
    front, flask = pair(catalogue, result_cache=room, rate_limit=0)
    expected = same(flask, request_)
    for _ in range(2):
        told = same(front, request_)
        assert told.status == expected.status
        assert dict(told.headers) == dict(expected.headers)
        assert told.data == expected.data


@pytest.mark.parametrize("request_", PLAIN)
def test_plain_requests_do_not_reach_flask(catalogue: Catalogue, request_: dict[str, Any]) -> None:
    front, _ = pair(catalogue)
    reached: list[object] = []

    def note(_: object, **__: object) -> None:
        reached.append(1)

    with request_started.connected_to(note, front):
        same(front, request_)
    assert reached == []


def test_the_front_counts_as_flask_does_how_often_one_client_asks(catalogue: Catalogue) -> None:
    front, flask = pair(catalogue, rate_limit=3)
    for app in (front, flask):
        told = [same(app, get(AGENTS, "text/csv")) for _ in range(4)]
        assert [each.status_code for each in told] == [200, 200, 200, 429]
        assert [each.headers["RateLimit"].partition(";t=")[0] for each in told] == [
            f'"read";r={n}' for n in (2, 1, 0, 0)
        ]
        assert {each.headers["RateLimit-Policy"] for each in told} == {'"read";q=3;w=60'}
        assert 0 < int(told[-1].headers["Retry-After"]) <= 60


def test_a_request_that_the_front_answers_is_counted_and_logged(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    front, flask = pair(catalogue, log="json")
    for app in (front, flask):
        same(app, get(SELECT))
        line = capsys.readouterr().err
        assert '"method": "GET", "route": "/sparql", "status": 200' in line
        assert '"request": "the-same"' in line
        counted = 'fairmap_http_requests_total{method="GET",route="/sparql",status="2xx"} 1.0'
        assert counted in app.test_client().get("/metrics").text
