"""The index of one view: texts, sets of records and what values are called, brought to the state of its graph together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyroaring import BitMap

from fairmap.search.facets import PLAIN, UNKNOWN, Facet
from fairmap.search.table import Table
from fairmap.search.vocabulary import Vocabulary
from fairmap.text import TextIndex
from fairmap.text.words import clauses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Store

    from fairmap.text.index import Way

_PHRASES: Final = 200
"""Phrases whose records are kept until the next change."""


class SearchIndex:
    """What can be found in one view, and in no other. Holds nothing on disk and no thread, so that it survives a fork."""

    def __init__(self) -> None:
        self.table = Table()
        self.text = TextIndex(self.table)
        self.vocabulary = Vocabulary()
        self._concepts = self.text.concepts
        self._sets: dict[tuple[str, str], BitMap] = {}
        self._phrases: dict[tuple[str, ...], BitMap] = {}
        self._values: dict[str, list[str]] = {}

    def follow(self, store: Store, graphs: Iterable[str] | None = None) -> None:
        """Bring the index to the state of ``store``; ``graphs`` are those that changed since the last time, ``None``: all."""
        self.text.follow(store, graphs)
        self.table.settle()
        if self.text.concepts is not self._concepts:
            self._concepts = self.text.concepts
            self.vocabulary = Vocabulary(store)
        self._sets.clear()
        self._phrases.clear()
        self._values.clear()

    def having(self, facet: Facet, value: str) -> BitMap:
        """The records that have a value of a facet, or one below it."""
        known = self._sets.get((facet.name, value))
        if known is None:
            known = self._having(facet, value)
            if known:  # what nobody has, readers can make up without end
                self._sets[facet.name, value] = known
        return known

    def _having(self, facet: Facet, value: str) -> BitMap:
        values = self.text.concepts.below(value) if facet.is_deep else {value}
        links = facet.links or (facet.name,)
        held = [self.table.values[link] for link in links if link in self.table.values]
        sets = [by_value[one] for by_value in held for one in values if one in by_value]
        return BitMap.union(*sets) if sets else BitMap()

    def values(self, facet: Facet) -> list[str]:
        """The values of a facet that some record has or had, and the concepts above them."""
        if facet.name not in self._values:
            self._values[facet.name] = self._values_of(facet)
        return self._values[facet.name]

    def _values_of(self, facet: Facet) -> list[str]:
        if facet.name in PLAIN:
            return list(PLAIN[facet.name])
        held = {value for link in facet.links or (facet.name,) for value in self.table.values.get(link, ())}
        if facet.is_deep:
            for concept in self.text.concepts.iris:
                if concept not in held and facet.has(concept):
                    held.add(concept)
        return [value for value in held if facet.name == UNKNOWN or facet.has(value)]

    def matching(self, ways: Iterable[Way]) -> list[BitMap]:
        """For each word or phrase, the records that have it or one of its concepts."""
        return [self._matching(way) & self.table.live for way in ways]

    def _matching(self, way: Way) -> BitMap:
        clause, concepts = way
        sets = [self.table.concepts[iri] for iri in concepts if iri in self.table.concepts]
        return BitMap.union(self._with_words(clause), *sets)

    def _with_words(self, clause: tuple[str, ...]) -> BitMap:
        if len(clause) == 1:
            return self.table.words.get(clause[0], BitMap())
        known = self._phrases.get(clause)
        if known is None:
            known = BitMap(self.text.holding(clause))
            if len(self._phrases) < _PHRASES:
                self._phrases[clause] = known
        return known

    def count(self, text: str) -> int:
        """How many records a text finds."""
        sets = self.matching(self.text.ways(text)) if clauses(text) else []
        return len(BitMap.intersection(*sets)) if sets else 0
