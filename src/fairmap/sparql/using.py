"""The dataset of an update given by the protocol, put into its text. Source: SPARQL 1.1 Protocol 2.2.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.errors import InputError
from fairmap.rdf import named_node
from fairmap.sparql.guard import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence


def with_using(update: str, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> str:
    """``update`` with USING and USING NAMED before each WHERE of a DELETE or INSERT.

    :raises InputError: when the update names a dataset of its own, or one of these is no IRI.

    >>> with_using("INSERT { ?s ?p 1 } WHERE { ?s ?p 2 }", ["https://example.org/g"], [])
    'INSERT { ?s ?p 1 } USING <https://example.org/g> WHERE { ?s ?p 2 }'
    """
    if not default_graphs and not named_graphs:
        return update
    clauses = [f"USING {named_node(iri, where='using-graph-uri')} " for iri in default_graphs]
    clauses += [f"USING NAMED {named_node(iri, where='using-named-graph-uri')} " for iri in named_graphs]
    text, last, depth = [], 0, 0
    for match in tokens(update):
        kind, word = match.lastgroup, match[0].upper()
        depth += (kind == "open") - (kind == "close")
        if kind == "word" and depth == 0 and word in {"USING", "WITH"}:
            raise InputError(f"the update has {word} and the request has using-graph-uri", expected="one of them")
        if kind == "word" and depth == 0 and word == "WHERE":
            text += [update[last : match.start()], *clauses]
            last = match.start()
    return "".join([*text, update[last:]])
