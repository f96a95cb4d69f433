"""``fm:textMatch`` answered from the index: each use becomes the VALUES that the index finds.

A match stands, as it were, in the record's own graph: within ``GRAPH ?g`` it has the record's IRI for ``?g``, and a dataset that
leaves the record out leaves the match out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Store

from fairmap.namespaces import DEFAULT_BASE
from fairmap.sparql import Request, evaluate
from fairmap.text.index import MOST_HITS, Hit
from fairmap.text.patterns import NO_TEMPLATE, TEXT_MATCH, refuse_uses, uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from pyoxigraph import Triple

    from fairmap.text.index import TextIndex
    from fairmap.text.patterns import Use
    from fairmap.text.tokens import Names, Token

USUAL_HITS: Final = 1000
"""Hits of a use that gives no limit."""

_MARK: Final = TEXT_MATCH.rpartition("#")[2]


def with_matches(request: Request, index: Callable[[], TextIndex]) -> Request:
    """``request`` with what its uses of ``fm:textMatch`` find in their place; itself when there is none.

    :param index: the view's, asked for only when the query needs it.
    :raises QueryRefused: for a use that cannot be answered.
    :raises QuerySyntaxError, NotAcceptable: as evaluation would, with the places of the query as it was sent.
    """
    if _MARK not in request.query:
        return request
    evaluate(Store(), request, _as_they_are)
    query = request.query
    found = uses(query, request.base_iri or DEFAULT_BASE)
    if not found.found:
        return request
    if request.default_graphs or request.named_graphs:
        scope: AbstractSet[str] | None = frozenset(request.default_graphs)
    elif found.has_dataset or not request.union:
        scope = frozenset(found.default_graphs)
    else:
        scope = None
    edits = [(start, end, " ") for start, end in found.cuts]
    edits += [(use.start, use.start, _values(use, index(), found.names, scope)) for use in found.found]
    return replace(request, query=_edited(query, edits))


def refuse_matches(text: str, base_iri: str | None, reason: str = "in an update", expected: str = NO_TEMPLATE) -> None:
    """Let an update or a query pass that does not use ``fm:textMatch`` as a predicate.

    :param reason: where it cannot be used.
    :param expected: what can be done there.
    :raises QueryRefused: when it does.
    """
    if _MARK in text:
        refuse_uses(text, base_iri or DEFAULT_BASE, reason, expected)


def _as_they_are(triples: Iterable[Triple]) -> Iterator[Triple]:
    return iter(triples)


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    pieces, last = [], 0
    for start, end, put in sorted(edits):
        pieces += [text[last:start], put]
        last = end
    return "".join([*pieces, text[last:]])


def _values(use: Use, index: TextIndex, names: Names, scope: AbstractSet[str] | None) -> str:
    """The VALUES in place of a use; only variables of the query and IRIs and numbers written here go into it."""
    columns = {use.record.text: _record} if use.record.kind == "variable" else {}
    if use.graph and use.graph.kind == "variable":
        columns.setdefault(_spelled_as(use.record, use.graph), _record)
    if use.score:
        columns[use.score.text] = _score
    rows = ["(" + " ".join(write(hit) for write in columns.values()) + ")" for hit in _hits(use, index, names, scope)]
    return f"VALUES ({' '.join(columns)}) {{ {' '.join(rows)} }} "


def _record(hit: Hit) -> str:
    return str(NamedNode(hit.record))


def _score(hit: Hit) -> str:
    return f"{hit.score:.4f}"


def _spelled_as(known: Token, variable: Token) -> str:
    """``?x`` and ``$x`` are one variable."""
    return known.text if known.text[1:] == variable.text[1:] and known.kind == "variable" else variable.text


def _hits(use: Use, index: TextIndex, names: Names, scope: AbstractSet[str] | None) -> list[Hit]:
    """What the index finds, of the record and within the graphs that are asked for."""
    limit = USUAL_HITS if use.limit is None else use.limit
    wanted = {iri for token in (use.record, use.graph) if token and (iri := names.iri(token))}
    if len(wanted) > 1:
        return []  # one record in the graph of another
    if wanted and use.limit is None:
        hits = index.search(use.text, 1, record=next(iter(wanted)))
    elif wanted:
        hits = [hit for hit in index.search(use.text, limit) if hit.record in wanted]
    else:
        hits = index.search(use.text, limit if scope is None or use.graph else MOST_HITS)
    if scope is not None and not use.graph:
        hits = [hit for hit in hits if hit.record in scope]
    return hits[:limit]
