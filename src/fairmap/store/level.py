"""A visibility level: one engine, its ledger, one writer."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import DefaultGraph, Quad, Store

from fairmap.errors import StoreError, StoreInUse
from fairmap.model import Change, Record
from fairmap.rdf import digest
from fairmap.store.address import level_place
from fairmap.store.ledger import Entry, Ledger
from fairmap.store.literals import Written, as_stored, node_of, stored_forms
from fairmap.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from fairmap.store.address import Address, LevelPlace

_JOURNAL_LIMIT: Final = 16 << 20
"""Bytes of journal after which the engine is told to put everything on disk."""


class Level:
    """The store of one visibility level, open for writing. Use it from one thread."""

    def __init__(self, engine: Store, ledger: Ledger, *, lock: int | None = None) -> None:
        self.engine = engine
        self.ledger = ledger
        self._lock = lock
        self._finish_unfinished()

    def close(self) -> None:
        """Put everything on disk and let others in."""
        if self._lock is not None:
            self.engine.flush()
            self.ledger.finish()
        self.ledger.close()
        del self.engine
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def share_lock(self) -> int:
        """The lock once more, for a level of the same folder; it is let go when both are closed."""
        assert self._lock is not None  # noqa: S101 - asked of levels on disk only
        return os.dup(self._lock)

    def write(self, changes: Mapping[str, Record | None], *, origin: str) -> Change:
        """Replace records as a whole, or withdraw them (``None``), all or nothing; on disk when this returns.

        Nothing is judged here: :mod:`fairmap.publish` does that, and is the only caller.

        :param origin: who writes, for the ledger.
        """
        forms = stored_forms(quad for record in changes.values() if record for quad in record.quads)
        shared = frozenset(forms.values())
        entries = {}
        for iri, record in changes.items():
            if record is None:
                entries[iri] = Entry(None)
            else:
                stored, rows = as_stored(record.quads, forms, shared)
                entries[iri] = Entry(tuple(stored), tuple(rows), digest(record.quads), origin)
        revision = self.ledger.note(entries)
        added, removed = self._carry_out({iri: entry.quads for iri, entry in entries.items()})
        if self.ledger.unfinished_size() > _JOURNAL_LIMIT:
            self.engine.flush()
            self.ledger.finish()
        return Change(revision, tuple(added), tuple(removed), tuple(changes))

    def record(self, iri: str) -> Record | None:
        """The record with its literals as written."""
        quads = list(self.engine.quads_for_pattern(None, None, None, node_of(iri)))
        if not quads:
            return None
        return Record(iri, tuple(self.written([iri]).quads(quads)))

    def dump(self) -> Iterator[Quad]:
        """Every quad, literals as written."""
        yield from self.written().quads(self.engine.quads_for_pattern(None, None, None, None))

    def written(self, graphs: list[str] | None = None) -> Written:
        """The written literals of all graphs, or of these."""
        rows: dict[str, list[Any]] = {}
        for graph, key, literal in self.ledger.literals(graphs):
            rows.setdefault(graph, []).append((key, literal))
        written = Written()
        for graph, of_graph in rows.items():
            written.replace(graph, of_graph)
        return written

    def _carry_out(self, graphs: Mapping[str, tuple[Quad, ...] | None]) -> tuple[list[Quad], list[Quad]]:
        added: list[Quad] = []
        removed: list[Quad] = []
        for iri, quads in graphs.items():
            old = set(self.engine.quads_for_pattern(None, None, None, node_of(iri)))
            new = set(quads or ())
            added.extend(new - old)
            removed.extend(old - new)
        self.engine.extend(added)
        for quad in removed:
            self.engine.remove(quad)
        drop_empty(self.engine, removed)
        return added, removed

    def _finish_unfinished(self) -> None:
        graphs = dict(self.ledger.unfinished())
        if graphs:
            self._carry_out(graphs)


def open_level(address: Address) -> Level:
    """Open the public level of a store for writing; a folder that is not there is made.

    A store in an older form is brought to the present one, after a backup of it.

    :raises StoreInUse: when another process has it open.
    :raises StoreError: when the folder cannot be used.
    """
    if address.path is None or address.state is None:
        return Level(Store(), Ledger(None))
    _make(address.state)
    lock = _take_lock(address.state / "lock", str(address))
    return _open(str(address), level_place(address.path), address.path, lock)


def open_organisation(address: Address, name: str, public: Level) -> Level:
    """Open the level of an organisation for writing; it is made when it is not there.

    :param public: the open level beneath it, whose lock is for the whole folder.
    :raises StoreError: when its folder cannot be used.
    """
    if address.path is None:
        return Level(Store(), Ledger(None))
    place = level_place(address.path, name)
    for folder in (place.engine.parent, place.engine, place.ledger.parent.parent, place.ledger.parent):
        _make(folder)
    return _open(f"{address}, organisation {name}", place, place.ledger.parent, public.share_lock())


def _open(name: str, place: LevelPlace, backups: Path, lock: int) -> Level:
    try:
        with _engine_errors(name):
            opened = Store(str(place.engine))
        noted = Ledger(place.ledger)
        migrate(opened, noted, backups)
        return Level(opened, noted, lock=lock)
    except BaseException:
        os.close(lock)
        raise


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(f"the folder cannot be made: {error.strerror}", where=str(folder)) from error


def _take_lock(path: Path, store: str) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
        os.close(descriptor)
        raise StoreInUse(
            f"process {owner} has this store open for writing",
            where=store,
            expected="that process to stop, or, if it is `fairmap serve`, commands given with the same --store",
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


@contextmanager
def _engine_errors(store: str) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise StoreError(f"the engine cannot open it: {error}", where=store) from error


def drop_empty(engine: Store, removed: Iterable[Quad]) -> None:
    """Forget the names of graphs that lost their last triple; the engine would keep them."""
    for graph in {quad.graph_name for quad in removed}:
        if not isinstance(graph, DefaultGraph) and not any(engine.quads_for_pattern(None, None, None, graph)):
            engine.remove_graph(graph)
