"""Proposals: answers become records that conform, wait apart from all others, and are decided by curators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import fairmap
from fairmap.catalogue import Catalogue
from fairmap.errors import Busy, InputError, NotConforming, NotFound, StoreError, UsageError
from fairmap.model import Record
from fairmap.proposals import Answers, check, plain, questions, reasons
from fairmap.store import address, open_levels
from fairmap.store.address import PROPOSALS
from fairmap.store.backup import read_manifest, restore_backup
from stores import fairmap as run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fairmap.publish import Publisher

BASE = "https://w3id.org/fairmap/"
SHORT: Answers = {"title": ["Example Archive"], "contact": ["sender@clinic.example"]}
LONG: Answers = {
    **SHORT,
    "homepage": ["https://archive.example/start"],
    "description": ["Images of the knees of many people."],
    "dataObject": ["medical-image"],
    "modality": ["mri", "ct"],
    "unknown-bodyPart": ["not-found"],
    "topic": ["dementia"],
    "format": ["dicom"],
    "spatial": ["ESP"],
    "spatial-other": ["AUT dnk"],
    "repositoryKind": ["archive"],
    "metadataAvailable": ["yes"],
    "downloadable": ["no"],
    "accessCondition": ["application"],
    "accessRequirement": ["application-form", "approval"],
    "access": ["Anybody who fills in the form."],
    "qualifiedAttribution": ["The board of the archive"],
}


@pytest.fixture(scope="module")
def opened() -> Iterator[Catalogue]:
    """The map, with proposals that tests leave behind."""
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        yield catalogue


def _value(catalogue: Catalogue, slug: str, path: str) -> set[str]:
    query = f"SELECT ?v {{ <{BASE}repository/{slug}> {path} ?v }}"
    return {row["v"].value for row in catalogue.select(query)}


def test_the_questions_are_those_of_the_report_and_take_what_the_shapes_take() -> None:
    asked = {question.name: question for question in questions()}
    assert {name for name, question in asked.items() if question.is_required} == {"title"}
    assert {name for name, question in asked.items() if not question.has_reason} == {"title", "accessRequirement"}
    assert len(reasons()) == 8
    kinds = {question.kind for question in questions()}
    assert kinds == {"text", "long", "address", "truth", "choice", "choices"}
    assert (asked["accessCondition"].kind, len(asked["accessCondition"].options)) == ("choice", 10)
    assert all(question.options for question in questions() if question.kind in {"choice", "choices"})


def test_messages_are_for_who_knows_no_rdf() -> None:
    for question in questions():
        assert question.message
        for sign in ("<", "^^", "@en", "fm:", "dct:", "w3id.org", "IRI"):
            assert sign not in question.message, question.name
    assert plain("Write fm:modality.") == "Write fm:modality."  # better than nothing


@pytest.mark.parametrize("answers", [SHORT, LONG], ids=["name alone", "all answered"])
def test_an_accepted_proposal_is_a_public_record_with_its_source(opened: Catalogue, answers: Answers) -> None:
    assert check(answers) == []
    name = opened.proposals.submit(answers)["name"]
    waiting = opened.proposals.show(name)
    iri = waiting["iri"]
    assert waiting["contact"] == "sender@clinic.example"
    assert "sender" not in waiting["turtle"]
    assert iri not in opened.records()
    assert opened.proposals.accept(name) == {"iri": iri}
    slug = iri.rpartition("/")[2]
    assert _value(opened, slug, "<http://purl.org/dc/terms/title>") == {"Example Archive"}
    assert opened.validate(iris=[iri, f"{BASE}source/questionnaire-{name}"]).conforms
    with pytest.raises(NotFound):
        opened.proposals.show(name)
    assert b"sender" not in opened.export(iri, f"{BASE}source/questionnaire-{name}")


def test_every_answer_is_stated_and_every_gap_has_its_reason(opened: Catalogue) -> None:
    name = opened.proposals.submit({**LONG, "title": ["Stated Archive"]})["name"]
    slug = opened.proposals.accept(name)["iri"].rpartition("/")[2]
    fm = "https://w3id.org/fairmap/ns#"
    countries = {iri.rpartition("/")[2] for iri in _value(opened, slug, "<http://purl.org/dc/terms/spatial>")}
    assert countries == {"ESP", "AUT", "DNK"}
    rights = _value(opened, slug, "<http://purl.org/dc/terms/accessRights>")
    assert rights == {"http://publications.europa.eu/resource/authority/access-right/RESTRICTED"}
    assert _value(opened, slug, f"<{fm}downloadable>") == {"false"}
    assert _value(opened, f"{slug}#unknown-bodyPart", f"<{fm}reason>") == {f"{BASE}concept/unknown-reason/not-found"}
    place = f"{BASE}source/questionnaire-{name}#answer-modality"
    assert _value(opened, f"{slug}#stated-modality", "<http://www.w3.org/ns/prov#wasDerivedFrom>") == {place}
    short = opened.proposals.submit({"title": ["Silent Archive"]})["name"]
    slug = opened.proposals.accept(short)["iri"].rpartition("/")[2]
    assert _value(opened, f"{slug}#unknown-modality", f"<{fm}reason>") == {f"{BASE}concept/unknown-reason/blank"}


def test_what_the_shapes_find_keeps_a_proposal_out(opened: Catalogue) -> None:
    before = opened.proposals.listed()
    with pytest.raises(NotConforming) as raised:
        opened.proposals.submit({**LONG, "accessCondition": ["open"], "accessRequirement": ["fee"]})
    assert any((finding.path or "").endswith("accessRequirement") for finding in raised.value.report.findings)
    with pytest.raises(InputError, match="neither yes nor no"):
        opened.proposals.submit({**SHORT, "downloadable": ["perhaps"]})
    assert opened.proposals.listed() == before


def test_names_that_are_taken_get_a_number_and_nothing_public_is_replaced(opened: Catalogue) -> None:
    tcia = opened.export(f"{BASE}repository/tcia")
    first, second = (opened.proposals.submit({"title": ["TCIA"]})["name"] for _ in range(2))
    assert [opened.proposals.show(name)["slug"] for name in (first, second)] == ["tcia-2", "tcia-3"]
    opened.proposals.accept(first)
    opened.proposals.reject(second, "Twice")
    assert opened.export(f"{BASE}repository/tcia") == tcia


def test_a_name_that_was_taken_while_it_waited_gets_a_number(opened: Catalogue) -> None:
    name = opened.proposals.submit({"title": ["Late Archive"]})["name"]
    iri = f"{BASE}repository/late-archive"
    taken = (
        opened.record(f"{BASE}repository/tcia")
        .serialize(format="turtle")
        .replace("repository/tcia>", "repository/late-archive>")
    )
    opened.load(taken.replace("repository/tcia#", "repository/late-archive#").encode())
    before = opened.export(iri)
    assert opened.proposals.accept(name) == {"iri": f"{iri}-2"}
    assert opened.export(iri) == before


def test_an_edited_proposal_keeps_its_sender_and_a_rejected_one_does_not(opened: Catalogue) -> None:
    name = opened.proposals.submit(LONG)["name"]
    opened.proposals.edit(name, {"title": ["Edited Archive"], "contact": ["curator@map.example"]})
    edited = opened.proposals.show(name)
    assert (edited["title"], edited["contact"]) == ("Edited Archive", "sender@clinic.example")
    with pytest.raises(InputError, match="no reason"):
        opened.proposals.reject(name, " ")
    opened.proposals.reject(name, "It holds no images.")
    rejected = opened.proposals.show(name)
    assert (rejected["state"], rejected["reason"], rejected["turtle"]) == ("rejected", "It holds no images.", "")
    assert "sender" not in json.dumps(rejected)
    for step in (opened.proposals.accept, lambda one: opened.proposals.edit(one, SHORT)):
        with pytest.raises(InputError, match="rejected"):
            step(name)


def test_accepting_goes_on_where_a_crash_broke_it_off(opened: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    name = opened.proposals.submit({"title": ["Broken Archive"]})["name"]
    with monkeypatch.context() as crash:
        crash.setattr("fairmap.publish.Publisher.write", _crash_at_removal)
        with pytest.raises(StoreError, match="crash"):
            opened.proposals.accept(name)
    iri = f"{BASE}repository/broken-archive"
    assert iri in opened.records()
    assert opened.proposals.show(name)["state"] == "waiting"
    assert opened.proposals.accept(name) == {"iri": iri}
    assert f"{iri}-2" not in opened.records()


def _crash_at_removal(publisher: Publisher, records: Mapping[str, Record | None], *, origin: str) -> None:
    if None in records.values():
        raise StoreError("a crash")
    publisher.level.write(records, origin=origin)


def test_only_so_many_wait(opened: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairmap.proposals.desk.MOST", 0)
    with pytest.raises(Busy):
        opened.proposals.submit(SHORT)


@pytest.mark.parametrize("name", ["", "..", "0" * 12, "a/b", "000000000000>"])
def test_a_proposal_that_is_not_there_is_told(opened: Catalogue, name: str) -> None:
    with pytest.raises(NotFound):
        opened.proposals.show(name)


def test_no_organisation_can_take_the_level_for_its_own(tmp_path: Path) -> None:
    levels = open_levels(address(f"oxigraph:{tmp_path / 'store'}"))
    with pytest.raises(UsageError):
        levels.of(PROPOSALS)
    assert [name for name, _ in levels.kept()] == [None]
    levels.proposals.write({f"{BASE}proposal/x": Record(f"{BASE}proposal/x", ())}, origin="test")
    assert [name for name, _ in levels.all()] == [None]
    assert [name for name, _ in levels.kept()] == [None, PROPOSALS]
    assert levels.organisations() == []
    assert oct((tmp_path / "store" / "proposals").stat().st_mode & 0o777) == "0o700"
    levels.close()


def test_proposals_outlive_a_restart_and_are_in_backups(tmp_path: Path) -> None:
    store = f"oxigraph:{tmp_path / 'store'}"
    with Catalogue(store, BASE) as catalogue:
        catalogue.load_map()
        name = catalogue.proposals.submit(LONG)["name"]
    with Catalogue(store, BASE) as catalogue:
        shown = catalogue.proposals.show(name)
        catalogue.backup(tmp_path / "backup")
    assert read_manifest(tmp_path / "backup").proposals is not None
    restore_backup(tmp_path / "backup", address(f"oxigraph:{tmp_path / 'again'}"))
    with Catalogue(f"oxigraph:{tmp_path / 'again'}", BASE) as catalogue:
        assert catalogue.proposals.show(name) == shown
    listed = run(store, "proposals", "list")
    assert listed.stdout.split("\t")[:2] == [name, "waiting"]
    accepted = run(store, "proposals", "accept", name)
    assert accepted.stdout == f"{shown['iri']}\n"
    assert run(store, "proposals", "show", name).returncode == 2
