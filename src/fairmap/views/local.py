"""A level of this process as a view: for the command line and notebooks, without workers and deadlines."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

from fairmap.model import Answer
from fairmap.search import SearchIndex, find, suggest
from fairmap.sparql import Request, evaluate, evaluate_rewritten, guard
from fairmap.store.dump import dumped, graph_names, graphs
from fairmap.text import with_matches
from fairmap.views.lookups import LookUps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fairmap.model import Dates, Found, Search, Suggestion
    from fairmap.store import Level, Written
    from fairmap.text import Hit


class LocalView(LookUps):
    """What the level holds right now. A query runs in this thread and cannot be stopped from outside.

    :param rewriting: queries are put into other words that are answered faster, as far as that needs no profile of the graph.
    """

    def __init__(self, level: Level, base_iri: str, *, rewriting: bool = True) -> None:
        self._level = level
        self._search: tuple[int, SearchIndex] | None = None
        self._literals: tuple[int, Written] | None = None
        self.base_iri = base_iri
        self._evaluate = evaluate_rewritten if rewriting else evaluate

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
        """As :meth:`fairmap.views.ViewClient.query`; the whole answer is in memory."""
        guard(text)
        request = Request(text, results, graph, union, tuple(default_graphs), tuple(named_graphs), self.base_iri)
        request = with_matches(request, lambda: self._index().text)
        prepared = self._evaluate(self._level.engine, request, lambda triples: self._written().triples(triples))
        buffer = io.BytesIO()
        prepared.write(buffer)
        body = buffer.getvalue()
        return Answer(prepared.format.media_type, iter([body]), len(body), self._level.ledger.revision)

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """As :meth:`fairmap.views.ViewClient.search`."""
        return self._index().text.explained(self._level.engine, text, limit)

    def find(self, search: Search) -> Found:
        """As :meth:`fairmap.views.ViewClient.find`."""
        return replace(find(self._index(), self._level.engine, search), revision=self.revision())

    def suggest(self, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """As :meth:`fairmap.views.ViewClient.suggest`."""
        return suggest(self._index(), text, limit)

    def _index(self) -> SearchIndex:
        """The index of the present revision, made when it is asked for first."""
        revision = self.revision()
        if self._search is None or self._search[0] != revision:
            index = SearchIndex()
            index.follow(self._level.engine)
            self._search = revision, index
        return self._search[1]

    def _written(self) -> Written:
        """The written literals of the present revision, read when they are asked for first."""
        revision = self.revision()
        if self._literals is None or self._literals[0] != revision:
            self._literals = revision, self._level.written()
        return self._literals[1]

    def close(self) -> None:
        """Nothing is held beside the level."""

    def gone(self) -> Mapping[str, str]:
        """Withdrawn records: IRI to the time of withdrawal."""
        return self._level.ledger.gone()

    def dump(self, form: str) -> Answer:
        """As :meth:`fairmap.views.ViewClient.dump`."""
        chunks = dumped(self._level.engine, form, self._level.written().texts)
        return Answer(form, chunks, None, self.revision())

    def graph_names(self) -> list[str]:
        """As :meth:`fairmap.views.ViewClient.graph_names`."""
        return graph_names(self._level.engine)

    def graphs(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """As :meth:`fairmap.views.ViewClient.graphs`."""
        written = self._level.ledger.literals_of(names)
        return graphs(self._level.engine, names, lambda statement: written.get(statement, ()))

    @property
    def dates(self) -> Dates:
        """When the records changed."""
        return self._level.ledger.history

    def revision(self) -> int:
        """How many writes the level has had."""
        return self._level.ledger.revision
