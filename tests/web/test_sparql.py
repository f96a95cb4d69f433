"""The endpoint: the protocol, its errors, and what it tells about itself to programs and people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from fairmap.namespaces import DEFAULT_BASE
from web.clients import BROWSER, CONSTRUCT, SELECT, client_of, sparql
from web.documents import FORMS, Page, triples

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from fairmap.catalogue import Catalogue


@pytest.mark.parametrize(
    ("accept", "select", "construct"),
    [
        (None, "application/sparql-results+json", "text/turtle"),
        ("*/*", "application/sparql-results+json", "text/turtle"),
        ("application/sparql-results+json", "application/sparql-results+json", None),
        ("application/json", "application/sparql-results+json", None),
        ("application/sparql-results+xml", "application/sparql-results+xml", None),
        ("text/csv", "text/csv", None),
        ("text/tab-separated-values", "text/tab-separated-values", None),
        ("text/turtle", None, "text/turtle"),
        ("application/n-triples", None, "application/n-triples"),
        ("application/ld+json", None, "application/ld+json"),
        ("application/rdf+xml", None, "application/rdf+xml"),
        ("text/csv, application/rdf+xml;q=0.5", "text/csv", "application/rdf+xml"),
        (BROWSER, "text/html", "text/html"),
        ("image/png", None, None),
    ],
)
def test_answers_come_in_the_accepted_form(
    client: FlaskClient, accept: str | None, select: str | None, construct: str | None
) -> None:
    for query, expected in ((SELECT, select), (CONSTRUCT, construct)):
        response = sparql(client, query, accept)
        assert (response.status_code, response.mimetype) == (
            (200, expected) if expected else (406, "application/problem+json")
        )
        assert "Accept" in response.vary


@pytest.mark.parametrize(
    ("name", "select", "construct"),
    [
        ("json", "application/sparql-results+json", "application/ld+json"),
        ("xml", "application/sparql-results+xml", "application/rdf+xml"),
        ("csv", "text/csv", None),
        ("tsv", "text/tab-separated-values", None),
        ("turtle", None, "text/turtle"),
        ("ntriples", None, "application/n-triples"),
        ("jsonld", None, "application/ld+json"),
        ("rdfxml", None, "application/rdf+xml"),
        ("html", "text/html", "text/html"),
    ],
)
def test_format_chooses_the_form(client: FlaskClient, name: str, select: str | None, construct: str | None) -> None:
    for query, expected in ((SELECT, select), (CONSTRUCT, construct)):
        response = sparql(client, query, "image/png", format=name)
        assert (response.status_code, response.mimetype) == (
            (200, expected) if expected else (406, "application/problem+json")
        )


def test_an_unknown_format_is_told_with_the_known_ones(client: FlaskClient) -> None:
    problem = sparql(client, SELECT, format="pdf").get_json()
    assert (problem["status"], problem["error"]) == (400, "UsageError")
    assert "turtle" in problem["expected"]


def test_a_query_comes_by_get_form_or_body(client: FlaskClient) -> None:
    by_get = sparql(client, SELECT).get_json(force=True)
    assert len(by_get["results"]["bindings"]) == 47
    assert client.post("/sparql", data={"query": SELECT}).get_json(force=True) == by_get
    body = client.post("/sparql", data=SELECT, content_type="application/sparql-query; charset=utf-8")
    assert body.get_json(force=True) == by_get


def test_the_protocol_chooses_the_graphs(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?r a <https://w3id.org/fairmap/ns#Repository> }"
    graph = f"{DEFAULT_BASE}repository/tcia"

    def number(response: TestResponse) -> str:
        found: str = response.get_json(force=True)["results"]["bindings"][0]["n"]["value"]
        return found

    assert number(sparql(client, count)) == "47"
    assert number(client.get("/sparql", query_string={"query": count, "default-graph-uri": graph})) == "1"
    posted = client.post(
        "/sparql", query_string={"default-graph-uri": graph}, data=count, content_type="application/sparql-query"
    )
    assert number(posted) == "1"
    assert number(client.post("/sparql", data={"query": count, "named-graph-uri": graph})) == "0"


def test_no_union_leaves_the_default_graph_alone(catalogue: Catalogue) -> None:
    client = client_of(catalogue.view, union=False)
    assert sparql(client, "ASK { ?s ?p ?o }").get_json(force=True)["boolean"] is False
    assert sparql(client, "ASK { GRAPH ?g { ?s ?p ?o } }").get_json(force=True)["boolean"] is True
    assert "UnionDefaultGraph" not in client.get("/sparql").text


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ("SELEC ?s", 400, "QuerySyntaxError"),
        ("", 400, "QuerySyntaxError"),
        ("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }", 400, "QueryRefused"),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", 400, "QuerySyntaxError"),
    ],
)
def test_a_query_that_cannot_run_is_told(client: FlaskClient, query: str, status: int, error: str) -> None:
    problem = sparql(client, query).get_json()
    assert (problem["status"], problem["error"]) == (status, error)
    page = sparql(client, query, BROWSER)
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert "The query was not answered" in page.text


def test_a_malformed_query_is_told_with_its_place(client: FlaskClient) -> None:
    assert sparql(client, "SELECT *\nWHERE { ?s ?p }").get_json()["where"].startswith("line 2, column ")


def test_the_wrong_number_of_queries_is_400(client: FlaskClient) -> None:
    twice = f"/sparql?query={quote(SELECT)}&query={quote(SELECT)}"
    assert client.get(twice).status_code == 400
    assert client.post("/sparql", data={"format": "json"}).status_code == 400
    assert client.post("/sparql", data={"update": "CLEAR ALL"}).status_code == 400


def test_a_body_of_another_kind_is_415(client: FlaskClient) -> None:
    for content_type in ("text/plain", "application/sparql-update", "application/json", None):
        response = client.post("/sparql", data=SELECT, content_type=content_type)
        assert (response.status_code, response.mimetype) == (415, "application/problem+json")


def test_a_body_that_is_not_utf8_is_400(client: FlaskClient) -> None:
    assert client.post("/sparql", data=b"ASK {} # \xff", content_type="application/sparql-query").status_code == 400


def test_a_query_that_is_too_long_is_413(catalogue: Catalogue) -> None:
    client = client_of(catalogue.view, query_length=200)
    long = "ASK {} #" + "x" * 300
    assert sparql(client, long).status_code == 413
    assert client.post("/sparql", data=long, content_type="application/sparql-query").status_code == 413
    assert client.post("/sparql", data={"query": long}).status_code == 413
    assert client.post("/sparql", data={"query": long * 100}).status_code == 413
    assert sparql(client, "ASK {}").status_code == 200


# The endpoint about itself


@pytest.mark.parametrize(("suffix", "accept"), [(suffix, media_type) for suffix, (media_type, _) in FORMS.items()])
def test_without_a_query_programs_get_the_service_description(client: FlaskClient, suffix: str, accept: str) -> None:
    response = client.get("/sparql", headers={"Accept": accept})
    assert response.mimetype == accept
    found = triples(response, FORMS[suffix][1])
    sd = "http://www.w3.org/ns/sparql-service-description#"
    service = "<http://localhost/sparql>"
    assert f"{service} <{sd}endpoint> {service}" in found
    assert f"{service} <{sd}feature> <{sd}UnionDefaultGraph>" in found
    assert f"{service} <{sd}supportedLanguage> <{sd}SPARQL11Query>" in found


def test_the_form_shows_its_examples_and_each_has_an_answer(client: FlaskClient) -> None:
    page = client.get("/sparql", headers={"Accept": BROWSER})
    runs = [link for link in Page(page.text).links if "query=" in link]
    assert len(runs) == 6
    for link in runs:
        answer = client.get(link, headers={"Accept": BROWSER})
        assert answer.status_code == 200
        assert re.search(r"<p>[1-9]\d* rows", answer.text), link


def test_the_page_shows_answers_of_every_kind(client: FlaskClient) -> None:
    rows = sparql(client, SELECT, BROWSER).text
    assert "47 rows" in rows
    assert 'href="/repository/tcia"' in rows
    assert '<p class="truth">Yes</p>' in sparql(client, "ASK {}", BROWSER).text
    assert "@prefix" in sparql(client, CONSTRUCT, BROWSER).text
    odd = sparql(client, r'SELECT ("a\t<b>\\\"c"@de AS ?x) ?unbound (1.5 AS ?y) {}', BROWSER).text
    assert "a\t&lt;b&gt;\\&#34;c</span> <small" in odd
    assert '<td data-label="y"><span>1.5</span>' in odd


def test_the_page_shows_the_beginning_of_a_long_answer(client: FlaskClient) -> None:
    page = sparql(client, "SELECT * { ?s ?p ?o }", BROWSER).text
    assert "500 rows shown" in page
    assert "There is more" in page


def test_the_whole_map_can_be_taken(client: FlaskClient, catalogue: Catalogue) -> None:
    link = next(link for link in Page(client.get("/").text).links if link.endswith("format=ntriples"))
    lines = client.get(link).text.splitlines()
    count = catalogue.select(
        "SELECT (COUNT(*) AS ?n) WHERE { SELECT DISTINCT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } } }"
    )
    assert len(set(lines)) == int(count[0]["n"].value)
