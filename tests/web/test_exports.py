"""Records in published profiles over HTTP: whole exports, single records, pages of profiles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, parse

from fairmap.export import projection, projection_names
from fairmap.export.writing import MEDIA_TYPES, SUFFIXES
from fairmap.namespaces import DCAT, RDF
from web.clients import BROWSER

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

BASE = "https://w3id.org/fairmap/"
HEART = "/dataset/ukbiobank-heart-mri"


def links(response: TestResponse, relation: str) -> list[str]:
    return [link for link in response.headers.getlist("Link") if f'rel="{relation}"' in link]


def test_an_export_holds_every_record_and_is_a_file(client: FlaskClient) -> None:
    answer = client.get("/export/dcat-ap.nt")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fairmap-dcat-ap.nt"'
    assert links(answer, "profile") == ['<http://data.europa.eu/r5r/>; rel="profile"']
    kinds = [
        quad.object.value
        for quad in parse(answer.data, format=RdfFormat.N_TRIPLES)
        if quad.predicate.value == f"{RDF}type"
    ]
    assert (kinds.count(f"{DCAT}Catalog"), kinds.count(f"{DCAT}Dataset")) == (48, 61)


def test_an_export_comes_in_the_form_that_is_accepted_and_else_in_the_first_of_the_profile(client: FlaskClient) -> None:
    accepts = {"*/*": "text/turtle", "application/rdf+xml": "application/rdf+xml", BROWSER: "text/turtle"}
    for accept, media_type in accepts.items():
        answer = client.get(
            "/export/eucaim", query_string={"iri": f"{BASE}dataset/tcia-imaging"}, headers={"Accept": accept}
        )
        assert answer.mimetype == media_type
    refused = client.get("/export/eucaim", headers={"Accept": "image/png"})
    assert refused.status_code == 406
    assert "text/turtle" in refused.json["expected"]  # type: ignore[index]


def test_an_export_of_named_records_has_them_alone(client: FlaskClient) -> None:
    iris = [f"{BASE}dataset/tcia-imaging", f"{BASE}repository/tcia"]
    answer = client.get("/export/dcat-ap.nt", query_string={"iri": iris})
    subjects = {quad.subject.value for quad in parse(answer.data, format=RdfFormat.N_TRIPLES)}
    assert {name for name in subjects if "/dataset/" in name or "/repository/" in name} - {
        f"{iris[1]}#temporal"
    } == set(iris)
    missing = client.get("/export/dcat-ap", query_string={"iri": [iris[0], f"{BASE}dataset/none"]})
    assert missing.status_code == 404
    assert f"{BASE}dataset/none" in missing.text


@pytest.mark.parametrize("name", projection_names())
def test_every_profile_is_exported_in_each_form_and_has_a_page(client: FlaskClient, name: str) -> None:
    by = projection(name)
    for form in by.forms:
        answer = client.get(f"/export/{name}{SUFFIXES[form]}", query_string={"iri": f"{BASE}dataset/tcia-imaging"})
        assert (answer.status_code, answer.mimetype) == (200, MEDIA_TYPES[form])
        single = client.get(f"/dataset/tcia-imaging{SUFFIXES[form]}?_profile={name}")
        assert single.status_code == 200
    page = client.get(f"/profile/{name}", headers={"Accept": BROWSER})
    assert by.title in page.text
    assert by.specification in page.text
    assert client.get(f"/profile/{name}.ttl").status_code == 200


def test_who_has_the_export_of_this_revision_gets_304(client: FlaskClient) -> None:
    first = client.get("/export/dcat-ap?iri=https://w3id.org/fairmap/dataset/tcia-imaging")
    again = client.get(
        "/export/dcat-ap?iri=https://w3id.org/fairmap/dataset/tcia-imaging",
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/export/dcat-ap", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_a_record_comes_in_the_profile_that_is_asked_for(client: FlaskClient) -> None:
    by_name = client.get(f"{HEART}?_profile=healthdcat-ap", headers={"Accept": "application/n-triples"})
    specification = projection("healthdcat-ap").specification
    by_header = client.get(
        HEART, headers={"Accept": "application/n-triples", "Accept-Profile": f"<urn:x>, <{specification}>;q=0.5"}
    )
    for answer in (by_name, by_header):
        assert answer.headers["Content-Profile"] == f"<{specification}>"
        assert "Accept-Profile" in answer.headers["Vary"]
        assert answer.headers["Content-Location"].endswith(f"{HEART}.nt?_profile=healthdcat-ap")
    assert set(parse(by_name.data, format=RdfFormat.N_TRIPLES)) == set(
        parse(by_header.data, format=RdfFormat.N_TRIPLES)
    )
    again = client.get(f"{HEART}.nt?_profile=healthdcat-ap", headers={"If-None-Match": by_name.headers["ETag"]})
    assert again.status_code == 304


def test_a_record_tells_which_profiles_it_comes_in(client: FlaskClient) -> None:
    told = links(client.get(HEART), "alternate")
    assert any("?_profile=eucaim" in link and projection("eucaim").specification in link for link in told)
    assert not any("?_profile=eucaim" in link for link in links(client.get("/agent/nci"), "alternate"))


@pytest.mark.parametrize(
    ("path", "headers"),
    [(f"{HEART}?_profile=none", {}), (HEART, {"Accept-Profile": "<urn:none>"}), ("/agent/nci?_profile=eucaim", {})],
)
def test_a_profile_that_a_record_does_not_come_in_is_refused_with_those_offered(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 406
    assert "fairmap <https://w3id.org/fairmap/ns>" in json.loads(answer.data)["expected"]


def test_unknown_profiles_and_records_are_not_found(client: FlaskClient) -> None:
    for path in ("/export/none", "/profile/none", "/dataset/none?_profile=dcat-ap"):
        assert client.get(path).status_code == 404
    assert "dcat-ap" in client.get("/export/none").text


def test_the_page_of_a_profile_tells_its_records_what_it_demands_and_what_judges_it(client: FlaskClient) -> None:
    page = client.get("/profile/healthdcat-ap", headers={"Accept": BROWSER}).text
    assert "47 repositories" in page
    assert "61 datasets" in page
    assert "which health data access body decides on requests" in page
    assert "healthdcat-ap/non-public" in page
    assert 'href="/profile/eucaim"' in client.get("/profile", headers={"Accept": BROWSER}).text
