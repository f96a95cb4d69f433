"""The datasets of a repository that has many: the newest ones, and the search that finds all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fairmap.describe import Standing, Value
from fairmap.errors import QueryRefused
from fairmap.model import Search
from fairmap.namespaces import DCAT
from fairmap.web.addresses import local
from fairmap.web.search_state import State

if TYPE_CHECKING:
    from fairmap.describe import Claim, Fact, RecordPage
    from fairmap.web.view import View

_FACET: Final = "held_by"
_SHOWN: Final = 20
_DATASET: Final = f"{DCAT}dataset"
_KNOWN: Final = frozenset({Standing.STATED, Standing.BARE})


@dataclass(frozen=True)
class Held:
    """What is shown of many datasets.

    :ivar newest: the first ones.
    :ivar address: of the search for all.
    """

    newest: tuple[Value, ...]
    address: str

    def in_page(self, page: RecordPage) -> RecordPage:
        """The page with these datasets in place of any others."""
        sections = (replace(it, facts=tuple(map(self._in_fact, it.facts))) for it in page.sections)
        return replace(page, sections=tuple(sections))

    def _in_fact(self, fact: Fact) -> Fact:
        is_meant = fact.property == _DATASET
        return replace(fact, claims=tuple(map(self._in_claim, fact.claims))) if is_meant else fact

    def _in_claim(self, claim: Claim) -> Claim:
        return replace(claim, values=self.newest) if claim.standing in _KNOWN else claim


def held(view: View, page: RecordPage) -> Held | None:
    """``None`` where the page tells all, is of no repository, or records are not searched. One search."""
    if page.datasets is None or page.kind != "repository":
        return None
    try:
        found = view.find(Search("", {_FACET: (page.iri,)}, sort="newest", limit=_SHOWN, counted=()))
    except QueryRefused:  # the store's engine is elsewhere, and has no index
        return None
    newest = tuple(Value(record.title, record.iri) for record in found.records)
    return Held(newest, local(State().toggled(_FACET, page.iri).address())) if newest else None
