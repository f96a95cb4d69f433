"""Links for machines, dumps, and the page for partners, without a server."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

import fairmap
from conftest import ROOT
from fairmap.namespaces import DEFAULT_BASE, XSD
from fairmap.rdf import FORMATS, by_name, canonical, parse
from fairmap.store.dump import dumped
from web.clients import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from fairmap.catalogue import Catalogue

PUBLIC = "https://map.example.org"
MINIMAL = (ROOT / "tests/shapes/valid/dataset-minimal.ttl").read_text()
SIGNED = f"""{MINIMAL}
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<> adms:identifier <#doi> ; dct:license <https://creativecommons.org/licenses/by/4.0/> ;
  dcat:distribution <../distribution/example-collection-1> .
<#doi> a adms:Identifier ; skos:notation "10.1186/s41747-021-00214-4" .
<../distribution/example-collection-1> a dcat:Distribution ;
  dcat:accessURL <https://example.org/a> ; dcat:downloadURL <https://example.org/a.zip> ;
  dcat:mediaType <https://www.iana.org/assignments/media-types/application/dicom> .
"""


@pytest.fixture(scope="module")
def signed() -> Iterator[Catalogue]:
    """The map, and a dataset with a DOI, a licence and a file."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        opened.load(SIGNED.encode())
        yield opened


@pytest.fixture(scope="module")
def client(signed: Catalogue) -> FlaskClient:
    return client_of(signed.view, public_url=PUBLIC)


def dump(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> TestResponse:
    """The answer, read to its end and closed, as a server does."""
    answer = client.get(path, headers=headers)
    answer.get_data()
    answer.close()
    return answer


def test_a_page_has_the_links_of_signposting(client: FlaskClient) -> None:
    links = client.get("/dataset/example-collection", headers={"Accept": "text/html"}).headers.getlist("Link")
    for link in (
        '<https://doi.org/10.1186/s41747-021-00214-4>; rel="cite-as"',
        '<https://schema.org/Dataset>; rel="type"',
        '<https://schema.org/AboutPage>; rel="type"',
        f'<{PUBLIC}/dataset/example-collection.ttl>; rel="describedby"; type="text/turtle"',
        '<https://creativecommons.org/licenses/by/4.0/>; rel="license"',
        '<https://example.org/a.zip>; rel="item"; type="application/dicom"',
        f'<{PUBLIC}/linkset/dataset/example-collection>; rel="linkset"; type="application/linkset+json"',
    ):
        assert link in links, links
    described = client.get("/dataset/example-collection.ttl").headers.getlist("Link")
    assert not [link for link in described if "cite-as" in link]


def test_a_record_without_a_doi_is_cited_by_its_iri(client: FlaskClient) -> None:
    links = client.get("/repository/tcia").headers.getlist("Link")
    assert f'<{DEFAULT_BASE}repository/tcia>; rel="cite-as"' in links
    assert '<https://schema.org/DataCatalog>; rel="type"' in links


def test_the_linkset_has_all_links_in_both_forms(client: FlaskClient) -> None:
    answer = client.get("/linkset/dataset/example-collection", headers={"Accept": "application/linkset+json"})
    assert answer.mimetype == "application/linkset+json"
    first, *others = json.loads(answer.data)["linkset"]
    assert first["anchor"] == f"{PUBLIC}/dataset/example-collection"
    assert first["item"] == [{"href": "https://example.org/a.zip", "type": "application/dicom"}]
    assert all(other["describes"][0]["href"] == first["anchor"] for other in others)
    text = client.get("/linkset/dataset/example-collection")
    assert text.mimetype == "application/linkset"
    assert text.text.count('rel="describes"') == len(others) == 4
    assert client.get("/linkset/dataset/none").status_code == 404
    assert client.get("/linkset/dataset/example-collection", headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize(("form", "name"), [("trig", "trig"), ("nt", "ntriples")])
def test_a_dump_has_everything_as_it_was_written(client: FlaskClient, signed: Catalogue, form: str, name: str) -> None:
    answer = dump(client, f"/dump.{form}.gz")
    assert answer.mimetype == "application/gzip"
    found = canonical(parse(gzip.decompress(answer.data), by_name(name, FORMATS)))
    written = list(signed.level.dump())
    if form == "nt":
        written = [Quad(quad.subject, quad.predicate, quad.object) for quad in written]
    assert found == canonical(written)


def test_a_dump_is_made_once_for_a_revision_and_served_in_parts(tmp_path: Path, signed: Catalogue) -> None:
    client = client_of(signed.view, dumps=tmp_path / "dumps")
    whole = dump(client, "/dump.nt.gz")
    (path,) = (tmp_path / "dumps").glob("*.gz")
    made = path.stat().st_mtime_ns
    part = dump(client, "/dump.nt.gz", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert dump(client, "/dump.nt.gz", headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert path.stat().st_mtime_ns == made
    signed.load(SIGNED.replace("Example collection", "Another collection").encode())
    assert dump(client, "/dump.nt.gz").headers["ETag"] != whole.headers["ETag"]
    assert len(list((tmp_path / "dumps").glob("*.gz"))) == 1
    assert dump(client_of(signed.view, dumps=tmp_path / "dumps"), "/dump.nt.gz").status_code == 200
    assert dump(client, "/dump.ttl.gz").status_code == 404


def test_a_dump_gives_back_each_written_form_of_one_value() -> None:
    node, number = NamedNode("urn:x"), NamedNode(f"{XSD}integer")
    store = Store()
    store.extend(Quad(node, node, value, node) for value in (Literal("1", datatype=number), Literal("a b")))
    forms = {f'{node} {node} "1"^^<{XSD}integer>'.encode(): ['"1"', '"01"']}
    text = b"".join(dumped(store, "nq", lambda key: forms.get(key, ()))).decode()
    assert sorted(text.splitlines()) == [
        '<urn:x> <urn:x> "01" <urn:x> .',
        '<urn:x> <urn:x> "1" <urn:x> .',
        '<urn:x> <urn:x> "a b" <urn:x> .',
    ]
    assert b"".join(dumped(Store(), "trig", lambda _: ())) == b""


def test_the_page_for_partners_names_addresses_of_this_deployment(client: FlaskClient) -> None:
    page = client.get("/partners").text
    for path in ("/catalog.rdf", "/feed", "/oai", "/fdp", "/sparql", "/dump.nt.gz"):
        assert f"{PUBLIC}{path}" in page
    assert 'href="/partners"' in client.get("/").text
