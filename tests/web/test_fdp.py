"""The FAIR Data Point, walked as harvesters walk it; the sitemap."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDF

import fairmap
from conftest import ROOT
from fairmap.namespaces import DEFAULT_BASE
from web.clients import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient


LDP = rdflib.Namespace("http://www.w3.org/ns/ldp#")
FDP = rdflib.Namespace("https://w3id.org/fdp/fdp-o#")
PUBLIC = "https://map.example.org"
DATASET = (ROOT / "tests/shapes/valid/dataset-minimal.ttl").read_bytes()
DISTRIBUTION = b"""<> dcat:distribution <../distribution/example-collection-1> .
    <../distribution/example-collection-1> a dcat:Distribution ; dcat:accessURL <https://example.org/collection> ."""
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    """The map, and a dataset that no repository holds."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        opened.load(DATASET)
        yield client_of(opened.view, public_url=PUBLIC)


def get(client: FlaskClient, url: str) -> rdflib.Graph:
    answer = client.get(url.removeprefix(PUBLIC), headers={"Accept": "text/turtle"})
    assert answer.status_code == 200, answer.text
    return rdflib.Graph().parse(data=answer.data, format="turtle")


def walk(client: FlaskClient, url: str) -> dict[str, rdflib.Graph]:
    """All that containers lead to, each asked for at its address."""
    found = {}
    waiting = [url]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found[here] = get(client, here)
            waiting += [str(child) for child in found[here].objects(None, LDP.contains)]
    return found


def test_containers_lead_to_everything(client: FlaskClient) -> None:
    found = walk(client, f"{PUBLIC}/fdp")
    kinds = [url.removeprefix(f"{PUBLIC}/fdp").partition("/")[2].partition("/")[0] for url in found]
    assert {kind: kinds.count(kind) for kind in kinds} == {"": 1, "catalog": 1, "repository": 47, "dataset": 62}
    for url, graph in found.items():
        node = rdflib.URIRef(url)
        assert (node, RDF.type, None) in graph
        assert graph.value(node, DCTERMS.title)
        if url != f"{PUBLIC}/fdp":
            assert str(graph.value(node, DCTERMS.isPartOf)) in found
            assert len(list(graph.objects(node, DCTERMS.isPartOf))) == 1


def test_catalogues_tell_when_they_were_written_once(client: FlaskClient) -> None:
    for path in ("/fdp", "/fdp/repository/tcia", "/fdp/catalog/imaging-health-data-map"):
        graph, node = get(client, path), rdflib.URIRef(PUBLIC + path)
        for name in (FDP.metadataIdentifier, FDP.metadataIssued, FDP.metadataModified, DCAT.endpointURL):
            assert len(list(graph.objects(node, name))) == 1, (path, name)


def test_a_dataset_that_no_repository_holds_is_in_the_map_s_catalogue(client: FlaskClient) -> None:
    map_ = f"{PUBLIC}/fdp/catalog/imaging-health-data-map"
    dataset = f"{PUBLIC}/fdp/dataset/example-collection"
    assert [str(child) for child in get(client, map_).objects(None, LDP.contains)] == [dataset]
    assert str(get(client, dataset).value(rdflib.URIRef(dataset), DCTERMS.isPartOf)) == map_


def test_pages_of_children_link_to_each_other(client: FlaskClient) -> None:
    first = client.get("/fdp/page/catalog?page=0&size=20")
    rels = [link.partition('rel="')[2].rstrip('"') for link in first.headers.getlist("Link")]
    assert rels == ["first", "next", "last"]
    last = client.get("/fdp/page/catalog?page=2&size=20")
    graph = rdflib.Graph().parse(data=last.data, format="turtle")
    assert len(list(graph.objects(None, LDP.contains))) == 8
    assert all(graph.value(child, DCTERMS.title) for child in graph.objects(None, LDP.contains))
    assert len(list(get(client, "/fdp/repository/tcia/page/dataset").objects(None, LDP.contains))) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fdp/dataset/none", 404),
        ("/fdp/distribution/none", 404),
        ("/fdp/distribution/tcia-imaging-9", 404),
        ("/fdp/dataset/none/meta", 404),
        ("/fdp/page/dataset", 404),
        ("/fdp/dataset/tcia-imaging/page/catalog", 404),
        ("/fdp/page/catalog?page=-1", 400),
        ("/fdp/", 308),
        ("/fdp/spec", 200),
        ("/fdp/meta", 200),
        ("/fdp/dataset/tcia-imaging/spec", 200),
        ("/fdp/dataset/tcia-imaging/meta", 200),
    ],
)
def test_paths_beside_resources(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_a_distribution_is_at_its_address() -> None:
    with fairmap.open("memory:") as opened:
        opened.load_map()
        opened.load(DATASET + DISTRIBUTION)
        client = client_of(opened.view, public_url=PUBLIC)
        found = walk(client, f"{PUBLIC}/fdp")
        distributions = [url for url in found if "/distribution/" in url]
        assert distributions
        for url in distributions:
            assert (rdflib.URIRef(url), RDF.type, DCAT.Distribution) in found[url]
            assert "/fdp/dataset/" in str(found[url].value(rdflib.URIRef(url), DCTERMS.isPartOf))


def test_a_token_is_not_given_to_who_shows_none(client: FlaskClient) -> None:
    assert client.post("/fdp/tokens", json={"email": "x", "password": "y"}).status_code == 401
    assert client.post("/fdp/tokens", json=["x"]).status_code == 400


def test_the_sitemap_has_the_page_of_each_record(client: FlaskClient) -> None:
    root = ET.fromstring(client.get("/sitemap.xml").data)
    found = [element.text or "" for element in root.iter(f"{SITEMAP}loc")]
    assert len(found) == len(set(found))
    assert f"{PUBLIC}/repository/tcia" in found
    assert f"{PUBLIC}/" in found
    for url in found[::25]:
        if not url.endswith("/partners"):
            assert client.get(url.removeprefix(PUBLIC)).status_code == 200


def test_a_sitemap_of_many_records_is_in_parts(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = client.get("/sitemap.xml").data
    monkeypatch.setattr("fairmap.web.sitemap.LARGEST", 100)
    monkeypatch.setattr("fairmap.web.sitemap._TOGETHER", 1)
    index = ET.fromstring(client.get("/sitemap.xml").data)
    assert index.tag == f"{SITEMAP}sitemapindex"
    found = [
        url.text
        for part in index.iter(f"{SITEMAP}loc")
        for url in ET.fromstring(client.get((part.text or "").removeprefix(PUBLIC)).data).iter(f"{SITEMAP}loc")
    ]
    expected = [url.text for url in ET.fromstring(whole).iter(f"{SITEMAP}loc")]
    assert sorted(url for url in found if url) == sorted(url for url in expected if url and url.count("/") > 3)
    assert client.get("/sitemap/17.xml").status_code == 404


def test_robots_are_told_where_the_sitemap_is(client: FlaskClient) -> None:
    assert f"Sitemap: {PUBLIC}/sitemap.xml" in client.get("/robots.txt").text


def test_addresses_do_not_depend_on_the_base_of_iris(client: FlaskClient) -> None:
    assert DEFAULT_BASE.encode() + b"dataset/" not in client.get("/fdp/dataset/tcia-imaging").data
