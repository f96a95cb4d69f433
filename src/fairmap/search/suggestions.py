"""What somebody who types may mean: concepts that some record has, and titles of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fairmap.model import Suggestion
from fairmap.search.facets import BY_NAME, FACETS, KIND, REPOSITORY, Facet, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.search.index import SearchIndex

_LONGEST: Final = 200
"""Characters that are looked at."""


def suggest(index: SearchIndex, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
    """At most ``limit``: concepts with a name that begins so, or in which a word does, most frequent first; then records.

    :raises QueryRefused: when the text has too many words.
    """
    typed = " ".join(text[:_LONGEST].casefold().split())
    if not typed:
        return ()
    concepts = sorted(_concepts(index, typed), key=lambda found: (not found[0], -found[1].number, found[1].text))
    best = [suggestion for _, suggestion in concepts][: (limit + 1) // 2 + 1]
    return (*best, *_records(index, typed, limit - len(best)))


def _concepts(index: SearchIndex, typed: str) -> Iterator[tuple[bool, Suggestion]]:
    """Each concept once, and whether its own label begins so."""
    told: set[str] = set()
    for name in index.text.concepts.names():
        if name.concept in told or name.is_code or not _begins(name.text.casefold(), typed):
            continue
        facet = next((facet for facet in FACETS if facet.spaces and facet.links and facet.has(name.concept)), None)
        number = _number(index, facet, name.concept) if facet else 0
        if facet and number:
            told.add(name.concept)
            label = index.vocabulary.label(name.concept)
            yield (
                label.casefold().startswith(typed),
                Suggestion(label, facet.name, key_of(name.concept), name.concept, number),
            )


def _number(index: SearchIndex, facet: Facet, concept: str) -> int:
    return index.table.live.intersection_cardinality(index.having(facet, concept))


def _begins(name: str, typed: str) -> bool:
    place = name.find(typed)
    while place > 0 and name[place - 1].isalnum():
        place = name.find(typed, place + 1)
    return place >= 0


def _records(index: SearchIndex, typed: str, limit: int) -> Iterator[Suggestion]:
    """Records with all words but the last, whose title has one that begins as the last does."""
    before, _, start = typed.rpartition(" ")
    if limit < 1 or not start.isalnum():
        return
    repositories = index.having(BY_NAME[KIND], REPOSITORY)
    for number in index.text.beginning(index.text.ways(before), start, limit):
        iri = index.table.names[number]
        kind = REPOSITORY if number in repositories else "dataset"
        yield Suggestion(index.table.titles[number], kind, iri.rpartition("/")[2], iri)
