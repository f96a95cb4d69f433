"""Who has which value: sets of subjects for the properties with few different values, kept beside a graph so that counts need no scan.

ADR 32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode
from pyroaring import BitMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Quad, Store, Triple

VALUES: Final = 1024  # different values that a property may have to be kept


class ValueSets:
    """Subjects by property and value, for the union of all graphs of a store.

    A property is here with all its triples or not at all. It is left out when a value is no IRI, when it has more than
    :data:`VALUES` of them, and when a triple stands in two graphs, which the engine counts twice.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers: dict[str, int] = {}
        self._sets: dict[str, dict[str, BitMap]] = {}

    def of(self, of_property: str) -> Mapping[str, BitMap] | None:
        """Numbers of subjects by the IRI of the value; ``None``: the property is not kept."""
        return self._sets.get(of_property)

    def __contains__(self, of_property: object) -> bool:
        """Whether a property is kept."""
        return of_property in self._sets

    def clear(self) -> None:
        """Keep no property."""
        self._numbers.clear()
        self._sets.clear()

    def read(self, properties: Iterable[str]) -> None:
        """Read those of the properties that are not kept yet."""
        for name in properties:
            if name not in self._sets:
                self._read(name)

    def follow(self, changed: Iterable[Quad]) -> None:
        """Take over that these quads were added or removed."""
        for quad in changed:
            held = self._sets.get(quad.predicate.value)
            if held is None:
                continue
            found = list(self._store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None))
            if not found and isinstance(quad.object, NamedNode):
                held.get(quad.object.value, BitMap()).discard(self._number(quad.subject))
            elif found and (found[1:] or not self._add(held, quad)):
                del self._sets[quad.predicate.value]

    def _read(self, name: str) -> None:
        held: dict[str, BitMap] = {}
        quads = self._store.quads_for_pattern(None, NamedNode(name), None, None)
        if all(not self._has(held, quad) and self._add(held, quad) for quad in quads):
            self._sets[name] = held

    def _has(self, held: dict[str, BitMap], quad: Quad) -> bool:
        """Whether the triple was noted from another graph."""
        subjects = held.get(getattr(quad.object, "value", ""))
        return subjects is not None and self._number(quad.subject) in subjects

    def _add(self, held: dict[str, BitMap], quad: Quad) -> bool:
        """Note the quad; whether the property may still be kept."""
        value = quad.object
        if not isinstance(value, NamedNode):
            return False
        subjects = held.get(value.value)
        if subjects is None:
            if len(held) == VALUES:
                return False
            subjects = held[value.value] = BitMap()
        subjects.add(self._number(quad.subject))
        return True

    def _number(self, subject: NamedNode | BlankNode | Triple) -> int:
        name = subject.value if isinstance(subject, NamedNode) else str(subject)
        return self._numbers.setdefault(name, len(self._numbers))
