"""Others' descriptions in: what is taken over, what is told, and that what we gave out comes back."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode

import fairmap
from fairmap import build
from fairmap.catalogue import Document
from fairmap.catalogue.harvesting import harvested
from fairmap.cli import main
from fairmap.export import Source as Exported
from fairmap.export import projection
from fairmap.harvest import DROPPED, FORMS, KEPT, Source, form, harvest
from fairmap.harvest.reading import spelled
from fairmap.namespaces import DEFAULT_BASE, FM, is_vocabulary
from fairmap.rdf import FORMATS, by_name, canonical, parse

if TYPE_CHECKING:
    from pathlib import Path

    from fairmap.catalogue import Catalogue
    from fairmap.harvest import Harvested

DATASET = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://data.example.org/liver> a dcat:Dataset ; dct:title "Liver CT"@en, "Leber-CT"@de ; dct:description "CT scans of thirty livers."@en ;
  dct:publisher <https://hospital.example.org/> ; dcat:contactPoint [ vcard:hasEmail <mailto:data@hospital.example.org> ] ;
"""
AGENT = """<https://hospital.example.org/> a foaf:Agent ; foaf:name "Example Hospital" ."""


def read(turtle: str, name: str = "dcat-ap", *, form_of_document: str = "turtle") -> Harvested:
    shipped = {iri: record for iri, record in build.shipped().records.items() if is_vocabulary(iri)}
    quads = parse(turtle.encode(), by_name(form_of_document, FORMATS))
    source = Source("harvest.ttl", "0123456789abcdef", datetime(2026, 11, 24, tzinfo=UTC), "0.1.0")
    return harvest(quads, form(name), source, DEFAULT_BASE, shipped, is_own=lambda _: set())


def said(found: Harvested, link: str) -> set[str]:
    return {
        quad.object.value if isinstance(quad.object, NamedNode) else str(quad.object)
        for quad in found.quads
        if quad.predicate.value == link and "/dataset/" in str(quad.subject)
    }


def test_a_dataset_becomes_a_record_with_its_source_and_its_publisher_another() -> None:
    found = read(f"{DATASET} dct:issued '2024-03-01'^^xsd:date . {AGENT}")
    assert sorted(found.records.values()) == ["https://data.example.org/liver", "https://hospital.example.org/"]
    dataset = next(iri for iri in found.records if "/dataset/liver-" in iri)
    origin = said(found, "http://www.w3.org/ns/prov#wasDerivedFrom")
    assert origin == {f"{DEFAULT_BASE}source/from-harvest-ttl-01234567#dataset-{dataset.rpartition('/')[2]}"}
    assert said(found, "http://purl.org/dc/terms/title") == {'"Liver CT"@en', '"Leber-CT"@de'}
    assert not [leftover for leftover in found.leftovers if leftover.kind == DROPPED]


def test_the_same_document_gives_the_same_records() -> None:
    text = f"{DATASET} dct:issued '2024-03-01'^^xsd:date . {AGENT}"
    assert read(text).records == read(text).records


@pytest.mark.parametrize(
    ("iri", "link", "concept"),
    [
        ("http://www.radlex.org/RID/RID10321", "modality", "modality/ct"),
        ("http://radlex.org/RID/RID10321", "modality", "modality/ct"),
        ("https://radlex.org/RID/RID10321", "modality", "modality/ct"),
        ("http://id.nlm.nih.gov/mesh/D001921", "bodyPart", "body-part/brain"),
        ("https://w3id.org/fairmap/concept/topic/dementia", "topic", "topic/dementia"),
    ],
)
def test_subjects_become_our_concepts_by_what_they_match(iri: str, link: str, concept: str) -> None:
    found = read(f"{DATASET} dct:subject <{iri}> . {AGENT}")
    assert said(found, f"{FM}{link}") == {f"https://w3id.org/fairmap/concept/{concept}"}
    assert said(found, "http://purl.org/dc/terms/subject") == set()


def test_a_subject_that_is_no_concept_of_ours_is_kept_and_told() -> None:
    found = read(f"{DATASET} dct:subject <http://example.org/vocabulary/unheard-of> . {AGENT}")
    assert said(found, "http://purl.org/dc/terms/subject") == {"http://example.org/vocabulary/unheard-of"}
    assert ("http://purl.org/dc/terms/subject", KEPT) in {(left.property, left.kind) for left in found.leftovers}


@pytest.mark.parametrize(
    ("other", "ours"),
    [
        ("https://w3id.org/healthdcat-ap#hdab", "http://healthdataportal.eu/ns/health#hdab"),
        ("https://w3id.org/dpv/dpv-pd#Age", "https://w3id.org/dpv/pd#Age"),
        (
            "https://hdeu-dcat.acceptance.data.health.europa.eu/resource/authority/standard/DICOM",
            "https://hdeu-dcat.data.health.europa.eu/resource/authority/standard/DICOM",
        ),
        ("http://schema.org/name", "https://schema.org/name"),
    ],
)
def test_namespaces_of_other_releases_are_read_as_ours(other: str, ours: str) -> None:
    assert spelled(other) == ours
    assert spelled(ours) == ours


def test_a_value_that_fairmap_does_not_accept_is_left_out_and_told_and_the_rest_stays() -> None:
    found = read(f"{DATASET} dct:spatial <https://example.org/atlantis> ; dcat:version 'a', 'b' . {AGENT}")
    told = {(left.property, left.value) for left in found.leftovers if left.kind == DROPPED}
    assert told == {
        ("http://purl.org/dc/terms/spatial", "<https://example.org/atlantis>"),
        ("http://www.w3.org/ns/dcat#version", '"b"'),
    }
    assert len(found.records) == 2


def test_a_dataset_without_a_title_is_told_and_does_not_hinder_the_others() -> None:
    text = f"{DATASET} dct:issued '2024'^^xsd:gYear . {AGENT} <https://data.example.org/none> a dcat:Dataset ."
    found = read(text)
    assert "https://data.example.org/none" not in found.records.values()
    assert len(found.records) == 2
    assert [left.record for left in found.leftovers if left.kind == DROPPED] == ["https://data.example.org/none"]


def test_counts_and_dates_get_the_datatypes_of_fairmap_and_keep_their_digits() -> None:
    found = read(
        f"{DATASET} <https://w3id.org/healthdcat-ap#numberOfUniqueIndividuals> '030' ; dct:issued '2024-03' . {AGENT}"
    )
    count = said(found, "http://healthdataportal.eu/ns/health#numberOfUniqueIndividuals")
    assert count == {'"030"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>'}
    assert said(found, "http://purl.org/dc/terms/issued") == {
        '"2024-03"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'
    }


def test_a_catalogue_becomes_a_repository_that_says_what_is_unknown() -> None:
    found = read(
        f"""{DATASET} dct:issued '2024'^^xsd:gYear . {AGENT}
        <https://data.example.org/> a dcat:Catalog ; dct:title "Daten"@de, "Data of a hospital"@en ;
          dct:description "All that the hospital shares."@en ; dcat:dataset <https://data.example.org/liver> ;
          foaf:homepage <https://data.example.org/> ."""
    )
    repository = next(iri for iri in found.records if "/repository/" in iri)
    about = [quad for quad in found.quads if str(quad.graph_name) == f"<{repository}>"]
    reasons = {quad.object.value.rpartition("/")[2] for quad in about if quad.predicate.value == f"{FM}reason"}  # type: ignore[union-attr]
    assert reasons == {"not-stated", "not-assessed"}
    titles = {str(quad.object) for quad in about if quad.predicate.value == "http://purl.org/dc/terms/title"}
    assert titles == {'"Data of a hospital"@en'}
    assert '"Daten"@de' in {str(quad.object) for quad in about}


def test_schema_org_is_read_without_fetching_its_context(tmp_path: Path) -> None:
    found = read(
        """{"@context": "https://schema.org/", "@type": "Dataset", "@id": "https://data.example.org/ds1", "name": "Liver CT",
        "description": "CT scans of thirty livers.", "url": "https://data.example.org/ds1.html", "datePublished": "2024-03-01",
        "creator": {"@type": "Organization", "name": "Example Hospital"}, "temporalCoverage": "2015-01-01/2020-12-31",
        "measurementTechnique": {"@id": "http://radlex.org/RID/RID10321"}, "isAccessibleForFree": true,
        "distribution": [{"@type": "DataDownload", "contentUrl": "https://data.example.org/ds1.zip", "encodingFormat": "application/zip",
          "contentSize": "1000 B"}]}""",
        "schema-org",
        form_of_document="jsonld",
    )
    assert said(found, f"{FM}modality") == {"https://w3id.org/fairmap/concept/modality/ct"}
    assert said(found, "http://www.w3.org/ns/dcat#landingPage") == {"https://data.example.org/ds1.html"}
    sizes = [str(quad.object) for quad in found.quads if quad.predicate.value == "http://www.w3.org/ns/dcat#byteSize"]
    assert [size.partition("^^")[0] for size in sizes] == ['"1000"']
    assert [left.property for left in found.leftovers if left.kind == DROPPED] == [
        "https://schema.org/isAccessibleForFree"
    ]


@pytest.mark.parametrize("name", [name for name in FORMS if name != "schema-org"])
def test_complete_descriptions_of_each_profile_are_taken_over(name: str, pytestconfig: pytest.Config) -> None:
    folder = pytestconfig.rootpath / "tests" / "profiles" / "complete"
    files = sorted(folder.glob(f"{name}*.ttl"))
    assert files
    for file in files:
        found = read(file.read_text(encoding="utf-8"), name)
        kinds = {iri.removeprefix(DEFAULT_BASE).partition("/")[0] for iri in found.records}
        wanted = {"repository", "agent"} if name == "health-ri" else {"repository", "dataset", "agent"}
        assert kinds >= wanted, file.name  # the complete one of health-ri has descriptions of one word


def test_official_examples_are_taken_over(shared: Path) -> None:
    for name, count in (
        ("health-ri-core-v2/Example-Data/example-dataset.ttl", 5),
        ("dcat-ap-3.0.1/examples/example-bee-population.ttl", 1),
    ):
        found = read((shared / "standards" / name).read_text(encoding="utf-8"))
        assert len([iri for iri in found.records if "/dataset/" in iri]) == count, name


def lines(document: bytes) -> set[str]:
    """The triples, blank nodes by what is said of them; without the dates of a FAIR Data Point, which tell when it wrote a record."""
    graph = canonical(parse(document, by_name("ntriples", FORMATS)))
    return {str(quad) for quad in graph if "fdp-o#metadata" not in quad.predicate.value}


def exported(catalogue: Catalogue, name: str) -> bytes:
    chosen = projection(name)
    source = Exported(catalogue.view)
    return b"".join(chosen.write(chosen.project(source, source.iris(chosen.kinds)), "ntriples"))


@pytest.mark.parametrize("name", [name for name in FORMS if name != "schema-org"])
def test_the_map_comes_back_from_a_profile_and_goes_out_the_same(catalogue: Catalogue, name: str) -> None:
    first = exported(catalogue, name)
    with fairmap.open("memory:") as empty:
        document, found = harvested([Document(first, "ntriples", "map.nt")], name, empty.view)
        assert empty.load(document).conforms
        second = exported(empty, name)
    assert len([iri for iri in found.records if "/repository/" in iri]) == 47
    assert lines(second) == lines(first)


def test_records_that_fairmap_has_from_elsewhere_are_not_replaced(catalogue: Catalogue) -> None:
    first = exported(catalogue, "dcat-ap")
    _, found = harvested([Document(first, "ntriples", "map.nt")], "dcat-ap", catalogue.view)
    assert not found.quads
    assert {left.kind for left in found.leftovers} == {DROPPED}


def test_the_command_loads_what_it_understands_and_lists_the_rest(tmp_path: Path) -> None:
    file, leftovers, store = tmp_path / "liver.ttl", tmp_path / "left.csv", f"oxigraph:{tmp_path / 'store'}"
    file.write_text(f"{DATASET} dct:spatial <https://example.org/atlantis> . {AGENT}")
    run = CliRunner().invoke(
        main, ["load", "--store", store, "--from", "dcat-ap", "--leftovers", str(leftovers), str(file)]
    )
    assert run.exit_code == 0, run.output
    assert "not taken over: dct:spatial (https://data.example.org/liver): A country must be" in run.stderr
    rows = list(csv.DictReader(leftovers.read_text(encoding="utf-8").splitlines()))
    assert [row["value"] for row in rows if row["kind"] == DROPPED] == ["<https://example.org/atlantis>"]
    again = CliRunner().invoke(main, ["load", "--store", store, "--from", "dcat-ap", str(file)])
    assert again.exit_code == 0, again.output
    query = "SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> }"
    rows_of_store = CliRunner().invoke(main, ["query", "--store", store, "--format", "csv", query]).stdout.split()
    assert len(rows_of_store) == 2


def test_a_document_without_anything_to_take_over_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "nothing.ttl"
    file.write_text("<https://example.org/a> <https://example.org/b> <https://example.org/c> .")
    store = f"oxigraph:{tmp_path / 'store'}"
    run = CliRunner().invoke(main, ["load", "--store", store, "--from", "dcat-ap", str(file)])
    assert run.exit_code == 2
    assert "nothing in this form can be taken over" in run.stderr
