"""Judging documents and stores: by fairmap's own shapes, by a profile, or by shapes that somebody brings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fairmap import build, profiles
from fairmap.catalogue.countries import with_countries
from fairmap.catalogue.tracing import Traced
from fairmap.publish import Publisher
from fairmap.shacl import ENGINES
from fairmap.store import address, open_level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pyoxigraph import Quad

    from fairmap.catalogue.documents import Document
    from fairmap.model import ValidationReport
    from fairmap.shacl import Shapes


@dataclass(frozen=True)
class Judge:
    """What to judge by.

    :ivar profile: name of a profile.
    :ivar shapes: in its place.
    :ivar engine: one of :data:`fairmap.shacl.ENGINES`.
    """

    base_iri: str
    profile: str = profiles.OWN
    shapes: Shapes | None = None
    engine: str = ENGINES[0]

    @property
    def is_own(self) -> bool:
        """Whether fairmap's own shapes judge."""
        return self.shapes is None and self.profile == profiles.OWN

    def documents(
        self, documents: Iterable[Document], told: Callable[[int], None] = lambda _: None
    ) -> ValidationReport:
        """What is wrong in documents, with the lines.

        :param told: is called after each document that was read.
        :raises UnreadableInput: with name, line and column.
        """
        traced = Traced(documents, told)
        return traced.locate(self.quads(traced.quads))

    def quads(self, quads: list[Quad]) -> ValidationReport:
        """What is wrong in them, without lines."""
        if self.shapes is None and self.profile != profiles.OWN:
            return profiles.judge(quads, profiles.profile(self.profile), engine=self.engine)
        if self.shapes is not None and not are_records(quads, self.base_iri):
            return profiles.judge_by_shapes(quads, self.shapes, engine=self.engine)
        return self._beside_the_map(quads)

    def record(self, iri: str, quads: list[Quad]) -> ValidationReport:
        """What is wrong with one record, seen together with others in ``quads``; by a profile, or by shapes as a plain graph."""
        if self.shapes is None:
            report = profiles.judge(quads, profiles.profile(self.profile), engine=self.engine)
        else:
            report = profiles.judge_by_shapes(quads, self.shapes, engine=self.engine)
        findings = tuple(found for found in report.findings if found.record == iri)
        return replace(report, findings=findings, records=(iri,))

    def _beside_the_map(self, quads: list[Quad]) -> ValidationReport:
        """Beside the map that comes with this fairmap, so that references into it are found."""
        publisher = Publisher(open_level(address("memory:")), self.base_iri)
        publisher.write(build.shipped(self.base_iri).records, origin="map")
        report = publisher.judge(quads, shapes=self.shapes, engine=self.engine)[1]
        return report if self.shapes is not None else with_countries(report, quads, self.base_iri)


def are_records(quads: Sequence[Quad], base_iri: str) -> bool:
    """Whether all of them are about records of fairmap and what lies in them."""
    return bool(quads) and all(str(quad.subject).startswith(("_:", f"<{base_iri}")) for quad in quads)
