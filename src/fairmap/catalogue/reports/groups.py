"""Findings put together for readers: one case for one thing to mend, equal cases told once, no more of a shape than a reader takes in."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fairmap.catalogue.reports.ownerless import ownerless
from fairmap.catalogue.reports.words import record_kind
from fairmap.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fairmap.model import Finding, ValidationReport

CAP: Final = 20
"""Cases of one shape that are told one by one, when nothing else is asked for."""
_MISSING: Final = ("#HasValueConstraintComponent", "#QualifiedMinCountConstraintComponent")
FEW: Final = 10
"""Records up to which a fault that several of them have is told at each."""


@dataclass(frozen=True)
class Case:
    """One thing to mend.

    :ivar finding: the gravest finding about this value or property.
    :ivar others: findings about the same one.
    """

    finding: Finding
    others: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Group:
    """Cases with the same fault.

    :ivar cases: those that are told, one at least.
    :ivar total: how many there are.
    """

    cases: tuple[Case, ...]
    total: int

    @property
    def finding(self) -> Finding:
        """The finding that stands for all."""
        return self.cases[0].finding


@dataclass(frozen=True)
class Section:
    """Groups under one heading.

    :ivar record: IRI of their record; ``None``: they are in no record, or in many.
    :ivar kind: ``record``, ``none``, ``many`` or ``vocabulary``.
    :ivar of: what its record is, in a word.
    """

    kind: str
    record: str | None
    title: str | None
    groups: tuple[Group, ...]
    of: str = "Record"

    def count(self, severity: Severity) -> int:
        """How many things there are to mend, by how grave they are."""
        return sum(group.total for group in self.groups if group.finding.severity is severity)


@dataclass(frozen=True)
class Outline:
    """A report for readers.

    :ivar left_out: by shape, how many of its cases are not told.
    :ivar hidden: how many things of each severity are in groups that are not told at all.
    """

    sections: tuple[Section, ...]
    left_out: dict[str, int]
    hidden: dict[Severity, int] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """How many things there are to mend in records and outside of them, by how grave they are."""
        told = sum(section.count(severity) for section in self.sections if section.kind != "vocabulary")
        return told + self.hidden.get(severity, 0)


def outline(report: ValidationReport, *, severity: Severity, cap: int) -> Outline:
    """The findings that reach ``severity``, grouped.

    :param cap: how many cases of one shape are told; 0: all.
    """
    shown = [found for found in report.findings if found.severity.reaches(severity)]
    own = _cases(ownerless([found for found in shown if not found.vocabulary]))
    foreign = _cases(found for found in shown if found.vocabulary)
    many = _in_many_records(own)
    capped = _Cap(cap)
    sections = [_section("many", None, None, [case for case in own if _key(case) in many], capped)]
    by_record: defaultdict[str | None, list[Case]] = defaultdict(list)
    for case in own:
        if _key(case) not in many:
            by_record[case.finding.record].append(case)
    for record in sorted(by_record, key=lambda record: (_gravest(by_record[record]), record is None, record or "")):
        cases = by_record[record]
        kind = "none" if record is None else "record"
        sections.append(_section(kind, record, cases[0].finding.title, cases, capped))
    sections.append(_section("vocabulary", None, None, foreign, capped))
    told = {level: sum(section.count(level) for section in sections[:-1]) for level in Severity}
    hidden = {level: sum(case.finding.severity is level for case in own) - told[level] for level in Severity}
    return Outline(tuple(section for section in sections if section.groups), dict(capped.left_out), hidden)


def _gravest(cases: Sequence[Case]) -> int:
    """How grave the gravest is; the gravest first."""
    return min(list(Severity).index(case.finding.severity) for case in cases)


def _cases(findings: Iterable[Finding]) -> list[Case]:
    """The findings about one value, or one property that has none, together; the gravest leads."""
    together: defaultdict[tuple[str | None, ...], list[Finding]] = defaultdict(list)
    for found in findings:
        alone = found.shape if found.path is None else None
        together[found.record, found.focus, found.path, found.value, alone].append(found)
    _fold(together)
    order = list(Severity)
    cases = []
    for same in together.values():
        first, *others = sorted(same, key=lambda found: (order.index(found.severity), _rank(found)))
        told = {other.message: other for other in reversed(others) if other.message != first.message}
        cases.append(Case(first, tuple(reversed(told.values()))))
    return sorted(cases, key=lambda case: (order.index(case.finding.severity), *_position(case)))


def _fold(together: dict[tuple[str | None, ...], list[Finding]]) -> None:
    """That a certain value is missing goes with the value that stands there in its place and is wrong, too."""
    wrong = {key[:3]: key for key in together if key[3] is not None and key[2] is not None}
    for key in [key for key in together if key[3] is None and key[:3] in wrong]:
        if all(found.component.endswith(_MISSING) or found.severity is Severity.INFO for found in together[key]):
            together[wrong[key[:3]]] += together.pop(key)


def _rank(found: Finding) -> tuple[bool, bool]:
    """What says best how to mend: an example, and that the value is of the wrong kind before what follows from that."""
    return found.value is None or "e.g." not in found.message, found.component.endswith(
        ("#ClassConstraintComponent", "#PatternConstraintComponent")
    )


def _position(case: Case) -> tuple[bool, str, int, str]:
    """What stands in a document first, in its order; then what is missing from it."""
    place = case.finding.place
    source, line = (place.source, place.line) if place else ("", 0)
    return place is None or place.what == "node", source, line, case.finding.path or ""


def _key(case: Case) -> tuple[str | None, ...]:
    found = case.finding
    return found.severity.value, found.shape, found.component, found.path, found.message


def _in_many_records(cases: Sequence[Case]) -> set[tuple[str | None, ...]]:
    records: defaultdict[tuple[str | None, ...], set[str | None]] = defaultdict(set)
    for case in cases:
        records[_key(case)].add(case.finding.record)
    return {key for key, found in records.items() if len(found) > FEW}


class _Cap:
    """Counts what was told of each shape."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._told: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def take(self, cases: Sequence[Case]) -> tuple[Case, ...]:
        """Those that may still be told."""
        shape = cases[0].finding.shape
        room = len(cases) if not self._most else max(0, self._most - self._told[shape])
        taken = tuple(cases[:room])
        self._told[shape] += len(taken)
        if len(taken) < len(cases):
            self.left_out[shape] += len(cases) - len(taken)
        return taken


def _section(kind: str, record: str | None, title: str | None, cases: Sequence[Case], capped: _Cap) -> Section:
    same: defaultdict[tuple[str | None, ...], list[Case]] = defaultdict(list)
    for case in cases:
        same[_key(case)].append(case)
    groups = ((capped.take(found), len(found)) for found in same.values())
    of = next((found for case in cases if (found := record_kind(case.finding))), "Record")
    return Section(kind, record, title, tuple(Group(told, total) for told, total in groups if told), of)
