"""What engines do each in their own way, where the SPARQL 1.1 Protocol leaves it open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Dialect:
    """The ways of one engine.

    :ivar server: how the ``Server`` header of its answers begins, in lower case; empty: no known one.
    :ivar describe: what goes before a DESCRIBE for concise bounded descriptions, which other engines give anyway.
    :ivar union: parameters that make the default graph the union of all graphs, where that is not the engine's own way.
    :ivar is_always_union: the default graph cannot be anything else.
    :ivar deadline: the parameter that takes the deadline in milliseconds; empty: none.
    :ivar cuts: the engine may work with a part of the matches, and tells so only when they are asked for by SELECT.
    :ivar blank: what its blank nodes' labels begin with in JSON results, where that is no label in SPARQL.
    :ivar batches: records are best written by one update for many (it is one transaction), else graph by graph.
    """

    name: str
    server: str = ""
    describe: str = ""
    union: tuple[tuple[str, str], ...] = ()
    is_always_union: bool = False
    deadline: str = ""
    cuts: bool = False
    blank: bytes = b""
    batches: bool = True


OXIGRAPH: Final = Dialect("oxigraph", "oxigraph", union=(("union-default-graph", ""),))
VIRTUOSO: Final = Dialect(
    "virtuoso",
    "virtuoso",
    describe='define sql:describe-mode "CBD" ',
    is_always_union=True,
    deadline="timeout",
    cuts=True,
    blank=b"nodeID://",
    batches=False,  # it takes no blank nodes in INSERT DATA
)
OTHER: Final = Dialect("other")

_ALL: Final = (OXIGRAPH, VIRTUOSO, OTHER)


def by_name(name: str) -> Dialect:
    """The dialect of that name."""
    return next(dialect for dialect in _ALL if dialect.name == name)


def by_server(header: str | None) -> Dialect:
    """The dialect of the engine that says it is ``header`` (of an answer, ``Server``)."""
    said = (header or "").lower()
    return next((dialect for dialect in _ALL if dialect.server and said.startswith(dialect.server)), OTHER)
