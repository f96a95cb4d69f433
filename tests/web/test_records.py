"""Records, concepts, terms and shapes as linked data: negotiation, forms, distributions, what was withdrawn."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

import fairmap
from fairmap.namespaces import DEFAULT_BASE, SHAPES
from web.addresses import THINGS
from web.clients import BROWSER, client_of
from web.documents import FORMS, Page, triples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue

VALID = Path(__file__).parents[1] / "shapes" / "valid"


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


@pytest.mark.parametrize("path", THINGS)
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


def test_a_withdrawn_record_is_410_with_its_date(small: FlaskClient) -> None:
    slug = _slug(VALID / "agent-minimal.ttl")
    for suffix in ("", ".ttl"):
        response = small.get(f"/agent/{slug}{suffix}")
        assert response.status_code == 410
        assert re.search(r"withdrawn on \d{4}-\d\d-\d\d", response.get_json()["detail"])
