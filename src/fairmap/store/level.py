"""A visibility level: one engine, its ledger, one writer."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from fairmap.errors import StoreError, StoreInUse
from fairmap.model import Change, Packed, Record
from fairmap.namespaces import is_vocabulary
from fairmap.rdf import digest
from fairmap.store.address import level_place
from fairmap.store.ledger import Entry, Ledger
from fairmap.store.literals import Written, as_stored, as_written, name_of, node_of, stored_forms
from fairmap.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from fairmap.store.address import Address, LevelPlace

_JOURNAL_LIMIT: Final = 16 << 20
"""Bytes of journal after which the engine is told to put everything on disk."""

_PIECE: Final = 20_000
"""Quads that are worked on at a time, so that a large write needs little memory."""

_BULK: Final = 10_000
"""Quads from which on the engine's bulk loader is faster than a transaction; a crash in it is repaired from the journal."""


class Level:
    """The store of one visibility level, open for writing. Use it from one thread."""

    def __init__(self, engine: Store, ledger: Ledger, *, lock: int | None = None) -> None:
        self.engine = engine
        self.ledger = ledger
        self._lock = lock
        self._clear()
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
        self.note(changes, origin=origin)
        return self.commit()

    def note(self, changes: Mapping[str, Record | None], *, origin: str) -> None:
        """Note a write that :meth:`commit` carries out with others, all of it or nothing; readers of this level see it already."""
        noted = self.ledger.note(_entries(changes, origin))
        self._numbers |= noted.numbers
        self._literals.take(noted.literals)
        self._gone |= noted.gone

    def commit(self) -> Change:
        """Carry out what was noted, as one group; on disk when this returns.

        :raises StoreError: the store is as it was before the first of them.
        """
        numbers, literals, gone = self._numbers, self._literals, self._gone
        self._clear()
        revision = self.ledger.commit()
        more, less = (
            self._carry_out(self.ledger.unfinished(min(numbers.values()) - 1)) if numbers else (Packed(), Packed())
        )
        if self.ledger.unfinished_size() > _JOURNAL_LIMIT:
            self.engine.flush()
            self.ledger.finish()
        self._touch_dependants()
        return Change(revision, tuple(numbers), more, less, literals, self.ledger.settle(), gone)

    def _touch_dependants(self) -> None:
        """What is told of a record has names of agents and concepts in it: it counts as changed when these do."""
        rewritten = self.ledger.rewritten()
        if any(is_vocabulary(iri) for iri in rewritten):
            self.ledger.touch()
        agents = [NamedNode(iri) for iri in rewritten if "/agent/" in iri]
        pointing = (self.engine.quads_for_pattern(None, None, agent, None) for agent in agents)
        if agents:
            self.ledger.touch({name_of(quad.graph_name) for quads in pointing for quad in quads})

    def rollback(self) -> None:
        """Forget what was noted since the last commit."""
        self._clear()
        self.ledger.rollback()

    def _clear(self) -> None:
        self._numbers: dict[str, int] = {}
        self._literals = Packed()
        self._gone: dict[str, str | None] = {}

    def record(self, iri: str) -> Record | None:
        """The record with its literals as written."""
        quads = tuple(as_written(self.stored(iri), self.ledger.literals(iri)))
        return Record(iri, quads) if quads else None

    def stored(self, iri: str) -> Iterable[Quad]:
        """A record's quads as the engine stores them, noted writes included."""
        if iri in self._numbers:
            return self.ledger.noted(self._numbers[iri])
        return self.engine.quads_for_pattern(None, None, None, node_of(iri))

    def about(self, node: NamedNode, iri: str) -> Iterable[Quad]:
        """The quads of a record that have ``node`` as their subject, noted writes included."""
        if iri in self._numbers:
            return (quad for quad in self.ledger.noted(self._numbers[iri]) if quad.subject == node)
        return self.engine.quads_for_pattern(node, None, None, node_of(iri))

    def dump(self) -> Iterator[Quad]:
        """Every quad, literals as written, graph by graph."""
        for graph in chain([DefaultGraph()], self.engine.named_graphs()):
            quads = self.engine.quads_for_pattern(None, None, None, graph)
            yield from as_written(quads, self.ledger.literals(name_of(graph)))

    def written(self) -> Written:
        """The written literals of all graphs."""
        written = Written()
        for key, text in self.ledger.literals():
            written.add(key, text)
        return written

    def agrees(self, iri: str) -> bool:
        """Whether the engine holds the record that the ledger says was written."""
        record = self.record(iri)
        return digest(record.quads if record else ()) == self.ledger.digest(iri)

    def _carry_out(self, graphs: Iterable[tuple[str, tuple[Quad, ...] | None]]) -> tuple[Packed, Packed]:
        """Bring the engine to these graphs, piece by piece; what was added and removed."""
        more, less = Packed(), Packed()
        added: list[Quad] = []
        removed: list[Quad] = []
        for iri, quads in graphs:
            old = set(self.engine.quads_for_pattern(None, None, None, node_of(iri)))
            new = set(quads or ())
            added.extend(new - old)
            removed.extend(old - new)
            if len(added) + len(removed) >= _PIECE:
                self._change(added, removed, more, less)
        if added or removed:  # a level of a backup is only read
            self._change(added, removed, more, less)
        return more, less

    def _change(self, added: list[Quad], removed: list[Quad], more: Packed, less: Packed) -> None:
        """Change the engine, note it in ``more`` and ``less``, and empty the lists."""
        more.add_quads(added)
        less.add_quads(removed)
        if len(added) >= _BULK:
            self.engine.bulk_extend(added)
        elif added:
            self.engine.extend(added)
        for quad in removed:
            self.engine.remove(quad)
        drop_empty(self.engine, removed)
        added.clear()
        removed.clear()

    def _finish_unfinished(self) -> None:
        """What the journal holds may be half in the engine: a crash can come between two pieces."""
        self._carry_out(self.ledger.unfinished())
        self.ledger.follow_program(version("fairmap"))
        self.ledger.settle()


def _entries(changes: Mapping[str, Record | None], origin: str) -> Iterator[tuple[str, Entry]]:
    """The entries of a write, worked out for some records at a time."""
    piece: dict[str, tuple[Quad, ...] | None] = {}
    size = 0
    for iri, record in changes.items():
        piece[iri] = None if record is None else record.quads
        size += len(piece[iri] or ())
        if size >= _PIECE:
            yield from _worked_out(piece, origin)
            piece, size = {}, 0
    yield from _worked_out(piece, origin)


def _worked_out(graphs: Mapping[str, tuple[Quad, ...] | None], origin: str) -> Iterator[tuple[str, Entry]]:
    forms = stored_forms(quad for quads in graphs.values() for quad in quads or ())
    shared = frozenset(forms.values())
    for iri, quads in graphs.items():
        if quads is None:
            yield iri, Entry(None)
        else:
            stored, rows = as_stored(quads, forms, shared)
            yield iri, Entry(tuple(stored), tuple(rows), digest(quads), origin)


def open_level(address: Address) -> Level:
    """Open the public level of a store for writing; a folder that is not there is made.

    A store in an older form is brought to the present one, after a backup of it.

    :raises StoreInUse: when another process has it open.
    :raises StoreError: when the folder cannot be used.
    """
    if address.path is None or address.state is None:
        return Level(Store(), Ledger(None))
    _make(address.state)
    lock = take_lock(address.state / "lock", str(address))
    return _open(str(address), level_place(address.path), address.path, lock)


def open_organisation(address: Address, name: str, public: Level) -> Level:
    """Open the level of an organisation, or that of proposals, for writing; it is made when it is not there.

    :param name: of the organisation, or :data:`fairmap.store.address.PROPOSALS`.
    :param public: the open level beneath it, whose lock is for the whole folder.
    :raises StoreError: when its folder cannot be used.
    """
    if address.path is None:
        return Level(Store(), Ledger(None))
    place = level_place(address.path, name)
    for folder in (place.engine.parent, place.engine, place.ledger.parent.parent, place.ledger.parent):
        _make(folder)
    return _open(
        f"{address}, {place.engine.relative_to(address.path)}", place, place.ledger.parent, public.share_lock()
    )


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


def take_lock(path: Path, store: str) -> int:
    """The descriptor of a lock that this process now has.

    :raises StoreInUse: when another process has it.
    """
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
