"""Projections whose output is one document for each dataset, made of what the mapping to schema.org tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from fairmap.export.description import Description
from fairmap.export.framing import written
from fairmap.export.projection import FAILED, LEFT_OUT, TO_TELL, Projected, Remark
from fairmap.export.projections import load
from fairmap.export.schema_org import SchemaOrg
from fairmap.export.writing import form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.export.source import Source


@dataclass
class Made:
    """A document in the making, and what is to be remarked about it.

    :ivar remarks: kind, property and text of each.
    """

    document: object = None
    remarks: list[tuple[str, str, str]] = field(default_factory=list)

    def missing(self, name: str, what: str) -> None:
        """Remark that the profile demands property ``name`` and the holder must tell ``what``."""
        self.remarks.append((TO_TELL, name, f"The holder must still tell us {what}."))

    def lost(self, name: str, why: str) -> None:
        """Remark that something that is said by property ``name`` is not in the document; ``why`` is a whole sentence."""
        self.remarks.append((LEFT_OUT, name, why))


class Maker(Protocol):
    """What makes a document of a description."""

    def __call__(self, description: Description) -> Made:
        """The document.

        :raises ValueError: when none can be made.
        """
        ...


@dataclass(frozen=True)
class Documents:
    """A profile that is one JSON document for each dataset; many are an array."""

    name: str
    title: str
    specification: str
    make: Maker
    forms: tuple[str, ...] = ("jsonld",)
    kinds: frozenset[str] = frozenset({"dataset"})
    judge: str | None = None

    def project(self, source: Source, iris: Iterable[str]) -> Iterator[Projected]:
        """As :meth:`fairmap.export.Projection.project`."""
        starts = tuple(f"{source.base_iri}{kind}/" for kind in self.kinds)
        for told in self._described.project(source, (iri for iri in iris if iri.startswith(starts))):
            yield self._made(told) if told.triples else told

    def write(self, projected: Iterable[Projected], form: str) -> Iterator[bytes]:
        """As :meth:`fairmap.export.Projection.write`."""
        form_of(self.forms, form)
        return written(told.document for told in projected if told.document is not None)

    @cached_property
    def _described(self) -> SchemaOrg:
        """What descriptions are made by; its remarks speak of this profile."""
        return SchemaOrg(self.name, self.title, self.specification, load("schema_org"), None)

    def _made(self, told: Projected) -> Projected:
        description = Description(told.iri, told.triples)
        if "Dataset" not in description.types(description.root):
            return Projected(told.iri, remarks=(Remark(FAILED, told.iri, "", "It is no dataset."),))
        try:
            made = self.make(description)
        except ValueError as error:
            return Projected(told.iri, remarks=(Remark(FAILED, told.iri, "", f"No document was made: {error}."),))
        left = tuple(remark for remark in told.remarks if remark.kind != TO_TELL)
        own = tuple(Remark(kind, told.iri, name, text) for kind, name, text in made.remarks)
        return Projected(told.iri, document=made.document, remarks=(*left, *own))
