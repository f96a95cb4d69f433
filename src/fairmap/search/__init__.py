"""Search: records of one view by text and facets, with counts; the same as SPARQL. Runs where the view's graph is held."""

from fairmap.search.facets import BY_NAME, FACETS, PROPERTIES, Facet
from fairmap.search.finder import DEEPEST, LARGEST, SORTS, find
from fairmap.search.index import SearchIndex
from fairmap.search.query import as_sparql
from fairmap.search.suggestions import suggest

__all__ = [
    "BY_NAME",
    "DEEPEST",
    "FACETS",
    "LARGEST",
    "PROPERTIES",
    "SORTS",
    "Facet",
    "SearchIndex",
    "as_sparql",
    "find",
    "suggest",
]
