"""The Python API, and rdflib's tools over the store through oxrdflib."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
import rdflib
from rdflib.namespace import DCTERMS, SKOS

import fairmap
from conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FM = rdflib.Namespace("https://w3id.org/fairmap/ns#")
CONCEPT = rdflib.Namespace("https://w3id.org/fairmap/concept/")


@pytest.fixture(scope="module")
def catalogue() -> Iterator[fairmap.Catalogue]:
    logging.getLogger("rdflib").setLevel(logging.ERROR)
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened


def test_rdflib_walks_the_store_through_oxrdflib(catalogue: fairmap.Catalogue) -> None:
    graph = catalogue.graph
    repositories = set(graph.subjects(rdflib.RDF.type, FM.Repository))
    assert len(repositories) == 47
    below = set(graph.transitive_subjects(SKOS.broader, CONCEPT["modality/mri"]))
    assert CONCEPT["modality/fmri"] in below
    assert graph.value(CONCEPT["modality/mri"], SKOS.prefLabel) is not None


def test_rdflib_queries_the_store_through_oxrdflib(catalogue: fairmap.Catalogue) -> None:
    rows = catalogue.graph.query("SELECT (COUNT(?r) AS ?n) { ?r a <https://w3id.org/fairmap/ns#Repository> }")
    assert [int(row[0]) for row in rows] == [47]  # type: ignore[index, arg-type]


def test_a_record_is_an_rdflib_graph_with_literals_as_written(catalogue: fairmap.Catalogue) -> None:
    graph = catalogue.record("https://w3id.org/fairmap/repository/oai")
    title = graph.value(rdflib.URIRef("https://w3id.org/fairmap/repository/oai"), DCTERMS.title)
    assert str(title) == "The Osteoarthritis Initiative"
    assert rdflib.XSD.nonNegativeInteger in {getattr(value, "datatype", None) for value in graph.objects()}
    assert len(catalogue.record("https://w3id.org/fairmap/repository/none")) == 0


def test_the_stored_map_conforms(catalogue: fairmap.Catalogue) -> None:
    report = catalogue.validate()
    assert report.conforms
    assert report.findings == ()
    assert len(report.records) == len(catalogue.records())


def test_a_folder_is_loaded_in_one_piece(tmp_path: Path) -> None:
    valid = ROOT / "tests" / "shapes" / "valid"
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("agent-minimal.ttl", "agent-rich.ttl"):
        (folder / name).write_bytes((valid / name).read_bytes())
    with fairmap.open(f"oxigraph:{tmp_path / 'store'}") as catalogue:
        catalogue.load_map()
        before = len(catalogue.records())
        report = catalogue.load(folder)
        assert len(catalogue.records()) == before + len(report.records) > before


def test_an_empty_folder_is_told(catalogue: fairmap.Catalogue, tmp_path: Path) -> None:
    with pytest.raises(fairmap.FairmapError, match="no RDF"):
        catalogue.load(tmp_path)
