"""When each record changed last, beside the ledger's other tables: what feeds, dates and conditional requests stand on.

A record's row is brought up to date (*settled*) when its write is carried out, so its moment is not long before readers see it.
A record that is written again as it was has not changed.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Final

from fairmap.model import Dated, Packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS change (iri TEXT PRIMARY KEY, moment INTEGER NOT NULL, created INTEGER NOT NULL, digest TEXT);
CREATE INDEX IF NOT EXISTS change_moment ON change (moment);
CREATE TABLE IF NOT EXISTS fragment (start INTEGER PRIMARY KEY);
"""
"""``digest`` is of what was written; none: the record was withdrawn."""

LEDGER_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS unsettled (iri TEXT PRIMARY KEY, forced INTEGER NOT NULL DEFAULT 0);
INSERT OR IGNORE INTO unsettled (iri) SELECT iri FROM (SELECT iri FROM record UNION SELECT iri FROM gone)
  WHERE NOT EXISTS (SELECT 1 FROM change);
"""
"""The records whose rows are to be brought up to date: all of them in a ledger that had no rows yet.

``forced``: the record counts as changed though it is as it was.
"""

_UNSETTLED: Final = """
SELECT unsettled.iri, forced, record.digest, change.digest, change.moment IS NOT NULL, change.created, gone.iri IS NOT NULL
FROM unsettled LEFT JOIN record USING (iri) LEFT JOIN change USING (iri) LEFT JOIN gone USING (iri) ORDER BY unsettled.rowid
"""
FRAGMENT: Final = 100
"""Changes after which a new fragment begins."""
_HIGHEST: Final = "\U0010ffff"


def settle(base: sqlite3.Connection) -> Packed:
    """Bring the rows of all that was written up to date.

    It need not reach the disk: what the machine loses when it fails is settled when the ledger is opened again.

    :return: the rows that changed, for :meth:`History.take`.
    """
    if base.execute("SELECT 1 FROM unsettled LIMIT 1").fetchone() is None:
        return Packed()
    told = Packed()
    base.execute("PRAGMA synchronous=NORMAL")
    with closing(base.cursor()) as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        try:
            _settle(cursor, told)
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
    base.execute("PRAGMA synchronous=FULL")
    told.close()
    return told


def _settle(cursor: sqlite3.Cursor, told: Packed) -> None:
    (last,) = cursor.execute("SELECT COALESCE(MAX(moment), 0) FROM change").fetchone()
    moment = max(int(last) + 1, time.time_ns() // 1000)
    in_fragment = _in_fragment(cursor)
    for iri, is_forced, digest, before, was_known, created, was_withdrawn in cursor.execute(_UNSETTLED).fetchall():
        is_same = was_known and digest == before and not is_forced
        if is_same or (digest is None and not was_known and not was_withdrawn):
            continue
        if in_fragment >= FRAGMENT:
            cursor.execute("INSERT INTO fragment VALUES (?)", (moment,))
            told.add(_line_of_start(moment))
            in_fragment = 0
        is_back = before is None and digest is not None
        first = moment if is_back or created is None else created
        cursor.execute("INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?)", (iri, moment, first, digest))
        told.add(_line(Dated(iri, moment, first, digest is None)))
        moment += 1
        in_fragment += 1
    cursor.execute("DELETE FROM unsettled")
    cursor.execute("INSERT OR REPLACE INTO meta VALUES ('in fragment', ?)", (str(in_fragment),))


def _in_fragment(cursor: sqlite3.Cursor) -> int:
    """How many changes the last fragment has seen; the first one begins with the first."""
    if cursor.execute("SELECT 1 FROM fragment LIMIT 1").fetchone() is None:
        return FRAGMENT
    row = cursor.execute("SELECT value FROM meta WHERE name = 'in fragment'").fetchone()
    return int(row[0]) if row else FRAGMENT


def touch(base: sqlite3.Connection, iris: Iterable[str] | None = None) -> None:
    """Let records count as changed when they are settled next, though they are as they were: what is told of them differs.

    :param iris: which; ``None``: all, also those withdrawn.
    """
    if iris is None:
        base.execute("INSERT OR REPLACE INTO unsettled SELECT iri, 1 FROM change ORDER BY moment")
    else:
        query = "INSERT OR REPLACE INTO unsettled SELECT iri, 1 FROM change WHERE iri = ? AND digest IS NOT NULL"
        base.execute("BEGIN IMMEDIATE")
        base.executemany(query, [(iri,) for iri in iris])
        base.execute("COMMIT")


def rewritten(base: sqlite3.Connection) -> list[str]:
    """The records that are to be settled and differ from what they were."""
    query = (
        "SELECT iri FROM unsettled JOIN record USING (iri) JOIN change USING (iri) WHERE record.digest != change.digest"
    )
    return [str(iri) for (iri,) in base.execute(query)]


class History:
    """The rows of one ledger, or of what somebody sees of several: :class:`fairmap.model.Dates`."""

    def __init__(self, base: sqlite3.Connection | None = None, until: int | None = None) -> None:
        """Over a ledger; without one, over rows in memory, which :meth:`take` brings.

        :param until: the last moment that is seen.
        """
        self._base = base or sqlite3.connect(":memory:", isolation_level=None)
        self._until = until
        if base is None:
            self._base.execute("PRAGMA temp_store=MEMORY")  # a query worker may open no files
            self._base.executescript(SCHEMA)

    def take(self, lines: str) -> None:
        """Take over rows as :func:`settle` tells them."""
        rows = [json.loads(line) for line in lines.splitlines()]
        with closing(self._base.cursor()) as cursor:
            cursor.execute("BEGIN")
            cursor.executemany("INSERT OR IGNORE INTO fragment VALUES (?)", [row for row in rows if len(row) == 1])
            changes = [(*row[:3], None if row[3] else "") for row in rows if len(row) > 1]
            cursor.executemany("INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?)", changes)
            cursor.execute("COMMIT")

    def lines(self) -> Iterator[str]:
        """All rows, for :meth:`take`."""
        yield from map(_line_of_start, self.starts())
        yield from map(_line, self.all())

    def starts(self) -> list[int]:
        """Where all fragments begin."""
        return [int(start) for (start,) in self._base.execute("SELECT start FROM fragment ORDER BY start")]

    def all(self) -> Iterator[Dated]:
        """All rows, the oldest first."""
        rows = self._base.execute("SELECT iri, moment, created, digest IS NULL FROM change ORDER BY moment")
        return (_dated(row) for row in rows)

    def entries(
        self,
        prefixes: Sequence[str],
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 100,
        deleted: bool = True,
    ) -> list[Dated]:
        """As :meth:`fairmap.model.Dates.entries`."""
        where, values = self._where(prefixes, after, before, deleted=deleted)
        query = f"SELECT iri, moment, created, digest IS NULL FROM change WHERE {where} ORDER BY moment LIMIT ?"  # noqa: S608 - fixed texts
        return [_dated(row) for row in self._base.execute(query, (*values, limit))]

    def count(self, prefixes: Sequence[str], *, after: int = 0, before: int | None = None, deleted: bool = True) -> int:
        """As :meth:`fairmap.model.Dates.count`."""
        where, values = self._where(prefixes, after, before, deleted=deleted)
        row = self._base.execute(f"SELECT COUNT(*) FROM change WHERE {where}", values).fetchone()  # noqa: S608 - fixed texts
        return int(row[0])

    def of(self, iris: Sequence[str]) -> dict[str, Dated]:
        """As :meth:`fairmap.model.Dates.of`."""
        query = "SELECT iri, moment, created, digest IS NULL FROM change WHERE iri = ?"
        rows = (self._base.execute(query, (iri,)).fetchone() for iri in iris)
        return {row[0]: _dated(row) for row in rows if row}

    def fragments(self, prefixes: Sequence[str]) -> list[int]:
        """As :meth:`fairmap.model.Dates.fragments`."""
        starts = self.starts()
        ends = [*starts[1:], 1 << 62][: len(starts)]
        where, values = self._where(prefixes, 0, None, deleted=True)
        query = f"SELECT 1 FROM change WHERE moment >= ? AND moment < ? AND {where} LIMIT 1"  # noqa: S608 - fixed texts
        return [
            start
            for start, end in zip(starts, ends, strict=True)
            if self._base.execute(query, (start, end, *values)).fetchone()
        ]

    def latest(self) -> int:
        """As :meth:`fairmap.model.Dates.latest`."""
        limit = 1 << 62 if self._until is None else self._until
        row = self._base.execute("SELECT MAX(moment) FROM change WHERE moment <= ?", (limit,)).fetchone()
        return int(row[0] or 0)

    def _where(
        self, prefixes: Sequence[str], after: int, before: int | None, *, deleted: bool
    ) -> tuple[str, list[str | int]]:
        """A condition and its values; ``+`` keeps the engine from the index of IRIs, which has no order in time."""
        last = [value for value in (before, None if self._until is None else self._until + 1) if value is not None]
        kinds = " OR ".join(["(+iri >= ? AND +iri < ?)"] * len(prefixes)) or "FALSE"
        withdrawn = "" if deleted else " AND digest IS NOT NULL"
        bounds = [bound for prefix in prefixes for bound in (prefix, prefix + _HIGHEST)]
        return f"moment > ? AND moment < ? AND ({kinds}){withdrawn}", [after, min(last, default=1 << 62), *bounds]


def overlaid(public: Iterable[Dated], own: Iterable[Dated]) -> Iterator[Dated]:
    """What an organisation sees: its own version of a record before the public one, which is back when it takes its own away."""
    mine = {dated.iri: dated for dated in own}
    for dated in public:
        version = mine.pop(dated.iri, dated)
        if version.is_deleted:
            yield replace(dated, moment=max(dated.moment, version.moment))
        else:
            yield replace(version, created=min(dated.created, version.created))
    yield from mine.values()


def overlay(public: History, own: History) -> Iterator[str]:
    """The rows of what an organisation sees, for :meth:`History.take`."""
    yield from map(_line_of_start, [*public.starts(), *own.starts()])
    yield from map(_line, overlaid(public.all(), own.all()))


def _line(dated: Dated) -> str:
    return f"{json.dumps(astuple(dated))}\n"


def _line_of_start(start: int) -> str:
    return f"[{start}]\n"


def _dated(row: Sequence[str | int]) -> Dated:
    iri, moment, created, is_deleted = row
    return Dated(str(iri), int(moment), int(created), bool(is_deleted))
