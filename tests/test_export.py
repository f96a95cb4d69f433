"""Projections: what others get from fairmap."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fairmap.catalogue import Catalogue
from fairmap.errors import NotFound, UsageError
from fairmap.export import Check, Projected, Source, check, projection, projection_names
from fairmap.export.writing import RDF_FORMS, write_rdf
from fairmap.namespaces import DCAT, DCT, FOAF, RDF, XSD
from fairmap.rdf import FORMATS, by_name
from fairmap.rdf import parse as read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.export import Projection
    from fairmap.model import Finding

BASE = "https://w3id.org/fairmap/"
RICH = f"{BASE}dataset/example-collection"
EXAMPLES = Path(__file__).parent / "shapes" / "valid"


@pytest.fixture(scope="module")
def rich() -> Iterator[Catalogue]:
    """The map, and a dataset with every property that fairmap knows."""
    with Catalogue("memory:", BASE, judging=False) as opened:
        opened.load_map()
        opened.load(EXAMPLES / "dataset-rich.ttl", graph=RICH)
        agent = f"{BASE}agent/example-hospital"
        opened.load(f'<{agent}> a <{FOAF}Agent> ; <{FOAF}name> "Example hospital" .'.encode(), graph=agent)
        yield opened


@pytest.mark.parametrize("form", RDF_FORMS)
def test_the_lossless_projection_gives_every_record_as_it_was_written_in_every_form(
    catalogue: Catalogue, form: str
) -> None:
    own, source = projection("fairmap"), Source(catalogue.view, batch=20)
    iris = list(source.iris(own.kinds))
    body = b"".join(own.write(own.project(source, iris), form))
    chosen = by_name(form, FORMATS)
    expected = set(read(catalogue.export(*iris, form=form), chosen))
    assert set(read(body, chosen)) == expected
    assert (
        len(iris)
        == len([iri for iri in catalogue.records() if "/concept/" not in iri and "/vocabulary/" not in iri]) - 1
    )


def test_records_come_kind_by_kind_in_the_order_of_their_iris(catalogue: Catalogue) -> None:
    iris = list(Source(catalogue.view).iris({"dataset", "catalog", "repository"}))
    kinds = [iri.removeprefix(BASE).partition("/")[0] for iri in iris]
    assert kinds == ["catalog"] * 1 + ["repository"] * 47 + ["dataset"] * 61
    assert iris[1:48] == sorted(iris[1:48])


def test_a_batch_keeps_literals_as_written_and_knows_labels_and_who_holds_a_dataset(catalogue: Catalogue) -> None:
    source = Source(catalogue.view)
    batch = source.batch([f"{BASE}dataset/ukbiobank-heart-mri"])
    labels = batch.select(
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX fm: <https://w3id.org/fairmap/ns#> "
        "SELECT ?label { VALUES ?record { $records } ?record fm:bodyPart/skos:prefLabel ?label }"
    )
    assert [row["label"].value for row in labels] == ["Heart"]
    rights = batch.select(
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX dct: <http://purl.org/dc/terms/> "
        "SELECT ?label { VALUES ?record { $records } ?record dct:accessRights/skos:prefLabel ?label }"
    )
    assert [row["label"].value for row in rights] == ["restricted"]
    holders = batch.select(
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
        "SELECT ?title { VALUES ?record { $records } ?holder dcat:dataset ?record ; dct:title ?title }"
    )
    assert [row["title"].value for row in holders] == ["UK Biobank imaging"]


def test_a_record_that_is_not_there_is_told_and_does_not_break_the_others(catalogue: Catalogue) -> None:
    source = Source(catalogue.view)
    iris = [f"{BASE}dataset/none", f"{BASE}repository/tcia"]
    for name in projection_names():
        found = list(projection(name).project(source, iris))
        assert [one.iri for one in found if any(remark.kind == "failed" for remark in one.remarks)] == iris[:1]
    with pytest.raises(NotFound):
        source.require(iris)


def test_an_unknown_profile_is_told_with_a_guess() -> None:
    with pytest.raises(UsageError, match="dcat-ap"):
        projection("dcat_ap")


@pytest.mark.parametrize("form", RDF_FORMS)
def test_a_large_export_is_one_document_in_pieces(form: str) -> None:
    nodes = [NamedNode(f"{BASE}dataset/{number}") for number in range(12_000)]
    title, type_ = NamedNode("http://purl.org/dc/terms/title"), NamedNode(f"{RDF}type")
    records = [
        Projected(
            node.value, (Triple(node, title, Literal("x\n@prefix")), Triple(node, type_, NamedNode(f"{DCAT}Dataset")))
        )
        for node in nodes
    ]
    pieces = list(write_rdf(records, form))
    assert len(pieces) > 3
    found = read(b"".join(pieces), by_name(form, FORMATS))
    assert {quad.triple for quad in found} == {triple for record in records for triple in record.triples}


DCAT_FAMILY = ("dcat-ap", "healthdcat-ap", "eucaim", "health-ri", "fdp")


@pytest.mark.parametrize("name", DCAT_FAMILY)
def test_nothing_but_what_holders_must_tell_is_wrong_with_the_map_in_a_profile(catalogue: Catalogue, name: str) -> None:
    by, source = projection(name), Source(catalogue.view)
    found = check(by.project(source, source.iris(by.kinds)), by)
    assert found.faults == ()
    assert len(found.report.records) >= 109


@pytest.mark.parametrize("name", DCAT_FAMILY)
def test_nothing_but_what_holders_must_tell_is_wrong_with_a_rich_dataset(rich: Catalogue, name: str) -> None:
    by = projection(name)
    found = check(by.project(Source(rich.view), [RICH]), by)
    assert found.faults == ()


@pytest.mark.parametrize("name", DCAT_FAMILY)
def test_a_check_in_parts_finds_what_a_check_of_all_finds(
    catalogue: Catalogue, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, source = projection(name), Source(catalogue.view, batch=20)
    projected = list(by.project(source, source.iris(by.kinds)))
    whole = check(projected, by)
    monkeypatch.setattr("fairmap.export.checking.TOGETHER", 20)
    parts = check(projected, by)
    assert Counter(map(places, parts.to_tell)) == Counter(map(places, whole.to_tell))
    assert (parts.faults, len(parts.to_tell) > 0) == ((), True)
    assert sorted(parts.report.records) == sorted(whole.report.records)


def places(finding: Finding) -> tuple[str | None, ...]:
    return finding.focus.partition("_:")[0], finding.path, finding.message, finding.shape


def test_a_check_holds_little_however_much_it_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairmap.export.checking.TOGETHER", 50)
    by = projection("dcat-ap")
    check([], by)  # what is read once
    few, many = (most_held(by, count) for count in (100, 800))
    assert many < 2 * few


def most_held(by: Projection, count: int) -> int:
    """Bytes that a check of so many datasets takes at most."""
    title, type_ = NamedNode(f"{DCT}title"), NamedNode(f"{RDF}type")
    nodes = (NamedNode(f"{BASE}dataset/{number}") for number in range(count))
    projected = (
        Projected(
            node.value,
            (
                Triple(node, type_, NamedNode(f"{DCAT}Dataset")),
                *(Triple(node, title, Literal(f"{node} {number}", language=f"x-{number}")) for number in range(10)),
            ),
        )
        for node in nodes
    )
    tracemalloc.start()
    try:
        with Check(by) as checking:
            for _ in checking.watch(projected):
                pass
            assert sum(len(part.report.records) for part in checking.parts()) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", DCAT_FAMILY)
def test_numbers_keep_the_form_and_the_type_they_were_written_in(rich: Catalogue, name: str) -> None:
    (told,) = projection(name).project(Source(rich.view), [RICH])
    sizes = [triple.object for triple in told.triples if triple.predicate.value == f"{DCAT}byteSize"]
    assert [str(size) for size in sizes] == [f'"001048576"^^<{XSD}nonNegativeInteger>']


def test_public_addresses_are_the_iris_of_a_fair_data_point(catalogue: Catalogue) -> None:
    source = Source(catalogue.view, public_url="https://example.org/map/")
    (told,) = projection("fdp").project(source, [f"{BASE}dataset/ukbiobank-heart-mri"])
    subjects = {str(triple.subject) for triple in told.triples}
    assert "<https://example.org/map/dataset/ukbiobank-heart-mri>" in subjects
    assert not [name for name in subjects if name.startswith(f"<{BASE}dataset/")]
    assert f"<{BASE}concept/body-part/heart>" in subjects
