"""The ledger beside the engine: what is being written, what was written how, which records there are and were.

A write is first noted here in one SQLite transaction that reaches the disk, then carried out in the engine. When the process
dies in between, the next start carries it out again: writes are whole records, so doing one twice does no harm.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pyoxigraph import RdfFormat, parse

from fairmap.errors import StoreError
from fairmap.model import Packed
from fairmap.store import history

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Literal, Quad

    from fairmap.store.literals import Key

FORMAT: Final = 1
"""The form of a store's folder that this version writes."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (iri TEXT PRIMARY KEY, digest TEXT NOT NULL, origin TEXT NOT NULL, written TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gone (iri TEXT PRIMARY KEY, since TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS shipped (iri TEXT PRIMARY KEY, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS literal
  (graph TEXT NOT NULL, subject TEXT NOT NULL, predicate TEXT NOT NULL, stored TEXT NOT NULL, written TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS literal_graph ON literal (graph);
CREATE INDEX IF NOT EXISTS literal_key ON literal (subject, predicate);
CREATE TABLE IF NOT EXISTS journal (number INTEGER PRIMARY KEY, iri TEXT NOT NULL, quads BLOB);
"""


@dataclass(frozen=True)
class Entry:
    """One record of a write.

    :ivar quads: its new graph as the engine stores it; ``None``: the record is withdrawn.
    :ivar literals: rows that bring back written literals.
    :ivar digest: SHA-256 of the graph as written.
    :ivar origin: who wrote it (``map``, ``load``, ...).
    """

    quads: tuple[Quad, ...] | None
    literals: tuple[tuple[Key, Literal], ...] = ()
    digest: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Noted:
    """What noting a write came to.

    :ivar numbers: each record's number in the journal.
    :ivar literals, gone: as in :class:`fairmap.model.Change`.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    literals: Packed = field(default_factory=Packed)
    gone: dict[str, str | None] = field(default_factory=dict)


class Ledger:
    """The ledger of one store; used by the writer's thread only."""

    def __init__(self, path: Path | None) -> None:
        """Open or make the ledger at ``path``; ``None``: in memory.

        :raises StoreError: when it is not a ledger, or one of a newer fairmap.
        """
        self.path = str(path or "memory:")
        try:
            self._base = sqlite3.connect(path or ":memory:", isolation_level=None)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=FULL")
            for schema in (_SCHEMA, history.SCHEMA, history.LEDGER_SCHEMA):
                self._base.executescript(schema)
        except sqlite3.Error as error:
            raise StoreError(f"the ledger cannot be opened: {error}", where=self.path) from error
        if self.get("format") is None:
            self.set("format", str(FORMAT))
        if self.format > FORMAT:
            raise StoreError(
                f"the store has form {self.format}, this fairmap reads up to {FORMAT}",
                where=self.path,
                expected="a newer fairmap",
            )

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def copy(self, path: Path) -> None:
        """Write an exact copy to a new file."""
        with closing(sqlite3.connect(path)) as target:
            self._base.backup(target)

    @property
    def format(self) -> int:
        """The form of the store's folder."""
        return int(self.get("format") or FORMAT)

    @property
    def revision(self) -> int:
        """How many writes there were."""
        return int(self.get("revision") or 0)

    def get(self, name: str) -> str | None:
        """A value kept by name."""
        row = self._base.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set(self, name: str, value: str) -> None:
        """Keep a value by name."""
        self._base.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def note(self, entries: Iterable[tuple[str, Entry]]) -> Noted:
        """Note a write before it is carried out, all of it or, when ``entries`` fails, nothing; on disk after :meth:`commit`.

        Several writes may be noted before that; each sees those before it.
        """
        if not self._base.in_transaction:
            self._base.execute("BEGIN IMMEDIATE")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        noted = Noted()
        with closing(self._base.cursor()) as cursor:
            cursor.execute("SAVEPOINT write")
            try:
                for iri, entry in entries:
                    _note_one(cursor, iri, entry, now, noted)
                cursor.execute("INSERT OR REPLACE INTO meta VALUES ('revision', ?)", (str(self.revision + 1),))
            except BaseException:
                cursor.execute("ROLLBACK TO write")
                raise
            finally:
                cursor.execute("RELEASE write")
        noted.literals.close()
        return noted

    def commit(self) -> int:
        """Put what was noted on disk.

        :return: the revision.
        :raises StoreError: nothing of it is noted then.
        """
        try:
            if self._base.in_transaction:
                self._base.execute("COMMIT")
        except sqlite3.Error as error:
            self.rollback()
            raise StoreError(f"the ledger cannot be written: {error}", where=self.path) from error
        return self.revision

    def rollback(self) -> None:
        """Forget what was noted since the last commit."""
        if self._base.in_transaction:
            self._base.execute("ROLLBACK")

    def unfinished(self, after: int = 0) -> Iterator[tuple[str, tuple[Quad, ...] | None]]:
        """The last noted write of each record of which it is not sure that the engine has it on disk, oldest first.

        :param after: number in the journal; only later ones are told.
        """
        rows = self._base.execute(
            "SELECT iri, quads FROM journal WHERE number IN"
            " (SELECT MAX(number) FROM journal WHERE number > ? GROUP BY iri) ORDER BY number",
            (after,),
        )
        for iri, blob in rows:
            yield iri, None if blob is None else _unpacked(blob)

    def noted(self, number: int) -> tuple[Quad, ...]:
        """The quads of one noted write by its number in the journal; none when it withdraws the record."""
        (blob,) = self._base.execute("SELECT quads FROM journal WHERE number = ?", (number,)).fetchone()
        return () if blob is None else _unpacked(blob)

    def settle(self) -> Packed:
        """Date what was carried out: as :func:`fairmap.store.history.settle`."""
        return history.settle(self._base)

    def touch(self, iris: Iterable[str] | None = None) -> None:
        """Let records count as changed: as :func:`fairmap.store.history.touch`."""
        history.touch(self._base, iris)

    def rewritten(self) -> list[str]:
        """The records that differ from what they were: as :func:`fairmap.store.history.rewritten`."""
        return history.rewritten(self._base)

    def follow_program(self, version: str) -> None:
        """Let everything count as changed when another version of the program tells of it."""
        before = self.get("program")
        if before != version:
            self.set("program", version)
        if before not in {None, version}:
            self.touch()

    @property
    def history(self) -> history.History:
        """When the records changed."""
        return history.History(self._base)

    def unfinished_size(self) -> int:
        """Bytes of the journal."""
        row = self._base.execute("SELECT COALESCE(SUM(LENGTH(quads)), 0) FROM journal").fetchone()
        return int(row[0])

    def finish(self) -> None:
        """Forget the journal: the engine has everything on disk."""
        self._base.execute("DELETE FROM journal")

    def literals(self, graph: str | None = None) -> Iterator[tuple[Key, str]]:
        """Rows of written literals, the written form in N-Triples: of all graphs, or of one."""
        where, values = ("", ()) if graph is None else (" WHERE graph = ?", (graph,))
        rows = f"SELECT subject, predicate, stored, written FROM literal{where} ORDER BY rowid"  # noqa: S608 - fixed texts
        for subject, predicate, stored, written in self._base.execute(rows, values):
            yield (subject, predicate, stored), written

    def literals_of(self, graphs: Sequence[str]) -> dict[bytes, list[str]]:
        """The written forms of the literals of some hundred graphs, by statement: subject, predicate and literal as stored."""
        marks = ", ".join("?" * len(graphs))
        rows = f"SELECT subject, predicate, stored, written FROM literal WHERE graph IN ({marks}) ORDER BY rowid"  # noqa: S608 - marks
        found: dict[bytes, list[str]] = {}
        for subject, predicate, stored, written in self._base.execute(rows, tuple(graphs)):
            found.setdefault(f"{subject} {predicate} {stored}".encode(), []).append(written)
        return found

    def literal_count(self) -> int:
        """How many rows of written literals there are."""
        return int(self._base.execute("SELECT COUNT(*) FROM literal").fetchone()[0])

    def digest(self, iri: str) -> str | None:
        """SHA-256 of the record's graph as last written; ``None`` when there is no such record."""
        row = self._base.execute("SELECT digest FROM record WHERE iri = ?", (iri,)).fetchone()
        return None if row is None else str(row[0])

    def count(self) -> int:
        """How many records there are."""
        (count,) = self._base.execute("SELECT COUNT(*) FROM record").fetchone()
        return int(count)

    def records(self) -> dict[str, str]:
        """All records: IRI to origin."""
        return dict(self._base.execute("SELECT iri, origin FROM record ORDER BY iri"))

    def gone(self) -> dict[str, str]:
        """Withdrawn records: IRI to the time of withdrawal (ISO 8601, UTC)."""
        return dict(self._base.execute("SELECT iri, since FROM gone ORDER BY iri"))

    def shipped(self) -> dict[str, str]:
        """What the map brought: record IRI to the digest it had then."""
        return dict(self._base.execute("SELECT iri, digest FROM shipped"))

    def set_shipped(self, version: str, digests: Mapping[str, str]) -> None:
        """Remember what a version of the map brought."""
        with closing(self._base.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("DELETE FROM shipped")
            cursor.executemany("INSERT INTO shipped VALUES (?, ?)", digests.items())
            cursor.execute("INSERT OR REPLACE INTO meta VALUES ('map', ?)", (version,))
            cursor.execute("COMMIT")


def _note_one(cursor: sqlite3.Cursor, iri: str, entry: Entry, now: str, noted: Noted) -> None:
    blob = None
    rows = cursor.execute(
        "SELECT subject, predicate, stored, written FROM literal WHERE graph = ? ORDER BY rowid", (iri,)
    )
    for row in rows.fetchall():
        noted.literals.add(f"-{json.dumps(row)}\n")
    cursor.execute("DELETE FROM literal WHERE graph = ?", (iri,))
    if entry.quads is None:
        cursor.execute("DELETE FROM record WHERE iri = ?", (iri,))
        cursor.execute("INSERT OR REPLACE INTO gone VALUES (?, ?)", (iri, now))
        noted.gone[iri] = now
    else:
        blob = zlib.compress("".join(f"{quad} .\n" for quad in entry.quads).encode(), 1)
        if cursor.execute("DELETE FROM gone WHERE iri = ?", (iri,)).rowcount:
            noted.gone[iri] = None
        cursor.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)", (iri, entry.digest, entry.origin, now))
        written = [(*key, str(literal)) for key, literal in entry.literals]
        cursor.executemany("INSERT INTO literal VALUES (?, ?, ?, ?, ?)", [(iri, *row) for row in written])
        for row in written:
            noted.literals.add(f"+{json.dumps(row)}\n")
    cursor.execute("INSERT OR IGNORE INTO unsettled (iri) VALUES (?)", (iri,))
    cursor.execute("INSERT INTO journal (iri, quads) VALUES (?, ?)", (iri, blob))
    noted.numbers[iri] = int(cursor.lastrowid or 0)


def _unpacked(blob: bytes) -> tuple[Quad, ...]:
    return tuple(parse(zlib.decompress(blob), format=RdfFormat.N_QUADS))
