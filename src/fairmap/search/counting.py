"""How many of some records have each value of a facet, as a list that people can read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from fairmap.model import Count
from fairmap.search.facets import PROPERTIES, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from pyroaring import BitMap

    from fairmap.search.facets import Facet
    from fairmap.search.index import SearchIndex


def counts(index: SearchIndex, facet: Facet, base: BitMap, chosen: Collection[str]) -> tuple[Count, ...]:
    """Each value that one of ``base`` has, and each chosen one; concepts below the broader ones, else the most frequent first."""
    values = dict.fromkeys([*index.values(facet), *chosen])
    numbers = {value: base.intersection_cardinality(index.having(facet, value)) for value in values}
    told = _most({value: number for value, number in numbers.items() if number or value in chosen}, facet, chosen)
    labels = {value: _label(index, value) for value in told}
    return tuple(
        Count(
            key_of(value),
            value if ":" in value else None,
            labels[value],
            told[value],
            level,
            value in chosen,
        )
        for value, level in _in_order(index, facet, told, labels)
    )


def _most(numbers: dict[str, int], facet: Facet, chosen: Collection[str]) -> dict[str, int]:
    """The most frequent values, where a facet tells no others, and the chosen ones."""
    if not facet.most or len(numbers) <= facet.most:
        return numbers
    best = sorted(numbers, key=lambda value: (value not in chosen, -numbers[value], value))
    return {value: numbers[value] for value in best[: max(facet.most, len(chosen))]}


def _label(index: SearchIndex, value: str) -> str:
    """What a value is called; a repository goes by its title."""
    return index.table.title(value) or index.vocabulary.label(value)


def _in_order(
    index: SearchIndex, facet: Facet, numbers: dict[str, int], labels: dict[str, str]
) -> list[tuple[str, int]]:
    """The values, each with its level."""
    vocabulary = index.vocabulary

    def order(value: str) -> tuple[bool, int, int, str]:
        return value in PROPERTIES, -vocabulary.rank(value), -numbers[value], labels[value].casefold()

    if not facet.is_deep:
        return [(value, 0) for value in sorted(numbers, key=order)]
    under: dict[str | None, list[str]] = defaultdict(list)
    for value in numbers:
        above = [iri for iri in vocabulary.broader.get(value, ()) if iri in numbers]
        under[min(above) if above else None].append(value)
    placed = list(_below(under, None, 0, order))
    if len(placed) < len(numbers):  # concepts that stand above each other in a ring
        known = {value for value, _ in placed}
        placed += [(value, 0) for value in sorted(numbers, key=order) if value not in known]
    return placed


def _below(
    under: dict[str | None, list[str]],
    value: str | None,
    level: int,
    order: Callable[[str], tuple[bool, int, int, str]],
) -> Iterator[tuple[str, int]]:
    for lower in sorted(under.get(value, ()), key=order):
        yield lower, level
        yield from _below(under, lower, level + 1, order)
