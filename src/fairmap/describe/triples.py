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
    return _told(reader, "record", iri, "graph")


def link_triples(reader: Reader, iri: str) -> list[Triple]:
    """The triples of a record's graph of which the links of its page are made.

    :raises NotFound: when the view has none of that name.
    :raises Gone: when the record was withdrawn.
    """
    return _told(reader, "links", iri, "graph")


def concept_triples(reader: Reader, iri: str) -> list[Triple]:
    """What its scheme says of one concept.

    :raises NotFound: when there is no such concept.
    """
    return _told(reader, "concept", iri, "concept")


def _told(reader: Reader, query: str, iri: str, name: str) -> list[Triple]:
    """The answer of one of the queries beside this, about the IRI under that name."""
    found = reader.construct(load(query), **{name: NamedNode(iri)})
    if not found:
        raise missing(reader, iri)
    return found
