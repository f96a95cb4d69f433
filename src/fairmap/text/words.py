"""Words as they are indexed and sought: no case, no accents, English stems; two capitals are a word of their own.

``US`` stands for ultrasound, ``us`` does not: a word of two capitals is kept apart from the same letters in small ones, in
texts, labels and searches alike. ``CT`` and ``MR`` mean nothing else in small letters, so they are words like others.
"""

from __future__ import annotations

import re
from typing import Final

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from fairmap.errors import QueryRefused

Clause = tuple[str, ...]
"""A word, or several that must stand beside each other."""

MOST_CLAUSES: Final = 32
"""Words and phrases that one search may have."""

_CAPITALS: Final = re.compile(r"(?<![^\W_])(?!CT|MR)[A-Z]{2}(?![^\W_])")
_QUOTED: Final = re.compile(r'"([^"]*)"')
_BETWEEN: Final = re.compile(r"[^\w.'\u2019+&-]+")
_COMMON: Final = "a an and as at by for from in of on or the to with"
_COMMON_ELSEWHERE: Final = (
    "der die das dem den des und von bei im für "  # German
    "el la los las del de y en por para con "  # Spanish
    "le les du et au aux d l par pour"  # French
)
_ELIDED: Final = re.compile(r"(?<![^\W_])[dl]['\u2019](?=\w)", re.IGNORECASE)
"""A French article that hangs on the next word: ``l'IRM``."""


def analyzer() -> TextAnalyzer:
    """What turns :func:`mark_capitals`'s text into words, for the index too."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )


_ANALYZER: Final = analyzer()


def mark_capitals(text: str) -> str:
    """``text`` with words of two capitals written so that they stay apart; digits keep the stemmer away.

    >>> mark_capitals("US and CT images of us, USA")
    '0US0 and CT images of us, USA'
    """
    return _CAPITALS.sub(r"0\g<0>0", text)


def words(text: str) -> Clause:
    """The words of a text in its order.

    >>> words("Röntgen studies of the lungs, by US")
    ('rontgen', 'studi', 'of', 'the', 'lung', 'by', '0us0')
    """
    return tuple(_ANALYZER.analyze(mark_capitals(text)))


COMMON_WORDS: Final = (
    frozenset(words(_COMMON)) | frozenset(words(_COMMON.upper())) | frozenset(words(_COMMON_ELSEWHERE))
)
"""Words that say nothing on their own, as they are indexed."""


def clauses(search: str) -> tuple[Clause, ...]:
    """What a search asks for: its words, and as phrases what stands in quotes or hangs together (``X-ray``).

    Articles, ``of``, ``and`` and the like do not count, unless there is nothing else; nor do they in German, Spanish and French.

    :raises QueryRefused: when there are more than :data:`MOST_CLAUSES`.

    >>> clauses('MRI of "the brain", X-ray')
    (('mri',), ('the', 'brain'), ('x', 'ray'))
    >>> clauses("l'IRM du cerveau")
    (('irm',), ('cerveau',))
    """
    found: list[Clause] = []
    for number, part in enumerate(_QUOTED.split(search)):
        pieces = [part] if number % 2 else _BETWEEN.split(_ELIDED.sub("", part))
        found += [clause for piece in pieces if (clause := words(piece))]
    telling = [clause for clause in found if len(clause) > 1 or clause[0] not in COMMON_WORDS]
    if len(telling) > MOST_CLAUSES:
        raise QueryRefused(f"the search text has {len(telling)} words", expected=f"at most {MOST_CLAUSES}")
    return tuple(dict.fromkeys(telling or found))[:MOST_CLAUSES]


def contains(text: Clause, clause: Clause) -> bool:
    """Whether the words of ``clause`` stand beside each other in ``text``."""
    size = len(clause)
    return any(text[start : start + size] == clause for start in range(len(text) - size + 1))
