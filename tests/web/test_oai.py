"""OAI-PMH: each verb, each error, and harvesting in parts."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

import fairmap
from conftest import ROOT
from fairmap.feeds.oai.arguments import Selection, datestamp
from fairmap.namespaces import DEFAULT_BASE
from web.clients import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
DATASET = (ROOT / "tests/shapes/valid/dataset-minimal.ttl").read_bytes()
EXAMPLE = f"{DEFAULT_BASE}dataset/example-collection"
TCIA = f"{DEFAULT_BASE}dataset/tcia-imaging"


@pytest.fixture(scope="module")
def client(catalogue: Catalogue) -> FlaskClient:
    return client_of(catalogue.view)


@pytest.fixture
def own() -> Iterator[Catalogue]:
    """The map, for tests that write to it."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened


def ask(client: FlaskClient, **arguments: str) -> ET.Element:
    answer = client.get("/oai", query_string={name.rstrip("_"): value for name, value in arguments.items()})
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    root = ET.fromstring(answer.data)
    assert [child.tag for child in root][:2] == [f"{OAI}responseDate", f"{OAI}request"]
    return root


def code(root: ET.Element) -> str | None:
    error = root.find(f"{OAI}error")
    return None if error is None else error.get("code")


def harvest(client: FlaskClient, verb: str, **arguments: str) -> list[ET.Element]:
    """The headers of all records, as the tokens lead on."""
    found, asked = list[ET.Element](), arguments
    while True:
        root = ask(client, verb=verb, **asked)
        assert code(root) is None
        found += root.iter(f"{OAI}header")
        token = root.findtext(f".//{OAI}resumptionToken")
        if not token:
            return found
        asked = {"resumptionToken": token}


def identifiers(headers: list[ET.Element]) -> list[str]:
    return [header.findtext(f"{OAI}identifier") or "" for header in headers]


def entries(catalogue: Catalogue, *kinds: str) -> set[str]:
    return {iri for iri in catalogue.records() if iri.removeprefix(DEFAULT_BASE).partition("/")[0] in kinds}


@pytest.mark.parametrize("verb", ["ListIdentifiers", "ListRecords"])
@pytest.mark.parametrize(
    ("prefix", "of", "kinds"),
    [
        ("oai_dc", None, ("catalog", "repository", "dataset")),
        ("oai_dc", "repository", ("repository",)),
        ("oai_datacite", None, ("dataset",)),
        ("dcat_ap", "dataset", ("dataset",)),
    ],
)
def test_a_harvest_has_each_record_once(
    client: FlaskClient, catalogue: Catalogue, verb: str, prefix: str, of: str | None, kinds: tuple[str, ...]
) -> None:
    found = identifiers(harvest(client, verb, metadataPrefix=prefix, **({"set": of} if of else {})))
    assert len(found) == len(set(found))
    assert set(found) == entries(catalogue, *kinds)


def test_identify_tells_what_harvesters_must_know(client: FlaskClient) -> None:
    told = ask(client, verb="Identify").find(f"{OAI}Identify")
    assert told is not None
    names = [child.tag.removeprefix(OAI) for child in told]
    assert names == [
        "repositoryName", "baseURL", "protocolVersion", "adminEmail", "earliestDatestamp", "deletedRecord", "granularity",
    ]  # fmt: skip
    assert told.findtext(f"{OAI}adminEmail", "").endswith(".invalid")
    assert told.findtext(f"{OAI}deletedRecord") == "persistent"


def test_who_runs_the_service_is_told_when_it_is_set(catalogue: Catalogue) -> None:
    client = client_of(catalogue.view, contact="mailto:map@example.org", publisher="Example")
    told = ask(client, verb="Identify")
    assert told.findtext(f".//{OAI}adminEmail") == "map@example.org"
    assert told.findtext(f".//{OAI}repositoryName") == "fairmap, Example"


def test_a_record_comes_in_each_format(client: FlaskClient) -> None:
    formats = [
        found.text for found in ask(client, verb="ListMetadataFormats", identifier=TCIA).iter(f"{OAI}metadataPrefix")
    ]
    assert formats == ["oai_dc", "oai_datacite", "dcat_ap"]
    for prefix in formats:
        root = ask(client, verb="GetRecord", identifier=TCIA, metadataPrefix=prefix or "")
        assert len(root.findall(f".//{OAI}metadata/*")) == 1
    dublin_core = ask(client, verb="GetRecord", identifier=TCIA, metadataPrefix="oai_dc")
    assert dublin_core.findtext(f".//{DC}title") == "The Cancer Imaging Archive: imaging data and related data"
    assert TCIA in [found.text for found in dublin_core.iter(f"{DC}identifier")]


def test_sets_are_the_kinds_of_record(client: FlaskClient) -> None:
    found = [spec.text for spec in ask(client, verb="ListSets").iter(f"{OAI}setSpec")]
    assert found == ["catalog", "repository", "dataset"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "badVerb"),
        ("verb=Nonsense", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=dataset", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=soon", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-13-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-01T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&resumptionToken=nonsense", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=%C3%BC", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        (f"verb=GetRecord&metadataPrefix=marc&identifier={TCIA}", "cannotDisseminateFormat"),
        (f"verb=GetRecord&metadataPrefix=oai_datacite&identifier={DEFAULT_BASE}repository/tcia", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=x", "idDoesNotExist"),
        (f"verb=GetRecord&metadataPrefix=oai_dc&identifier={DEFAULT_BASE}agent/nih", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=x", "idDoesNotExist"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=2000-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2100-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=nonsense", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_datacite&set=repository", "noRecordsMatch"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_code(client: FlaskClient, query: str, expected: str) -> None:
    for root in (
        ET.fromstring(client.get(f"/oai?{query}").data),
        ET.fromstring(client.post("/oai", data=query, content_type="application/x-www-form-urlencoded").data),
    ):
        assert code(root) == expected
        request = root.find(f"{OAI}request")
        assert request is not None
        assert bool(request.attrib) == (expected not in {"badVerb", "badArgument"})


@pytest.mark.parametrize("values", ['["oai_dc", "", "", "", "x", 1]', "[1, 2]", '["oai_dc", "9", "", "", 0, 0]', "{}"])
def test_a_forged_token_is_refused(client: FlaskClient, values: str) -> None:
    token = base64.urlsafe_b64encode(values.encode()).decode()
    assert code(ask(client, verb="ListRecords", resumptionToken=token)) == "badResumptionToken"


def test_a_later_harvest_has_what_changed_and_what_was_withdrawn(own: Catalogue) -> None:
    client = client_of(own.view)
    latest = own.view.dates.latest()
    since = datestamp(latest + 1_000_000)  # the second after
    while not own.view.dates.latest() > latest + 1_000_000:
        own.load(DATASET.replace(b"Example collection", b"Collection"))
        own.load(DATASET)
    assert set(identifiers(harvest(client, "ListIdentifiers", metadataPrefix="oai_dc", from_=since))) == {EXAMPLE}
    own.withdraw(EXAMPLE)
    root = ask(client, verb="ListRecords", metadataPrefix="oai_dc", from_=since)
    (record,) = root.iter(f"{OAI}record")
    header = record.find(f"{OAI}header")
    assert header is not None
    assert header.get("status") == "deleted"
    assert record.find(f"{OAI}metadata") is None
    assert code(ask(client, verb="GetRecord", identifier=EXAMPLE, metadataPrefix="oai_dc")) is None


def test_a_datestamp_is_never_before_the_change() -> None:
    selection = Selection("oai_dc", "2026-01-01T00:00:01Z", "2026-01-01T00:00:01Z")
    assert selection.end is not None
    around = range(selection.end - 1_000_002, selection.end + 2)
    inside = [moment for moment in around if selection.begin < moment < selection.end]
    assert {datestamp(inside[0]), datestamp(inside[-1])} == {"2026-01-01T00:00:01Z"}
    assert datestamp(inside[0] - 1) == "2026-01-01T00:00:00Z"
    assert datestamp(inside[-1] + 1) == "2026-01-01T00:00:02Z"


def test_an_unchanged_source_is_304(client: FlaskClient) -> None:
    path = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
