"""What concepts are called, and which lie below which."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from fairmap.namespaces import CONCEPT, FM, RDFS, SEARCH_WORDS, SKOS, is_vocabulary
from fairmap.text.words import COMMON_WORDS, contains, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from pyoxigraph import Quad, Store

    from fairmap.text.words import Clause

_LABELS: Final = tuple(NamedNode(f"{SKOS}{name}") for name in ("prefLabel", "altLabel", "hiddenLabel"))
_MATCHES: Final = tuple(NamedNode(f"{SKOS}{name}") for name in ("exactMatch", "closeMatch", "broadMatch"))
_ABOVE: Final = (NamedNode(f"{SKOS}broader"), NamedNode(f"{FM}bodyPart"))
"""From a concept to those above it: kinds, parts of the body (broader there is part-of), and what a topic or technique concerns."""

_CODES: Final = (NamedNode(f"{SKOS}notation"), NamedNode(f"{FM}dicomBodyPart"))
_OURS: Final = NamedNode(SEARCH_WORDS)
_RDFS_LABEL: Final = NamedNode(f"{RDFS}label")


_BODY_PARTS: Final = f"{CONCEPT}body-part/"
_WHOLE_BODY: Final = f"{_BODY_PARTS}whole-body"


class Kind(Enum):
    """How a clause found a concept: by a name that the search says in full, in part, or by a concept above it."""

    WHOLE = "whole"
    PART = "part"
    BELOW = "below"


@dataclass(frozen=True)
class Name:
    """One name of a concept.

    :ivar is_code: an identifier, which is found as a whole or not at all.
    :ivar translated: the language (``de``) into which we translated it; ``None``: it is no translation of ours.
    """

    concept: str
    text: str
    words: Clause
    is_code: bool
    translated: str | None = None


@dataclass(frozen=True)
class Found:
    """A concept that a clause found, by one of its names or by one of a concept above it."""

    kind: Kind
    name: Name


class Concepts:
    """The concepts of a view. Unchanging; read anew when a vocabulary graph changes."""

    def __init__(self, store: Store | None = None) -> None:
        self._names: list[Name] = []
        self._by_word: dict[str, set[int]] = defaultdict(set)
        self._below: dict[str, list[str]] = defaultdict(list)
        self.iris: frozenset[str] = frozenset()
        if store is not None:
            self._read(store)

    def find(self, clause: Clause, said: AbstractSet[str]) -> dict[str, Found]:
        """The concepts with a name that holds ``clause``, each with the best way to it.

        Those below are found with it: a kind of lung disease is found by ``lung``. Not so the parts of a part of the body that the
        search names in part only: ``knee`` does not find the heart, though the whole body is also called "neck to knee". Nor do those
        of the body as a whole: who looks for scans of the whole body does not want those of one organ.

        :param said: all words of the search.
        """
        numbers = set.intersection(*(self._by_word.get(word, set()) for word in clause))
        found: dict[str, Found] = {}
        for name in (self._names[number] for number in sorted(numbers)):
            known = found.get(name.concept)
            if (known is None or known.kind is Kind.PART) and (kind := _kind(name, clause, said)):
                found[name.concept] = known if known and kind is Kind.PART else Found(kind, name)
        self._descend(found)
        return found

    def names(self) -> list[Name]:
        """All names of all concepts, codes among them."""
        return self._names

    def below(self, concept: str) -> set[str]:
        """The concept and all below it: kinds, parts, and what concerns one of them."""
        found, ahead = {concept}, [concept]
        for iri in ahead:  # grows while it is walked
            new = [lower for lower in self._below.get(iri, ()) if lower not in found]
            found.update(new)
            ahead += new
        return found

    def _descend(self, found: dict[str, Found]) -> None:
        ahead = [iri for iri, way in found.items() if way.kind is Kind.WHOLE or not iri.startswith(_BODY_PARTS)]
        ahead = [iri for iri in ahead if iri != _WHOLE_BODY]
        for concept in ahead:  # grows while it is walked
            for lower in self._below.get(concept, ()):
                if lower not in found:
                    found[lower] = Found(Kind.BELOW, found[concept].name)
                    ahead.append(lower)

    def _read(self, store: Store) -> None:
        labels = [quad for predicate in _LABELS for quad in _vocabulary_quads(store, predicate)]
        self.iris = frozenset(quad.subject.value for quad in labels if isinstance(quad.subject, NamedNode))
        for quad in labels:
            self._add(quad, is_code=False)
        for predicate in _CODES:
            for quad in _vocabulary_quads(store, predicate):
                self._add(quad, is_code=True)
        elsewhere: dict[object, object] = {quad.subject: quad.object for quad in _vocabulary_quads(store, _RDFS_LABEL)}
        for predicate in _MATCHES:
            for quad in _vocabulary_quads(store, predicate):
                self._add_match(quad, elsewhere.get(quad.object) if predicate == _MATCHES[0] else None)
        for predicate in _ABOVE:
            for quad in _vocabulary_quads(store, predicate):
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                    self._below[quad.object.value].append(quad.subject.value)

    def _add(self, quad: Quad, *, is_code: bool) -> None:
        if isinstance(quad.object, Literal):
            translated = quad.object.language if quad.graph_name == _OURS else None
            self._add_name(quad, quad.object.value, is_code=is_code, translated=translated)

    def _add_match(self, quad: Quad, label: object) -> None:
        """The identifier in another terminology, and what that calls the same concept."""
        if isinstance(quad.object, NamedNode):
            self._add_name(quad, _local_name(quad.object.value), is_code=True)
        if isinstance(label, Literal):
            self._add_name(quad, label.value, is_code=False)

    def _add_name(self, quad: Quad, text: str, *, is_code: bool, translated: str | None = None) -> None:
        if not isinstance(quad.subject, NamedNode) or quad.subject.value not in self.iris:
            return
        name = Name(quad.subject.value, text, words(text), is_code, translated)
        for word in name.words:
            self._by_word[word].add(len(self._names))
        self._names.append(name)


def _kind(name: Name, clause: Clause, said: AbstractSet[str]) -> Kind | None:
    if name.is_code:
        return Kind.WHOLE if name.words == clause else None
    if not contains(name.words, clause):
        return None
    return Kind.WHOLE if set(name.words) - COMMON_WORDS <= said else Kind.PART


def _vocabulary_quads(store: Store, predicate: NamedNode) -> Iterator[Quad]:
    quads: Iterable[Quad] = store.quads_for_pattern(None, predicate, None, None)
    return (quad for quad in quads if isinstance(quad.graph_name, NamedNode) and is_vocabulary(quad.graph_name.value))


def _local_name(iri: str) -> str:
    """``C1234`` of ``.../NCIT_C1234``, ``RID58`` of ``.../RID/RID58``."""
    return iri.replace("#", "/").replace("_", "/").rpartition("/")[2]
