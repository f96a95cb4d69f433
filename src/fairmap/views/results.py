"""SPARQL JSON results read back into terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import BlankNode, Literal, NamedNode


def read_solutions(body: bytes) -> list[Mapping[str, NamedNode | BlankNode | Literal]]:
    """The solutions in a SPARQL JSON document; unbound variables are missing keys."""
    found = parse_query_results(body, format=QueryResultsFormat.JSON)
    if not isinstance(found, QuerySolutions):
        raise TypeError("a SELECT query was expected")
    names = [variable.value for variable in found.variables]
    return [{name: term for name in names if (term := solution[name]) is not None} for solution in found]
