"""Literals as written.

The engine rewrites some literals when it stores them (``"5"^^xsd:nonNegativeInteger`` becomes an ``xsd:integer``, ``1.50``
becomes ``1.5``). This module finds out which, by asking the engine, and puts the written form back.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from fairmap.namespaces import DEFAULT_GRAPH, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

_STRING = NamedNode(f"{XSD}string")
_PROBE = "urn:fairmap:probe:"

Key = tuple[str, str, str]
"""Subject, predicate and stored literal, each in N-Triples form."""


def stored_forms(quads: Iterable[Quad]) -> dict[Literal, Literal]:
    """For each literal that the engine rewrites, what it stores instead."""
    literals = [
        literal
        for literal in {quad.object for quad in quads if isinstance(quad.object, Literal)}
        if literal.language is None and literal.datatype != _STRING
    ]
    probe = Store()
    probe.bulk_extend(
        Quad(NamedNode(_PROBE), NamedNode(f"{_PROBE}{number}"), literal) for number, literal in enumerate(literals)
    )
    forms = {}
    for quad in probe.quads_for_pattern(None, None, None, None):
        literal = literals[int(quad.predicate.value.removeprefix(_PROBE))]
        if isinstance(quad.object, Literal) and quad.object != literal:
            forms[literal] = quad.object
    return forms


class Written:
    """The written forms of one graph or of a whole view, by what the engine stored.

    Two written literals can have one stored form (``1`` and ``01``): all of them are kept.
    """

    def __init__(self) -> None:
        self._graphs: dict[str, dict[Key, list[Literal]]] = {}
        self._anywhere: dict[Key, list[Literal]] | None = None

    def replace(self, graph: str, rows: Iterable[tuple[Key, Literal]]) -> None:
        """Let ``rows`` be what is known of ``graph``, in place of what was."""
        forms: dict[Key, list[Literal]] = defaultdict(list)
        for key, literal in rows:
            forms[key].append(literal)
        self._graphs.pop(graph, None)
        if forms:
            self._graphs[graph] = forms
        self._anywhere = None

    def quads(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """The quads with their literals as written in their graphs."""
        for quad in quads:
            forms = self._graphs.get(name_of(quad.graph_name), {})
            for literal in _written(forms, quad):
                yield quad if literal is None else Quad(quad.subject, quad.predicate, literal, quad.graph_name)

    def triples(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """The triples with the literals of stored triples as written in any graph; others pass through."""
        if self._anywhere is None:
            self._anywhere = {}
            for forms in self._graphs.values():
                for key, literals in forms.items():
                    self._anywhere[key] = list(dict.fromkeys([*self._anywhere.get(key, ()), *literals]))
        for triple in triples:
            for literal in _written(self._anywhere, triple):
                yield triple if literal is None else Triple(triple.subject, triple.predicate, literal)


def _written(forms: Mapping[Key, list[Literal]], statement: Quad | Triple) -> list[Literal] | list[None]:
    found = forms.get(key_of(statement)) if isinstance(statement.object, Literal) else None
    return found or [None]


def node_of(name: str) -> NamedNode | DefaultGraph:
    """The graph of that name."""
    return DefaultGraph() if name == DEFAULT_GRAPH else NamedNode(name)


def name_of(node: NamedNode | BlankNode | DefaultGraph) -> str:
    """The name of that graph."""
    return DEFAULT_GRAPH if isinstance(node, DefaultGraph) else node.value


def key_of(statement: Quad | Triple) -> Key:
    """The key of a statement whose object is a literal."""
    return str(statement.subject), str(statement.predicate), str(statement.object)


def as_stored(
    quads: Iterable[Quad], forms: Mapping[Literal, Literal], shared: AbstractSet[Literal]
) -> tuple[list[Quad], list[tuple[Key, Literal]]]:
    """The quads as the engine will hold them, and the rows that bring back the written forms.

    A literal that is not rewritten gets a row only where another one shares its stored form.

    :param shared: the values of ``forms``.
    """
    stored: list[Quad] = []
    by_key: dict[Key, list[Literal]] = defaultdict(list)
    for quad in quads:
        held = forms.get(quad.object, quad.object) if isinstance(quad.object, Literal) else quad.object
        kept = Quad(quad.subject, quad.predicate, held, quad.graph_name)
        stored.append(kept)
        if isinstance(quad.object, Literal) and (quad.object in forms or held in shared):
            by_key[key_of(kept)].append(quad.object)
    rows = [
        (key, literal)
        for key, literals in by_key.items()
        if any(str(literal) != key[2] for literal in literals)
        for literal in dict.fromkeys(literals)
    ]
    return stored, rows
