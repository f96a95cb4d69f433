"""Records by the repository that holds them, whatever comes first, is replaced or withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fairmap.model import Search
from fairmap.namespaces import DCAT, FM
from fairmap.search import SearchIndex, find
from fairmap.search.facets import FACETS, HELD
from fairmap.store import address, open_level
from fairmap.views import LocalView
from texts import BASE, written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fairmap.model import Record
    from fairmap.store import Level

ARCHIVE, OTHER = f"{BASE}repository/archive", f"{BASE}repository/other"


def dataset(name: str, title: str = "Lungs") -> Record:
    iri = f"{BASE}dataset/{name}"
    return written(iri, f'<{iri}> a dcat:Dataset ; dct:title "{title}"@en .')


def repository(iri: str, *names: str) -> Record:
    held = "".join(f" ; dcat:dataset <{BASE}dataset/{name}>" for name in names)
    return written(iri, f'<{iri}> a fm:Repository ; dct:title "Archive"@en{held} .')


class Kept:
    """A level and the index that follows it change by change."""

    def __init__(self) -> None:
        self.level: Level = open_level(address("memory:"))
        self.index = SearchIndex()
        self.index.follow(self.level.engine)

    def write(self, *records: Record) -> None:
        """Write, and let the index follow."""
        self.level.write({record.iri: record for record in records}, origin="test")
        self.index.follow(self.level.engine, [record.iri for record in records])

    def withdraw(self, iri: str) -> None:
        """Withdraw, and let the index follow."""
        self.level.write({iri: None}, origin="test")
        self.index.follow(self.level.engine, [iri])

    def held(self, iri: str = ARCHIVE) -> set[str]:
        """What is found, which is what an index made at once finds, and what SPARQL does."""
        names = _names(self.index, self.level, iri)
        anew = SearchIndex()
        anew.follow(self.level.engine)
        assert names == _names(anew, self.level, iri)
        query = f"SELECT ?d {{ <{iri}> a <{FM}Repository> ; <{DCAT}dataset> ?d . ?d a <{DCAT}Dataset> }}"
        rows = LocalView(self.level, BASE).select(query)
        assert names == {row["d"].value.rpartition("/")[2] for row in rows}
        return names


def _names(index: SearchIndex, level: Level, iri: str) -> set[str]:
    found = find(index, level.engine, Search("", {HELD: (iri,)}, limit=100))
    return {record.iri.rpartition("/")[2] for record in found.records}


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_what_a_repository_holds_is_found_in_whatever_order_it_comes(kept: Kept) -> None:
    kept.write(dataset("one"))
    kept.write(repository(ARCHIVE, "one", "two", "never"))
    assert kept.held() == {"one"}
    kept.write(dataset("two"))
    assert kept.held() == {"one", "two"}


def test_a_dataset_that_is_replaced_or_comes_back_is_held_as_before(kept: Kept) -> None:
    kept.write(dataset("one"), repository(ARCHIVE, "one"), repository(OTHER, "one"))
    kept.write(dataset("one", "Hearts"))
    assert kept.held() == kept.held(OTHER) == {"one"}
    kept.withdraw(f"{BASE}dataset/one")
    assert kept.held() == set()
    kept.write(dataset("one"))
    assert kept.held() == kept.held(OTHER) == {"one"}


def test_a_repository_that_is_replaced_or_withdrawn_holds_what_it_says_then(kept: Kept) -> None:
    kept.write(dataset("one"), dataset("two"), repository(ARCHIVE, "one", "later"))
    kept.write(repository(ARCHIVE, "two"))
    kept.write(dataset("one", "Hearts"), dataset("later"))
    assert kept.held() == {"two"}
    kept.withdraw(ARCHIVE)
    kept.write(dataset("two", "Hearts"))
    assert kept.held() == set()


def test_the_facet_tells_repositories_by_title_and_of_many_the_largest(kept: Kept) -> None:
    datasets = [dataset(f"d{n}") for n in range(60)]
    holders = [repository(f"{BASE}repository/r{n}", *(f"d{m}" for m in range(n, 60))) for n in range(60)]
    kept.write(*datasets, *holders)
    told = find(kept.index, kept.level.engine, Search("", {HELD: (f"{BASE}repository/r59",)})).facets[HELD]
    assert told[0].label == "Archive"
    assert len(told) == 50
    numbers = {count.iri: count.number for count in told}
    assert (numbers[f"{BASE}repository/r0"], numbers[f"{BASE}repository/r59"]) == (60, 1)
    assert f"{BASE}repository/r58" not in numbers


@pytest.mark.parametrize("names", [(), ("modality",), tuple(facet.name for facet in FACETS)])
def test_only_the_facets_that_are_wanted_are_counted(kept: Kept, names: Iterable[str]) -> None:
    kept.write(dataset("one"))
    assert tuple(find(kept.index, kept.level.engine, Search(counted=tuple(names))).facets) == tuple(names)
