"""Records side by side: each property with what each of them says, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairmap.describe.page import Standing, Value
from fairmap.describe.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fairmap.describe.page import Fact, RecordPage
    from fairmap.model import Reader


@dataclass(frozen=True)
class Cell:
    """What one record says of a property.

    :ivar values: stated or bare ones.
    :ivar inferred: those that are only inferred.
    :ivar reason: why it is unknown; ``None``: it says nothing of it, or something is known.
    """

    values: tuple[Value, ...] = ()
    inferred: tuple[Value, ...] = ()
    reason: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What is compared, in one order."""
        known = sorted(value.text for value in self.values)
        return (
            *known,
            *(f"inferred: {value.text}" for value in self.inferred),
            *([self.reason] if self.reason else []),
        )


@dataclass(frozen=True)
class Row:
    """A property with a cell for each record.

    :ivar differs: not all say the same.
    """

    label: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Whether the records say different things."""
        return len({cell.texts for cell in self.cells}) > 1


@dataclass(frozen=True)
class Comparison:
    """Some records and their properties, in the order of their pages."""

    records: tuple[RecordPage, ...]
    rows: tuple[Row, ...]


def comparison(reader: Reader, iris: Sequence[str]) -> Comparison:
    """The records of these IRIs side by side.

    :raises NotFound: when one is not there.
    """
    pages = tuple(record(reader, iri) for iri in iris)
    labels: dict[str, str] = {}
    for page in pages:
        labels |= {fact.property: fact.label for fact in _facts(page) if fact.property not in labels}
    told = [{fact.property: _cell(fact) for fact in _facts(page)} for page in pages]
    kinds = Row("Kind of record", tuple(Cell((Value(page.kind),)) for page in pages))
    rows = [Row(label, tuple(cells.get(name, Cell()) for cells in told)) for name, label in labels.items()]
    return Comparison(pages, (kinds, *rows))


def _facts(page: RecordPage) -> Iterator[Fact]:
    if page.lead:
        yield page.lead
    for section in page.sections:
        yield from section.facts


def _cell(fact: Fact) -> Cell:
    known = tuple(
        value for claim in fact.claims if claim.standing in {Standing.STATED, Standing.BARE} for value in claim.values
    )
    inferred = tuple(value for claim in fact.claims if claim.standing is Standing.INFERRED for value in claim.values)
    unknown = [claim for claim in fact.claims if claim.standing is Standing.UNKNOWN]
    reason = (unknown[0].reason.text if unknown[0].reason else "unknown") if unknown and not known else None
    return Cell(known, inferred, reason)
