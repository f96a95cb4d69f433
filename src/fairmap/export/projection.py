"""What a projection is: records of a view, told as a published profile wants them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Triple

    from fairmap.export.source import Source

TO_TELL: Final = "to tell"
"""The profile demands it, and the holder has not told it."""
LEFT_OUT: Final = "left out"
"""The record says it, and the profile has no place for it."""
FAILED: Final = "failed"
"""The record, or a part of it, could not be brought into the profile."""


@dataclass(frozen=True)
class Remark:
    """What the reader of an export, or the holder of a record, should know.

    :ivar kind: :data:`TO_TELL`, :data:`LEFT_OUT` or :data:`FAILED`.
    :ivar record: its IRI.
    :ivar property: IRI of the property that it is about; empty: the record as a whole.
    :ivar text: in plain words, for a data manager.
    """

    kind: str
    record: str
    property: str
    text: str


@dataclass(frozen=True)
class Projected:
    """One record as a profile wants it.

    :ivar triples: of an RDF profile: those of the record, and of what it leads to that is no record of DCAT.
    :ivar document: of a profile that is one document per dataset: values for JSON, or an XML element.
    """

    iri: str
    triples: Sequence[Triple] = ()
    document: object = None
    remarks: tuple[Remark, ...] = ()


class Projection(Protocol):
    """A profile to export by. Each is a module of :mod:`fairmap.export.projections` that binds ``PROJECTION``."""

    @property
    def name(self) -> str:
        """As in ``--profile`` and ``/export/{profile}``."""
        ...

    @property
    def title(self) -> str:
        """For people, with the version."""
        ...

    @property
    def specification(self) -> str:
        """IRI of the profile: for ``dct:conformsTo`` and ``Link: rel="profile"``."""
        ...

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of record that it tells of, as they stand in IRIs."""
        ...

    @property
    def forms(self) -> tuple[str, ...]:
        """Names of the formats it is written in, the default first (see :data:`fairmap.export.writing.MEDIA_TYPES`)."""
        ...

    @property
    def judge(self) -> str | None:
        """The profile of :mod:`fairmap.profiles` that its output is judged by; ``None``: there is none."""
        ...

    def project(self, source: Source, iris: Iterable[str]) -> Iterator[Projected]:
        """The records of these IRIs that are of its kinds, in this order.

        A record that is not there, or that cannot be told, gives one with a :data:`FAILED` remark and never breaks the others.
        """
        ...

    def write(self, projected: Iterable[Projected], form: str) -> Iterator[bytes]:
        """The document, piece by piece, as ``projected`` goes on.

        :raises UsageError: for a form that is not one of ``forms``.
        """
        ...
