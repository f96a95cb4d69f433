"""The publisher of one level: judges staged records beside what the level holds, and writes them when they conform."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from fairmap.errors import InputError, NotConforming, NotFound
from fairmap.model import PackedRecord, Record, Severity, ValidationReport
from fairmap.namespaces import DEFAULT_GRAPH, is_vocabulary, record_of
from fairmap.publish.judging import judge_records, objects_of
from fairmap.publish.staging import packed_by_graph, stage
from fairmap.shacl import ENGINES, Shapes, load_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Quad

    from fairmap.model import Change
    from fairmap.store import Store


class Publisher:
    """The only writer of a level's records."""

    def __init__(
        self,
        level: Store,
        base_iri: str,
        follow: Callable[[Change], None] | None = None,
        *,
        judging: bool = True,
        public: Publisher | None = None,
    ) -> None:
        """``follow`` is told of each change before it is acknowledged, so that views see it.

        Without ``judging`` any triple may stand in any graph (``--no-shapes``).

        :param public: of the public level, for an organisation's: its records are judged as part of what the organisation sees.
        """
        self.level = level
        self._public = public
        self._judging = judging
        self._base = base_iri
        self._grouping = False
        self._follow = follow or (lambda _: None)

    @cached_property
    def shapes(self) -> Shapes:
        """What fairmap accepts."""
        return self._public.shapes if self._public else load_shapes()

    def judge(
        self,
        quads: Iterable[Quad],
        *,
        graph: str | None = None,
        shapes: Shapes | None = None,
        engine: str = ENGINES[0],
    ) -> tuple[Mapping[str, Record], ValidationReport]:
        """The records in ``quads`` and what is wrong with them, seen together with what the level holds. Writes nothing."""
        staged = stage(quads, self._base, graph=graph)
        judged = judge_records(
            staged.records, self._context(staged.records), shapes or self.shapes, self._base, engine=engine
        )
        return staged.records, ValidationReport(staged.findings) + judged

    def publish(self, quads: Iterable[Quad], *, origin: str, graph: str | None = None) -> ValidationReport:
        """Replace the records in ``quads`` as a whole, all or none; acknowledged when the next query sees them.

        :param origin: who writes, for the ledger.
        :return: the report, which conforms (it may hold warnings).
        :raises NotConforming: with the report; the store is as it was.
        """
        if not self._judging:
            return self._write_unjudged(quads, origin, graph)
        records, report = self.judge(quads, graph=graph)
        _refuse(records, report)
        self.write(records, origin=origin)
        return report

    def write(self, records: Mapping[str, Record | None], *, origin: str) -> None:
        """Write records that were judged; ``None`` withdraws one."""
        if records:
            self.level.note(records, origin=origin)
            if not self._grouping:
                self._follow(self.level.commit())

    @contextmanager
    def group(self) -> Iterator[None]:
        """Writes in the ``with`` are carried out together at its end: each sees those before it, one sync, one change to follow.

        :raises StoreError: at the end; none of them is written then. An error that leaves the ``with`` has the same effect.
        """
        self._grouping = True
        try:
            yield
        except BaseException:
            self.level.rollback()
            raise
        finally:
            self._grouping = False
        change = self.level.commit()
        if change.records:
            self._follow(change)

    def replace(self, graphs: Mapping[str, Sequence[Quad] | None], *, origin: str) -> ValidationReport:
        """Give graphs new contents, or take them out (``None``), all or none.

        :raises NotConforming: with the report; the store is as it was.
        :raises InputError: for the default graph of a store whose records are judged.
        """
        report = ValidationReport()
        records: dict[str, Record | None] = {
            name: None if quads is None else Record(name, tuple(quads)) for name, quads in graphs.items()
        }
        if self._judging:
            if DEFAULT_GRAPH in graphs:
                what = "the default graph is the union of the records and is not written itself"
                raise InputError(what, expected="GRAPH <record> { ... }, or ?graph=RECORD")
            quads = [quad for found in graphs.values() for quad in found or ()]
            judged, report = self.judge(quads)
            _refuse(judged, report)
        self.write(records, origin=origin)
        return report

    def _write_unjudged(self, quads: Iterable[Quad], origin: str, graph: str | None) -> ValidationReport:
        graphs = packed_by_graph(quads, graph)
        self.write({name: PackedRecord(name, packed) for name, packed in graphs.items()}, origin=origin)
        return ValidationReport(records=tuple(graphs))

    def withdraw(self, iri: str) -> None:
        """Take a record out; from now on it is gone, not unknown.

        :raises NotFound: when there is none.
        """
        if self.level.ledger.digest(iri) is None:
            raise NotFound(f"there is no record {iri}")
        self.write({iri: None}, origin="withdraw")

    def _context(self, records: Mapping[str, Record]) -> Iterator[Quad]:
        """What is there about what the records point to, and the vocabularies, where the records do not bring them."""
        public = self._public.level.ledger.records() if self._public else {}
        for iri in {**public, **self.level.ledger.records()}:
            if is_vocabulary(iri) and iri not in records:
                yield from self._level_of(iri).stored(iri)
        for node in objects_of(records):
            owner = record_of(node.value, self._base)
            if owner is not None and owner not in records:
                yield from self._level_of(owner).about(node, owner)

    def _level_of(self, iri: str) -> Store:
        """Where a record stands: in this level, else in the public one."""
        is_own = self._public is None or self.level.ledger.digest(iri) is not None
        return self.level if is_own or self._public is None else self._public.level


def _refuse(records: Mapping[str, Record], report: ValidationReport) -> None:
    if not report.conforms:
        count = sum(finding.severity is Severity.VIOLATION for finding in report.findings)
        raise NotConforming(f"{count} violations in {len(records)} records: nothing was written", report)
