"""The built map: as build makes it, complete, and only of known identifiers."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolutions, Store

from conftest import ROOT
from fairmap import build
from fairmap.namespaces import DEFAULT_BASE, FM
from fairmap.rdf import FORMATS, by_name, digest, parse
from fairmap.resources import folder

if TYPE_CHECKING:
    from pathlib import Path

PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> PREFIX dqv: <http://www.w3.org/ns/dqv#>
PREFIX fm: <https://w3id.org/fairmap/ns#> PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX d31: <https://w3id.org/fairmap/source/d31#> PREFIX earl: <http://www.w3.org/ns/earl#>
"""
OUTSIDE = {
    "http://www.radlex.org/RID/": "radlex_rid",
    "http://dicom.nema.org/resources/ontology/DCM/": "dicom_modality",
    "http://snomed.info/id/": "sct",
    "http://id.nlm.nih.gov/mesh/": "mesh",
    "http://purl.obolibrary.org/obo/NCIT_": "ncit",
    "http://purl.obolibrary.org/obo/UBERON_": "uberon",
    "http://purl.obolibrary.org/obo/MONDO_": "mondo",
}


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    for record in build.shipped().records.values():
        store.extend(record.quads)
    return store


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(PREFIXES + query, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    return [tuple(str(term.value) for term in solution) for solution in found]


def test_data_is_what_build_makes(tmp_path: Path) -> None:
    made, report = build.build()
    assert not report.findings
    for path in build.write(made, tmp_path):
        assert path.read_bytes() == (folder("data") / path.name).read_bytes(), f"{path.name} is stale: run `make data`"


def test_the_turtle_file_has_the_same_triples_as_the_trig_file() -> None:
    digests = set()
    for name in ("trig", "turtle"):
        form = by_name(name, FORMATS)
        quads = parse((folder("data") / f"{build.NAME}{form.suffix}").read_bytes(), form)
        digests.add(digest(Quad(quad.subject, quad.predicate, quad.object) for quad in quads))
    assert len(digests) == 1


def test_no_triple_lies_in_two_graphs() -> None:
    quads = [quad for record in build.shipped().records.values() for quad in record.quads]
    assert len(quads) == len({quad.triple for quad in quads})


def test_the_map_holds_47_repositories(store: Store) -> None:
    assert rows(store, "SELECT (COUNT(DISTINCT ?r) AS ?n) { ?r a fm:Repository }") == [("47",)]


@pytest.mark.parametrize(("table", "count"), [("3.1", 19), ("3.2", 18), ("3.3", 28)])
def test_repositories_are_derived_from_the_rows_of_each_table(store: Store, table: str, count: int) -> None:
    query = f"""SELECT (COUNT(DISTINCT ?r) AS ?n) {{
        ?r a fm:Repository ; prov:wasDerivedFrom/dct:isPartOf <https://w3id.org/fairmap/source/d31#table-{table}> }}"""
    assert rows(store, query) == [(str(count),)]


def test_there_are_216_measurements_of_18_repositories_and_12_questions(store: Store) -> None:
    query = """SELECT (COUNT(?m) AS ?n) (COUNT(DISTINCT ?r) AS ?rs) (COUNT(DISTINCT ?c) AS ?cs) {
        ?m a dqv:QualityMeasurement ; dqv:computedOn ?r ; dqv:isMeasurementOf ?c ; earl:outcome ?o ; prov:wasDerivedFrom ?cell }"""
    counted = "SELECT (COUNT(?m) AS ?n) { ?m a dqv:QualityMeasurement }"
    assert rows(store, counted) == [("216",)]
    assert rows(store, query)[0][1:] == ("18", "12")


def test_each_repository_says_how_access_is_given_or_why_that_is_unknown(store: Store) -> None:
    query = """SELECT ?r { ?r a fm:Repository .
        FILTER NOT EXISTS { ?r fm:accessCondition ?c }
        FILTER NOT EXISTS { ?s a fm:AbsenceStatement ; fm:about ?r ; fm:property fm:accessCondition ; fm:reason ?why } }"""
    assert rows(store, query) == []


def test_every_outside_identifier_stands_in_the_verified_tables(store: Store, shared: Path) -> None:
    known: dict[str, set[str]] = {column: set() for column in OUTSIDE.values()}
    labels: dict[str, set[str]] = {}
    with (shared / "vocabularies" / "alignment.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            for column, codes in known.items():
                codes.update(re.split(r"[ ;]+", row[column]) if row[column] else [])
            labels.setdefault(row["radlex_rid"], set()).add(row["radlex_label"])
    with (shared / "vocabularies" / "radlex-subset.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            known["radlex_rid"].add(row["rid"])
            labels.setdefault(row["rid"], set()).add(row["label"])
    known = {column: {code.rpartition(":")[2] for code in codes} for column, codes in known.items()}
    used = {
        (column, str(node.value).removeprefix(start))
        for start, column in OUTSIDE.items()
        for quad in store
        for node in (quad.subject, quad.predicate, quad.object)
        if isinstance(node, NamedNode) and node.value.startswith(start)
    }
    assert len(used) > 400
    assert {pair for pair in used if pair[1] not in known[pair[0]]} == set()
    query = """SELECT ?t ?l { ?t <http://www.w3.org/2000/01/rdf-schema#label> ?l FILTER STRSTARTS(STR(?t), "http://www.radlex.org/") }"""
    told = rows(store, query)
    assert len(told) > 200
    assert [pair for pair in told if pair[1] not in labels[pair[0].rpartition("/")[2]]] == []


def test_records_move_to_the_base_of_a_deployment() -> None:
    base = "https://example.org/map/"
    moved = build.shipped(base)
    records = [
        iri for iri in moved.records if "/concept/" not in iri and "fairmap/ns" not in iri and "/vocabulary/" not in iri
    ]
    assert len(records) > 100
    assert all(iri.startswith(base) for iri in records)
    texts = {str(quad) for record in moved.records.values() for quad in record.quads}
    left = {text for text in texts if f"<{DEFAULT_BASE}repository/" in text or f"<{DEFAULT_BASE}source/" in text}
    assert left == set()
    assert any(FM in text for text in texts)


QUERIES = ROOT / "docs" / "queries"


def test_mri_finds_functional_diffusion_and_brain_mri_and_says_by_which_concept(store: Store) -> None:
    found = rows(store, (QUERIES / "holdings_with_mri.rq").read_text())
    stated = {(row[0].rpartition("/")[2], row[2].rpartition("/")[2]) for row in found if row[3] == "stated"}
    assert {("cimbi", "fmri"), ("jhu-dti", "dti"), ("imagen", "brain-mri"), ("gsp", "mri")} <= stated
    assert "tcia" not in {name for name, _ in stated}
    assert len({name for name, _ in stated}) >= 28


def test_brain_finds_dementia_and_stroke_and_says_what_is_only_inferred(store: Store) -> None:
    found = rows(store, (QUERIES / "holdings_about_the_brain.rq").read_text())
    why = {(row[0].rpartition("/")[2], row[2].rpartition("/")[2], row[3]) for row in found}
    assert ("dpuk", "dementia", "stated") in why
    assert ("siren", "stroke", "stated") in why
    assert ("joinville-stroke", "stroke", "stated") in why
    assert ("adni", "alzheimer-disease", "stated") in why
    inferred = [row for row in found if row[3].startswith("inferred")]
    assert {"c-big", "healthy-brain-network"} <= {row[0].rpartition("/")[2] for row in inferred}
    assert all(len(row[4]) > 10 for row in inferred), "each inferred answer has its basis"
