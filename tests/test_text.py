"""Full text: what is found and in which order, and an index that holds what its view holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, Store

from conftest import ROOT
from fairmap.config import Settings
from fairmap.errors import QueryRefused
from fairmap.model import Record
from fairmap.text import TextIndex
from fairmap.text.words import MOST_CLAUSES, clauses
from fairmap.views import LocalView, ViewClient, ViewProcess
from texts import BASE, MODALITIES, PREFIXES, dataset, found, level_of, names_in, quad_in, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fairmap import Catalogue


# What is found


@pytest.mark.parametrize(
    ("search", "among", "not_among"),
    [
        ("fMRI", "repository/cimbi repository/osaka-twin dataset/cimbi-imaging", "repository/imagen repository/bimcv"),
        ("MRI", "repository/cimbi repository/osaka-twin repository/jhu-dti repository/imagen repository/oai", "repository/medpix"),
        ("DTI", "repository/jhu-dti dataset/jhu-dti-human-brain", "repository/imagen"),
        ("ultrasound", "repository/hepatitis-southwest dataset/stanford-aimi-cardiac-ultrasound", "repository/imagen"),
        ("US", "repository/hepatitis-southwest dataset/stanford-aimi-cardiac-ultrasound", "repository/imagen"),
        ("dementia brain", "repository/amsterdam-dementia repository/dpuk", "repository/oai"),
        ("brain", "repository/amsterdam-dementia repository/imagen repository/french-glioblastoma", "repository/robinsca"),
        ("Spain", "repository/awhs repository/bimcv", "repository/imagen"),
        ("RID10312", "repository/imagen repository/cimbi", "repository/robinsca"),
        ("RID38778", "repository/jhu-dti", "repository/cimbi"),
        ("magnetic resonance imaging", "repository/cimbi repository/jhu-dti repository/imagen", "repository/robinsca"),
        ("knee", "repository/oai dataset/stanford-aimi-knee-mri", "repository/french-glioblastoma repository/imagen"),
        ("lung cancer", "repository/nako repository/ria", "repository/french-glioblastoma repository/oai"),
        ("lung", "repository/scapis repository/ria", "repository/french-glioblastoma repository/oai"),
        ("heart", "dataset/ukbiobank-heart-mri repository/bioheart", "dataset/ukbiobank-carotid-ultrasound repository/siren"),
        ("D000544", "repository/adni", "repository/imagen"),
        ("knee X-rays", "dataset/oai-imaging", "dataset/stanford-aimi-chest-xray"),
    ],
)  # fmt: skip
def test_searches_find_what_the_report_states(catalogue: Catalogue, search: str, among: str, not_among: str) -> None:
    hits = found(catalogue, search)
    assert set(among.split()) <= hits
    assert not set(not_among.split()) & hits


@pytest.mark.parametrize(
    ("code", "concept"), [("RID10312", "modality/mri"), ("RID10321", "modality/ct"), ("816094009", "body-part/thorax")]
)
def test_a_code_finds_exactly_the_records_of_its_concept_and_those_below(
    catalogue: Catalogue, code: str, concept: str
) -> None:
    """Judged by the graph itself."""
    query = f"""{PREFIXES} SELECT DISTINCT ?r {{ VALUES ?kind {{ fm:Repository dcat:Dataset }} ?r a ?kind .
        ?r fm:modality|fm:bodyPart|fm:topic|fm:dataObject ?c . ?c (skos:broader|fm:bodyPart)* <{BASE}concept/{concept}> }}"""
    expected = {row["r"].value.removeprefix(BASE) for row in catalogue.select(query)}
    assert expected
    assert found(catalogue, code) == found(catalogue, code.lower()) == expected


def test_every_word_must_match(catalogue: Catalogue) -> None:
    assert found(catalogue, "lung MRI") == found(catalogue, "lung") & found(catalogue, "MRI") != set()
    assert found(catalogue, "MRI zebra") == set()


def test_words_in_quotes_and_words_that_hang_together_stand_beside_each_other() -> None:
    level = level_of(
        dataset("a", 'dct:title "Calcium score of hearts"@en'),
        dataset("b", 'dct:title "Score of calcium, X and ray"@en'),
    )
    assert sorted(names_in(level, "calcium score")) == ["a", "b"]
    assert names_in(level, '"calcium score"') == ["a"]
    assert names_in(level, "X-ray") == []
    assert names_in(level, '"calcium score') == ["a", "b"]


def test_two_capitals_are_a_word_of_their_own() -> None:
    level = level_of(
        Record(MODALITIES, tuple(quad_in(MODALITIES, ROOT / "ontology" / "concepts-modality.ttl"))),
        dataset("echo", 'dct:title "Scans"@en ; fm:modality modality:ultrasound'),
        dataset("english", 'dct:title "A study of us all"@en'),
        dataset("states", 'dct:title "A study with US national coverage"@en'),
        dataset("tomography", 'dct:title "CT of the chest"@en'),
    )
    assert names_in(level, "us") == ["english"]
    assert sorted(names_in(level, "US")) == ["echo", "states"]
    assert names_in(level, "ultrasound") == ["echo"]
    assert names_in(level, "ct") == names_in(level, "CT") == ["tomography"]


def test_labels_of_all_languages_and_hidden_ones_are_found_without_accents_and_endings() -> None:
    concept = "modality:mri a skos:Concept ; skos:prefLabel 'MRI'@en, 'Resonancia magnética'@es ; "
    concept += "skos:altLabel 'Kernspintomographie'@de, 'imagerie par résonance'@fr ; skos:hiddenLabel 'emarai' ."
    level = level_of(
        written(MODALITIES, concept),
        dataset("a", 'dct:title "x"@en ; fm:modality modality:mri'),
        dataset("b", 'dct:title "Größe der Lungen"@de ; dct:description "Studies of lungs"@en'),
    )
    for search in ("kernspintomographie", "resonancia magnetica", "Résonance", "emarai", "MRI"):
        assert names_in(level, search) == ["a"], search
    assert names_in(level, "study of the lung") == ["b"]
    assert names_in(level, "grosse") == ["b"]


def test_a_title_counts_more_than_a_description_and_a_concept_more_than_those_below() -> None:
    concepts = "modality:mri a skos:Concept ; skos:prefLabel 'MRI'@en . modality:fmri a skos:Concept ; skos:prefLabel 'x'@en ; "
    level = level_of(
        written(MODALITIES, concepts + "skos:broader modality:mri ."),
        dataset("described", 'dct:title "a"@en ; dct:description "knee"@en'),
        dataset("titled", 'dct:title "knee"@en ; dct:description "a"@en'),
        dataset("below", 'dct:title "a"@en ; fm:modality modality:fmri'),
        dataset("itself", 'dct:title "a"@en ; fm:modality modality:mri'),
    )
    assert names_in(level, "knee") == ["titled", "described"]
    assert names_in(level, "mri") == ["itself", "below"]


def test_inferred_values_are_not_searched() -> None:
    inferred = "fm:inferred <#i> . <#i> fm:value modality:mri".replace("<#i>", f"<{BASE}dataset/a#i>")
    concept = written(MODALITIES, "modality:mri a skos:Concept ; skos:prefLabel 'MRI'@en .")
    level = level_of(concept, dataset("a", f'dct:title "x"@en ; {inferred}'))
    assert names_in(level, "MRI") == []
    assert names_in(level, "x") == ["a"]


def test_only_repositories_and_datasets_are_found(catalogue: Catalogue) -> None:
    kinds = {hit.record.removeprefix(BASE).partition("/")[0] for hit in catalogue.search("the", 1000)}
    assert kinds == {"repository", "dataset"}
    assert found(catalogue, "registered users only criterion") == set()


def test_hits_say_what_matched(catalogue: Catalogue) -> None:
    first = catalogue.search("DTI human", 1)[0]
    assert first.record == f"{BASE}dataset/jhu-dti-human-brain"
    told = [
        (reason.field, reason.concept and reason.concept.removeprefix(f"{BASE}concept/")) for reason in first.reasons
    ]
    assert told[0] == ("title", None)
    assert ("concept", "modality/dti") in told
    assert ("concept", "species/human") in told
    by_broader = {reason.text for hit in catalogue.search("RID10312", 1000) for reason in hit.reasons}
    assert by_broader == {"RID10312"}


def test_a_search_without_words_finds_nothing_and_one_with_too_many_is_refused(catalogue: Catalogue) -> None:
    assert catalogue.search("") == catalogue.search(' " -- ?? " ') == []
    with pytest.raises(QueryRefused, match="33 words"):
        catalogue.search(" ".join(f"w{number}" for number in range(MOST_CLAUSES + 1)))
    for limit in (0, 10_001):
        with pytest.raises(QueryRefused, match="hits"):
            catalogue.search("MRI", limit)


def test_common_words_count_only_when_there_are_no_others() -> None:
    assert clauses("Imaging of the Heart") == clauses("imaging heart")
    assert clauses("THE AND OF") == (("the",), ("and",), ("0of0",))


# An index holds what its view holds


class View:
    """A level, its view process and a client."""

    def __init__(self, path: Path) -> None:
        concept = written(MODALITIES, "modality:mri a skos:Concept ; skos:prefLabel 'MRI'@en .")
        self.level = level_of(
            concept, dataset("a", 'dct:title "First knee"@en ; fm:modality modality:mri, modality:new')
        )
        self.process = ViewProcess(self.level, Settings(query_workers=1, query_deadline=10), path)
        self.client = ViewClient(path, BASE)

    def write(self, record: Record | str) -> None:
        """Write a record, or withdraw the one of that name."""
        changes = {record: None} if isinstance(record, str) else {record.iri: record}
        self.process.follow(self.level.write(changes, origin="test"))

    def names(self, search: str) -> set[str]:
        """What a query in a worker finds."""
        rows = self.client.select(f"{PREFIXES} SELECT ?r {{ ?r fm:textMatch '{search}' }}")
        return {row["r"].value.rpartition("/")[2] for row in rows}


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    opened = View(tmp_path / "view.sock")
    yield opened
    opened.process.close()


def test_a_change_is_found_by_the_next_query(view: View) -> None:
    assert view.names("knee") == {"a"}
    for number in range(12):  # the index merges what it has in parts meanwhile
        view.write(dataset(f"b{number}", 'dct:title "Another knee"@en'))
        assert view.names("knee") == {"a", *(f"b{n}" for n in range(number + 1))}
    view.write(dataset("a", 'dct:title "Now a hip"@en'))
    assert "a" not in view.names("knee")
    assert view.names("hip") == {"a"}


def test_a_withdrawn_record_is_gone_from_the_index(view: View) -> None:
    view.write(dataset("secret", 'dct:title "Unheard of"@en'))
    assert view.names("unheard") == {"secret"}
    view.write(f"{BASE}dataset/secret")
    assert view.names("unheard") == set()
    assert view.client.search("unheard") == []
    index = TextIndex()
    index.follow(view.level.engine)
    assert index.search("unheard", 10) == []


def test_names_and_places_of_concepts_count_as_soon_as_they_are_written(view: View) -> None:
    assert view.names("MRI") == {"a"}
    assert view.names("tomography") == view.names("novel") == set()
    labels = "modality:mri a skos:Concept ; skos:prefLabel 'Spin tomography'@en ; skos:broader modality:top . "
    labels += "modality:top a skos:Concept ; skos:prefLabel 'Radiology'@en . modality:new a skos:Concept ; skos:prefLabel 'Novel'@en ."
    view.write(written(MODALITIES, labels))
    assert view.names("MRI") == set()
    assert view.names("tomography") == view.names("radiology") == {"a"}
    assert view.names("novel") == {"a"}, "the record pointed to it before it was a concept"


def test_an_index_of_one_view_knows_nothing_of_another() -> None:
    one = level_of(dataset("open", 'dct:title "Open knee"@en'))
    other = level_of(dataset("open", 'dct:title "Open knee"@en'), dataset("hidden", 'dct:title "Hidden knee"@en'))
    assert names_in(one, "knee") == ["open"]
    assert sorted(names_in(other, "knee")) == ["hidden", "open"]
    alone, scores = (
        LocalView(one, BASE).search("knee"),
        LocalView(level_of(dataset("open", 'dct:title "Open knee"@en')), BASE),
    )
    assert alone == scores.search("knee")


def test_many_changes_leave_the_index_as_if_it_were_new() -> None:
    store = Store()
    index = TextIndex()
    for turn in range(30):
        record = dataset(f"d{turn % 5}", f'dct:title "Knee {"x" * (turn % 3)}"@en ; dct:description "turn {turn}"@en')
        for quad in list(store.quads_for_pattern(None, None, None, NamedNode(record.iri))):
            store.remove(quad)
        store.extend(record.quads)
        index.follow(store, [record.iri])
        anew = TextIndex()
        anew.follow(store)
        assert {hit.record for hit in index.search("knee", 10)} == {hit.record for hit in anew.search("knee", 10)}
        assert [hit.record for hit in index.search(f'"turn {turn}"', 10)] == [record.iri]


def test_a_search_in_the_view_process_gives_reasons_and_refuses_like_here(view: View) -> None:
    (hit,) = view.client.search("MRI knee", 5)
    assert hit == LocalView(view.level, BASE).search("MRI knee", 5)[0]
    assert [(reason.field, reason.text) for reason in hit.reasons] == [("title", "First knee"), ("concept", "MRI")]
    with pytest.raises(QueryRefused, match="words"):
        view.client.search("a-b " + " ".join(f"w{number}" for number in range(40)))
    with pytest.raises(QueryRefused, match="cannot look for"):
        view.client.select(f"{PREFIXES} SELECT * {{ ?r fm:textMatch ?x }}")
    with pytest.raises(QueryRefused, match="in an update"):
        view.client.check(f"{PREFIXES} INSERT DATA {{ <x:a> fm:textMatch 'x' }}")
