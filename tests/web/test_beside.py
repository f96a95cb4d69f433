"""What stands beside the facts of a record: what is like it, its files, how to cite it, whom to tell."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import fairmap
from fairmap.export import projection, projection_names
from fairmap.namespaces import DEFAULT_BASE, FM
from web.clients import BROWSER, client_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue


def page(client: FlaskClient, path: str) -> str:
    response = client.get(path, headers={"Accept": BROWSER})
    assert response.status_code == 200
    return response.text


def section(text: str, key: str) -> str:
    return text.partition(f'<section id="{key}">')[2].partition("</section>")[0]


def test_similar_records_state_what_is_told_to_be_shared(client: FlaskClient, catalogue: Catalogue) -> None:
    told = section(page(client, "/repository/adni"), "similar")
    found = re.findall(r'<a href="/(repository/[^"]+)">[^<]+</a> <span class="meta">both: ([^<]+)</span>', told)
    assert 3 <= len(found) <= 5
    assert "repository/adni" not in dict(found)
    query = f"""SELECT ?label WHERE {{
        VALUES ?p {{ <{FM}topic> <{FM}bodyPart> <{FM}modality> }}
        <{DEFAULT_BASE}repository/adni> ?p ?c . $other ?p ?c .
        ?c <http://www.w3.org/2004/02/skos/core#prefLabel> ?label FILTER(LANG(?label) = "en") }}"""
    for path, shared in found:
        rows = catalogue.select(query.replace("$other", f"<{DEFAULT_BASE}{path}>"))
        assert set(unescape(shared).split(", ")) == {row["label"].value for row in rows}


def test_each_profile_of_the_kind_has_its_files_and_each_file_comes(client: FlaskClient) -> None:
    told = section(page(client, "/dataset/tcia-imaging"), "take")
    for name in projection_names():
        files = re.findall(rf'href="(/export/{name}\.[^"]+)"', told)
        assert bool(files) == ("dataset" in projection(name).kinds), name
        for address in files[:1]:
            assert client.get(unescape(address)).status_code == 200, address


def test_the_citation_names_title_publisher_and_address(catalogue: Catalogue) -> None:
    client = client_of(catalogue.view, publisher="Example <Institute>", public_url="https://map.example.org/x")
    told = section(page(client, "/repository/tcia"), "take")
    assert "“The Cancer Imaging Archive”" in told
    assert "Example &lt;Institute&gt;" in told
    assert "https://map.example.org/x/repository/tcia." in told


def test_who_knows_what_is_unknown_can_tell_the_contact_when_there_is_one(catalogue: Catalogue) -> None:
    mail = page(client_of(catalogue.view, contact="data@example.org"), "/repository/tcia")
    links = re.findall(r'<a class="tell" href="([^"]+)"', mail)
    assert len(links) == section(mail, "about").count("tag-unknown") + section(mail, "holds").count("tag-unknown") + (
        section(mail, "access").count("tag-unknown")
    )
    assert all(link.startswith("mailto:data@example.org?subject=The%20Cancer%20Imaging%20Archive") for link in links)
    assert f"{DEFAULT_BASE}repository/tcia#" in unquote(unescape(links[0]))
    web = page(client_of(catalogue.view, contact="https://example.org/help"), "/repository/tcia")
    assert '<a class="tell" href="https://example.org/help"' in web


def test_where_the_data_are_is_said_beside_how_to_get_them(client: FlaskClient) -> None:
    told = section(page(client, "/repository/tcia"), "access")
    assert 'Start at <a href="https://www.cancerimagingarchive.net/"' in told
    of_dataset = section(page(client, "/dataset/tcia-imaging"), "access")
    assert 'Start at <a href="/repository/tcia">The Cancer Imaging Archive</a>' in of_dataset


def test_each_source_is_told_on_demand_with_its_age(client: FlaskClient) -> None:
    told = section(page(client, "/repository/tcia"), "about")
    summaries = re.findall(r"<details class=\"evidence\"><summary>(.*?)</summary>", told)
    assert len(summaries) > 5
    assert all('as of <time datetime="2021-05-31">31 May 2021</time>' in summary for summary in summaries)


def test_a_withdrawn_record_is_not_similar_to_any() -> None:
    with fairmap.open("memory:") as opened:
        opened.load_map()
        assert "EUSOMA" in section(page(client_of(opened.view), "/repository/tcia"), "similar")
        opened.withdraw(f"{DEFAULT_BASE}repository/eusoma")
        assert "EUSOMA" not in section(page(client_of(opened.view), "/repository/tcia"), "similar")


def test_a_concept_lists_records_by_search_and_uses_of_other_kinds_apart(client: FlaskClient) -> None:
    told = page(client, "/concept/body-part/brain")
    assert 'href="/search?body_part=brain"' in section(told, "records")
    assert "Inferred as body part of" in section(told, "used")
    assert "<h3>Body part of" not in section(told, "used")
    ways = told.partition('<nav class="above"')[2].partition("</nav>")[0]
    assert ways.count('aria-current="page"') == 2
    assert 'href="/concept/body-part/central-nervous-system"' in ways
