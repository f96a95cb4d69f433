"""Canonical order: the same graph gives the same bytes, whatever order and blank-node labels it came with."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode

from fairmap.namespaces import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Quad

_TYPE = f"{RDF}type"


def canonical(quads: Iterable[Quad]) -> list[Quad]:
    """The distinct quads sorted by graph, subject, predicate (``rdf:type`` first) and object.

    Blank nodes are labelled by RDFC-1.0, so equal graphs give equal lists. Source: RDF Dataset Canonicalization, W3C 2024.
    """
    distinct = set(quads)
    if any(isinstance(term, BlankNode) for quad in distinct for term in (quad.subject, quad.object)):
        dataset = Dataset(distinct)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        distinct = set(dataset)
    return sorted(distinct, key=_order)


def _order(quad: Quad) -> tuple[str, str, str, str]:
    predicate = quad.predicate.value
    return _key(quad.graph_name), _key(quad.subject), "" if predicate == _TYPE else predicate, _key(quad.object)


def _key(term: object) -> str:
    """An IRI without its brackets, so that a record comes before its parts."""
    return term.value if isinstance(term, NamedNode) else str(term)


def digest(quads: Iterable[Quad]) -> str:
    """SHA-256 of the quads in canonical order, as lower-case hexadecimal."""
    hasher = hashlib.sha256()
    for quad in canonical(quads):
        hasher.update(f"{quad}\n".encode())
    return hasher.hexdigest()
