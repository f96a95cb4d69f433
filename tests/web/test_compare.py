"""Records side by side."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from web.clients import BROWSER

if TYPE_CHECKING:
    from flask.testing import FlaskClient

BOTH = "record=repository/tcia&record=https://w3id.org/fairmap/repository/ria"


def rows(client: FlaskClient, query: str) -> list[list[str]]:
    response = client.get(f"/compare?{query}&format=csv")
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.text)))


def test_properties_stand_beside_each_other_and_differences_are_marked(client: FlaskClient) -> None:
    told = {row[0]: row[1:] for row in rows(client, BOTH)}
    assert told["property"] == ["differs", "The Cancer Imaging Archive", "Radiomics Imaging Archive"]
    assert told["Kind of record"] == ["false", "repository", "repository"]
    assert told["Topic"][0] == "true"
    assert "Cancer" in told["Topic"][1]
    assert all((len(set(row[2:])) > 1) == (row[1] == "true") for row in rows(client, BOTH)[1:])


def test_records_are_named_as_for_exports_too(client: FlaskClient) -> None:
    by_iri = BOTH.replace("record=repository/tcia", "iri=https://w3id.org/fairmap/repository/tcia").replace(
        "record=", "iri="
    )
    assert "record=" not in by_iri
    assert rows(client, by_iri) == rows(client, BOTH)


def test_rows_that_say_the_same_can_be_left_out(client: FlaskClient) -> None:
    every, differing = rows(client, BOTH)[1:], rows(client, f"{BOTH}&only=differences")[1:]
    assert differing == [row for row in every if row[1] == "true"] != every


def test_what_is_unknown_is_told_with_its_reason(client: FlaskClient) -> None:
    told = {row[0]: row[1:] for row in rows(client, "record=repository/nako&record=repository/imagen")}
    assert any("Not" in cell or "No " in cell for row in told.values() for cell in row)
    page = client.get("/compare?record=repository/nako&record=repository/imagen", headers={"Accept": BROWSER}).text
    assert "tag-unknown" in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("record=repository/none", 404),
        ("&".join(f"record=repository/r{n}" for n in range(13)), 400),
        ("only=same", 400),
        ("format=pdf", 400),
    ],
)
def test_what_cannot_be_compared_is_told(client: FlaskClient, query: str, status: int) -> None:
    assert (
        client.get(f"/compare?{query}", headers={"Accept": "text/csv, application/problem+json"}).status_code == status
    )


def test_results_of_a_search_can_be_chosen_for_comparison(client: FlaskClient) -> None:
    page = client.get("/search?q=brain", headers={"Accept": BROWSER}).text
    assert 'action="/compare"' in page
    assert 'name="record" value="repository/gsp"' in page
