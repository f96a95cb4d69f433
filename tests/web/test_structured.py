"""What pages tell search engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import fairmap
from fairmap.namespaces import DEFAULT_BASE
from web.clients import BROWSER, client_of
from web.documents import Page

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def block(client: FlaskClient, path: str) -> list[dict[str, object]]:
    return [json.loads(text) for text in Page(client.get(path, headers={"Accept": BROWSER}).text).blocks]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/dataset/adni-imaging", "Dataset"),
        ("/repository/tcia", "DataCatalog"),
        ("/catalog/imaging-health-data-map", "DataCatalog"),
    ],
)
def test_a_page_has_its_record_in_the_words_of_schema_org(client: FlaskClient, path: str, kind: str) -> None:
    (found,) = block(client, path)
    assert found["@type"] == kind
    assert found["@id"] == DEFAULT_BASE + path[1:]
    assert found["name"]


def test_the_home_page_tells_of_the_map(client: FlaskClient) -> None:
    (found,) = block(client, "/")
    parts = found["hasPart"]
    assert isinstance(parts, list)
    assert len(parts) == 47


def test_a_page_that_schema_org_has_no_place_for_has_no_block(client: FlaskClient) -> None:
    assert block(client, "/agent/nci") == []
    assert block(client, "/source/d31") == []


def test_no_text_of_a_record_ends_the_block_or_is_run() -> None:
    evil = "</script><script>alert(1)</script><!--"
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        dataset = f"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
            @prefix prov: <http://www.w3.org/ns/prov#> .
            <{DEFAULT_BASE}dataset/evil> a dcat:Dataset ; dct:title "{evil}"@en ; dct:description "Twenty characters at least."@en ;
              prov:wasDerivedFrom <{DEFAULT_BASE}source/d31> ; prov:wasGeneratedBy <{DEFAULT_BASE}source/d31#reading> ."""
        catalogue.load(dataset.encode())
        body = client_of(catalogue.view).get("/dataset/evil", headers={"Accept": BROWSER}).text
    page = Page(body)
    assert page.scripts == ["/static/suggest.js", "application/ld+json"]
    (found,) = [json.loads(text) for text in page.blocks]
    assert found["name"] == evil
