"""Fixed look-ups on top of a view's ``query``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fairmap.rdf import by_name, parse
from fairmap.rdf.formats import FORMATS
from fairmap.sparql import bind
from fairmap.views.results import read_solutions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

    from fairmap.model import Answer


class Queries(Protocol):
    """What look-ups stand on."""

    def query(self, text: str, *, graph: str | None = "turtle") -> Answer:
        """The answer of a query."""
        ...


class LookUps:
    """What :class:`fairmap.model.Reader` asks, for a view that has ``query``."""

    def select(
        self: Queries, query: str, /, **terms: NamedNode | Literal
    ) -> list[Mapping[str, NamedNode | BlankNode | Literal]]:
        """The solutions of a SELECT query; ``$name`` in it stands for the term of that name."""
        return read_solutions(b"".join(self.query(bind(query, terms)).chunks))

    def construct(self: Queries, query: str, /, **terms: NamedNode | Literal) -> list[Triple]:
        """The triples of a CONSTRUCT query, literals as written."""
        body = b"".join(self.query(bind(query, terms), graph="ntriples").chunks)
        return [quad.triple for quad in parse(body, by_name("ntriples", FORMATS))]
