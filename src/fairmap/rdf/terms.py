"""From the engine's terms to rdflib's, keeping lexical forms (rdflib would normalise ``01`` to ``1``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.errors import InputError
from fairmap.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import rdflib
    from pyoxigraph import Quad


def named_node(text: str, *, where: str) -> NamedNode:
    """The IRI that a request names.

    :param where: the parameter, for the message.
    :raises InputError: when it is none.
    """
    try:
        return NamedNode(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no IRI", where=where) from error


def to_rdflib(term: NamedNode | BlankNode | Literal | Triple) -> rdflib.term.Identifier:
    """The same term for rdflib.

    :raises TypeError: for a triple term, which rdflib does not have.
    """
    import rdflib  # noqa: PLC0415 - most commands do without it, and it takes as long to load as all the rest

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Triple):
        raise TypeError(f"rdflib has no triple terms: {term}")
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype.value == str(rdflib.XSD.string):
        return rdflib.Literal(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def to_graph(statements: Iterable[Quad] | Iterable[Triple]) -> rdflib.Graph:
    """An rdflib graph in memory with these statements; graph names are dropped."""
    import rdflib  # noqa: PLC0415 - as above

    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for statement in statements:
        triple = (to_rdflib(statement.subject), to_rdflib(statement.predicate), to_rdflib(statement.object))
        graph.add(triple)
    return graph
