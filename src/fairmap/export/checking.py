"""Judging what was projected by the shapes of its profile, and which faults only the holder of a record can mend.

What passes on its way out is laid aside in a temporary file, as N-Triples, and judged afterwards, some records at a time, when it is
known what the others are; so a check takes little memory, however much was written.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from fairmap.errors import UsageError
from fairmap.export.projection import TO_TELL
from fairmap.export.source import BATCH
from fairmap.model import Severity, ValidationReport
from fairmap.namespaces import RDF
from fairmap.profiles import Tables, judge, load_profile, profile
from fairmap.rdf import FORMATS, by_name, serialise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from pyoxigraph import Triple

    from fairmap.export.projection import Projected, Projection
    from fairmap.model import Finding

TOGETHER: Final = 4 * BATCH
"""Records that are judged together; what was projected together must be, since its blank nodes may be shared."""
_IRI: Final = re.compile(r"[^<>|^()\s]+")
_TYPE: Final = NamedNode(f"{RDF}type")


@dataclass(frozen=True)
class Checked:
    """What the shapes of a profile say of an export, or of a part of it.

    :ivar to_tell: violations for which the export itself says what the holder must still tell.
    :ivar faults: all other violations.
    :ivar remarks: by record, what its holder must still tell, in words.
    """

    report: ValidationReport
    to_tell: tuple[Finding, ...]
    faults: tuple[Finding, ...]
    remarks: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class _Laid:
    """One record as it was laid aside.

    :ivar told: property and text of what its holder must still tell.
    """

    iri: str
    told: tuple[tuple[str, str], ...]
    quads: tuple[Quad, ...]


class Check:
    """The check of one export: first let it pass by :meth:`watch`, then take the :meth:`parts`."""

    def __init__(self, by: Projection, folder: Path | None = None) -> None:
        """``folder`` is where the temporary file lies, which has no name there; default: as for all.

        :raises UsageError: when there are no shapes for the profile.
        """
        if by.judge is None:
            raise UsageError(f"there are no shapes to check {by.name} by", expected="an export without a check")
        self._profile = profile(by.judge)
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._types: dict[object, tuple[NamedNode, ...]] = {}
        self._seen: set[int] = set()
        self.records = 0

    def __enter__(self) -> Self:
        """The check."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the file."""
        self._file.close()

    def watch(self, projected: Iterable[Projected]) -> Iterator[Projected]:
        """The same records; what is to be judged is laid aside."""
        for one in projected:
            self.records += 1
            told = [(remark.property, remark.text) for remark in one.remarks if remark.kind == TO_TELL]
            lines = serialise(one.triples, by_name("ntriples", FORMATS))
            node = _node(one.iri, one.triples)
            self._types[node] = _types(node, one.triples)
            self._file.write(b"%s\n" % json.dumps([one.iri, told, len(lines)]).encode())
            self._file.write(lines)
            yield one

    def parts(self) -> Iterator[Checked]:
        """The judgement, some records at a time, one part at least; each fault once."""
        self._file.seek(0)
        laid, is_judged = self._read(), False
        judged = partial(judge, by=self._profile, load=cache(load_profile), tables=Tables.shipped())
        while some := list(islice(laid, TOGETHER)):
            if any(one.quads for one in some):
                is_judged = True
                own, beside = self._apart(some)
                yield self._sorted_out(judged(own, beside=beside), some)
        if not is_judged:
            yield self._sorted_out(judged([]), ())

    def _read(self) -> Iterator[_Laid]:
        while head := self._file.readline():
            iri, told, size = json.loads(head)
            quads = tuple(parse(self._file.read(size), format=RdfFormat.N_TRIPLES))
            yield _Laid(iri, tuple((name, text) for name, text in told), quads)

    def _apart(self, some: Sequence[_Laid]) -> tuple[list[Quad], list[Quad]]:
        """What these records tell of themselves, and what is known of others: what is told of them here, and what they are."""
        nodes = {_node(one.iri, one.quads) for one in some}
        quads = [quad for one in some for quad in one.quads]
        others = {quad.subject for quad in quads if quad.subject in self._types} - nodes
        own = [quad for quad in quads if quad.subject not in others]
        described = {quad.subject for quad in quads}
        values = {quad.object for quad in own if isinstance(quad.object, NamedNode)}
        led = [value for value in values if value in self._types and value not in described]
        beside = [quad for quad in quads if quad.subject in others]
        return own, beside + [Quad(node, _TYPE, kind) for node in led for kind in self._types[node]]

    def _sorted_out(self, report: ValidationReport, some: Sequence[_Laid]) -> Checked:
        told = {(one.iri, name) for one in some for name, _ in one.told}
        found = sort_out(report, _owners(some), told)
        to_tell, faults = (tuple(filter(self._is_new, findings)) for findings in (found.to_tell, found.faults))
        remarks = tuple((one.iri, tuple(text for _, text in one.told)) for one in some if one.told)
        return Checked(report, to_tell, faults, remarks)

    def _is_new(self, finding: Finding) -> bool:
        """Whether no other part had it: a thing that is no part of one record may be told of with many."""
        slug = (finding.record or "").rpartition("/")[2]
        if slug and slug in finding.focus:
            return True
        key = hash((finding.focus, finding.path, finding.message, finding.value, finding.shape))
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new


def check(projected: Iterable[Projected], by: Projection) -> Checked:
    """The whole judgement of what was projected.

    :raises UsageError: when there are no shapes for the profile.
    """
    with Check(by) as checking:
        for _ in checking.watch(projected):
            pass
        parts = list(checking.parts())
    return Checked(
        sum((part.report for part in parts), ValidationReport()),
        tuple(finding for part in parts for finding in part.to_tell),
        tuple(finding for part in parts for finding in part.faults),
        tuple(remark for part in parts for remark in part.remarks),
    )


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


def _owners(some: Iterable[_Laid]) -> dict[str, str]:
    """The record by the name of each thing that is described: a record of its own is never another's."""
    owners = {_name(_node(one.iri, one.quads)): one.iri for one in some}
    for one in some:
        for quad in one.quads:
            owners.setdefault(_name(quad.subject), one.iri)
    return owners


def _node(iri: str, statements: Sequence[Triple] | Sequence[Quad]) -> object:
    """What stands for a record in what was projected: its IRI or, where that was rewritten, what is told of first."""
    node = NamedNode(iri)
    return node if not statements or any(one.subject == node for one in statements) else statements[0].subject


def _types(node: object, triples: Iterable[Triple]) -> tuple[NamedNode, ...]:
    types = (triple.object for triple in triples if triple.predicate == _TYPE and triple.subject == node)
    return tuple(kind for kind in types if isinstance(kind, NamedNode))


def _name(node: object) -> str:
    return node.value if isinstance(node, NamedNode) else str(node)
