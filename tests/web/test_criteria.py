"""Criteria of the FAIR audit as linked data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, Store, parse

from fairmap.fair import METRIC_SETS, Criteria
from fairmap.namespaces import DEFAULT_BASE
from web.clients import BROWSER

if TYPE_CHECKING:
    from flask.testing import FlaskClient

FORMS = {".ttl": RdfFormat.TURTLE, ".jsonld": RdfFormat.JSON_LD, ".rdf": RdfFormat.RDF_XML, ".nt": RdfFormat.N_TRIPLES}
WHOLE = """PREFIX dct: <http://purl.org/dc/terms/> PREFIX dqv: <http://www.w3.org/ns/dqv#> PREFIX fm: <https://w3id.org/fairmap/ns#>
PREFIX ftr: <https://w3id.org/ftr#> PREFIX sh: <http://www.w3.org/ns/shacl#>
ASK { ?criterion a dqv:Metric , ftr:Metric , sh:NodeShape ; dct:title ?title ; dct:description ?why ; fm:weight ?weight ;
  dqv:inDimension ?dimension ; fm:metricSet ?set ; sh:property ?part .
  ?part sh:path ?path ; sh:message ?message ; fm:fix ?fix . ?set dct:title ?name }"""


@pytest.mark.parametrize("notation", ["RDA-F1-01M", "mqa-keyword", "mqa-imaging-machine-readable", "access-one-right"])
def test_a_criterion_tells_what_why_weight_shape_and_remedy(client: FlaskClient, notation: str) -> None:
    store = Store()
    store.extend(parse(client.get(f"/criterion/{notation}.ttl").data, format=RdfFormat.TURTLE))
    assert store.query(WHOLE)
    page = client.get(f"/criterion/{notation}", headers={"Accept": BROWSER}).text
    for text in ("Weight", "The shape", "Counts for", f"criterion:{notation} a dqv:Metric", "{dataset}"):
        assert text in page


@pytest.mark.parametrize("suffix", FORMS)
def test_criteria_come_in_each_form(client: FlaskClient, suffix: str) -> None:
    answer = client.get(f"/criterion/RDA-R1.3-02M{suffix}")
    assert answer.status_code == 200
    subjects = {quad.subject.value for quad in parse(answer.data, format=FORMS[suffix])}
    assert f"{DEFAULT_BASE}criterion/RDA-R1.3-02M" in subjects


def test_every_criterion_that_a_result_names_is_served_and_indexed(client: FlaskClient) -> None:
    found = {c.notation for metric_set in Criteria(DEFAULT_BASE).sets(METRIC_SETS) for c in metric_set.criteria}
    assert {n for n in found if client.get(f"/criterion/{n}").status_code != 200} == set()
    index = client.get("/criterion").text
    assert {n for n in found if not n.startswith("d31") and f'href="/criterion/{n}"' not in index} == set()
    assert 'href="/criterion"' in client.get("/shapes").text


def test_the_page_of_an_audit_leads_to_its_criteria(judging: FlaskClient) -> None:
    page = judging.get("/audit/dataset/tcia-imaging").text
    assert 'href="/criterion/RDA-F1-01M"' in page
    assert 'href="/criterion/d31-F1"' in page


@pytest.mark.parametrize("name", ["rda", "mqa-imaging", "IsPublic", "MachineReadableFormat", "contextuality"])
def test_metric_sets_and_shared_shapes_are_served(client: FlaskClient, name: str) -> None:
    assert f"fair:{name} a " in client.get(f"/shapes/fair/{name}").text
    assert f"/shapes/fair/{name}>" in client.get(f"/shapes/fair/{name}.nt").text


@pytest.mark.parametrize("path", ["/criterion/RDA-F9", "/shapes/fair/none"])
def test_what_there_is_none_of_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
