"""The records that have a concept, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.errors import QueryRefused
from fairmap.model import Search
from fairmap.search import FACETS
from fairmap.web.addresses import local
from fairmap.web.search_page import rows
from fairmap.web.search_state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fairmap.web.search_page import Row
    from fairmap.web.view import View

_SHOWN: Final = 12


@dataclass(frozen=True)
class Having:
    """Records with a concept or one below it.

    :ivar address: of the search that finds them all.
    :ivar kinds: how many are repositories, and how many datasets.
    :ivar links: properties by which these records have it.
    :ivar numbers: how many records have each concept of the scheme, by its IRI.
    """

    total: int
    address: str
    rows: Sequence[Row]
    kinds: Sequence[tuple[str, int]]
    links: Sequence[str]
    numbers: Mapping[str, int]


def having(view: View, concept: str) -> Having | None:
    """The records of a view with a concept; ``None`` when records are not searched by such ones, or not at all."""
    facet = next((facet for facet in FACETS if facet.spaces and facet.has(concept)), None)
    if facet is None:
        return None
    try:
        found = view.find(Search("", {facet.name: (concept,)}, sort="title", limit=_SHOWN))
    except QueryRefused:  # the store's engine is elsewhere, and has no index
        return None
    key = next((count.key for count in found.facets[facet.name] if count.is_chosen), "")
    kinds = [(count.label.lower(), count.number) for count in found.facets["kind"]]
    numbers = {count.iri or "": count.number for count in found.facets[facet.name]}
    address = local(State().toggled(facet.name, key).address())
    return Having(found.total, address, rows(found.records), kinds, facet.links, numbers)
