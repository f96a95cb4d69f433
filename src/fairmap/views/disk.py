"""A snapshot on disk: a checkpoint of the engine that nobody writes to any more, opened read-only by each query worker.

The process that holds it never opens the engine itself: what the engine starts in a process (threads) does not pass a fork.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sqlite3
import struct
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Self

from pyoxigraph import Literal, NamedNode, Store, Triple

from fairmap.errors import StoreError
from fairmap.namespaces import XSD
from fairmap.search import SearchIndex
from fairmap.sparql import evaluate, evaluate_rewritten
from fairmap.store import History, Written, node_of
from fairmap.store.history import overlay
from fairmap.store.literals import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fairmap.sparql import Prepared, Request

_STRING: Final = NamedNode(f"{XSD}string")
CHECKPOINT: Final = b"C"
ENGINE: Final = "engine"
"""The engine's folder in the snapshot's; an update has its own copy beside it."""


@dataclass(frozen=True)
class WrittenOnDisk:
    """Written literals, looked up in the ledgers when they are needed.

    :ivar ledgers: each with the graphs that are not seen of it. They are read as they were when this was opened.
    """

    ledgers: list[tuple[sqlite3.Connection, frozenset[str]]]

    @classmethod
    def open(cls, ledgers: Iterable[tuple[str, list[str]]]) -> Self:
        """Over these files; what is written to them later is not seen."""
        opened = []
        for path, hidden in ledgers:
            base = sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True, isolation_level=None)
            base.execute("BEGIN")
            base.execute("SELECT COUNT(*) FROM meta").fetchone()  # begins the read
            opened.append((base, frozenset(hidden)))
        return cls(opened)

    def triples(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """As :meth:`fairmap.store.Written.triples`."""
        for triple in triples:
            value = triple.object
            if isinstance(value, Literal) and value.language is None and value.datatype != _STRING:
                for written in self._written(str(triple.subject), str(triple.predicate), str(value)) or [value]:
                    yield Triple(triple.subject, triple.predicate, written)
            else:
                yield triple

    def texts(self, statement: bytes) -> list[str]:
        """As :meth:`fairmap.store.Written.texts`."""
        return self._texts(*statement.decode().split(" ", 2))

    def _texts(self, *key: str) -> list[str]:
        query = "SELECT graph, written FROM literal WHERE subject = ? AND predicate = ? AND stored = ? ORDER BY rowid"
        return [
            written
            for base, hidden in self.ledgers
            for graph, written in base.execute(query, key)
            if graph not in hidden
        ]

    def _written(self, subject: str, predicate: str, stored: str) -> list[Literal]:
        return [literal(text) for text in dict.fromkeys(self._texts(subject, predicate, stored))]


@dataclass
class DiskSnapshot:
    """A graph on disk; another one takes its place at each change.

    :ivar folder: holds the engine's folder; it is removed when nothing in the process that made this uses it any more.
    :ivar until: the last moment at which something changed that it shows.
    :ivar ledgers: paths of ledgers, each with the graphs that are not seen of it.
    """

    folder: Path | None = None
    ledgers: list[tuple[str, list[str]]] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    store: Store = field(default_factory=Store)
    written: Written | WrittenOnDisk = field(default_factory=Written)
    rewriting: bool = False
    until: int | None = None
    _dates: History | None = None
    _search: SearchIndex | None = None

    is_on_disk: ClassVar[bool] = True

    def take(self, kind: bytes, payload: bytes) -> DiskSnapshot:
        """The snapshot that a frame of the writer tells of, once what lies on top of its checkpoint is in it.

        :raises StoreError: when that cannot be brought in.
        """
        assert kind == CHECKPOINT  # noqa: S101 - a view on disk gets nothing else
        told = json.loads(payload)
        folder = Path(told["folder"])
        if told["overlay"]:
            _in_child(lambda: _lay_over(folder / ENGINE, Path(told["overlay"]), told["replaced"]))
        made = DiskSnapshot(
            folder,
            told["ledgers"],
            told["gone"],
            told["revision"],
            rewriting=self.rewriting,
            until=told["until"],
        )
        weakref.finalize(made, _remove, folder, os.getpid())
        return made

    def open(self, *, sends: bool) -> None:
        """Open it in a worker. The engine opens some of its files later, so it is sockets that are refused, not files.

        :param sends: whether this worker may open sockets.
        :raises StoreError: when the kernel cannot be told to refuse sockets.
        """
        if not sends:
            refuse_sockets()
        if self.folder:
            self.store = Store.read_only(str(self.folder / ENGINE))
        self.written = WrittenOnDisk.open(self.ledgers)

    def prepare(self, request: Request) -> Prepared:
        """Start a query on the graph; as :func:`fairmap.sparql.evaluate`."""
        start = evaluate_rewritten if self.rewriting else evaluate
        return start(self.store, request, self.written.triples)

    @property
    def dates(self) -> History:
        """When the records changed: read in the ledger; of two, laid over each other in the worker that is asked first."""
        if self._dates is None and isinstance(self.written, WrittenOnDisk):
            found = [History(base, self.until) for base, _ in self.written.ledgers]
            self._dates = found[0] if len(found) == 1 else History()
            if len(found) > 1:
                self._dates.take("".join(overlay(*found)))
        return self._dates or History()

    @property
    def search(self) -> SearchIndex:
        """The index for searches, made in the worker that is asked for it first."""
        if self._search is None:
            self._search = SearchIndex()
            self._search.follow(self.store)
        return self._search

    def scratch(self) -> Store:
        """A copy that an update may change, in this worker that ends after it."""
        if self.folder is None:
            return self.store
        copy = self.folder / f"update-{os.getpid()}"
        self.store.backup(str(copy))
        return Store(str(copy))


def _lay_over(engine: Path, overlay: Path, replaced: list[str]) -> None:
    """Put the graphs of another checkpoint in the place of those of the same names."""
    store = Store(str(engine))
    for name in replaced:
        store.remove_graph(node_of(name))
    store.bulk_extend(Store.read_only(str(overlay)))
    store.flush()


def _in_child(act: Callable[[], None]) -> None:
    """Do something in a fork, so that nothing of it stays in this process.

    :raises StoreError: when it fails; what went wrong is on standard error.
    """
    pid = os.fork()
    if pid == 0:
        try:
            act()
            os._exit(0)
        except (OSError, RuntimeError, ValueError) as error:
            os.write(2, f"fairmap: a snapshot cannot be made: {error}\n".encode())
        finally:
            os._exit(1)
    if os.waitpid(pid, 0)[1] != 0:
        raise StoreError("a snapshot cannot be made")


def _remove(folder: Path, pid: int) -> None:
    if os.getpid() == pid:  # a fork has a copy of the snapshot, and does not own it
        shutil.rmtree(folder, ignore_errors=True)


_CALLS: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""For each machine its number in the audit interface and that of socket(2). Source: linux/audit.h, the tables of calls."""
_ACCESS_DENIED: Final = 13


def refuse_sockets() -> None:
    """Let every socket(2) of this process fail from now on. Source: seccomp(2), filter mode; struct sock_filter.

    Calls of another machine's interface end the process.

    :raises StoreError: when the kernel does not do that.
    """
    machine = os.uname().machine
    if machine not in _CALLS:
        raise StoreError(f"views on disk are not served on {machine}", expected=" or ".join(_CALLS))
    audit, call = _CALLS[machine]
    steps = [
        (0x20, 0, 0, 4),  # load the machine
        (0x15, 1, 0, audit),  # the expected one: go on
        (0x06, 0, 0, 0x80000000),  # end the process
        (0x20, 0, 0, 0),  # load the call's number
        (0x15, 0, 1, call),  # not socket: skip one
        (0x06, 0, 0, 0x00050000 | _ACCESS_DENIED),  # fail
        (0x06, 0, 0, 0x7FFF0000),  # allow
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    library = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, seccomp, filter_mode = 38, 22, 2
    if library.prctl(no_new_privileges, 1, 0, 0, 0) or library.prctl(seccomp, filter_mode, program, 0, 0):
        raise StoreError(f"the kernel refuses a filter of calls: {os.strerror(ctypes.get_errno())}")
