"""Judging what was projected by the shapes of its profile, and which faults only the holder of a record can mend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad

from fairmap.errors import UsageError
from fairmap.export.projection import TO_TELL
from fairmap.model import Severity
from fairmap.profiles import judge, profile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fairmap.export.projection import Projected, Projection
    from fairmap.model import Finding, ValidationReport

_IRI: Final = re.compile(r"[^<>|^()\s]+")


@dataclass(frozen=True)
class Checked:
    """What the shapes of a profile say of an export.

    :ivar to_tell: violations for which the export itself says what the holder must still tell.
    :ivar faults: all other violations.
    """

    report: ValidationReport
    to_tell: tuple[Finding, ...]
    faults: tuple[Finding, ...]


def check(projected: Iterable[Projected], by: Projection) -> Checked:
    """The judgement of all that was projected, taken together: it is held in memory.

    :raises UsageError: when there are no shapes for the profile.
    """
    if by.judge is None:
        raise UsageError(f"there are no shapes to check {by.name} by", expected="an export without a check")
    quads: list[Quad] = []
    owners: dict[str, str] = {}
    told: set[tuple[str, str]] = set()
    for one in projected:
        for triple in one.triples:
            quads.append(Quad(triple.subject, triple.predicate, triple.object))
            owners.setdefault(_name(triple.subject), one.iri)
        told |= {(remark.record, remark.property) for remark in one.remarks if remark.kind == TO_TELL}
    return sort_out(judge(quads, profile(by.judge)), owners, told)


def sort_out(report: ValidationReport, owners: dict[str, str], told: set[tuple[str, str]]) -> Checked:
    """The violations of a report, sorted by who can mend them.

    :param owners: the record by the name of each thing that is described.
    :param told: records and properties that the holder must still tell of.
    """
    to_tell: list[Finding] = []
    faults: list[Finding] = []
    for finding in report.findings:
        if finding.severity is Severity.VIOLATION:
            record = owners.get(finding.focus, finding.record or "")
            is_told = any((record, name) in told for name in _IRI.findall(finding.path or ""))
            (to_tell if is_told else faults).append(finding)
    return Checked(report, tuple(to_tell), tuple(faults))


def _name(node: object) -> str:
    return node.value if isinstance(node, NamedNode) else str(node)
