"""Pages: their form, their links, and that they tell every fact of the records."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode

import fairmap
from fairmap.namespaces import DCT, DEFAULT_BASE, FM, PROV, SKOS
from web.addresses import PAGES
from web.clients import BROWSER, client_of
from web.documents import Page

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue


MADE_FOR_EACH = ("/export/", "/compare?", "/validate?")
"""Links that the page of each record has for itself: those of one are enough."""


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
    editor = {"/static/editor.js", "/static/yasgui/yasgui.min.js"} if path.startswith("/sparql") else set()
    questionnaire = {"/static/register.js"} if path.startswith("/register") else set()
    assert set(page.scripts) <= {"application/ld+json", "/static/suggest.js"} | editor | questionnaire
    assert len(page.ids) == len(set(page.ids))
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
def test_the_same_page_has_the_same_bytes(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Accept": BROWSER}).data == client.get(path, headers={"Accept": BROWSER}).data


def test_every_link_between_pages_leads_somewhere(judging: FlaskClient, catalogue: Catalogue) -> None:
    known: dict[str, Page] = {}

    def load(path: str) -> Page:
        if path not in known:
            response = judging.get(path, headers={"Accept": BROWSER})
            with response:
                assert response.status_code == 200, path
                known[path] = Page(response.text if response.mimetype == "text/html" else "")
        return known[path]

    repositories = [iri.removeprefix(DEFAULT_BASE) for iri in catalogue.records() if "/repository/" in iri]
    assert len(repositories) == 47
    for start in ["/", *(f"/{path}" for path in repositories), "/source/d31", "/criterion/d31-A2", "/ns", "/shapes"]:
        for link in load(start).links:
            path, _, fragment = link.partition("#")
            if path.startswith(MADE_FOR_EACH) and start != "/repository/tcia":
                continue
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
    assert "<script>" not in page
    assert page.count("<script") == 1
    assert 'href="javascript' not in page
    assert "javascript:alert(1)" in page


def test_titles_are_of_records(client: FlaskClient, catalogue: Catalogue) -> None:
    query = f"SELECT ?r ?t WHERE {{ ?r a <{FM}Repository> ; <{DCT}title> ?t }}"
    home = client.get("/").text
    for row in catalogue.select(query):
        assert f'href="/repository/{row["r"].value.rpartition("/")[2]}">{_escaped(row["t"].value)}</a>' in home
