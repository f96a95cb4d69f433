"""Why a record was found, in words for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fairmap.model import Why
from fairmap.namespaces import CONCEPT
from fairmap.text.concepts import Kind
from fairmap.text.words import contains, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.search.vocabulary import Vocabulary
    from fairmap.text.concepts import Found, Name
    from fairmap.text.index import Way
    from fairmap.text.words import Clause

    Texts = Sequence[tuple[str, str]]

_LABELS: Final = {"title": "Title", "keyword": "Keyword", "description": "Description"}
_AROUND: Final = 60
"""Characters that are shown on each side of what matched in a longer text."""
_MOST: Final = 3
"""Reasons that are told for one word."""
_LANGUAGES: Final = {"de": "German", "es": "Spanish", "fr": "French"}
_BODY_PART: Final = f"{CONCEPT}body-part/"


def reasons(texts: Texts, concepts_of: Sequence[str], ways: list[Way], vocabulary: Vocabulary) -> tuple[Why, ...]:
    """Some for each word of the search: the concepts that it names, and the text with it where that tells more."""
    found: list[Why] = []
    in_words = [(field, text, words(text)) for field, text in texts] if ways else []
    for clause, concepts in ways:
        said = _of_texts(in_words, clause)
        of_concepts = [_of_concept(iri, concepts[iri], vocabulary) for iri in concepts_of if iri in concepts]
        told = said if said and (said[0].field == "title" or not of_concepts) else []
        found += [*told, *of_concepts][:_MOST]
    return tuple(dict.fromkeys(found))


def _of_texts(in_words: list[tuple[str, str, Clause]], clause: Clause) -> list[Why]:
    """The first text with the words."""
    for field, text, said in in_words:
        if contains(said, clause):
            return [Why(field, f"{_LABELS[field]}: {_around(text, clause)}")]
    return []


def _around(text: str, clause: Clause) -> str:
    """The words with what stands beside them."""
    if len(text) <= 2 * _AROUND:
        return text
    pieces = text.split()
    place = next((n for n, piece in enumerate(pieces) if clause[0] in words(piece)), 0)
    before, after = " ".join(pieces[:place]), " ".join(pieces[place:])
    start = before[-_AROUND:].partition(" ")[2] if len(before) > _AROUND else before
    end = after[:_AROUND].rpartition(" ")[0] if len(after) > _AROUND else after
    told = f"{start} {end}".strip()
    return f"{'… ' if start != before else ''}{told}{' …' if end != after else ''}"


def _of_concept(iri: str, found: Found, vocabulary: Vocabulary) -> Why:
    label, name = vocabulary.label(iri), found.name
    if found.kind is Kind.BELOW:
        upper = f"{label} {_relation(iri, name.concept)} {vocabulary.label(name.concept)}"
        return Why("concept", f"{upper}{_translated(name)}", iri)
    if name.translated:
        return Why("concept", f"{label}{_translated(name)}", iri)
    if name.is_code:
        return Why("concept", f"{label} has the code {name.text}", iri)
    is_label = name.text.casefold() == label.casefold()
    return Why("concept", label if is_label else f"{label}, also called {name.text}", iri)


def _translated(name: Name) -> str:
    """Whose translation a name is, when it is ours."""
    if name.translated is None:
        return ""
    return f", “{name.text}” in {_LANGUAGES.get(name.translated, name.translated)} (translated by fairmap)"


def _relation(lower: str, upper: str) -> str:
    if not upper.startswith(_BODY_PART):
        return "is a kind of"
    return "is part of" if lower.startswith(_BODY_PART) else "concerns"
