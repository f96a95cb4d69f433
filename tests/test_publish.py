"""Stage, validate, replace: bad data never replace good data; upgrades touch only what nobody touched."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad

import fairmap
from conftest import ROOT
from fairmap import build
from fairmap.errors import NotConforming, NotFound
from fairmap.model import Record
from fairmap.namespaces import DEFAULT_BASE
from fairmap.publish import stage, upgrade
from fairmap.publish.staging import OUTSIDE
from fairmap.rdf import FORMATS, by_name, digest, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TCIA = f"{DEFAULT_BASE}repository/tcia"
TURTLE = by_name("turtle", FORMATS)
BROKEN = sorted((ROOT / "tests" / "shapes" / "invalid").glob("*.ttl"))[::5]


@pytest.fixture(scope="module")
def catalogue() -> Iterator[fairmap.Catalogue]:
    logging.getLogger("rdflib").setLevel(logging.ERROR)
    opened = fairmap.open("memory:")
    opened.load_map()
    yield opened
    opened.close()


def test_triples_are_sorted_into_records_and_blank_nodes_follow_what_leads_to_them() -> None:
    text = b"""@base <https://w3id.org/fairmap/> . @prefix : <http://e/> .
    <repository/a> :p [ :q [ :r 1 ] ] . <repository/a#part> :p 2 . <distribution/set-one-1> :p 3 . <dataset/set-one> :p 4 ."""
    staged = stage(parse(text, TURTLE), DEFAULT_BASE)
    sizes = {iri.removeprefix(DEFAULT_BASE): len(record.quads) for iri, record in staged.records.items()}
    assert sizes == {"repository/a": 4, "dataset/set-one": 2}
    assert staged.findings == ()


@pytest.mark.parametrize(
    ("text", "graph", "remedy"),
    [
        ("<http://other.org/x> :p 1 .", None, "lies in no record"),
        ("[] :p 1 .", None, "lies in no record"),
        ("<repository/a> :p _:b . <repository/c> :p _:b . _:b :q 1 .", None, "lies in no record"),
        ("<repository/a> :p 1 .", f"{DEFAULT_BASE}repository/b", "Move it to the graph"),
        ("<unknown/a> :p 1 .", None, "with a kind of"),
    ],
)
def test_a_triple_outside_its_record_is_a_finding(text: str, graph: str | None, remedy: str) -> None:
    document = f"@base <{DEFAULT_BASE}> . @prefix : <http://e/> . {text}".encode()
    (finding,) = stage(parse(document, TURTLE), DEFAULT_BASE, graph=graph).findings
    assert remedy in finding.message
    assert finding.shape == OUTSIDE
    assert (finding.path, finding.value) != (None, None)


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_record_is_refused_with_its_report_and_the_store_is_as_it_was(
    catalogue: fairmap.Catalogue, path: Path
) -> None:
    before = (catalogue.level.ledger.revision, digest(catalogue.level.dump()))
    expected = dict(part.split("=", 1) for part in path.read_text().splitlines()[0].removeprefix("# expect: ").split())
    report = catalogue.validate(path)
    wanted = (expected["record"], expected["path"].strip("^"), expected["severity"])
    assert OUTSIDE in {f.shape for f in report.findings} or any(
        wanted
        == (expected["record"] if f.focus.startswith("_:") else f.focus, (f.path or "-").strip("^<>"), f.severity.value)
        for f in report.findings
    )
    assert all(len(finding.message) > 20 for finding in report.findings)
    if expected["severity"] == "Violation":
        with pytest.raises(NotConforming):
            catalogue.load(path)
        assert (catalogue.level.ledger.revision, digest(catalogue.level.dump())) == before


def test_one_bad_record_keeps_out_the_good_ones_it_came_with(catalogue: fairmap.Catalogue) -> None:
    good = (ROOT / "tests" / "shapes" / "valid" / "agent-minimal.ttl").read_bytes()
    before = digest(catalogue.level.dump())
    with pytest.raises(NotConforming):
        catalogue.load(good, BROKEN[0].read_bytes())
    assert digest(catalogue.level.dump()) == before


def test_a_record_is_replaced_and_withdrawn() -> None:
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        text = catalogue.export(TCIA).replace(b'"TCIA"', b'"The TCIA"')
        catalogue.load(text, form="trig")
        assert b'"The TCIA"' in catalogue.export(TCIA)
        catalogue.withdraw(TCIA)
        assert list(catalogue.view.gone()) == [TCIA]
        with pytest.raises(NotFound):
            catalogue.export(TCIA)
        with pytest.raises(NotFound):
            catalogue.withdraw(TCIA)


def changed(record: Record, note: str) -> Record:
    node = NamedNode(record.iri)
    more = Quad(
        node, NamedNode("http://www.w3.org/2004/02/skos/core#editorialNote"), Literal(note, language="en"), node
    )
    return Record(record.iri, (*record.quads, more))


def test_a_newer_map_replaces_only_what_nobody_touched() -> None:
    made = build.shipped()
    names = [f"{DEFAULT_BASE}agent/{name}" for name in ("nci", "nlm", "nih", "dod")]
    ours, theirs, both, dropped = names
    with fairmap.open("memory:") as catalogue:
        first = upgrade(catalogue.publisher, made.records, "1")
        assert len(first.added) == len(made.records)
        catalogue.publisher.write({iri: changed(made.records[iri], "here") for iri in (ours, both)}, origin="test")
        newer = dict(made.records)
        newer |= {iri: changed(newer[iri], "map") for iri in (theirs, both)}
        del newer[dropped]
        second = upgrade(catalogue.publisher, newer, "2")
        assert (second.added, second.replaced, second.withdrawn, second.kept) == ((), (theirs,), (dropped,), (both,))
        assert b'"here"' in catalogue.export(both)
        assert b'"here"' in catalogue.export(ours)
        assert b'"map"' in catalogue.export(theirs)
        assert list(catalogue.view.gone()) == [dropped]
        assert upgrade(catalogue.publisher, newer, "2") == replace(second, replaced=(), withdrawn=(), kept=())
        assert catalogue.level.ledger.revision == 3


def test_what_was_withdrawn_here_stays_so_when_a_newer_map_changes_it() -> None:
    made = build.shipped()
    iri = f"{DEFAULT_BASE}agent/nci"
    with fairmap.open("memory:") as catalogue:
        upgrade(catalogue.publisher, made.records, "1")
        catalogue.withdraw(iri)
        newer = {**made.records, iri: changed(made.records[iri], "map")}
        assert upgrade(catalogue.publisher, newer, "2").kept == (iri,)
        assert list(catalogue.view.gone()) == [iri]
