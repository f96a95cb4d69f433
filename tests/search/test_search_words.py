"""Words in German, Spanish and French: whose they are, what they name, and how a result tells it."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode

from conftest import ROOT
from fairmap import build
from fairmap.errors import InputError
from fairmap.model import Search
from fairmap.namespaces import CONCEPT, SEARCH_WORDS, SKOS, is_vocabulary
from fairmap.text.words import COMMON_WORDS, clauses, words
from fairmap.views import LocalView

if TYPE_CHECKING:
    from pathlib import Path

    from fairmap import Catalogue

FILE = ROOT / "seeds" / "search-words.csv"
ROWS = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))


def test_each_row_says_whose_words_they_are_and_stands_in_its_place() -> None:
    assert {row["source"] for row in ROWS} == {"fairmap"}
    assert {row["language"] for row in ROWS} == {"de", "es", "fr"}
    keys = [(row["concept"], row["language"], row["words"]) for row in ROWS]
    assert keys == sorted(set(keys))
    assert all(re.fullmatch(r"\S+( \S+)*", row["words"]) for row in ROWS)


def test_no_word_of_one_language_names_two_concepts_of_a_scheme() -> None:
    named: dict[tuple[str, str, tuple[str, ...]], set[str]] = {}
    for row in ROWS:
        place = row["concept"].partition("/")[0], row["language"], words(row["words"])
        named.setdefault(place, set()).add(row["concept"])
    assert [concepts for concepts in named.values() if len(concepts) > 1] == []


def test_every_word_says_something() -> None:
    assert [row for row in ROWS if not set(words(row["words"])) - COMMON_WORDS] == []


def test_they_are_hidden_labels_of_a_graph_of_their_own_and_nothing_else_is_there() -> None:
    made = build.shipped().records[SEARCH_WORDS].quads
    told = {
        (str(quad.subject)[1:-1].removeprefix(CONCEPT), quad.object.language, quad.object.value)
        for quad in made
        if quad.predicate == NamedNode(f"{SKOS}hiddenLabel") and isinstance(quad.object, Literal)
    }
    assert told == {(row["concept"], row["language"], row["words"]) for row in ROWS}
    rest = {quad.subject for quad in made if quad.predicate != NamedNode(f"{SKOS}hiddenLabel")}
    assert rest == {NamedNode(SEARCH_WORDS)}


def test_no_terminology_is_said_to_have_them() -> None:
    """What stands with the labels of others is in English."""
    for name, record in build.shipped().records.items():
        if is_vocabulary(name) and name != SEARCH_WORDS:
            foreign = [quad for quad in record.quads if getattr(quad.object, "language", None) not in {None, "en"}]
            assert foreign == [], name


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("body-part/tail,de,Schwanz,fairmap", "there is no concept 'body-part/tail'"),
        ("body-part/brain,de,Gehirn,RadLex", "the words are said to be of 'RadLex'"),
    ],
)
def test_words_of_others_or_for_nothing_are_refused_with_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, told: str
) -> None:
    for name in ("ontology", "seeds"):
        (tmp_path / name).mkdir()
        for file in (ROOT / name).glob("*"):
            (tmp_path / name / file.name).symlink_to(file)
    (tmp_path / "seeds" / FILE.name).unlink()
    (tmp_path / "seeds" / FILE.name).write_text(f"concept,language,words,source\n{row}\n")
    monkeypatch.setattr(build, "folder", lambda name: tmp_path / name)
    with pytest.raises(InputError, match=told) as caught:
        build.build()
    assert str(caught.value.where).endswith("search-words.csv, line 2")


@pytest.mark.parametrize(
    ("text", "record", "why"),
    [
        ("Demenz", "adni", "Alzheimer's disease is a kind of Dementia, “Demenz” in German (translated by fairmap)"),
        ("hígado", "jhu-dti", None),
        ("rodilla", "oai", "Knee, “rodilla” in Spanish (translated by fairmap)"),
        ("l'IRM du genou", "oai", "Magnetic resonance imaging, “IRM” in French (translated by fairmap)"),
        ("dementia", "amsterdam-dementia", "Dementia"),
    ],
)
def test_a_result_says_that_a_word_is_our_translation(
    catalogue: Catalogue, text: str, record: str, why: str | None
) -> None:
    assert isinstance(catalogue.view, LocalView)
    found = catalogue.view.find(Search(text, {"kind": ("repository",)}, limit=100)).records
    whys = {one.iri.rpartition("/")[2]: [reason.text for reason in one.why] for one in found}
    assert why is None or why in whys[record]
    ours = [told for told in whys.get(record, []) if "translated by fairmap" in told]
    assert bool(ours) == (why is not None and "translated" in why)


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("l'IRM du cerveau", "irm cerveau"),
        ("L\u2019hépatite", "hepatit"),
        ("maladie d'Alzheimer", "maladi alzheim"),
        ("cáncer de mama", "cancer mama"),
        ("MRT des Gehirns", "mrt gehirn"),
        ("de la", "de la"),
    ],
)
def test_articles_of_other_languages_do_not_count(text: str, sought: str) -> None:
    assert clauses(text) == tuple((word,) for word in sought.split())
