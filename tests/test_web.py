"""The app over the real map: every route, negotiation, protocol, errors, headers, links."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

import fairmap
from fairmap import errors
from fairmap.config import Settings
from fairmap.model import Answer
from fairmap.namespaces import DCT, DEFAULT_BASE, FM, PROV, SHAPES, SKOS
from fairmap.web import create_app
from fairmap.web.errors import RETRY_AFTER, STATUS
from fairmap.web.headers import POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from fairmap.catalogue import Catalogue

VALID = Path(__file__).parent / "shapes" / "valid"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/fairmap/ns#Repository> } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT { ?s a ?t } WHERE { ?s a ?t } LIMIT 3"
PAGES = (
    "/",
    "/sparql",
    "/repository/tcia",
    "/dataset/tcia-imaging",
    "/agent/nci",
    "/criterion/d31-F1",
    "/source/d31",
    "/catalog/imaging-health-data-map",
    "/concept/modality",
    "/concept/modality/mri",
    "/vocabulary/radlex",
    "/vocabulary/eu",
    "/ns",
    "/shapes",
    "/shapes/Dataset",
)
FORMS = {
    ".ttl": ("text/turtle", RdfFormat.TURTLE),
    ".jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    ".rdf": ("application/rdf+xml", RdfFormat.RDF_XML),
    ".nt": ("application/n-triples", RdfFormat.N_TRIPLES),
}


def client_of(view: Any, *, ready: bool = True, **settings: Any) -> FlaskClient:
    return create_app(Settings(**settings), view, ready=lambda: ready).test_client()


@pytest.fixture(scope="module")
def catalogue() -> Iterator[Catalogue]:
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened


@pytest.fixture(scope="module")
def client(catalogue: Catalogue) -> FlaskClient:
    return client_of(catalogue.view)


@pytest.fixture(scope="module")
def small() -> Iterator[FlaskClient]:
    """A map with a dataset that has distributions, and a withdrawn agent."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        opened.load(VALID / "agent-rich.ttl", VALID / "dataset-rich.ttl", VALID / "dataset-minimal.ttl")
        opened.load(VALID / "agent-minimal.ttl")
        opened.withdraw(f"{DEFAULT_BASE}agent/{_slug(VALID / 'agent-minimal.ttl')}")
        yield client_of(opened.view)


def _slug(path: Path) -> str:
    match = re.search(r"fairmap/agent/([\w.-]+)>? ", path.read_text()) or re.search(
        r"/agent/([\w-]+)>", path.read_text()
    )
    assert match
    return match[1]


def triples(response: TestResponse, form: RdfFormat) -> set[str]:
    return {str(quad.triple) for quad in parse(response.data, format=form)}


class Page(HTMLParser):
    """The links, ids and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each tag."""
        self.tags.append(tag)
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "srcset", "style", "onclick"} or (
                tag == "link" and name == "href" and "//" in (value or "")
            ):
                self.outside.append(value or "")


# Pages


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_html_with_landmarks_and_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": BROWSER})
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    page = Page(response.text)
    assert page.tags.count("h1") == 1
    assert {"header", "nav", "main", "footer"} <= set(page.tags)
    assert page.links[0] == "#content"
    assert "content" in page.ids
    assert page.outside == []
    assert "script" not in page.tags
    assert len(page.ids) == len(set(page.ids))
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
def test_the_same_page_has_the_same_bytes(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Accept": BROWSER}).data == client.get(path, headers={"Accept": BROWSER}).data


def test_every_link_between_pages_leads_somewhere(client: FlaskClient, catalogue: Catalogue) -> None:
    known: dict[str, Page] = {}

    def load(path: str) -> Page:
        if path not in known:
            response = client.get(path, headers={"Accept": BROWSER})
            assert response.status_code == 200, path
            known[path] = Page(response.text if response.mimetype == "text/html" else "")
        return known[path]

    repositories = [iri.removeprefix(DEFAULT_BASE) for iri in catalogue.records() if "/repository/" in iri]
    assert len(repositories) == 47
    for start in ["/", *(f"/{path}" for path in repositories), "/source/d31", "/criterion/d31-A2", "/ns", "/shapes"]:
        for link in load(start).links:
            path, _, fragment = link.partition("#")
            if path.startswith("/") or not path:
                target = load(path or start)
                assert not fragment or fragment in target.ids, f"{start} links to {link}"


def test_every_fact_of_a_repository_is_on_its_page_with_its_source(client: FlaskClient, catalogue: Catalogue) -> None:
    page = client.get("/repository/tcia").text
    record = NamedNode(f"{DEFAULT_BASE}repository/tcia")
    statements = catalogue.select(
        f"""SELECT ?statement ?cell WHERE {{ ?statement a <{FM}SourceStatement> ; <{FM}about> $record ; <{PROV}wasDerivedFrom> ?cell }}""",
        record=record,
    )
    assert len(statements) > 20
    for row in statements:
        block = page.partition(f'id="{row["statement"].value.partition("#")[2]}"')[2].partition("</div>")[0]
        assert f'href="/source/d31#{row["cell"].value.partition("#")[2]}"' in block
    literals = catalogue.select(
        "SELECT ?o WHERE { GRAPH $record { $record ?p ?o } FILTER(isLiteral(?o)) }", record=record
    )
    for row in literals:
        text = {"true": "Yes", "false": "No"}.get(row["o"].value, row["o"].value)
        assert _escaped(text) in page


def _escaped(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;")):
        text = text.replace(character, entity)
    return text


def test_every_unknown_and_inferred_is_told_as_such(client: FlaskClient, catalogue: Catalogue) -> None:
    rows = catalogue.select(
        f"""SELECT ?record ?statement ?kind ?word WHERE {{
            {{ ?statement a <{FM}AbsenceStatement> ; <{FM}reason>/<{SKOS}prefLabel> ?word . BIND("unknown" AS ?kind) }}
            UNION {{ ?statement a <{FM}InferredStatement> . BIND("inferred" AS ?kind) BIND("Inferred" AS ?word) }}
            ?statement <{FM}about> ?record }}"""
    )
    assert len(rows) > 400
    pages: dict[str, str] = {}
    for row in rows:
        path = "/" + row["record"].value.removeprefix(DEFAULT_BASE)
        pages[path] = pages.get(path) or client.get(path).text
        block = pages[path].partition(f'id="{row["statement"].value.partition("#")[2]}"')
        opening = block[0].rpartition("<")[2]
        assert row["kind"].value in opening, row["statement"]
        assert row["word"].value in block[2].partition("</div>")[0], row["statement"]


def test_the_home_page_tells_date_counts_and_missing_publisher(client: FlaskClient, catalogue: Catalogue) -> None:
    page = client.get("/").text
    assert 'datetime="2021-05-31"' in page
    assert "<strong>47</strong> repositories" in page
    assert "This deployment names no publisher" in page
    named = client_of(catalogue.view, publisher="Example <Institute>", contact="data@example.org").get("/").text
    assert "Published by Example &lt;Institute&gt;" in named
    assert 'href="mailto:data@example.org"' in named


def test_text_of_a_record_cannot_become_markup_or_a_script_link() -> None:
    agent = f"{DEFAULT_BASE}agent/evil"
    document = f"""<{agent}> a <http://xmlns.com/foaf/0.1/Agent> ; <http://xmlns.com/foaf/0.1/name> "<script>alert(1)</script>" ;
        <https://example.org/x> <javascript:alert(1)> ; <{PROV}wasDerivedFrom> <{DEFAULT_BASE}source/d31> ;
        <{PROV}wasGeneratedBy> <{DEFAULT_BASE}source/d31#reading> ."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        opened.load(document.encode())
        page = client_of(opened.view).get("/agent/evil").text
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "javascript:alert(1)" in page


# One thing in several forms


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        (BROWSER, "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/x-turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/n-triples", "application/n-triples"),
        ("text/turtle;q=0.5, application/rdf+xml", "application/rdf+xml"),
        ("text/turtle, */*;q=0.1", "text/turtle"),
        ("application/rdf+xml;q=0.9, text/html;q=0.8", "application/rdf+xml"),
    ],
)
def test_the_accept_header_chooses_the_form(client: FlaskClient, accept: str | None, expected: str) -> None:
    response = client.get("/repository/tcia", headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.mimetype) == (200, expected)
    assert "Accept" in response.vary
    suffix = next((s for s, (media_type, _) in FORMS.items() if media_type == expected), ".html")
    assert response.headers["Content-Location"] == f"http://localhost/repository/tcia{suffix}"


@pytest.mark.parametrize("path", [path for path in PAGES if path not in {"/", "/sparql"}])
@pytest.mark.parametrize("suffix", [*FORMS, ".html"])
def test_the_suffix_chooses_the_form(client: FlaskClient, path: str, suffix: str) -> None:
    response = client.get(path + suffix, headers={"Accept": "image/png"})
    assert response.status_code == 200
    media_type, form = FORMS.get(suffix, ("text/html", None))
    assert response.mimetype == media_type
    assert f'<http://localhost{path}.ttl>; rel="alternate"; type="text/turtle"' in response.headers.getlist("Link")
    if form:
        assert triples(response, form)
        assert response.data == client.get(path, headers={"Accept": media_type}).data


def test_all_forms_say_what_the_graph_says(client: FlaskClient, catalogue: Catalogue) -> None:
    expected = {str(quad) for quad in catalogue.view.construct(
        "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH $g { ?s ?p ?o } }", g=NamedNode(f"{DEFAULT_BASE}repository/tcia")
    )}  # fmt: skip
    for suffix, (_, form) in FORMS.items():
        assert triples(client.get(f"/repository/tcia{suffix}"), form) == expected


def test_rdf_is_the_same_bytes_with_blank_nodes(small: FlaskClient) -> None:
    first, second = (small.get("/dataset/example-collection.ttl").data for _ in range(2))
    assert first == second
    assert b'"001048576"' in first


def test_a_form_that_does_not_exist_is_not_acceptable(client: FlaskClient) -> None:
    for path in ("/repository/tcia", "/ns", "/shapes/Dataset", "/concept/modality", "/", "/sparql"):
        response = client.get(path, headers={"Accept": "image/png"})
        assert (response.status_code, response.mimetype) == (406, "application/problem+json")


def test_a_deployment_with_another_base_and_public_address() -> None:
    base = "https://map.example.org/data/"
    with fairmap.open("memory:", base_iri=base) as opened:
        opened.load_map()
        client = client_of(opened.view, base_iri=base, public_url="https://map.example.org/data")
        page = client.get("/repository/tcia")
        turtle = client.get("/repository/tcia.ttl")
        concept = client.get("/concept/modality/mri.nt")
    assert page.headers["Content-Location"] == "https://map.example.org/data/repository/tcia.html"
    assert 'href="/data/dataset/tcia-imaging"' in page.text
    assert 'href="/data/concept/topic/cancer"' in page.text
    assert 'href="/data/static/fairmap.css"' in page.text
    assert f"<{base}repository/tcia>" in turtle.text
    assert "<https://w3id.org/fairmap/concept/modality/mri>" in concept.text


# Distributions, shapes, context


def test_a_distribution_leads_into_its_dataset(small: FlaskClient) -> None:
    html = small.get("/distribution/example-collection-1", headers={"Accept": BROWSER})
    assert (html.status_code, html.location) == (303, "/dataset/example-collection#distribution-1")
    rdf = small.get("/distribution/example-collection-2", headers={"Accept": "text/turtle"})
    assert (rdf.status_code, rdf.location) == (303, "/dataset/example-collection.ttl")
    assert small.get("/distribution/example-collection-2.nt").location == "/dataset/example-collection.nt"
    assert "distribution-2" in Page(small.get("/dataset/example-collection").text).ids
    assert small.get("/distribution/example-collection-9").status_code == 404
    assert small.get("/distribution/nowhere-1").status_code == 404
    assert small.get("/distribution/nowhere").status_code == 404


def test_a_shape_comes_with_its_blank_nodes_and_no_other_shape(client: FlaskClient) -> None:
    found = list(parse(client.get("/shapes/Contact.ttl").data, format=RdfFormat.TURTLE))
    named = {quad.subject for quad in found if isinstance(quad.subject, NamedNode)}
    assert named == {NamedNode(f"{SHAPES}Contact")}
    assert len({quad.subject for quad in found}) > 4
    page = client.get("/shapes/Contact").text
    assert "A contact must have an e-mail address or a web page" in page
    assert client.get("/shapes/Nowhere").status_code == 404


def test_the_context_is_json_ld(client: FlaskClient) -> None:
    response = client.get("/context.jsonld")
    assert response.mimetype == "application/ld+json"
    assert "@context" in json.loads(response.data)


# Errors


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


def test_a_withdrawn_record_is_410_with_its_date(small: FlaskClient) -> None:
    slug = _slug(VALID / "agent-minimal.ttl")
    for suffix in ("", ".ttl"):
        response = small.get(f"/agent/{slug}{suffix}")
        assert response.status_code == 410
        assert re.search(r"withdrawn on \d{4}-\d\d-\d\d", response.get_json()["detail"])


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


# Up or not


def test_health_and_ready(client: FlaskClient, catalogue: Catalogue) -> None:
    assert client.get("/health").get_json() == {"status": "ok"}
    ready = client.get("/ready").get_json()
    assert ready == {"status": "ready", "revision": catalogue.level.ledger.revision}
    waiting = client_of(catalogue.view, ready=False).get("/ready")
    assert (waiting.status_code, waiting.mimetype) == (503, "application/problem+json")
    assert waiting.headers["Retry-After"] == RETRY_AFTER


# The endpoint


def sparql(client: FlaskClient, query: str, accept: str | None = None, **arguments: str) -> TestResponse:
    return client.get(
        "/sparql", query_string={"query": query, **arguments}, headers={"Accept": accept} if accept else {}
    )


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


class Failing:
    """A view that fails, at once or after the first bytes."""

    base_iri = DEFAULT_BASE

    def __init__(self, error: Exception, after: bytes | None = None) -> None:
        self._error = error
        self._after = after

    def query(self, _text: str, **_: Any) -> Answer:
        """Fails."""
        if self._after is None:
            raise self._error
        return Answer("text/tab-separated-values", self._chunks(self._after), 1 << 20, 1)

    def _chunks(self, first: bytes) -> Iterator[bytes]:
        yield first
        raise self._error

    def select(self, _query: str, /, **_: Any) -> Any:
        """Fails."""
        raise self._error

    def construct(self, _query: str, /, **_: Any) -> Any:
        """Fails."""
        raise self._error

    def gone(self) -> dict[str, str]:
        """Nothing."""
        return {}


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
    assert len(runs) == 5
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
    assert "<td><span>1.5</span>" in odd


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


def test_titles_are_of_records(client: FlaskClient, catalogue: Catalogue) -> None:
    query = f"SELECT ?r ?t WHERE {{ ?r a <{FM}Repository> ; <{DCT}title> ?t }}"
    home = client.get("/").text
    for row in catalogue.select(query):
        assert f'href="/repository/{row["r"].value.rpartition("/")[2]}">{_escaped(row["t"].value)}</a>' in home
