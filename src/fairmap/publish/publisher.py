"""The publisher of one level: judges staged records beside what the level holds, and writes them when they conform."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad

from fairmap.errors import NotConforming, NotFound
from fairmap.model import Severity, ValidationReport
from fairmap.namespaces import is_vocabulary, record_of
from fairmap.publish.staging import stage
from fairmap.rdf import to_graph
from fairmap.shacl import Shapes, load_shapes, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from fairmap.model import Change, Record
    from fairmap.store import Level


class Publisher:
    """The only writer of a level's records."""

    def __init__(self, level: Level, base_iri: str, follow: Callable[[Change], None] | None = None) -> None:
        """``follow`` is told of each change before it is acknowledged, so that views see it."""
        self.level = level
        self._base = base_iri
        self._follow = follow or (lambda _: None)

    @cached_property
    def shapes(self) -> Shapes:
        """What fairmap accepts."""
        return load_shapes()

    def judge(
        self, quads: Iterable[Quad], *, graph: str | None = None, shapes: Shapes | None = None
    ) -> tuple[Mapping[str, Record], ValidationReport]:
        """The records in ``quads`` and what is wrong with them, seen together with what the level holds. Writes nothing."""
        staged = stage(quads, self._base, graph=graph)
        judged = ValidationReport(staged.findings) + self._judge(staged.records, shapes or self.shapes)
        return staged.records, judged

    def publish(self, quads: Iterable[Quad], *, origin: str, graph: str | None = None) -> ValidationReport:
        """Replace the records in ``quads`` as a whole, all or none; acknowledged when the next query sees them.

        :param origin: who writes, for the ledger.
        :return: the report, which conforms (it may hold warnings).
        :raises NotConforming: with the report; the store is as it was.
        """
        records, report = self.judge(quads, graph=graph)
        if not report.conforms:
            count = sum(finding.severity is Severity.VIOLATION for finding in report.findings)
            raise NotConforming(f"{count} violations in {len(records)} records: nothing was written", report)
        self.write(records, origin=origin)
        return report

    def write(self, records: Mapping[str, Record | None], *, origin: str) -> None:
        """Write records that were judged; ``None`` withdraws one."""
        if records:
            self._follow(self.level.write(records, origin=origin))

    def withdraw(self, iri: str) -> None:
        """Take a record out; from now on it is gone, not unknown.

        :raises NotFound: when there is none.
        """
        if self.level.ledger.digest(iri) is None:
            raise NotFound(f"there is no record {iri}")
        self.write({iri: None}, origin="withdraw")

    def _judge(self, records: Mapping[str, Record], shapes: Shapes) -> ValidationReport:
        own = [record for iri, record in records.items() if not is_vocabulary(iri)]
        if not own:
            return ValidationReport(records=tuple(records))
        data = to_graph(quad for record in records.values() for quad in record.quads)
        data += to_graph(self._context(records))
        found = validate(data, shapes, lambda iri: record_of(iri, self._base))
        findings = tuple(finding for finding in found.findings if finding.record in records or finding.record is None)
        return ValidationReport(findings, tuple(records))

    def _context(self, records: Mapping[str, Record]) -> Iterator[Quad]:
        """What the level holds about what the records point to, and its vocabularies, where the records do not bring them."""
        engine = self.level.engine
        for iri in self.level.ledger.records():
            if is_vocabulary(iri) and iri not in records:
                yield from engine.quads_for_pattern(None, None, None, NamedNode(iri))
        objects = {
            quad.object for record in records.values() for quad in record.quads if isinstance(quad.object, NamedNode)
        }
        for node in objects:
            owner = record_of(node.value, self._base)
            if owner is not None and owner not in records:
                yield from engine.quads_for_pattern(node, None, None, NamedNode(owner))
