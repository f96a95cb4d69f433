"""CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fairmap.export import Projected, Source, projection

if TYPE_CHECKING:
    from fairmap.catalogue import Catalogue

BASE = "https://w3id.org/fairmap/"
OWN = projection("csv")


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


@pytest.fixture(scope="module")
def table(rich: Catalogue) -> dict[str, dict[str, str]]:
    source = Source(rich.view)
    body = b"".join(OWN.write(OWN.project(source, source.iris(OWN.kinds)), "csv"))
    assert body.startswith(b"\xef\xbb\xbfiri,kind,title,")
    assert body.endswith(b"\r\n")
    return {row["iri"]: row for row in rows(body)}


def test_each_record_is_a_row_of_the_same_columns(table: dict[str, dict[str, str]]) -> None:
    assert len(table) == 1 + 47 + 62
    assert {len(row) for row in table.values()} == {len(next(iter(table.values())))}
    assert [row["kind"] for row in table.values()] == ["catalogue"] + ["repository"] * 47 + ["dataset"] * 62


def test_values_are_joined_and_languages_told(table: dict[str, dict[str, str]]) -> None:
    lung = table[f"{BASE}dataset/lung"]
    assert lung["title"] == "Lung scans; Lungenaufnahmen [de]"
    assert lung["publisher"] == "Clinic; Klinik [de]"
    assert lung["modality_radlex"] == "RID10321"
    assert lung["individuals"] == "12"
    assert lung["download_url"] == "https://clinic.example.org/lung.zip"


def test_what_is_unknown_has_its_reason_and_the_words_of_the_source(table: dict[str, dict[str, str]]) -> None:
    tcia = table[f"{BASE}repository/tcia"]
    assert (tcia["modality"], tcia["modality_unknown"]) == ("", "Not stated")
    assert tcia["data_inclusion_control_unknown"] == "Left blank"
    assert tcia["fair_passed"] == "A3; F1; F3; I1; I2; I3; R1; R2"
    assert any('("' in row["access_condition_unknown"] for row in table.values())


def test_no_cell_is_taken_for_a_formula_or_breaks_the_table() -> None:
    awkward = ["=HYPERLINK(1)", "+1-2", "@x", "-5", 'a "b", c', "two\r\nlines", "\uff1d1", "nul\x00", "; "]
    told = [
        Projected(f"{BASE}x", (Triple(NamedNode(f"{BASE}x"), NamedNode("urn:fairmap:column:title"), Literal(text)),))
        for text in awkward
    ]
    found = [row["title"] for row in rows(b"".join(OWN.write(told, "csv")))]
    expected = ["'=HYPERLINK(1)", "'+1-2", "'@x", "-5", 'a "b", c', "two\r\nlines", "'\uff1d1", "nul\ufffd", "; "]
    assert found == expected
