"""The parts of a source as a tree: tables, rows, cells, references."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.describe.page import Part, Ref
from fairmap.describe.queries import load
from fairmap.describe.words import TYPE
from fairmap.namespaces import DCT, PROV, RDFS

if TYPE_CHECKING:
    from fairmap.describe.facts import Facts
    from fairmap.model import Reader

_WHOLE: Final = f"{DCT}isPartOf"
_COLUMN: Final = re.compile(r".*, column ([^:]+): .*", re.DOTALL)
_NUMBER: Final = re.compile(r"(\d+)")


class Parts:
    """The parts of the source with this IRI."""

    def __init__(self, reader: Reader, facts: Facts, source: NamedNode) -> None:
        self._facts = facts
        self._statements = facts.values.statements
        self._inside: defaultdict[str, list[NamedNode]] = defaultdict(list)
        for subject in self._statements.subjects():
            if isinstance(subject, NamedNode):
                for whole in self._statements.iris(subject, _WHOLE):
                    self._inside[whole].append(subject)
        self._records: defaultdict[str, set[Ref]] = defaultdict(set)
        for row in reader.select(load("records_by_part"), source=source):
            self._records[row["part"].value].add(Ref(row["name"].value, row["record"].value))

    def of(self, whole: NamedNode) -> tuple[Part, ...]:
        """The parts of a part or of the source: those with parts of their own first, numbers in the order of numbers."""
        return tuple(self._part(part) for part in sorted(self._inside[whole.value], key=self._order))

    def activities(self) -> tuple[Part, ...]:
        """How and when the source was read."""
        return tuple(self._part(activity) for activity in self._statements.instances(f"{PROV}Activity"))

    def _part(self, part: NamedNode) -> Part:
        anchor = part.value.partition("#")[2]
        label = self._statements.value(part, f"{RDFS}label") or anchor.capitalize()
        column = _COLUMN.fullmatch(label)
        self._statements.take(part, TYPE)
        names = [name for name in self._statements.properties(part) if name not in {TYPE, _WHOLE, f"{RDFS}label"}]
        return Part(
            anchor,
            column[1] if column else label,
            self._facts.facts(part, names),
            self.of(part),
            _one_name_each(self._records[part.value]),
        )

    def _order(self, part: NamedNode) -> tuple[bool, list[tuple[int, str]]]:
        pieces = _NUMBER.split(part.value.partition("#")[2])
        numbered = [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces]
        return part.value not in self._inside, numbered


def _one_name_each(refs: set[Ref]) -> tuple[Ref, ...]:
    names: dict[str | None, str] = {}
    for ref in sorted(refs, key=lambda ref: ref.label, reverse=True):
        names[ref.iri] = ref.label
    return tuple(sorted((Ref(label, iri) for iri, label in names.items()), key=lambda ref: (ref.label, ref.iri or "")))
