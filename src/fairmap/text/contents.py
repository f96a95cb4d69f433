"""What of a record's graph can be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pyoxigraph import Literal, NamedNode

from fairmap.namespaces import DCAT, DCT, FM, RDF

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from pyoxigraph import BlankNode, Store, Triple

FIELDS: Final = ("title", "keyword", "description")
"""Fields of text, in the order in which they tell why a record was found."""

_FIELD_OF: Final = {
    f"{DCT}title": "title",
    f"{DCT}alternative": "title",
    f"{DCAT}keyword": "keyword",
    f"{FM}annotationLabel": "keyword",
    f"{DCT}description": "description",
}
_FOUND: Final = frozenset({f"{FM}Repository", f"{DCAT}Dataset"})
_TYPE: Final = f"{RDF}type"


@dataclass(frozen=True, slots=True)
class Contents:
    """A repository or dataset as it is indexed.

    :ivar texts: each with its field, in the order of :data:`FIELDS`.
    :ivar concepts: IRIs of those that it has, whatever links them.
    :ivar stated: property and value of each triple of which it is the subject.
    """

    name: str
    texts: list[tuple[str, str]]
    concepts: list[str]
    stated: list[tuple[str, NamedNode | BlankNode | Literal | Triple]]


class Observer(Protocol):
    """Who is told of each record that an index takes in or lets go; numbers are given once."""

    def clear(self) -> None:
        """Nothing is held any more."""
        ...

    def add(self, store: Store, number: int, contents: Contents) -> None:
        """A record has come."""
        ...

    def remove(self, number: int) -> None:
        """A record has gone."""
        ...


def contents_of(store: Store, name: str, concepts: AbstractSet[str]) -> Contents | None:
    """What the graph of a record says of it; ``None`` when it is nothing that is looked for.

    :param concepts: IRIs of all concepts.
    """
    record = NamedNode(name)
    stated = [(quad.predicate.value, quad.object) for quad in store.quads_for_pattern(record, None, None, record)]
    texts: list[tuple[str, str]] = []
    found: set[str] = set()
    is_found = False
    for predicate, value in stated:
        if isinstance(value, Literal):
            field = _FIELD_OF.get(predicate)
            if field:
                texts.append((field, value.value))
        elif isinstance(value, NamedNode):
            iri = value.value
            if iri in concepts:
                found.add(iri)
            elif predicate == _TYPE and iri in _FOUND:
                is_found = True
    return Contents(name, sorted(texts, key=_by_field), sorted(found), stated) if is_found else None


def _by_field(text: tuple[str, str]) -> tuple[int, str]:
    return FIELDS.index(text[0]), text[1]
