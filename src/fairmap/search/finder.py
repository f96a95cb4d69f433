"""A search answered from the index of a view: sets of records intersected, counted by facet, the page of them in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode
from pyroaring import BitMap

from fairmap.errors import UsageError
from fairmap.model import Found, FoundRecord, Search
from fairmap.namespaces import DCAT
from fairmap.search.counting import counts
from fairmap.search.facets import BY_NAME, DATASET, EU, FACETS, KIND, REPOSITORY, Facet
from fairmap.search.spelling import mended
from fairmap.search.why import reasons

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Store

    from fairmap.search.index import SearchIndex
    from fairmap.text.index import Way

SORTS: Final = ("relevance", "title", "newest", "people")
DEEPEST: Final = 10_000
"""Records up to which pages reach."""
LARGEST: Final = 1000
"""Records of one page."""
_FEW: Final = 2000
"""Records that the ranking is told one by one; of more, the best are taken until enough are among them."""
_SUMMARY: Final = 400
_DATASET_LINK: Final = NamedNode(f"{DCAT}dataset")


@dataclass(frozen=True)
class _Wanted:
    """What a search comes to.

    :ivar filters: for each facet with chosen values, the records that have them.
    """

    text: str
    ways: list[Way]
    words: BitMap
    filters: dict[str, BitMap]

    def records(self, but: str | None = None) -> BitMap:
        """Those that match all; ``but``: without what is chosen of this facet."""
        sets = [found for name, found in self.filters.items() if name != but]
        return BitMap.intersection(self.words, *sets)


def find(index: SearchIndex, store: Store, search: Search) -> Found:
    """A page of what a search finds, with the counts of the facets that it wants.

    :param store: the one that the index followed.
    :raises UsageError: for a facet, value, order or page that there is not.
    :raises QueryRefused: when the text has too many words.
    """
    _check(search)
    chosen = {name: [_value(index, BY_NAME[name], key) for key in keys] for name, keys in search.chosen.items() if keys}
    wanted, is_mended = _mended(index, search, _wanted(index, search.text, search, chosen), chosen)
    result = wanted.records()
    facets = {}
    for facet in FACETS if search.counted is None else [BY_NAME[name] for name in search.counted]:
        values = chosen.get(facet.name, [])
        base = wanted.records(facet.name) if values and facet.name not in search.whole else result
        facets[facet.name] = counts(index, facet, base, values)
    page = _page(index, search, wanted, result)
    records = tuple(_told(index, store, number, wanted.ways) for number in page)
    return Found(len(result), wanted.text, is_mended, records, facets)


def _check(search: Search) -> None:
    for name in (*search.chosen, *(search.counted or ())):
        if name not in BY_NAME:
            raise UsageError(f"there is no facet {name!r}", expected=", ".join(BY_NAME))
    if search.sort not in SORTS:
        raise UsageError(f"results are not sorted by {search.sort[:80]!r}", expected=", ".join(SORTS))
    if not 1 <= search.limit <= LARGEST:
        raise UsageError(f"a page does not have {search.limit} records", expected=f"1 to {LARGEST}")
    if not 0 <= search.offset <= DEEPEST - search.limit:
        raise UsageError(
            "there is no such page", expected=f"one of the first {DEEPEST:,} records; narrow the search down"
        )


def _value(index: SearchIndex, facet: Facet, key: str) -> str:
    """The value that a key stands for.

    :raises UsageError: when the facet's values are concepts of ours and it is none.
    """
    candidates = facet.values_of(key)
    known = [value for value in candidates if value in index.text.concepts.iris]
    if known:
        return known[0]
    if ":" in key or len(candidates) != len(facet.spaces):  # an IRI, a plain word, a property
        return candidates[-1]
    of_tables = [value for value in candidates if value.startswith(EU) and key.isupper()]
    if not of_tables:
        raise UsageError(f"there is no {facet.label.lower()} {key[:80]!r}", expected=f"a key of {facet.spaces[0]}")
    return of_tables[0]


def _wanted(index: SearchIndex, text: str, search: Search, chosen: dict[str, list[str]]) -> _Wanted:
    ways = index.text.ways(text)
    sets = index.matching(ways)
    words = BitMap.intersection(*sets) if sets else (BitMap() if text.strip() else index.table.live)
    return _Wanted(text, ways, words, _filters(index, search, chosen))


def _filters(index: SearchIndex, search: Search, chosen: dict[str, list[str]]) -> dict[str, BitMap]:
    filters = {}
    for name, values in chosen.items():
        combine = BitMap.intersection if name in search.whole else BitMap.union
        filters[name] = combine(*(index.having(BY_NAME[name], value) for value in values))
    return filters


def _mended(index: SearchIndex, search: Search, wanted: _Wanted, chosen: dict[str, list[str]]) -> tuple[_Wanted, bool]:
    """What was probably meant, when a word finds nothing in the whole view."""
    if search.exact or wanted.words:
        return wanted, False
    missing = {way[0] for way, found in zip(wanted.ways, index.matching(wanted.ways), strict=True) if not found}
    text = mended(index, search.text, missing) if missing else None
    if text is None:
        return wanted, False
    other = _wanted(index, text, search, chosen)
    return (other, True) if other.words else (wanted, False)


def _page(index: SearchIndex, search: Search, wanted: _Wanted, result: BitMap) -> list[int]:
    end = search.offset + search.limit
    if search.sort != "relevance" or not wanted.ways:
        sort = "title" if search.sort == "relevance" else search.sort
        return index.table.ordered(result, sort, search.offset, search.limit)
    if len(result) == len(wanted.words):
        return index.text.ranked(wanted.ways, end)[search.offset :]
    if len(result) <= _FEW:
        return index.text.ranked(wanted.ways, end, result)[search.offset :] if result else []
    look = end * len(wanted.words) // len(result) * 2
    while True:
        ranked = index.text.ranked(wanted.ways, look)
        found = [number for number in ranked if number in result]
        if len(found) >= end or look >= len(wanted.words):
            return found[search.offset : end]
        look *= 4


def _told(index: SearchIndex, store: Store, number: int, ways: list[Way]) -> FoundRecord:
    table = index.table
    iri, title = table.names[number], table.titles[number]
    description = next((text for field, text in table.texts[number] if field == "description"), "")
    kind = REPOSITORY if number in index.having(BY_NAME[KIND], REPOSITORY) else DATASET
    repository = (iri, title) if kind == REPOSITORY else _holder(index, store, iri)
    why = reasons(table.texts[number], table.concepts_of[number], ways, index.vocabulary)
    return FoundRecord(iri, title, _summary(description), kind, repository, why, _values(index, number))


def _summary(text: str) -> str:
    return text if len(text) <= _SUMMARY else f"{text[:_SUMMARY].rpartition(' ')[0]} …"


def _holder(index: SearchIndex, store: Store, dataset: str) -> tuple[str, str] | None:
    """The first repository that says it holds a dataset."""
    links = store.quads_for_pattern(None, _DATASET_LINK, NamedNode(dataset), None)
    for iri in sorted(quad.subject.value for quad in links if isinstance(quad.subject, NamedNode)):
        title = index.table.title(iri)
        if title is not None:
            return iri, title
    return None


def _values(index: SearchIndex, number: int) -> dict[str, tuple[tuple[str, str], ...]]:
    """What the record itself links to, by facet; not what follows from it."""
    links = index.table.links[number]
    told = {facet.name: _pairs(index, facet, links) for facet in FACETS if facet.links}
    return {name: pairs for name, pairs in told.items() if pairs}


def _pairs(index: SearchIndex, facet: Facet, links: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    values = {value for link, value in links if link in facet.links and facet.has(value)}
    return tuple(
        sorted(((value, index.vocabulary.label(value)) for value in values), key=lambda pair: pair[1].casefold())
    )
