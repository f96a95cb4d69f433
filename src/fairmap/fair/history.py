"""Audits that were kept: what came out for a record at some time, by which fairmap and which criteria, as RDF beside the store.

They lie in ``state/audits.sqlite``, not in graphs of records. An audit that came out as the last one kept, of the same graph by
the same criteria, is not kept again. The file is written ahead (WAL) and need not reach the disk at once: what the machine loses
when it fails are the last audits, and the note that they were made (:mod:`fairmap.fair.progress`) with them.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import Quad, RdfFormat, Triple, parse

from fairmap.errors import StoreError, UsageError
from fairmap.fair.results import brief
from fairmap.rdf import by_name, canonical, serialise
from fairmap.rdf.formats import FORMATS
from fairmap.store.audits import AUDITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.fair.assessment import Assessment

MOST_TOLD: Final = 20
"""Audits of a record that are told, the newest."""

_SCHEMA: Final = """CREATE TABLE IF NOT EXISTS audit (
  number INTEGER PRIMARY KEY, record TEXT NOT NULL, made TEXT NOT NULL, version TEXT NOT NULL, shapes TEXT NOT NULL, graph TEXT NOT NULL,
  scores TEXT NOT NULL, outcomes TEXT NOT NULL, rdf BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS audit_record ON audit (record, number);
CREATE TABLE IF NOT EXISTS progress (moment INTEGER NOT NULL, under_way INTEGER NOT NULL, tries INTEGER NOT NULL,
  kept INTEGER NOT NULL, same INTEGER NOT NULL, failed INTEGER NOT NULL);"""
_COLUMNS: Final = "made, version, shapes, graph, scores, outcomes, rdf"


@dataclass(frozen=True)
class Kept:
    """An audit that was kept.

    :ivar made: when (ISO 8601, UTC).
    :ivar version: of fairmap.
    :ivar shapes, graph: SHA-256 of the criteria, and of the record.
    :ivar scores: by metric set: points, testable points, and for D3.1 how many answers are known.
    :ivar outcomes: by criterion.
    :ivar rdf: packed N-Triples.
    """

    made: str
    version: str
    shapes: str
    graph: str
    scores: dict[str, list[int]]
    outcomes: dict[str, str]
    rdf: bytes

    def triples(self) -> list[Triple]:
        """What was kept: measurements (DQV), scores (FTR), and where they come from (PROV)."""
        return [quad.triple for quad in parse(zlib.decompress(self.rdf), format=RdfFormat.N_TRIPLES)]

    def changes(self, before: Kept | None) -> list[tuple[str, str, str]]:
        """Criteria with another outcome than before: notation, outcome before, outcome now."""
        if before is None:
            return []
        return [
            (name, before.outcomes[name], outcome)
            for name, outcome in self.outcomes.items()
            if name in before.outcomes and before.outcomes[name] != outcome
        ]


class History:
    """The audits kept for one store. Each call opens the file, so threads and processes may share it.

    :param folder: the state folder of the store; ``None``: a store in memory, which keeps none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / AUDITS if folder else None

    def keep(self, assessment: Assessment) -> bool:
        """Keep an assessment of a record; whether it was kept.

        :raises UsageError: for a store in memory.
        :raises StoreError: when the file cannot be written.
        """
        if self._path is None:
            raise UsageError("a store in memory keeps no audits", where="--keep", expected="--store oxigraph:PATH")
        row = _row(assessment)
        try:
            with closing(open_audits(self._path)) as base, base:
                last = base.execute(
                    "SELECT version, shapes, graph, outcomes FROM audit WHERE record = ? ORDER BY number DESC LIMIT 1",
                    (row["record"],),
                ).fetchone()
                if last == tuple(row[name] for name in ("version", "shapes", "graph", "outcomes")):
                    return False
                base.execute(
                    "INSERT INTO audit (record, made, version, shapes, graph, scores, outcomes, rdf)"
                    " VALUES (:record, :made, :version, :shapes, :graph, :scores, :outcomes, :rdf)",
                    row,
                )
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the audit cannot be kept: {error}", where=str(self._path)) from error
        return True

    def of(self, record: str) -> list[Kept]:
        """The audits of a record, the newest first, :data:`MOST_TOLD` at most."""
        return list(self._read(record))

    def last(self, record: str) -> str:
        """When the last audit of a record was kept; empty when none was."""
        return next((kept.made for kept in self._read(record, 1)), "")

    def _read(self, record: str, most: int = MOST_TOLD) -> Iterator[Kept]:
        if self._path is None or not self._path.is_file():
            return
        try:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as base:
                rows = base.execute(
                    f"SELECT {_COLUMNS} FROM audit WHERE record = ? ORDER BY number DESC LIMIT ?",  # noqa: S608 - fixed names
                    (record, most),
                ).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the audits cannot be read: {error}", where=str(self._path)) from error
        for made, version, shapes, graph, scores, outcomes, rdf in rows:
            yield Kept(made, version, shapes, graph, json.loads(scores), json.loads(outcomes), rdf)


def open_audits(path: Path) -> sqlite3.Connection:
    """The file, open for writing; one that is not there yet is made first, and has its name when all of it is there.

    :raises sqlite3.Error: when it cannot be.
    """
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="audits-") as folder:
            _made(Path(folder) / AUDITS).close()
            with contextlib.suppress(FileExistsError):  # another process was faster
                path.hardlink_to(Path(folder) / AUDITS)
    return _made(path)


def _made(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=30)
    base.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_SCHEMA}")
    return base


def _row(assessment: Assessment) -> dict[str, str | bytes]:
    quads = canonical(Quad(t.subject, t.predicate, t.object) for t in brief(assessment))
    document = serialise([quad.triple for quad in quads], by_name("ntriples", FORMATS))
    return {
        "record": assessment.dataset,
        "made": assessment.made.isoformat(),
        "version": assessment.version,
        "shapes": assessment.shapes,
        "graph": assessment.graph,
        "scores": json.dumps({s.metric_set.name: [s.points, s.testable, s.known] for s in assessment.scores}),
        "outcomes": json.dumps({j.criterion.notation: j.outcome.value for j in assessment.judgements}),
        "rdf": zlib.compress(document),
    }
