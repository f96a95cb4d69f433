"""Some records of a view in a small store of their own, for the queries of a projection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Self

from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple

from fairmap.namespaces import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import BlankNode

WRITTEN: Final = "urn:fairmap:written:"
"""Stands before the datatype of each typed literal in a batch's store, so that the engine keeps its lexical form."""

_TYPED: Final = re.compile(rb'"\^\^<([^<>"]+)> \.$', re.MULTILINE)
_TYPE: Final = NamedNode(f"{RDF}type")


class Batch:
    """Some records and what is needed to tell of them, in a small store of their own: all in its default graph.

    Beside each record's whole graph it holds the triples of the concepts, agents and sources it points to, English labels of terms of
    authority tables, and of the repositories and catalogues that hold a record the link, the title and the types. Typed literals
    (all but plain and language-tagged text) have :data:`WRITTEN` before their datatype there: look at ``STR(?value)``.

    :ivar iris: as they were asked for.
    """

    def __init__(self, iris: Sequence[str], lines: bytes) -> None:
        self.iris = tuple(iris)
        self._nodes = {iri: NamedNode(iri) for iri in iris}
        self._records: frozenset[object] = frozenset(self._nodes.values())
        self.store = Store()
        self.store.load(input=_TYPED.sub(rb'"^^<' + WRITTEN.encode() + rb"\1> .", lines), format=RdfFormat.N_TRIPLES)

    @property
    def missing(self) -> list[str]:
        """Those that the view has not."""
        return [iri for iri, node in self._nodes.items() if not any(self.store.quads_for_pattern(node, _TYPE, None))]

    def only(self, iri: str) -> Self:
        """The same for one of its records."""
        made = type(self)((iri,), b"")
        made.store = self.store
        return made

    def construct(self, query: str) -> dict[str, list[Triple]]:
        """The triples of a CONSTRUCT by record, ``$records`` in the query standing for the batch's; literals as written.

        A record has those about itself and about all that it leads to, up to the next record of the batch: what several lead to,
        such as a publisher, each of them has.
        """
        about: dict[object, list[Triple]] = {}
        for triple in self.store.query(self._filled(query)):  # type: ignore[union-attr]
            about.setdefault(triple.subject, []).append(written_triple(triple))
        return {iri: self._reachable(node, about) for iri, node in self._nodes.items()}

    def select(self, query: str) -> list[Mapping[str, NamedNode | BlankNode | Literal]]:
        """The solutions of a SELECT, ``$records`` in the query standing for the batch's; literals as written."""
        found: Any = self.store.query(self._filled(query))
        names = [variable.value for variable in found.variables]
        return [
            {name: written_term(value) for name in names if (value := solution[name]) is not None} for solution in found
        ]

    def _filled(self, query: str) -> str:
        return query.replace("$records", values_of(self.iris))

    def _reachable(self, root: NamedNode, about: Mapping[object, list[Triple]]) -> list[Triple]:
        """What is said about a node and all that it leads to, but for other records of the batch."""
        seen: set[object] = {root}
        found: list[Triple] = []
        waiting: list[object] = [root]
        while waiting:
            for triple in about.get(waiting.pop(), ()):
                found.append(triple)
                value = triple.object
                if value in about and value not in seen and value not in self._records:
                    seen.add(value)
                    waiting.append(value)
        return found


def written_term(term: Any) -> Any:
    """A term of a batch's store as it was written."""
    if isinstance(term, Literal) and term.language is None and term.datatype.value.startswith(WRITTEN):
        return Literal(term.value, datatype=NamedNode(term.datatype.value[len(WRITTEN) :]))
    return term


def written_triple(triple: Triple) -> Triple:
    """The same for a triple."""
    value = triple.object
    term = written_term(value)
    return triple if term is value else Triple(triple.subject, triple.predicate, term)


def values_of(iris: Iterable[str]) -> str:
    """For VALUES; each IRI is one, so it cannot end the braces."""
    return " ".join(str(NamedNode(iri)) for iri in iris)
