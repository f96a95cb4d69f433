"""Queries that count subjects, answered from sets: ``SELECT ?m (COUNT(?d) AS ?n) { ?d a <T> ; <p> ?m } GROUP BY ?m`` and the like.

What is read: one variable is the subject of all triples; each leads by one property to a constant, by ``p/q*`` to a constant, or by
one property to a variable of its own. The answer is put into the query as VALUES; its order and LIMIT stay the engine's work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from pyroaring import BitMap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fairmap.sparql.rewrite.reading import Query, Triple
    from fairmap.sparql.rewrite.value_sets import ValueSets

_HEAD: Final = re.compile(
    r"SELECT (?:\?(?P<key>\w+) )?\( COUNT \( (?P<distinct>DISTINCT )?(?:\*|\?(?P<counted>\w+)) \) AS \?(?P<number>\w+) \) (?:WHERE )?\{",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    r"\}(?: GROUP BY \?(?P<key>\w+))?(?P<rest>(?: ORDER BY(?: (?:ASC|DESC) \( \?\w+ \)| \?\w+)+)?(?: (?:LIMIT|OFFSET) \d+)*)",
    re.IGNORECASE,
)
_ORDERED: Final = re.compile(r"\?(\w+)")
_MOST: Final = 1 << 16
"""Sets that are cut with each other for one answer."""


@dataclass(frozen=True)
class _Count:
    """What a query counts.

    :ivar key: the variable that it groups by.
    :ivar rest: what follows the groups.
    """

    key: str | None
    is_distinct: bool
    counted: str | None
    number: str
    rest: str

    @classmethod
    def of(cls, query: Query) -> Self | None:
        """``None``: the query is none that is read here."""
        if len(query.groups) != 1 or query.has_dataset:
            return None
        group = query.groups[0]
        head = _HEAD.fullmatch(query.words(query.body, group.start))
        tail = _TAIL.fullmatch(query.words(group.end, len(query.text)))
        if not head or not tail or head["key"] != tail["key"] or group.filters or group.tail:
            return None
        columns = {head["key"], head["number"]}
        if not columns.issuperset(_ORDERED.findall(tail["rest"])):
            return None
        return cls(head["key"], bool(head["distinct"]), head["counted"], head["number"], tail["rest"])


def counted(query: Query, sets: ValueSets, reached: Callable[[str, str], Sequence[str]]) -> str | None:
    """The query with its answer in it; ``None``: it cannot be answered from sets.

    :param reached: IRIs of what leads along a step (in the query's spelling) to a constant.
    """
    count = _Count.of(query)
    if count is None:
        return None
    triples = query.groups[0].triples
    if not _is_star(triples, count):
        return None
    grouping = [triple for triple in triples if count.key and triple.object[1:] == count.key]
    if len(grouping) != bool(count.key):
        return None
    ways = [_ways(triple, query, sets, reached) for triple in triples if triple not in grouping]
    groups = _all(grouping[0], query, sets) if grouping else {}
    if groups is None or any(way is None for way in ways):
        return None
    found = [way for way in ways if way is not None]
    if not _is_small(found, len(groups), is_distinct=count.is_distinct):
        return None
    rows = _grouped(found, groups, count) if grouping else [f"({_size(found, None, is_distinct=count.is_distinct)})"]
    names = f"?{count.key} ?{count.number}" if count.key else f"?{count.number}"
    return f"{query.text[: query.body]}SELECT {names} {{ VALUES ({names}) {{ {' '.join(rows)} }} }}{count.rest}"


def _is_star(triples: Sequence[Triple], count: _Count) -> bool:
    """Whether all triples have one variable as subject, and variables as objects that stand nowhere else."""
    subject = triples[0].subject
    objects = [triple.object for triple in triples if triple.object[0] in "?$"]
    names = [subject[1:], *(name[1:] for name in objects)]
    if subject[0] not in "?$" or any(
        triple.subject[1:] != subject[1:] or triple.subject[0] not in "?$" for triple in triples
    ):
        return False
    if len(set(names)) < len(names) or count.number in names or count.key == subject[1:]:
        return False
    if count.counted is None:
        return not count.is_distinct
    return count.counted == subject[1:] or (count.counted in names and not count.is_distinct)


def _ways(
    triple: Triple, query: Query, sets: ValueSets, reached: Callable[[str, str], Sequence[str]]
) -> list[BitMap] | None:
    """The subjects of a triple, a set for each way in which they match; ``None``: not known."""
    held = sets.of(query.iri(triple.steps[0]) or "")
    if held is None:
        return None
    if triple.object[0] in "?$":
        return list(held.values()) if len(triple.steps) == 1 else None
    value = query.iri(triple.object)
    if value is None or len(triple.steps) > 2:  # noqa: PLR2004 - a property, and what follows it
        return None
    if len(triple.steps) == 1:
        return [held.get(value, BitMap())]
    if triple.steps[1][-1] not in "*+":
        return None
    return [held[iri] for iri in reached(triple.steps[1], triple.object) if iri in held]


def _all(triple: Triple, query: Query, sets: ValueSets) -> Mapping[str, BitMap] | None:
    return sets.of(query.iri(triple.steps[0]) or "") if len(triple.steps) == 1 else None


def _is_small(ways: Sequence[Sequence[BitMap]], groups: int, *, is_distinct: bool) -> bool:
    """Whether the sets are fewer than is worth a scan; each match counts for itself only where one triple has several."""
    several = [len(way) for way in ways if len(way) != 1]
    return (is_distinct or len(several) <= 1) and max(1, groups) * max(1, sum(several)) <= _MOST


def _grouped(ways: Sequence[Sequence[BitMap]], groups: Mapping[str, BitMap], count: _Count) -> Iterator[str]:
    if count.is_distinct:
        ways = [[BitMap.union(*way) if way else BitMap()] for way in ways]
    for value, subjects in groups.items():
        size = _size(ways, subjects, is_distinct=count.is_distinct)
        if size:
            yield f"(<{value}> {size})"


def _size(ways: Sequence[Sequence[BitMap]], within: BitMap | None, *, is_distinct: bool) -> int:
    """How many solutions there are, or how many subjects."""
    if is_distinct:
        ways = [way if len(way) == 1 else [BitMap.union(*way) if way else BitMap()] for way in ways]
    single = [way[0] for way in ways if len(way) == 1] + ([within] if within is not None else [])
    several = next((way for way in ways if len(way) != 1), None)
    if several is None:
        return single[0].intersection_cardinality(BitMap.intersection(*single)) if single else 0
    if not single:
        return sum(map(len, several))
    rest = BitMap.intersection(*single)
    return sum(rest.intersection_cardinality(subjects) for subjects in several)
