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
    if count is None or not _is_star(query.groups[0].triples, count):
        return None
    groups: Mapping[str, BitMap] | None = None
    ways: list[Sequence[BitMap]] = []
    for triple in query.groups[0].triples:
        held = sets.of(query.iri(triple.steps[0]) or "")
        found = None if held is None else _ways(triple, query, held, reached)
        if found is None:
            return None
        if _is_variable(triple.object) and triple.object[1:] == count.key:
            groups = held
        else:
            ways.append(found)
    if (groups is None) != (count.key is None) or not _is_small(ways, len(groups or ()), count):
        return None
    if count.is_distinct:
        ways = [[BitMap.union(*way) if way else BitMap()] for way in ways]
    rows = [f"({_size(ways)})"] if groups is None else _rows(ways, groups)
    names = f"?{count.key} ?{count.number}" if count.key else f"?{count.number}"
    return f"{query.text[: query.body]}SELECT {names} {{ VALUES ({names}) {{ {' '.join(rows)} }} }}{count.rest}"


def _is_star(triples: Sequence[Triple], count: _Count) -> bool:
    """Whether all triples have one variable as subject, and variables as objects that stand nowhere else."""
    subject = triples[0].subject[1:]
    names = [subject, *(triple.object[1:] for triple in triples if _is_variable(triple.object))]
    if any(triple.subject[1:] != subject or not _is_variable(triple.subject) for triple in triples):
        return False
    if len(set(names)) < len(names) or count.number in names or count.key == subject:
        return False
    if count.counted is None:
        return not count.is_distinct
    return count.counted == subject or (count.counted in names and not count.is_distinct)


def _is_variable(term: str) -> bool:
    return term[0] in "?$"


def _ways(
    triple: Triple, query: Query, held: Mapping[str, BitMap], reached: Callable[[str, str], Sequence[str]]
) -> Sequence[BitMap] | None:
    """The subjects of a triple, a set for each way in which they match; ``None``: not known.

    :param held: the subjects by the value of its first step.
    """
    more = triple.steps[1:]
    if _is_variable(triple.object):
        return None if more else list(held.values())
    value = query.iri(triple.object)
    if value is None or more[1:] or (more and more[0][-1] not in "*+"):
        return None
    return (
        [held[iri] for iri in reached(more[0], triple.object) if iri in held] if more else [held.get(value, BitMap())]
    )


def _is_small(ways: Sequence[Sequence[BitMap]], groups: int, count: _Count) -> bool:
    """Whether the sets are fewer than is worth a scan; each match counts for itself only where one triple has several."""
    several = [len(way) for way in ways if len(way) != 1]
    return (count.is_distinct or len(several) <= 1) and max(1, groups) * max(1, sum(several)) <= _MOST


def _rows(ways: Sequence[Sequence[BitMap]], groups: Mapping[str, BitMap]) -> Iterator[str]:
    for value, subjects in groups.items():
        size = _size([*ways, [subjects]])
        if size:
            yield f"(<{value}> {size})"


def _size(ways: Sequence[Sequence[BitMap]]) -> int:
    """How many solutions there are, where one triple at most matches in several ways."""
    single = [way[0] for way in ways if len(way) == 1]
    several = next((way for way in ways if len(way) != 1), None)
    if not single:
        return sum(map(len, several or ()))
    rest = BitMap.intersection(*single)
    return len(rest) if several is None else sum(map(rest.intersection_cardinality, several))
