"""How far the audits of changed records have come, beside the audits that were kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from fairmap.errors import StoreError
from fairmap.fair.history import open_audits
from fairmap.store.audits import AUDITS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TRIES: Final = 2
"""An audit with which the process ended so often is given up."""


@dataclass(frozen=True)
class Counts:
    """Audits of changed records, since the file was made.

    :ivar kept: that came out otherwise than the last one kept.
    :ivar same: that came out as the last one.
    :ivar failed: that could not be made or kept.
    """

    kept: int = 0
    same: int = 0
    failed: int = 0


class Progress:
    """The changes up to which records were audited. It survives the process, so that each change is seen by one audit at least."""

    def __init__(self, folder: Path) -> None:
        """``folder``: the state folder of the store.

        :raises StoreError: when the file cannot be made or read.
        """
        self._path = folder / AUDITS
        with self._errors():
            open_audits(self._path).close()

    @property
    def moment(self) -> int:
        """The moment of the last change that was seen; 0: none was."""
        return self._read()[0]

    def counts(self) -> Counts:
        """What came of it."""
        return Counts(*self._read()[1:])

    def begin(self, moment: int) -> bool:
        """Note that the audit of the change at that moment begins; whether it is to be tried at all."""
        with self._writing() as base:
            under_way, tries = base.execute("SELECT under_way, tries FROM progress").fetchone()
            tries = tries + 1 if under_way == moment else 1
            base.execute("UPDATE progress SET under_way = ?, tries = ?", (moment, tries))
        return bool(tries <= _TRIES)

    def end(self, moment: int, came: Counts) -> None:
        """Note that it came to its end, and to what."""
        with self._writing() as base:
            base.execute(
                "UPDATE progress SET moment = :moment, under_way = 0, tries = 0,"
                " kept = kept + :kept, same = same + :same, failed = failed + :failed",
                {**asdict(came), "moment": moment},
            )

    def _read(self) -> tuple[int, int, int, int]:
        """Moment and counts."""
        with self._errors(), closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=30)) as base:
            row = base.execute("SELECT moment, kept, same, failed FROM progress").fetchone()
        return row or (0, 0, 0, 0)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._errors(), closing(open_audits(self._path)) as base, base:
            base.execute("INSERT INTO progress SELECT 0, 0, 0, 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM progress)")
            yield base

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the audits cannot be read or written: {error}", where=str(self._path)) from error
