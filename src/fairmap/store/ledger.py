"""The ledger beside the engine: what is being written, what was written how, which records there are and were.

A write is first noted here in one SQLite transaction that reaches the disk, then carried out in the engine. When the process
dies in between, the next start carries it out again: writes are whole records, so doing one twice does no harm.
"""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, Quad, RdfFormat, parse

from fairmap.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

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
            self._base.executescript(_SCHEMA)
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

    def note(self, entries: Mapping[str, Entry]) -> int:
        """Note a write before it is carried out, all or nothing; on disk when this returns.

        :return: the new revision.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        revision = self.revision + 1
        with closing(self._base.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                for iri, entry in entries.items():
                    _note_one(cursor, iri, entry, now)
                cursor.execute("INSERT OR REPLACE INTO meta VALUES ('revision', ?)", (str(revision),))
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")
        return revision

    def unfinished(self) -> Iterator[tuple[str, tuple[Quad, ...] | None]]:
        """The noted writes of which it is not sure that the engine has them on disk, oldest first."""
        for iri, blob in self._base.execute("SELECT iri, quads FROM journal ORDER BY number"):
            yield iri, None if blob is None else tuple(parse(zlib.decompress(blob), format=RdfFormat.N_QUADS))

    def unfinished_size(self) -> int:
        """Bytes of the journal."""
        row = self._base.execute("SELECT COALESCE(SUM(LENGTH(quads)), 0) FROM journal").fetchone()
        return int(row[0])

    def finish(self) -> None:
        """Forget the journal: the engine has everything on disk."""
        self._base.execute("DELETE FROM journal")

    def literals(self, graphs: Collection[str] | None = None) -> Iterator[tuple[str, Key, Literal]]:
        """Rows of written literals as (graph, key, literal): of all graphs, or of these."""
        if graphs is None:
            rows = self._base.execute("SELECT graph, subject, predicate, stored, written FROM literal ORDER BY rowid")
            yield from (_literal_row(row) for row in rows)
            return
        for graph in graphs:
            rows = self._base.execute(
                "SELECT graph, subject, predicate, stored, written FROM literal WHERE graph = ? ORDER BY rowid",
                (graph,),
            )
            yield from (_literal_row(row) for row in rows)

    def literal_count(self) -> int:
        """How many rows of written literals there are."""
        return int(self._base.execute("SELECT COUNT(*) FROM literal").fetchone()[0])

    def digest(self, iri: str) -> str | None:
        """SHA-256 of the record's graph as last written; ``None`` when there is no such record."""
        row = self._base.execute("SELECT digest FROM record WHERE iri = ?", (iri,)).fetchone()
        return None if row is None else str(row[0])

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


def _note_one(cursor: sqlite3.Cursor, iri: str, entry: Entry, now: str) -> None:
    blob = None
    cursor.execute("DELETE FROM literal WHERE graph = ?", (iri,))
    if entry.quads is None:
        cursor.execute("DELETE FROM record WHERE iri = ?", (iri,))
        cursor.execute("INSERT OR REPLACE INTO gone VALUES (?, ?)", (iri, now))
    else:
        blob = zlib.compress("".join(f"{quad} .\n" for quad in entry.quads).encode(), 1)
        cursor.execute("DELETE FROM gone WHERE iri = ?", (iri,))
        cursor.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)", (iri, entry.digest, entry.origin, now))
        rows = [(iri, *key, str(literal)) for key, literal in entry.literals]
        cursor.executemany("INSERT INTO literal VALUES (?, ?, ?, ?, ?)", rows)
    cursor.execute("INSERT INTO journal (iri, quads) VALUES (?, ?)", (iri, blob))


def _literal_row(row: tuple[str, str, str, str, str]) -> tuple[str, Key, Literal]:
    graph, subject, predicate, stored, written = row
    return graph, (subject, predicate, stored), literal(written)


def literal(text: str) -> Literal:
    """The literal that ``text`` writes in N-Triples form."""
    line = f"<urn:x> <urn:x> {text} .\n"
    (quad,) = parse(line, format=RdfFormat.N_TRIPLES)
    found = quad.object
    assert isinstance(found, Literal)  # noqa: S101 - only literals are noted
    return found
