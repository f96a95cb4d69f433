"""What values are called, and how concepts stand below each other in the list of a facet."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Store

from fairmap.namespaces import FM, RDFS, SKOS, is_vocabulary
from fairmap.search.facets import PLAIN, PROPERTIES, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Quad

_PREFERRED: Final = (NamedNode(f"{RDFS}label"), NamedNode(f"{SKOS}prefLabel"))
_BROADER: Final = NamedNode(f"{SKOS}broader")
_RANK: Final = NamedNode(f"{FM}rank")
_LANGUAGE: Final = "en"
_PLAIN: Final = {key: label for labels in PLAIN.values() for key, label in labels.items()}


class Vocabulary:
    """Labels, broader concepts and ranks, read from the vocabulary graphs of a store; unchanging."""

    def __init__(self, store: Store | None = None) -> None:
        self._labels: dict[str, str] = {}
        self._ranks: dict[str, int] = {}
        self.broader: dict[str, list[str]] = defaultdict(list)
        if store is not None:
            self._read(store)

    def label(self, value: str) -> str:
        """What it is called; a property or plain value by our own word, the unknown by its key."""
        return self._labels.get(value) or key_of(value)

    def rank(self, value: str) -> int:
        """Its place among values that have an order; 0 for others."""
        return self._ranks.get(value, 0)

    def _read(self, store: Store) -> None:
        for predicate in _PREFERRED:
            for quad in _quads(store, predicate):
                if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode):
                    language = (quad.object.language or _LANGUAGE).lower()
                    if language == _LANGUAGE or quad.subject.value not in self._labels:
                        self._labels[quad.subject.value] = quad.object.value
        self._labels |= PROPERTIES | _PLAIN
        for quad in _quads(store, _BROADER):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
                self.broader[quad.subject.value].append(quad.object.value)
        for quad in _quads(store, _RANK):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                self._ranks[quad.subject.value] = int(quad.object.value)


def _quads(store: Store, predicate: NamedNode) -> Iterator[Quad]:
    quads = store.quads_for_pattern(None, predicate, None, None)
    return (quad for quad in quads if isinstance(quad.graph_name, NamedNode) and is_vocabulary(quad.graph_name.value))
