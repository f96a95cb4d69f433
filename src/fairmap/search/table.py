"""Which records have which words, concepts and values, as sets of their numbers, and the orders in which they can be told.

Sets of what was replaced stay as they are until the index is made anew; :attr:`Table.live` says which numbers count.
"""

from __future__ import annotations

import re
import sys
from bisect import insort
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode
from pyroaring import BitMap

from fairmap.namespaces import DCAT, DCT, FM, PREFIXES, RDF, SKOS
from fairmap.search.facets import DATASET, DOI, FACETS, HELD, KIND, REPOSITORY, UNKNOWN
from fairmap.text.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyoxigraph import BlankNode, Store, Triple

    from fairmap.text.contents import Contents

DOI_FORM: Final = r"^(https?://(dx[.])?doi[.]org/|doi:)?10[.][0-9]{4,9}/"
"""How an identifier begins that is a DOI, in any case; an expression of Python and of SPARQL alike. Source: DOI Handbook, 2.2."""

_DOI: Final = re.compile(DOI_FORM, re.IGNORECASE)
_KINDS: Final = {f"{FM}Repository": REPOSITORY, f"{DCAT}Dataset": DATASET}
_TYPE: Final = f"{RDF}type"
_PEOPLE: Final = f"{PREFIXES['healthdcatap']}numberOfUniqueIndividuals"
_DATES: Final = (f"{DCT}modified", f"{DCT}issued")
_LINKS: Final = frozenset(link for facet in FACETS for link in facet.links)
_OF_DISTRIBUTIONS: Final = tuple(NamedNode(link) for facet in FACETS if facet.of_distributions for link in facet.links)
_TITLE: Final = f"{DCT}title"
_IDENTIFIER: Final = f"{DCT}identifier"
_ADMS_IDENTIFIER: Final = f"{PREFIXES['adms']}identifier"
_DISTRIBUTION: Final = f"{DCAT}distribution"
_DATASET: Final = f"{DCAT}dataset"
_NOTATION: Final = NamedNode(f"{SKOS}notation")
_ABSENCE: Final = NamedNode(f"{FM}AbsenceStatement")
_TOLD: Final = (NamedNode(f"{FM}property"), NamedNode(f"{FM}reason"))
_STEPS: Final = 10
"""Steps along an order in the time in which one record is sorted."""
_MANY: Final = 200
"""New records from which on the orders are sorted as a whole."""


class Table:
    """The records of an index; it follows as an observer of its text index.

    What a list tells of a record is held here, too: of one that holds thousands of datasets, the graph takes long to look anything up.

    :ivar texts: of each record, with their fields.
    :ivar concepts_of: IRIs of its concepts.
    :ivar links: what it states that is a value of a facet, with the property.
    :ivar values: the records that link to a value, by the link's IRI (for plain facets: their name) and the value.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Hold nothing."""
        self.live = BitMap()
        self.words: dict[str, BitMap] = defaultdict(BitMap)
        self.concepts: dict[str, BitMap] = defaultdict(BitMap)
        self.values: dict[str, dict[str, BitMap]] = defaultdict(lambda: defaultdict(BitMap))
        self.names: list[str] = []
        self.texts: list[tuple[tuple[str, str], ...]] = []
        self.concepts_of: list[tuple[str, ...]] = []
        self.links: list[tuple[tuple[str, str], ...]] = []
        self._numbers: dict[str, int] = {}
        self._awaited: dict[str, set[str]] = {}
        self.titles: list[str] = []
        self._dates: list[str] = []
        self._people: list[int] = []
        self._new: list[int] = []
        self._orders: dict[str, list[int]] = {"title": [], "newest": [], "people": []}

    def add(self, store: Store, number: int, contents: Contents) -> None:
        """Take in a record."""
        self.live.add(number)
        self.names.append(contents.name)
        self._renumber(contents.name, number)
        if _is_repository(contents):
            self._hold(contents)
        self.texts.append(tuple(contents.texts))
        self.concepts_of.append(tuple(map(sys.intern, contents.concepts)))
        self.links.append(_links(contents))
        self.titles.append(_title(contents))
        self._dates.append(_newest(contents))
        self._people.append(_people(contents))
        self._new.append(number)
        for word in set(words("\n".join(text for _, text in contents.texts))):
            self.words[word].add(number)
        for concept in contents.concepts:
            self.concepts[concept].add(number)
        for link, value in _values(store, contents):
            self.values[link][value].add(number)

    def remove(self, number: int) -> None:
        """Let a record go; what a repository said to hold is held by it no more."""
        self.live.discard(number)
        name = self.names[number]
        self.values[HELD].pop(name, None)
        self._awaited.pop(name, None)

    def _hold(self, repository: Contents) -> None:
        """Note what a repository says to hold; of what is not there only that it is awaited."""
        names = {value.value for link, value in repository.stated if link == _DATASET and isinstance(value, NamedNode)}
        known = {name for name in names if name in self._numbers}
        if names:
            self.values[HELD][repository.name] = BitMap(self._numbers[name] for name in known)
        if names != known:
            self._awaited[repository.name] = names - known

    def _renumber(self, name: str, number: int) -> None:
        """Give a record its number, also in what repositories hold."""
        before = self._numbers.get(name)
        self._numbers[name] = number
        for holder, held in self.values[HELD].items():
            if (before in held) if before is not None else (name in self._awaited.get(holder, ())):
                held.add(number)

    def title(self, name: str) -> str | None:
        """The title of a record; ``None`` when it is not there."""
        number = self._numbers.get(name)
        return self.titles[number] if number is not None and number in self.live else None

    def settle(self) -> None:
        """Bring the orders up to date."""
        for name, order in self._orders.items():
            key = self._key(name)
            if len(self._new) > _MANY:
                order.extend(self._new)
                order.sort(key=key)
            else:
                for number in self._new:
                    insort(order, number, key=key)
        self._new.clear()

    def ordered(self, found: BitMap, sort: str, offset: int, limit: int) -> list[int]:
        """The numbers from ``offset`` on, at most ``limit``, in the order ``sort``: few are sorted, for many it walks along the order."""
        end = offset + limit
        if len(found) * len(found) * _STEPS < end * len(self._orders[sort]):
            return sorted(found, key=self._key(sort))[offset : offset + limit]
        walked = (number for number in self._orders[sort] if number in found)
        return _part(walked, offset, limit)

    def _key(self, sort: str) -> Callable[[int], tuple[object, ...]]:
        """Newest and most people first, in the order of titles then."""
        titles = self.titles
        if sort == "title":
            return lambda number: (titles[number].casefold(), self.names[number])
        if sort == "people":
            return lambda number: (-self._people[number], titles[number].casefold(), self.names[number])
        return lambda number: (_backwards(self._dates[number]), titles[number].casefold(), self.names[number])


def _is_repository(contents: Contents) -> bool:
    kinds = (value for link, value in contents.stated if link == _TYPE and isinstance(value, NamedNode))
    return any(_KINDS.get(kind.value) == REPOSITORY for kind in kinds)


def _part(numbers: Iterator[int], offset: int, limit: int) -> list[int]:
    found = []
    for place, number in enumerate(numbers):
        if place >= offset:
            found.append(number)
        if len(found) == limit:
            break
    return found


def _backwards(date: str) -> tuple[int, ...]:
    """A key that puts later dates first, and none last."""
    return tuple(-ord(letter) for letter in date) or (0,)


def _title(contents: Contents) -> str:
    """In English where there is one; the IRI of what has none."""
    told = [value for link, value in contents.stated if link == _TITLE and isinstance(value, Literal)]
    titles = sorted((not (value.language or "en").startswith("en"), value.value) for value in told)
    return titles[0][1] if titles else contents.name


def _newest(contents: Contents) -> str:
    """The day of the last change that a record tells of, else of its issue."""
    told = {link: value.value for link, value in contents.stated if link in _DATES and isinstance(value, Literal)}
    return next((told[date][:10] for date in _DATES if date in told), "")


def _people(contents: Contents) -> int:
    told = (value.value for link, value in contents.stated if link == _PEOPLE and isinstance(value, Literal))
    return max((int(number) for number in told if number.isdecimal()), default=0)


def _values(store: Store, contents: Contents) -> Iterator[tuple[str, str]]:
    graph = NamedNode(contents.name)
    for predicate, value in contents.stated:
        if not isinstance(value, NamedNode):
            continue
        if predicate in _LINKS:
            yield predicate, value.value
        elif predicate == _TYPE and value.value in _KINDS:
            yield KIND, _KINDS[value.value]
        elif predicate == _DISTRIBUTION:
            yield from _of_distribution(store, value, graph)
    yield DOI, "true" if any(map(_is_doi, _identifiers(store, contents, graph))) else "false"
    yield from _unknown(store, graph)


def _links(contents: Contents) -> tuple[tuple[str, str], ...]:
    """The values of facets that a record itself states, each with its property."""
    return tuple(
        (sys.intern(link), sys.intern(value.value))
        for link, value in contents.stated
        if link in _LINKS and isinstance(value, NamedNode)
    )


def _identifiers(store: Store, contents: Contents, graph: NamedNode) -> Iterator[object]:
    for link, value in contents.stated:
        if link == _IDENTIFIER:
            yield value
        elif link == _ADMS_IDENTIFIER and not isinstance(value, Literal):
            yield from _objects(store, value, _NOTATION, graph)


def _unknown(store: Store, graph: NamedNode) -> Iterator[tuple[str, str]]:
    """The properties that are told to be unknown, and the reasons."""
    for quad in store.quads_for_pattern(None, NamedNode(_TYPE), _ABSENCE, graph):
        for link in _TOLD:
            for value in _objects(store, quad.subject, link, graph):
                if isinstance(value, NamedNode):
                    yield UNKNOWN, value.value


def _of_distribution(store: Store, node: NamedNode | BlankNode | Triple, graph: NamedNode) -> Iterator[tuple[str, str]]:
    for link in _OF_DISTRIBUTIONS:
        for value in _objects(store, node, link, graph):
            if isinstance(value, NamedNode):
                yield link.value, value.value


def _objects(
    store: Store, node: NamedNode | BlankNode | Triple, link: NamedNode, graph: NamedNode
) -> Iterator[NamedNode | BlankNode | Literal | Triple]:
    return (quad.object for quad in store.quads_for_pattern(node, link, None, graph))


def _is_doi(value: object) -> bool:
    return isinstance(value, NamedNode | Literal) and bool(_DOI.match(value.value))
