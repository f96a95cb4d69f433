"""The triples of a record, vocabulary or concept, as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from fairmap.describe.queries import load
from fairmap.describe.record import missing

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from fairmap.model import Reader


def graph_triples(reader: Reader, iri: str) -> list[Triple]:
    """The graph of a record or vocabulary.

    :raises NotFound: when the view has none of that name.
    :raises Gone: when the record was withdrawn.
    """
    found = reader.construct(load("record"), graph=NamedNode(iri))
    if not found:
        raise missing(reader, iri)
    return found


def link_triples(reader: Reader, iri: str) -> list[Triple]:
    """The triples of a record's graph of which the links of its page are made.

    :raises NotFound: when the view has none of that name.
    :raises Gone: when the record was withdrawn.
    """
    found = reader.construct(load("links"), graph=NamedNode(iri))
    if not found:
        raise missing(reader, iri)
    return found


def concept_triples(reader: Reader, iri: str) -> list[Triple]:
    """What its scheme says of one concept.

    :raises NotFound: when there is no such concept.
    """
    found = reader.construct(load("concept"), concept=NamedNode(iri))
    if not found:
        raise missing(reader, iri)
    return found
