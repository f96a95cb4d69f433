"""The ledger of a store whose engine is elsewhere: it keeps each record as it was written, beside the journal.

Other engines rewrite literals in their own ways and give blank nodes new labels, so what was written is not to be had back
from them. The records here are what is judged, exported and given out by ``/store``; the engine's are what is queried.
"""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Quad, RdfFormat, parse

from fairmap.errors import ServiceDown
from fairmap.store.dump import block
from fairmap.store.history import History
from fairmap.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS document (iri TEXT PRIMARY KEY, quads BLOB NOT NULL);
CREATE TRIGGER IF NOT EXISTS journal_written AFTER INSERT ON journal WHEN NEW.quads IS NOT NULL
  BEGIN INSERT OR REPLACE INTO document VALUES (NEW.iri, NEW.quads); END;
CREATE TRIGGER IF NOT EXISTS journal_withdrawn AFTER INSERT ON journal WHEN NEW.quads IS NULL
  BEGIN DELETE FROM document WHERE iri = NEW.iri; END;
"""
_TABLES: Final = ("record", "gone", "document")

State = dict[str, tuple[object, ...] | None]
"""A record's row of each table."""


class RecordLedger(Ledger):
    """A ledger that keeps the records themselves; a note and its records are one transaction (triggers on the journal)."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path)
        self._base.executescript(_SCHEMA)

    def carried(self) -> None:
        """Note that the engine has everything that was noted, and forget the journal."""
        with closing(self._base.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("DELETE FROM journal")
            cursor.execute("INSERT OR REPLACE INTO meta VALUES ('carried', ?)", (str(self.revision),))
            cursor.execute("COMMIT")

    @property
    def has_unfinished(self) -> bool:
        """Whether the engine may lack something that was noted."""
        return self._base.execute("SELECT 1 FROM journal LIMIT 1").fetchone() is not None

    def document(self, iri: str) -> tuple[Quad, ...] | None:
        """A record as it was written; ``None`` when there is none."""
        return _document(self._base, iri)

    def documents(self) -> Iterator[tuple[str, tuple[Quad, ...]]]:
        """All records as they were written."""
        for iri, blob in self._base.execute("SELECT iri, quads FROM document ORDER BY iri"):
            yield iri, _quads(blob)

    def note_all(self) -> None:
        """Let the journal hold all records again, for an engine that has lost them."""
        self._base.execute("INSERT INTO journal (iri, quads) SELECT iri, quads FROM document")

    def state(self, iri: str) -> State:
        """What is noted of a record, for :meth:`revert`."""
        with closing(self._base.cursor()) as cursor:
            return {
                table: cursor.execute(f"SELECT * FROM {table} WHERE iri = ?", (iri,)).fetchone()  # noqa: S608 - our tables
                for table in _TABLES
            }

    def revert(self, states: Mapping[str, State]) -> None:
        """Take a note back: these records are as their states say, and the journal says so to the engine."""
        with closing(self._base.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            for iri, state in states.items():
                document = state["document"]
                cursor.execute("INSERT INTO journal (iri, quads) VALUES (?, ?)", (iri, document and document[1]))
                for table, row in state.items():
                    cursor.execute(f"DELETE FROM {table} WHERE iri = ?", (iri,))  # noqa: S608 - our tables
                    if row is not None:
                        marks = ", ".join("?" * len(row))
                        cursor.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - our tables
            cursor.execute("INSERT OR REPLACE INTO meta VALUES ('revision', ?)", (str(self.revision + 1),))
            cursor.execute("COMMIT")


class LedgerReader:
    """The ledger of a store elsewhere, read beside its writer. Safe in threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._base: sqlite3.Connection | None = None

    def revision(self) -> int:
        """The last write that the engine has; 0 when nothing was written.

        :raises ServiceDown: when nobody has opened the store yet.
        """
        with self._lock:
            row = self._open().execute("SELECT value FROM meta WHERE name = 'carried'").fetchone()
        return int(row[0]) if row else 0

    def gone(self) -> dict[str, str]:
        """Withdrawn records: IRI to the time of withdrawal."""
        with self._lock:
            return dict(self._open().execute("SELECT iri, since FROM gone ORDER BY iri"))

    def document(self, iri: str) -> tuple[Quad, ...] | None:
        """A record as it was written."""
        with self._lock:
            return _document(self._open(), iri)

    def dates(self, ask: Callable[[History], Any]) -> Any:
        """What the dates of the records say to ``ask``."""
        with self._lock:
            return ask(History(self._open()))

    def dumped(self, form: str) -> Iterator[bytes]:
        """All records as they were written, as :func:`fairmap.store.dump.dumped`, on a connection of its own that sees one state."""
        with closing(self._connection()) as base:
            base.execute("BEGIN")
            for iri, blob in base.execute("SELECT iri, quads FROM document ORDER BY iri"):
                yield block(form, f"<{iri}>", _lines(iri, blob))

    def graph_names(self) -> list[str]:
        """The names of all records and vocabularies, in their order."""
        with self._lock:
            return [iri for (iri,) in self._open().execute("SELECT iri FROM document ORDER BY iri")]

    def graphs(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """As :func:`fairmap.store.dump.graphs`; some hundred."""
        marks = ", ".join("?" * len(names))
        query = f"SELECT iri, quads FROM document WHERE iri IN ({marks})"  # noqa: S608 - marks
        with self._lock:
            found = self._open().execute(query, tuple(names)).fetchall()
        yield from ((iri, _lines(iri, blob)) for iri, blob in found)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._base is not None:
                self._base.close()
                self._base = None

    def _connection(self) -> sqlite3.Connection:
        uri = f"{self._path.as_uri()}?mode=ro"
        return sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)

    def _open(self) -> sqlite3.Connection:
        if self._base is None:
            try:
                self._base = self._connection()
                self._base.execute("SELECT 1 FROM document LIMIT 1")
            except sqlite3.Error as error:
                self._base = None
                what = "the store's ledger cannot be read yet"
                raise ServiceDown(what, where=str(self._path), expected="a store that was opened once") from error
        return self._base


def _document(base: sqlite3.Connection, iri: str) -> tuple[Quad, ...] | None:
    row = base.execute("SELECT quads FROM document WHERE iri = ?", (iri,)).fetchone()
    return None if row is None else _quads(row[0])


def _lines(iri: str, blob: bytes) -> bytes:
    return zlib.decompress(blob).replace(f" <{iri}> .\n".encode(), b" .\n")


def _quads(blob: bytes) -> tuple[Quad, ...]:
    return tuple(parse(zlib.decompress(blob), format=RdfFormat.N_QUADS))
