"""A level whose engine is elsewhere: the ledger here is the truth, the engine follows it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TypeAlias

from pyoxigraph import RdfFormat, parse

from fairmap.errors import InputError, ServiceDown, StoreError, UsageError
from fairmap.model import Change, Record
from fairmap.namespaces import DEFAULT_GRAPH
from fairmap.rdf import digest
from fairmap.store.by_value import same_graph
from fairmap.store.documents import RecordLedger, State
from fairmap.store.engine import Engine, Refused
from fairmap.store.ledger import Entry
from fairmap.store.level import take_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import NamedNode, Quad

    from fairmap.store.address import Address

_BATCH: Final = 20_000
"""Triples after which an update for several records is sent."""
_READ: Final = 60.0

Graphs: TypeAlias = "Iterable[tuple[str, tuple[Quad, ...] | None]]"


class RemoteLevel:
    """The public level on any SPARQL 1.1 engine. Use it from one thread.

    A write is noted in the ledger with the records as they are written, then carried out on the engine. When the engine goes away
    in between, the write is carried out later, before any other; when it refuses the write, the ledger takes it back.
    """

    def __init__(self, engine: Engine, ledger: RecordLedger, *, lock: int | None = None) -> None:
        """:raises ServiceDown: when something is to be carried out and the engine is not there."""
        self._engine = engine
        self.ledger = ledger
        self._lock = lock
        self._before: dict[str, State] = {}
        if engine.remote.is_writable:
            self._restore_lost()
            self.catch_up()

    def close(self) -> None:
        """Let others in."""
        self.ledger.close()
        self._engine.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def write(self, changes: Mapping[str, Record | None], *, origin: str) -> Change:
        """As :meth:`fairmap.store.protocol.Store.write`; raises what :meth:`note` and :meth:`commit` do."""
        self.note(changes, origin=origin)
        return self.commit()

    def note(self, changes: Mapping[str, Record | None], *, origin: str) -> None:
        """As :meth:`fairmap.store.protocol.Store.note`; the first of a group asks whether the engine is there.

        :raises ServiceDown: when it is not.
        """
        self._check_writable(changes)
        if not self._before:
            self.catch_up()
            self._engine.check()
        before = {iri: self.ledger.state(iri) for iri in changes if iri not in self._before}
        try:
            self.ledger.note((iri, _entry(record, origin)) for iri, record in changes.items())
        except BaseException:
            if not self._before:
                self.ledger.rollback()
            raise
        self._before |= before

    def commit(self) -> Change:
        """Carry out what was noted; the change tells which records, not which quads.

        :raises ServiceDown: when the engine goes away in the midst of it; the message says that the write is kept.
        :raises StoreError: when the engine refuses something of it; the store is as it was before the first write.
        """
        before, self._before = self._before, {}
        revision = self.ledger.commit()
        if not before:
            return Change(revision, ())
        try:
            self._carry_out(self.ledger.unfinished())
        except Refused:
            self.ledger.revert(before)
            self.catch_up()
            raise
        except ServiceDown as error:
            what = f"{error.what}; the write is kept and carried out when the engine is back"
            raise ServiceDown(what, where=error.where) from error
        self._carried()
        return Change(revision, tuple(before))

    def rollback(self) -> None:
        """Forget what was noted since the last commit."""
        self._before = {}
        self.ledger.rollback()

    def catch_up(self) -> None:
        """Carry out what the engine may lack.

        :raises ServiceDown: when it is not there; nothing is lost.
        """
        if self.ledger.has_unfinished:
            self._carry_out(self.ledger.unfinished())
            self._carried()

    def record(self, iri: str) -> Record | None:
        """The record as it was written."""
        quads = self.ledger.document(iri)
        return Record(iri, quads) if quads else None

    def dump(self) -> Iterator[Quad]:
        """Every quad as it was written."""
        for _, quads in self.ledger.documents():
            yield from quads

    def stored(self, iri: str) -> Iterable[Quad]:
        """A record's quads as they were written."""
        return self.ledger.document(iri) or ()

    def about(self, node: NamedNode, iri: str) -> Iterable[Quad]:
        """The quads of a record that have ``node`` as their subject, as they were written."""
        return (quad for quad in self.stored(iri) if quad.subject == node)

    def agrees(self, iri: str) -> bool:
        """Whether the engine's graph is the record, but for the form of literals."""
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
        response = self._engine.query(query, "application/n-triples", deadline=_READ)
        found = [quad.triple for quad in parse(response.data, format=RdfFormat.N_TRIPLES)]
        written = [quad.triple for quad in self.stored(iri)]
        return same_graph(found, written)

    def _carried(self) -> None:
        """Date what was carried out before readers take the revision for the present one."""
        self.ledger.settle()
        self.ledger.carried()

    def _check_writable(self, changes: Iterable[str]) -> None:
        if not self._engine.remote.is_writable:
            what = "the store is only read: it has no address for writing"
            raise UsageError(what, where=self._engine.remote.query, expected="sparql_update or sparql_graph_store")
        if DEFAULT_GRAPH in changes:
            raise InputError("the default graph of a sparql: store is not written", expected="a named graph")

    def _restore_lost(self) -> None:
        """Let the journal hold all records again when the engine has lost them, as an engine in memory does when it ends."""
        some = next(self.ledger.documents(), None)
        if some is not None and not self.ledger.has_unfinished and not self.agrees(some[0]):
            self.ledger.note_all()

    def _carry_out(self, graphs: Graphs) -> None:
        if self._engine.remote.graph_store and (not self._engine.dialect.batches or not self._engine.remote.update):
            for iri, quads in graphs:
                if quads:
                    self._engine.put(iri, _triples(quads))
                else:
                    self._engine.delete(iri)
            return
        for update in _updates(graphs):
            self._engine.update(update)


def _updates(graphs: Graphs) -> Iterator[str]:
    """Updates that replace graphs, several in each."""
    parts: list[str] = []
    size = 0
    for iri, quads in graphs:
        parts.append(f"DROP SILENT GRAPH <{iri}>")
        if quads:
            parts.append(f"INSERT DATA {{ GRAPH <{iri}> {{ {_triples(quads)} }} }}")
            size += len(quads)
        if size > _BATCH:
            yield " ;\n".join(parts)
            parts, size = [], 0
    if parts:
        yield " ;\n".join(parts)


def _triples(quads: Iterable[Quad]) -> str:
    return "".join(f"{quad.triple} .\n" for quad in quads)


def _entry(record: Record | None, origin: str) -> Entry:
    if record is None:
        return Entry(None)
    quads = record.quads
    return Entry(quads, (), digest(quads), origin)


def open_remote(address: Address) -> RemoteLevel:
    """Open the public level of a store elsewhere for writing; its state folder is made when it is not there.

    :raises StoreInUse: when another process has it open.
    :raises ServiceDown: when the engine lacks a write and is not there.
    :raises StoreError: when the state folder cannot be used.
    """
    if address.remote is None or address.state is None:
        raise UsageError("this is no store elsewhere", where=str(address), expected="sparql:URL")
    try:
        address.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(f"the folder cannot be made: {error.strerror}", where=str(address.state)) from error
    lock = take_lock(address.state / "lock", str(address))
    try:
        return RemoteLevel(Engine(address.remote), RecordLedger(address.state / "ledger.sqlite"), lock=lock)
    except BaseException:
        os.close(lock)
        raise
