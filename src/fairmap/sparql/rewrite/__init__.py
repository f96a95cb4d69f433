"""Queries in other words that the engine answers faster, with the same answer."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import NamedNode

from fairmap.errors import QuerySyntaxError
from fairmap.sparql.evaluate import evaluate
from fairmap.sparql.rewrite.counts import counted
from fairmap.sparql.rewrite.profile import Profile
from fairmap.sparql.rewrite.reading import Unreadable, read
from fairmap.sparql.rewrite.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyoxigraph import Store, Triple

    from fairmap.sparql.evaluate import Prepared, Request
    from fairmap.sparql.rewrite.reading import Query

__all__ = ["Profile", "evaluate_rewritten", "rewrite"]

LONGEST: Final = 4000  # characters of a query that is read: reading costs a microsecond for about ten
FEW: Final = 100
MANY: Final = 1000
_SIGNS: Final = ("*", "+", "A ", "A\t", "A\n", "A\r", "TYPE", "FILTER", "COUNT")
"""One of these is in each text that :data:`_MAY_GAIN` finds something in; looking for them costs a tenth."""
_MAY_GAIN: Final = re.compile(r"[\w>)][*+]|[\s;.{]a\s|[:#]type\b|\b(?:FILTER|COUNT)\b", re.IGNORECASE)


def evaluate_rewritten(
    store: Store,
    request: Request,
    restore: Callable[[Iterable[Triple]], Iterator[Triple]],
    profile: Profile | None = None,
) -> Prepared:
    """As :func:`fairmap.sparql.evaluate`, in better words where there are some. Places in errors are those of the request's own text."""
    better = rewrite(request, store, profile)
    if better is not request:
        with contextlib.suppress(QuerySyntaxError):
            return evaluate(store, better, restore)
    return evaluate(store, request, restore)


def rewrite(
    request: Request, store: Store, profile: Profile | None = None, *, few: int = FEW, many: int = MANY
) -> Request:
    """The request with a query that has the same answer and is faster, or the request itself.

    :param profile: of ``store``, when there is one; it is used only where the default graph is the union of all graphs.
    :param few, many: as in :class:`Rules`.
    """
    text = request.query
    if len(text) > LONGEST or not _may_gain(text):
        return request
    is_union = request.union and not request.default_graphs and not request.named_graphs
    try:
        query = read(text)
    except Unreadable:
        return request
    if not is_union or query.has_dataset:
        profile = None
    if profile and (answered := counted(query, profile.sets, partial(_reached, query, store))):
        return replace(request, query=answered)
    rules = Rules(query, store, profile, few=few, many=many)
    pieces, place = [], 0
    try:
        for group in sorted(query.groups, key=lambda group: group.start):
            better = rules.apply(group)
            if better is not None:
                pieces += [text[place : group.start], better]
                place = group.end
    except ValueError:  # the engine does not take an IRI of the query: let it say so about the query itself
        return request
    return replace(request, query="".join([*pieces, text[place:]])) if pieces else request


def _reached(query: Query, store: Store, step: str, constant: str) -> list[str]:
    """The IRIs of what leads along a step to a constant, by the engine."""
    asked = f"{query.text[: query.body]}SELECT DISTINCT ?reached {{ ?reached {step} {constant} }}"
    found: Any = store.query(asked, use_default_graph_as_union=True)
    return [row["reached"].value for row in found if isinstance(row["reached"], NamedNode)]


def _may_gain(text: str) -> bool:
    words = text.upper()
    return any(sign in words for sign in _SIGNS) and bool(_MAY_GAIN.search(text))
