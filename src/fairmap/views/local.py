"""A level of this process as a view: for the command line and notebooks, without workers and deadlines."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from fairmap.model import Answer
from fairmap.rdf import by_name, parse
from fairmap.rdf.formats import FORMATS
from fairmap.sparql import Request, bind, evaluate, guard
from fairmap.views.results import read_solutions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

    from fairmap.store import Level


class LocalView:
    """What the level holds right now. A query runs in this thread and cannot be stopped from outside."""

    def __init__(self, level: Level, base_iri: str) -> None:
        self._level = level
        self.base_iri = base_iri

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
        prepared = evaluate(self._level.engine, request, self._level.written().triples)
        buffer = io.BytesIO()
        prepared.write(buffer)
        body = buffer.getvalue()
        return Answer(prepared.format.media_type, iter([body]), len(body), self._level.ledger.revision)

    def select(
        self, query: str, /, **terms: NamedNode | Literal
    ) -> list[Mapping[str, NamedNode | BlankNode | Literal]]:
        """The solutions of a SELECT query."""
        return read_solutions(b"".join(self.query(bind(query, terms)).chunks))

    def construct(self, query: str, /, **terms: NamedNode | Literal) -> list[Triple]:
        """The triples of a CONSTRUCT query, literals as written."""
        body = b"".join(self.query(bind(query, terms), graph="ntriples").chunks)
        return [quad.triple for quad in parse(body, by_name("ntriples", FORMATS))]

    def gone(self) -> Mapping[str, str]:
        """Withdrawn records: IRI to the time of withdrawal."""
        return self._level.ledger.gone()

    def revision(self) -> int:
        """How many writes the level has had."""
        return self._level.ledger.revision
