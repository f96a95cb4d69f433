"""Search over HTTP: pages and documents, each state an address, nothing of what a reader may not see."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

import fairmap
from fairmap.namespaces import DCAT, DEFAULT_BASE
from texts import dataset
from web.clients import BROWSER, client_of
from web.documents import Page
from web.search_pages import chosen, found

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from fairmap.model import Record

HYDRA = "http://www.w3.org/ns/hydra/core#"


def test_the_document_has_the_promised_form(client: FlaskClient) -> None:
    told = found(client, "q=brain+MRI")
    assert told["total"] == 28
    assert told["page"] == 1
    first = told["results"][0]
    assert {"iri", "title", "kind", "repository", "why"} <= first.keys()
    assert first["kind"] in {"repository", "dataset"}
    assert any("MRI" in why for why in first["why"])
    assert {"value", "label", "count", "url"} <= told["facets"]["modality"][0].keys()


@pytest.mark.parametrize(
    "query",
    ["", "q=brain", "q=MRI&access=controlled", "kind=dataset&modality=mri", "modality=mri&modality=ct&all=modality"],
)
def test_each_value_leads_to_as_many_records_as_it_says(client: FlaskClient, query: str) -> None:
    told = found(client, query)
    for name, values in told["facets"].items():
        for value in [value for value in values if not value["chosen"]][:4]:
            there = found(client, urlsplit(value["url"]).query)
            if name in chosen(query) and "all" not in query:  # one more of several: those of either
                assert there["total"] >= value["count"]
            else:
                assert there["total"] == value["count"], (query, name, value["value"])


def test_what_is_chosen_in_a_facet_does_not_count_for_that_facet_itself(client: FlaskClient) -> None:
    alone, beside = found(client, "q=brain"), found(client, "q=brain&access=open")
    counts = {value["value"]: value["count"] for value in alone["facets"]["access"]}
    assert {value["value"]: value["count"] for value in beside["facets"]["access"]} == counts
    assert beside["total"] == counts["open"] < alone["total"]


def test_several_values_of_a_facet_are_any_of_them_or_all(client: FlaskClient) -> None:
    either, both = found(client, "modality=ct&modality=mri"), found(client, "modality=ct&modality=mri&all=modality")
    ct, mri = found(client, "modality=ct"), found(client, "modality=mri")
    assert either["total"] == ct["total"] + mri["total"] - both["total"]
    assert both["total"] > 0


def test_pages_hold_each_record_once(client: FlaskClient) -> None:
    for query in ("q=MRI&size=7", "size=25&sort=title", "q=imaging&modality=mri&size=10"):
        records: list[str] = []
        told = found(client, query)
        while True:
            records += [record["iri"] for record in told["results"]]
            if not told["next"]:
                break
            told = found(client, urlsplit(told["next"]).query)
        assert len(records) == len(set(records)) == told["total"]


def test_records_come_in_the_wanted_order(client: FlaskClient) -> None:
    titles = [record["title"] for record in found(client, "sort=title&size=200")["results"]]
    assert titles == sorted(titles, key=str.casefold)
    most = found(client, "sort=people&size=1")["results"][0]["iri"]
    assert most == f"{DEFAULT_BASE}repository/ukbiobank-imaging"


def test_a_misspelt_word_is_mended_and_that_is_said(client: FlaskClient) -> None:
    told = found(client, "q=alzhiemer")
    assert told["corrected"]
    assert told["searched"] == "alzheimer"
    assert {record["iri"].rpartition("/")[2] for record in told["results"]} == {"adni", "adni-imaging"}
    exact = found(client, "q=alzhiemer&exact=1")
    assert exact["total"] == 0
    assert not exact["corrected"]
    page = client.get("/search?q=alzhiemer", headers={"Accept": BROWSER}).text
    assert "Search instead for “alzhiemer”" in page
    assert "/search?q=alzhiemer&amp;exact=1" in page


def test_a_word_that_something_has_is_not_mended(client: FlaskClient) -> None:
    assert found(client, "q=lung&access=open")["searched"] == "lung"
    assert not found(client, "q=brain+liver+knee")["corrected"]


def test_the_query_of_a_search_gives_the_same_records(client: FlaskClient) -> None:
    for query in (
        "q=brain&modality=mri",
        "q=alzhiemer",
        "unknown=registration-needed",
        "has_doi=false&kind=dataset&sort=newest",
        "sort=people",
    ):
        told = found(client, f"{query}&size=1000")
        sparql = parse_qs(urlsplit(told["sparql"]).query)["query"][0]
        answer: Any = client.get("/sparql", query_string={"query": sparql, "format": "json"}).json
        rows = answer["results"]["bindings"]
        assert {row["record"]["value"] for row in rows} == {record["iri"] for record in told["results"]}, query
    page = client.get(urlsplit(told["sparql"]).path, query_string={"query": sparql, "format": "html"}).text
    assert "<textarea" in page
    assert "fm:textMatch" in found(client, "q=brain")["sparql"].replace("%3A", ":")


def test_a_table_has_all_records_and_no_formulas() -> None:
    with fairmap.open("memory:") as catalogue:
        formula = dataset("a", 'dct:title "=1+1"@en ; dct:description "knee"@en')
        catalogue.level.write({formula.iri: formula}, origin="test")
        response = client_of(catalogue.view).get("/search?q=knee", headers={"Accept": "text/csv"})
        rows = list(csv.DictReader(io.StringIO(response.text)))
    assert response.mimetype == "text/csv"
    assert [row["title"] for row in rows] == ["'=1+1"]


@pytest.mark.parametrize("name", ["turtle", "jsonld", "rdfxml", "ntriples"])
def test_results_come_as_rdf(client: FlaskClient, name: str) -> None:
    forms = {
        "turtle": RdfFormat.TURTLE,
        "jsonld": RdfFormat.JSON_LD,
        "rdfxml": RdfFormat.RDF_XML,
        "ntriples": RdfFormat.N_TRIPLES,
    }
    response = client.get(f"/search?modality=mri&format={name}")
    quads = list(parse(response.data, format=forms[name]))
    members = {
        quad.object.value
        for quad in quads
        if quad.predicate.value == f"{HYDRA}member" and isinstance(quad.object, NamedNode)
    }
    assert len(members) == found(client, "modality=mri")["total"]
    assert any(quad.predicate.value == f"{DCAT}dataset" for quad in quads)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("modality=zebra", "there is no modality 'zebra'"),
        ("kind=agent", "kind is not 'agent'"),
        ("page=0", "page is not '0'"),
        ("page=501", "there is no such page"),
        ("size=5000", "a page does not have 5000 records"),
        ("sort=best", "not sorted by 'best'"),
        ("colour=red", "a search has no field 'colour'"),
        ("format=pdf", "does not come as 'pdf'"),
        ("licence=not%20an%3Airi", "is not an IRI"),
        ("q=" + "+".join(f"w{n}" for n in range(40)), "40 words"),
    ],
)
def test_what_cannot_be_answered_is_told(client: FlaskClient, query: str, told: str) -> None:
    response = client.get(f"/search?{query}", headers={"Accept": "application/json"})
    assert response.status_code == 400
    problem = response.json
    assert problem is not None
    assert told in problem["detail"]


def test_text_of_a_search_is_text_on_the_page(client: FlaskClient) -> None:
    page = client.get("/search", query_string={"q": '"><script>alert(1)</script>'}, headers={"Accept": BROWSER})
    assert page.status_code == 200
    assert Page(page.text).tags.count("script") == 1


def test_suggestions_are_concepts_that_records_have_and_titles(client: FlaskClient) -> None:
    told: Any = client.get("/search/suggest?q=dem").json
    assert {"text": "Dementia", "kind": "Topic", "url": "/search?topic=dementia", "count": 6} in [
        {name: one[name] for name in ("text", "kind", "url", "count")} for one in told["suggestions"]
    ]
    assert "/repository/amsterdam-dementia" in [one["url"] for one in told["suggestions"]]
    for one in told["suggestions"]:
        assert client.get(one["url"], headers={"Accept": BROWSER}).status_code == 200
    assert client.get("/search/suggest?q=").json == {"query": "", "suggestions": []}
    assert client.get("/search/suggest", query_string={"q": '*" OR (.*'}).status_code == 200


def test_a_withdrawn_record_leaves_no_trace_in_words_counts_and_suggestions() -> None:
    with fairmap.open("memory:") as catalogue:
        open_record = dataset("open", 'dct:title "Open knee"@en')
        secret = dataset("secret", 'dct:title "Zebrafish larynx"@en ; dct:license <https://example.org/secret-terms>')
        catalogue.level.write({open_record.iri: open_record, secret.iri: secret}, origin="test")
        client = client_of(catalogue.view)
        assert found(client, "q=zebrafsh")["corrected"]
        changes: dict[str, Record | None] = {secret.iri: None}
        catalogue.level.write(changes, origin="test")
        told = found(client, "q=zebrafsh")
        assert told["total"] == 0
        assert not told["corrected"]
        assert found(client, "")["facets"]["licence"] == []
        assert client.get("/search/suggest?q=zebra").json == {"query": "zebra", "suggestions": []}
        assert found(client, "licence=https://example.org/secret-terms")["total"] == 0


def test_a_state_of_the_page_is_not_made_twice(client: FlaskClient) -> None:
    first = client.get("/search?q=brain&page=1", headers={"Accept": BROWSER})
    again = client.get("/search?q=brain", headers={"Accept": BROWSER, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_page_of_a_concept_counts_the_records_below_it_and_leads_to_them(client: FlaskClient) -> None:
    page = client.get("/concept/body-part/brain", headers={"Accept": BROWSER}).text
    told = found(client, "body_part=brain")
    assert f"Search these {told['total']} records" in page
    assert 'href="/search?body_part=brain"' in page
    assert 'href="/repository/amsterdam-dementia"' in page.partition('id="records"')[2].partition("</section>")[0]
