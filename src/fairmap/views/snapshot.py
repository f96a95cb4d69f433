"""The snapshot that a view process holds: the graph in memory, written literals, withdrawn records; and how it is fed.

A change comes as frames of about a MiB: ``LESS`` and ``MORE`` hold N-Quads, ``LITERALS`` rows of written literals, ``GONE`` withdrawn
records, ``DATES`` when records changed; ``REQUEST`` ends it with the revision. A snapshot on disk comes as one frame, ``CHECKPOINT``.
Whoever holds the snapshot lets nobody see it between two frames of a change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from pyoxigraph import RdfFormat, Store, parse

from fairmap import wire
from fairmap.search import SearchIndex
from fairmap.sparql import Profile, evaluate, evaluate_rewritten
from fairmap.store import History, Written, drop_empty, name_of
from fairmap.store.history import overlay
from fairmap.views.disk import CHECKPOINT, ENGINE, DiskSnapshot

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from pyoxigraph import Quad

    from fairmap.model import Change
    from fairmap.sparql import Prepared, Request
    from fairmap.store import Level

Frames = Iterable[tuple[bytes, bytes]]
"""Frames as (kind, payload)."""

LESS: Final = b"-"
MORE: Final = b"+"
LITERALS: Final = b"L"
GONE: Final = b"G"
DATES: Final = b"T"

_LARGE: Final = 100_000
"""Quads of a change after which the profile is read anew instead of adjusted, but for its sets."""
_LARGEST: Final = 400_000
"""Quads of a change, without those that concern no set, after which the sets are read anew, too."""


@dataclass
class Snapshot:
    """A graph in memory that follows the writer change by change; queries run in forks of the process that holds it.

    :ivar rewriting: queries are put into other words that are answered faster; the profile is kept for that.
    """

    store: Store = field(default_factory=Store)
    written: Written = field(default_factory=Written)
    search: SearchIndex = field(default_factory=SearchIndex)
    gone: dict[str, str] = field(default_factory=dict)
    dates: History = field(default_factory=History)
    revision: int = 0
    rewriting: bool = False
    profile: Profile | None = None
    _is_whole: bool = False
    _graphs: set[str] = field(default_factory=set)
    _quads: list[Quad] = field(default_factory=list)

    is_on_disk: ClassVar[bool] = False

    def prepare(self, request: Request) -> Prepared:
        """Start a query on the graph; as :func:`fairmap.sparql.evaluate`."""
        if self.rewriting:
            return evaluate_rewritten(self.store, request, self.written.triples, self.profile)
        return evaluate(self.store, request, self.written.triples)

    def open(self, *, sends: bool) -> None:
        """A worker has the graph with its fork."""

    def scratch(self) -> Store:
        """What an update may change, in a worker that ends after it."""
        return self.store

    def take(self, kind: bytes, payload: bytes) -> Self | None:
        """Take over one frame of a change; ``None`` before the last."""
        if kind == MORE:
            self.store.extend(self._noted(_quads(payload)))
        elif kind == LESS:
            removed = list(self._noted(_quads(payload)))
            for quad in removed:
                self.store.remove(quad)
            drop_empty(self.store, removed)
        elif kind == LITERALS:
            self._take_literals(payload)
        elif kind == GONE:
            self._take_gone(json.loads(payload))
        elif kind == DATES:
            self.dates.take(payload.decode())
        else:
            self._follow()
            self.revision = json.loads(payload)["revision"]
            return self
        return None

    def _noted(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """Note what changes for what is kept beside the graph; the first feed is not noted, since all is read after it."""
        for quad in quads:
            if self._is_whole:
                self._graphs.add(name_of(quad.graph_name))
                if len(self._quads) <= _LARGE or self._concerns_sets(quad):
                    self._quads.append(quad)
            yield quad

    def _concerns_sets(self, quad: Quad) -> bool:
        return self.profile is not None and quad.predicate.value in self.profile.sets and len(self._quads) <= _LARGEST

    def _follow(self) -> None:
        """Bring what is kept beside the graph to its state."""
        if self.rewriting:
            if self.profile is None:
                self.profile = Profile(self.store)
            elif len(self._quads) > _LARGE:
                self._follow_much(self.profile)
            else:
                self.profile.follow(self._quads)
        self.search.follow(self.store, self._graphs if self._is_whole else None)
        self._graphs, self._quads, self._is_whole = set(), [], True

    def _follow_much(self, profile: Profile) -> None:
        if len(self._quads) > _LARGEST:
            profile.sets.clear()
        else:
            profile.sets.follow(self._quads)
        profile.read()

    def _take_literals(self, payload: bytes) -> None:
        for line in payload.decode().splitlines():
            subject, predicate, stored, written = json.loads(line[1:])
            change = self.written.add if line[0] == "+" else self.written.remove
            change((subject, predicate, stored), written)

    def _take_gone(self, gone: dict[str, str | None]) -> None:
        for iri, since in gone.items():
            if since is None:
                self.gone.pop(iri, None)
            else:
                self.gone[iri] = since


AnySnapshot = Snapshot | DiskSnapshot


def send_frames(connection: socket.socket, frames: Frames) -> None:
    """Send frames to a view process; blocks until it has taken them."""
    for kind, payload in frames:
        wire.send(connection, kind, payload)


def whole(level: Level) -> Frames:
    """The frames of everything, for a view process that starts."""
    yield from ((MORE, piece) for piece in _pieces(f"{quad} .\n" for quad in level.engine))
    yield from _literals(level.ledger.literals())
    yield GONE, _json(level.ledger.gone())
    yield from _dates(level.ledger.history.lines())
    yield wire.REQUEST, _json({"revision": level.ledger.revision})


def whole_of(public: Level, own: Level) -> Frames:
    """The frames of everything that an organisation sees, for a view process that starts."""
    replaced = own.ledger.records()
    lines = (f"{quad} .\n" for quad in public.engine if name_of(quad.graph_name) not in replaced)
    yield from ((MORE, piece) for piece in _pieces(lines))
    yield from ((MORE, piece) for piece in _pieces(f"{quad} .\n" for quad in own.engine))
    for graph in public.ledger.records():
        if graph not in replaced:
            yield from _literals(public.ledger.literals(graph))
    yield from _literals(own.ledger.literals())
    yield GONE, _json(gone(public, own))
    yield from _dates(overlay(public.ledger.history, own.ledger.history))
    yield wire.REQUEST, _json({"revision": public.ledger.revision + own.ledger.revision})


def checkpoint(level: Level, folder: Path) -> Frames:
    """Everything, as a checkpoint in ``folder``, for a view process that serves it from disk."""
    level.engine.backup(str(folder / ENGINE))
    yield CHECKPOINT, _json(_told(level, folder))


def checkpoint_of(public: Level, own: Level, folder: Path) -> Frames:
    """Everything that an organisation sees, as two checkpoints of which the view process makes one."""
    replaced = list(own.ledger.records())
    public.engine.backup(str(folder / ENGINE))
    own.engine.backup(str(folder / "overlay"))
    told = {
        **_told(public, folder),
        "overlay": str(folder / "overlay"),
        "replaced": replaced,
        "ledgers": [(public.ledger.path, replaced), (own.ledger.path, [])],
        "until": max(public.ledger.history.latest(), own.ledger.history.latest()),
        "gone": gone(public, own),
        "revision": public.ledger.revision + own.ledger.revision,
    }
    yield CHECKPOINT, _json(told)


def _told(level: Level, folder: Path) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "overlay": None,
        "replaced": [],
        "ledgers": [(level.ledger.path, [])],
        "until": level.ledger.history.latest(),
        "gone": level.ledger.gone(),
        "revision": level.ledger.revision,
    }


def gone(public: Level, own: Level) -> dict[str, str]:
    """The records that an organisation sees as withdrawn: by itself or by the public, and not there in the other level."""
    by_public, by_own = public.ledger.gone(), own.ledger.gone()
    left = {iri: since for iri, since in by_public.items() if own.ledger.digest(iri) is None}
    return {**left, **{iri: since for iri, since in by_own.items() if public.ledger.digest(iri) is None}}


def delta(change: Change) -> Frames:
    """The frames of what a write changed, for a view process that runs."""
    told = ((LESS, change.less), (MORE, change.more), (LITERALS, change.literals), (DATES, change.dates))
    for kind, packed in told:
        yield from ((kind, piece) for piece in packed.pieces())
    if change.gone:
        yield GONE, _json(change.gone)
    yield wire.REQUEST, _json({"revision": change.revision})


def _literals(rows: Iterable[tuple[tuple[str, str, str], str]]) -> Frames:
    lines = (f"+{json.dumps((*key, written))}\n" for key, written in rows)
    return ((LITERALS, piece) for piece in _pieces(lines))


def _dates(lines: Iterable[str]) -> Frames:
    return ((DATES, piece) for piece in _pieces(lines))


def _pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """The lines put together to pieces of about a MiB."""
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= wire.PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting).encode()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _quads(payload: bytes) -> Iterable[Quad]:
    return parse(payload, format=RdfFormat.N_QUADS)
