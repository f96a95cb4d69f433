"""What search counts is what SPARQL counts, for random combinations of words, facets and ways to combine them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import pytest

from fairmap.model import Search
from fairmap.search import as_sparql
from fairmap.search.facets import FACETS
from fairmap.store import address, open_level
from fairmap.views import LocalView
from search.synthetic import records
from texts import BASE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fairmap import Catalogue
    from fairmap.model import Count

SEED: Final = 20261124
COMBINATIONS: Final = 500
TEXTS: Final = ("", "", "", "MRI", "brain", "lung study", "data", "RID10312", '"brain imaging"', "X-ray")


class Judge:
    """A view, and its own SPARQL to judge its search by."""

    def __init__(self, view: LocalView) -> None:
        self.view = view
        self.counts: Mapping[str, Sequence[Count]] = view.find(Search()).facets

    def search(self, chance: random.Random) -> Search:
        """Up to three facets with one or two values each, most of which some record has."""
        names = chance.sample([name for name, counts in self.counts.items() if counts], chance.randrange(4))
        chosen = {}
        for name in names:
            keys = [count.key for count in self.counts[name]]
            chosen[name] = tuple(chance.sample(keys, min(len(keys), chance.choice((1, 1, 2)))))
        whole = frozenset(name for name in names if chance.random() < 0.3)
        return Search(chance.choice(TEXTS), chosen, whole, limit=3, exact=True)

    def sparql(self, search: Search, values: Mapping[str, Sequence[str]]) -> int:
        """How many records the query of the search counts."""
        (row,) = self.view.select(as_sparql(search, values, count=True))
        return int(row["records"].value)

    def check(self, search: Search, chance: random.Random) -> None:
        """The number of records, and the count of one value of one facet, as the query gives them."""
        found = self.view.find(search)
        values = {name: [_value(count) for count in found.facets[name] if count.is_chosen] for name in search.chosen}
        assert found.total == self.sparql(search, values), search
        name = chance.choice([facet.name for facet in FACETS])
        if not found.facets[name]:
            return
        count = chance.choice(found.facets[name])
        beside = values.get(name, []) if name in search.whole else []
        others = {**values, name: list(dict.fromkeys([*beside, _value(count)]))}
        assert count.number == self.sparql(search, others), (search, name, count)


def _value(count: Count) -> str:
    return count.iri or count.key


def _view_of(catalogue: Catalogue) -> LocalView:
    assert isinstance(catalogue.view, LocalView)
    return catalogue.view


@pytest.fixture(scope="module")
def synthetic() -> LocalView:
    level = open_level(address("memory:"))
    level.write(records(300), origin="test")
    return LocalView(level, BASE)


def test_counts_of_the_map_are_those_of_sparql(catalogue: Catalogue) -> None:
    judge, chance = Judge(_view_of(catalogue)), random.Random(SEED)  # noqa: S311 - the same each time
    for _ in range(COMBINATIONS):
        judge.check(judge.search(chance), chance)


def test_counts_of_a_synthetic_catalogue_are_those_of_sparql(synthetic: LocalView) -> None:
    judge, chance = Judge(synthetic), random.Random(SEED)  # noqa: S311 - the same each time
    for _ in range(COMBINATIONS):
        judge.check(judge.search(chance), chance)
