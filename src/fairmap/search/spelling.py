"""Words that nothing in a view has, and what was probably meant: a word that something in the same view has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fairmap.text.words import COMMON_WORDS, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from fairmap.search.index import SearchIndex

_SHORTEST: Final = 4
"""Letters of a word that is mended; of shorter ones too many are near each other."""
_LONG: Final = 8
"""Letters from which on a word may differ in two places."""
_MOST: Final = 3
"""Words of one search that are mended: each costs some milliseconds."""
_LOOKED_AT: Final = 40
"""Records that are searched for the word."""
_LONGEST: Final = 40
_WORD: Final = re.compile(r"[^\W\d_]+")


def mended(index: SearchIndex, text: str, missing: AbstractSet[tuple[str, ...]]) -> str | None:
    """``text`` with each word that nothing has replaced by the nearest that something has; ``None`` when one has none near it.

    :param missing: words, as they are indexed, that nothing has.
    """
    if len(missing) > _MOST:
        return None
    pieces, last, left = [], 0, set(missing)
    for match in _WORD.finditer(text):
        clause = words(match[0])
        if clause not in missing:
            continue
        nearest = _nearest(index, match[0].casefold())
        if nearest is None:
            return None
        left.discard(clause)
        pieces += [text[last : match.start()], nearest]
        last = match.end()
    return None if left else "".join([*pieces, text[last:]])


def _nearest(index: SearchIndex, word: str) -> str | None:
    if not _SHORTEST <= len(word) <= _LONGEST:
        return None
    most = 2 if len(word) >= _LONG else 1
    best: dict[str, tuple[int, int]] = {}
    for other in {*_of_concepts(index), *_of_records(index, word, most)}:
        distance = changes(word, other, most)
        if (0 < distance <= most and other[:1] == word[:1]) or distance == 1:
            best[other] = distance, -index.count(other)
    found = [other for other in sorted(best, key=lambda other: (best[other], other)) if best[other][1] < 0]
    return found[0] if found else None


def _of_concepts(index: SearchIndex) -> Iterator[str]:
    for name in index.text.concepts.names():
        if not name.is_code:
            yield from _words(name.text)


def _of_records(index: SearchIndex, word: str, most: int) -> Iterator[str]:
    stems = words(word)
    for stem in stems[:1]:
        for number in index.text.nearly(stem, most, _LOOKED_AT):
            for _, text in index.table.texts[number]:
                yield from _words(text)


def _words(text: str) -> Iterable[str]:
    found = (match[0].casefold() for match in _WORD.finditer(text))
    return (word for word in found if len(word) >= _SHORTEST and word not in COMMON_WORDS)


def changes(one: str, other: str, most: int) -> int:
    """How many letters must be put in, left out, replaced or swapped with the next to make one word of the other.

    More than ``most`` are not counted: it is ``most + 1`` then.

    >>> changes("alzhiemer", "alzheimer", 2), changes("demetia", "dementia", 1), changes("lung", "knee", 2)
    (1, 1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, another in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != another))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == another:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
        if min(line) > most:
            return most + 1
    return min(last[-1], most + 1)
