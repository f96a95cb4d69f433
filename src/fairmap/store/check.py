"""Whether a store holds what its ledger says, on a sample."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import SystemRandom
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from fairmap.store.protocol import Store


@dataclass(frozen=True)
class Check:
    """What was found.

    :ivar format: form of the store's folder.
    :ivar records: how many there are.
    :ivar checked: records whose digest was compared.
    :ivar wrong: those of them whose graph is not the one that was written.
    """

    format: int
    records: int
    checked: int
    wrong: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For the control socket."""
        return {**vars(self), "wrong": list(self.wrong)}


def spot_check(level: Store, *, leave_out: Collection[str] = (), count: int = 20) -> Check:
    """Compare the digests of some records, chosen by chance, with the ledger.

    :param leave_out: records that are not looked at, such as those of a write that is not finished.
    """
    records = level.ledger.records()
    candidates = sorted(set(records) - set(leave_out))
    chosen = SystemRandom().sample(candidates, min(count, len(candidates)))
    wrong = tuple(iri for iri in sorted(chosen) if not level.agrees(iri))
    return Check(level.ledger.format, len(records), len(chosen), wrong)
