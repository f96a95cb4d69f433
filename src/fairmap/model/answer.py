"""What a query gives back, and the interface by which the parts above read a view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyoxigraph import BlankNode, Literal, NamedNode, Triple


@dataclass(frozen=True)
class Answer:
    """A query's answer as bytes.

    :ivar media_type: of ``chunks``.
    :ivar chunks: the body; iterate it once. It raises where a query fails after its first part, and has ``close()`` to stop early.
    :ivar size: bytes of the body, all of which is there; ``None``: it is not known yet.
    :ivar revision: the revision of the view that answered.
    """

    media_type: str
    chunks: Iterator[bytes]
    size: int | None
    revision: int


class Reader(Protocol):
    """Fixed, bounded look-ups. ``$name`` in a query stands for the term of that name (see :func:`fairmap.sparql.bind`)."""

    def select(
        self, query: str, /, **terms: NamedNode | Literal
    ) -> list[Mapping[str, NamedNode | BlankNode | Literal]]:
        """The solutions of a SELECT query; unbound variables are missing keys."""
        ...

    def construct(self, query: str, /, **terms: NamedNode | Literal) -> list[Triple]:
        """The triples of a CONSTRUCT query, literals as written."""
        ...

    def gone(self) -> Mapping[str, str]:
        """Withdrawn records: IRI to the date of withdrawal (ISO 8601)."""
        ...

    @property
    def base_iri(self) -> str:
        """The base of record IRIs."""
        ...
