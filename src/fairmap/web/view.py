"""What the pages and the endpoint need of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fairmap.model import Answer, Dates, Found, Reader, Search, Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class View(Reader, Protocol):
    """A reader that also runs queries of users."""

    def query(
        self,
        text: str,
        *,
        results: str | None = "json",
        graph: str | None = "turtle",
        union: bool = True,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        """The answer of a query, as :meth:`fairmap.views.ViewClient.query`."""
        ...

    @property
    def dates(self) -> Dates:
        """When the records changed."""
        ...

    def dump(self, form: str) -> Answer:
        """Everything, as :meth:`fairmap.views.ViewClient.dump`."""
        ...

    def graph_names(self) -> Iterable[str]:
        """The names of all graphs, as :meth:`fairmap.views.ViewClient.graph_names`."""
        ...

    def graphs(self, names: Sequence[str]) -> Iterable[tuple[str, bytes]]:
        """Some graphs as lines of N-Triples, as :meth:`fairmap.views.ViewClient.graphs`."""
        ...

    def revision(self) -> int:
        """How many writes the view has followed; a later answer is of this revision or of a newer one."""
        ...

    def find(self, search: Search) -> Found:
        """A page of what a search finds, as :meth:`fairmap.views.ViewClient.find`."""
        ...

    def suggest(self, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What somebody who has typed ``text`` may mean."""
        ...
