"""The feeds that harvesters follow: pages of DCAT and the event stream."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDF

import fairmap
from conftest import ROOT
from fairmap.feeds.ldes import named
from fairmap.namespaces import DEFAULT_BASE
from fairmap.rdf import FORMATS, by_name, parse
from web.clients import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue

HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
LDES = rdflib.Namespace("https://w3id.org/ldes#")
TREE = rdflib.Namespace("https://w3id.org/tree#")
AS = rdflib.Namespace("https://www.w3.org/ns/activitystreams#")
PUBLIC = "https://map.example.org"
DATASET = (ROOT / "tests/shapes/valid/dataset-minimal.ttl").read_bytes()
EXAMPLE = f"{DEFAULT_BASE}dataset/example-collection"


@pytest.fixture
def own() -> Iterator[Catalogue]:
    """The map, for tests that write to it."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened


@pytest.fixture(scope="module")
def client(catalogue: Catalogue) -> FlaskClient:
    return client_of(catalogue.view, public_url=PUBLIC)


def records(catalogue: Catalogue, *kinds: str) -> set[str]:
    return {iri for iri in catalogue.records() if iri.removeprefix(DEFAULT_BASE).partition("/")[0] in kinds}


def pages(client: FlaskClient, first: str) -> Iterator[rdflib.Graph]:
    """Each page of /catalog, as its links lead on."""
    path: str | None = first
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        graph = rdflib.Graph().parse(data=answer.data, format=answer.mimetype)
        yield graph
        (here,) = graph.subjects(RDF.type, HYDRA.PartialCollectionView)
        assert str(here).startswith(PUBLIC)
        following = graph.value(here, HYDRA.next)
        path = str(following).removeprefix(PUBLIC) if following else None


@pytest.mark.parametrize("first", ["/catalog?size=20", "/catalog.rdf?size=20&profile=fairmap"])
def test_pages_together_have_the_whole_map(client: FlaskClient, catalogue: Catalogue, first: str) -> None:
    found = list(pages(client, first))
    members = [str(member) for graph in found for member in graph.objects(None, HYDRA.member)]
    assert len(members) == len(set(members))
    assert set(members) == records(catalogue, "catalog", "repository", "dataset")
    assert {int(str(total)) for graph in found for total in graph.objects(None, HYDRA.totalItems)} == {len(members)}


def test_each_page_stands_alone(client: FlaskClient) -> None:
    for graph in pages(client, "/catalog?size=20"):
        for dataset in graph.subjects(RDF.type, DCAT.Dataset):
            assert graph.value(dataset, DCTERMS.title)
            holder = graph.value(None, DCAT.dataset, dataset)
            assert (holder, RDF.type, DCAT.Catalog) in graph
            assert graph.value(holder, DCTERMS.title)
        for node in graph.objects(None, DCAT.distribution):
            assert (node, RDF.type, DCAT.Distribution) in graph


def test_a_page_tells_only_what_is_asked_for(client: FlaskClient) -> None:
    (graph,) = pages(client, "/catalog?kind=repository")
    assert len(set(graph.objects(None, HYDRA.member))) == 47
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    (graph,) = pages(client, f"/catalog?modified_since={later}")
    assert not list(graph.objects(None, HYDRA.member))
    assert client.get("/catalog?profile=fairmap").headers["Link"].startswith("<https://w3id.org/fairmap/")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("size=0", 400),
        ("size=251", 400),
        ("size=x", 400),
        ("after=-1", 400),
        ("modified_since=soon", 400),
        ("kind=agent", 400),
        ("profile=nonsense", 406),
        ("profile=datacite", 406),
    ],
)
def test_wrong_arguments_are_told(client: FlaskClient, query: str, status: int) -> None:
    answer = client.get(f"/catalog?{query}")
    assert answer.status_code == status
    assert "expected" in answer.text


def test_what_changed_since_is_told_and_nothing_else(own: Catalogue) -> None:
    client = client_of(own.view)
    time.sleep(0.01)
    since = datetime.now(UTC).isoformat().replace("+", "%2B")
    (graph,) = pages_of_relative(client, f"/catalog?modified_since={since}")
    assert not list(graph.objects(None, HYDRA.member))
    own.load(DATASET)
    (graph,) = pages_of_relative(client, f"/catalog?modified_since={since}")
    assert [str(member) for member in graph.objects(None, HYDRA.member)] == [EXAMPLE]
    own.withdraw(EXAMPLE)
    (graph,) = pages_of_relative(client, f"/catalog?modified_since={since}")
    assert not list(graph.objects(None, HYDRA.member))


def pages_of_relative(client: FlaskClient, path: str) -> Iterator[rdflib.Graph]:
    answer = client.get(path)
    yield rdflib.Graph().parse(data=answer.data, format=answer.mimetype)


def fragments(client: FlaskClient) -> dict[str, rdflib.Dataset]:
    """The pages that /feed leads to, by their paths."""
    root = rdflib.Dataset(default_union=True).parse(data=client.get("/feed").data, format="trig")
    found = {}
    for node in sorted({str(node) for node in root.objects(None, TREE.node)}):
        path = node.removeprefix(PUBLIC)
        found[path] = rdflib.Dataset().parse(data=client.get(path).data, format="trig")
    return found


def events(client: FlaskClient) -> dict[str, str]:
    """What was done last to each entry."""
    return {
        str(page.value(event, AS.object)): str(page.value(event, RDF.type)).removeprefix(str(AS))
        for page in fragments(client).values()
        for event in page.objects(None, TREE.member)
    }


def test_the_stream_says_what_clients_need(client: FlaskClient) -> None:
    graph = rdflib.Dataset(default_union=True).parse(data=client.get("/feed").data, format="trig")
    stream = rdflib.URIRef(f"{PUBLIC}/feed#stream")
    assert (stream, RDF.type, LDES.EventStream) in graph
    assert graph.value(stream, LDES.timestampPath) == AS.published
    assert graph.value(stream, LDES.versionOfPath) == AS.object
    assert graph.value(stream, TREE.view) == rdflib.URIRef(f"{PUBLIC}/feed")
    assert list(graph.subjects(RDF.type, LDES.LatestVersionSubset))


def test_the_stream_has_an_event_for_each_entry(client: FlaskClient, catalogue: Catalogue) -> None:
    assert events(client) == dict.fromkeys(records(catalogue, "catalog", "repository", "dataset"), "Create")


def test_an_event_s_payload_is_in_its_graph_and_has_no_blank_nodes(client: FlaskClient) -> None:
    for page in fragments(client).values():
        for event in page.objects(None, TREE.member):
            payload = page.graph(rdflib.URIRef(str(event)))
            assert payload.value(page.value(event, AS.object), DCTERMS.title)
            assert not [term for triple in payload for term in triple if isinstance(term, rdflib.BNode)]
            assert {str(p) for p in page.predicates(event)} == {str(RDF.type), str(AS.object), str(AS.published)}


def test_events_tell_updates_and_withdrawals(own: Catalogue) -> None:
    client = client_of(own.view, public_url=PUBLIC)
    own.load(DATASET)
    assert events(client)[EXAMPLE] == "Create"
    own.load(DATASET.replace(b"Example collection", b"Another collection"))
    assert events(client)[EXAMPLE] == "Update"
    own.withdraw(EXAMPLE)
    assert events(client)[EXAMPLE] == "Delete"


def test_a_full_fragment_is_immutable_and_the_last_one_is_not(client: FlaskClient) -> None:
    caching = [client.get(path).headers["Cache-Control"] for path in fragments(client)]
    assert all("immutable" in told for told in caching[:-1])
    assert len(caching) > 1
    assert caching[-1] == "public, no-cache"


def test_an_unknown_fragment_is_not_found(client: FlaskClient) -> None:
    assert client.get("/feed/page/17").status_code == 404


def test_the_stream_comes_as_json_ld_too(client: FlaskClient) -> None:
    answer = client.get("/feed", headers={"Accept": "application/ld+json"})
    assert answer.mimetype == "application/ld+json"
    assert client.get("/feed", headers={"Accept": "image/png"}).status_code == 406


def test_names_of_blank_nodes_depend_on_what_is_said() -> None:
    text = '<urn:x> <urn:p> _:{0} . _:{0} <urn:q> "1" ; <urn:r> _:{1} . _:{1} <urn:q> "2" .'
    documents = [text.format("a", "b").encode(), text.format("c", "d").encode()]
    first, second = ([quad.triple for quad in parse(one, by_name("turtle", FORMATS))] for one in documents)
    assert set(named("urn:x", first)) == set(named("urn:x", second))
    loop = [quad.triple for quad in parse(b"_:a <urn:p> _:b . _:b <urn:p> _:a .", by_name("turtle", FORMATS))]
    assert len(set(named("urn:x", loop))) == 2


@pytest.mark.parametrize("path", ["/catalog", "/feed", "/dataset/tcia-imaging", "/", "/.well-known/void"])
def test_an_unchanged_source_is_not_sent_again(own: Catalogue, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time() + 10
    monkeypatch.setattr("fairmap.web.dating.time.time", lambda: now)
    client = client_of(own.view)
    first = client.get(path)
    modified = first.headers["Last-Modified"]
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": modified}).status_code == 304
    assert client_of(own.view).get(path, headers={"If-Modified-Since": modified}).status_code == 304
    time.sleep(1.1)
    own.load(DATASET)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert client.get(path, headers={"If-Modified-Since": modified}).status_code == 200


def test_a_time_is_not_told_while_another_change_may_have_it(own: Catalogue) -> None:
    own.load(DATASET)
    assert "Last-Modified" not in client_of(own.view).get("/catalog").headers
