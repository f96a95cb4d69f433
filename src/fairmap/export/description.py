"""What the mapping to schema.org tells of one record, to be read by those who make a document of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.namespaces import PREFIXES, RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Triple

Node: TypeAlias = NamedNode | BlankNode
Term: TypeAlias = NamedNode | BlankNode | Literal

SCHEMA: Final = PREFIXES["schema"]
TYPE: Final = f"{RDF}type"


class Description:
    """A record, the things it leads to, and their values in a fixed order.

    :ivar root: the record.
    """

    def __init__(self, iri: str, triples: Iterable[Triple]) -> None:
        self.root = NamedNode(iri)
        self._about: dict[object, dict[str, list[Term]]] = {}
        for triple in dict.fromkeys(triples):
            values = self._about.setdefault(triple.subject, {}).setdefault(triple.predicate.value, [])
            values.append(triple.object)  # type: ignore[arg-type] # the mapping makes no triple terms

    def properties(self, node: Term) -> Mapping[str, list[Term]]:
        """The values of each property, by its IRI; empty when nothing is told of the node."""
        return self._about.get(node, {})

    def values(self, node: Node, name: str) -> list[Term]:
        """The values of a property of schema.org."""
        return in_order(self.properties(node).get(f"{SCHEMA}{name}", ()))

    def nodes(self, node: Node, *names: str) -> Iterator[Node]:
        """The values of these properties that are no text."""
        for name in names:
            yield from (value for value in self.values(node, name) if not isinstance(value, Literal))

    def texts(self, node: Node, *names: str) -> Iterator[Literal]:
        """The values of these properties that are text."""
        for name in names:
            yield from (value for value in self.values(node, name) if isinstance(value, Literal))

    def text(self, node: Node, name: str) -> str:
        """One value as text, in English where there is one; empty when there is none."""
        found = list(self.texts(node, name))
        english = [value for value in found if (value.language or "").lower().startswith("en")]
        return next((value.value for value in (*english, *found)), "")

    def iris(self, node: Node, name: str) -> list[str]:
        """The values that are IRIs."""
        return [value.value for value in self.values(node, name) if isinstance(value, NamedNode)]

    def types(self, node: Node) -> list[str]:
        """The types of a node, as local names of schema.org."""
        return [value.value.removeprefix(SCHEMA) for value in in_order(self.properties(node).get(TYPE, ()))]


def in_order(values: Iterable[Term]) -> list[Term]:
    """Plain text first, then text by language, then things by IRI."""
    return sorted(values, key=_place)


def _place(term: Term) -> tuple[int, str, str]:
    if isinstance(term, Literal):
        return (1 if term.language else 0, term.language or "", term.value)
    return (2, "", term.value) if isinstance(term, NamedNode) else (3, "", "")
