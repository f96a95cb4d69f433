"""Pictures: each mark leads to what it says, and tells no more than the reader may see."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from fairmap.namespaces import DEFAULT_BASE, DQV, EARL
from fairmap.resources import folder
from fairmap.web.tiles import PLACES
from web.clients import BROWSER, client_of
from web.search_pages import found
from web.views import Counting

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue


def test_each_mark_leads_to_as_many_records_as_it_says(client: FlaskClient) -> None:
    page = client.get("/map", headers={"Accept": BROWSER}).text
    marks = re.findall(r'href="/search\?([^"]+)" aria-label="[^"]*: (\d+) records?">', page)
    assert len(marks) > 30
    for query, number in marks[::6]:
        assert found(client, unescape(query))["total"] == int(number)
    assert any("modality=mri" in query and "body_part=brain" in query for query, _ in marks)
    assert 'href="/search?country=NLD"' in page
    assert 'href="/search?unknown=registration-needed"' in page


def test_numbers_of_the_home_page_lead_to_as_many_records(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept": BROWSER}).text
    marks = re.findall(r'href="/search\?([^"]+)" aria-label="[^"]*: (\d+) records?">', page)
    assert {"country=GBR", "body_part=brain", "modality=mri"} <= {
        part for query, _ in marks for part in unescape(query).split("&")
    }
    for query, number in marks[::5]:
        assert found(client, unescape(query))["total"] == int(number)
    untold = re.search(r'href="/search\?(unknown=spatial)">(\d+) records', page)
    assert untold
    assert found(client, untold[1])["total"] == int(untold[2])


def test_each_answer_to_a_fair_question_leads_to_its_evidence(client: FlaskClient, catalogue: Catalogue) -> None:
    page = client.get("/fair", headers={"Accept": BROWSER}).text
    marks = re.findall(r'<a class="mark mark-(\w+)" href="/(repository/[^"]+)"', page)
    cells = {path: outcome for outcome, path in marks}
    rows = catalogue.select(f"SELECT ?m ?o WHERE {{ ?m a <{DQV}QualityMeasurement> ; <{EARL}outcome> ?o }}")
    assert len(rows) == 216
    assert cells == {row["m"].value.removeprefix(DEFAULT_BASE): row["o"].value.removeprefix(EARL) for row in rows}
    assert '<td class="sum">16</td>' in page


def test_pages_of_the_whole_map_are_made_once_for_each_revision(catalogue: Catalogue) -> None:
    view = Counting(catalogue)
    client = client_of(view)
    for path in ("/", "/map", "/fair"):
        first, before = client.get(path, headers={"Accept": BROWSER}).data, view.queries
        assert client.get(path, headers={"Accept": BROWSER}).data == first
        assert view.queries == before, path


def test_each_tile_is_a_country_of_the_table_at_a_place_of_its_own() -> None:
    table = (folder("shapes") / "tables" / "country.csv").read_text()
    assert all(f"/country/{code}," in table for code in PLACES)
    assert len(set(PLACES.values())) == len(PLACES)
