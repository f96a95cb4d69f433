"""The snapshot that a view process holds: the graph in memory, written literals, withdrawn records."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from pyoxigraph import RdfFormat, Store, parse

from fairmap.sparql import Profile, evaluate, evaluate_rewritten
from fairmap.store import Written, drop_empty, name_of
from fairmap.store.ledger import literal
from fairmap.text import TextIndex
from fairmap.views.disk import ENGINE, DiskSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pyoxigraph import Quad

    from fairmap.model import Change
    from fairmap.sparql import Prepared, Request
    from fairmap.store import Level

_LARGE: Final = 1 << 26  # bytes of a change after which the profile is read anew instead of adjusted


@dataclass
class Snapshot:
    """A graph in memory that follows the writer by deltas; queries run in forks of the process that holds it.

    :ivar rewriting: queries are put into other words that are answered faster; the profile is kept for that.
    """

    store: Store = field(default_factory=Store)
    written: Written = field(default_factory=Written)
    text: TextIndex = field(default_factory=TextIndex)
    gone: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    rewriting: bool = False
    profile: Profile | None = None

    def prepare(self, request: Request) -> Prepared:
        """Start a query on the graph; as :func:`fairmap.sparql.evaluate`."""
        if self.rewriting:
            return evaluate_rewritten(self.store, request, self.written.triples, self.profile)
        return evaluate(self.store, request, self.written.triples)

    is_on_disk: ClassVar[bool] = False

    def after(self, told: dict[str, Any]) -> Self:
        """Take over what the writer tells; the same snapshot."""
        self.apply(told)
        return self

    def open(self, *, sends: bool) -> None:
        """A worker has the graph with its fork."""

    def scratch(self) -> Store:
        """What an update may change, in a worker that ends after it."""
        return self.store

    def apply(self, delta: dict[str, Any]) -> None:
        """Take over what :func:`whole` or :func:`delta` of the writer says."""
        removed = list(_quads(delta["removed"]))
        for quad in removed:
            self.store.remove(quad)
        drop_empty(self.store, removed)
        self.store.extend(_quads(delta["added"]))
        if self.rewriting:
            self._follow_profile(removed, delta["added"])
        for graph, rows in delta["literals"].items():
            self.written.replace(graph, [((s, p, stored), literal(text)) for s, p, stored, text in rows])
        is_first = self.revision == 0  # only a later delta has a row of literals for each changed graph
        self.text.follow(self.store, None if is_first else delta["literals"])
        self.gone = delta["gone"]
        self.revision = delta["revision"]

    def _follow_profile(self, removed: list[Quad], added: str) -> None:
        if self.profile is None:
            self.profile = Profile(self.store)
        elif len(added) > _LARGE:
            self.profile.read()
        else:
            self.profile.follow(chain(removed, _quads(added)))


AnySnapshot = Snapshot | DiskSnapshot


def whole(level: Level) -> dict[str, Any]:
    """Everything, for a view process that starts."""
    quads = level.engine.quads_for_pattern(None, None, None, None)
    return _delta(level, quads, (), None, level.ledger.revision)


def whole_of(public: Level, own: Level) -> dict[str, Any]:
    """Everything that an organisation sees, for a view process that starts."""
    replaced = own.ledger.records()
    quads = (quad for quad in public.engine if name_of(quad.graph_name) not in replaced)
    top, base = whole(own), _delta(public, quads, (), None, 0)
    literals = {graph: rows for graph, rows in base["literals"].items() if graph not in replaced}
    return {
        "added": base["added"] + top["added"],
        "removed": "",
        "literals": {**literals, **top["literals"]},
        "gone": gone(public, own),
        "revision": public.ledger.revision + own.ledger.revision,
    }


def checkpoint(level: Level, folder: Path) -> dict[str, Any]:
    """Everything, as a checkpoint in ``folder``, for a view process that serves it from disk."""
    level.engine.backup(str(folder / ENGINE))
    return {
        "folder": str(folder),
        "overlay": None,
        "replaced": [],
        "ledgers": [(level.ledger.path, [])],
        "gone": level.ledger.gone(),
        "revision": level.ledger.revision,
    }


def checkpoint_of(public: Level, own: Level, folder: Path) -> dict[str, Any]:
    """Everything that an organisation sees, as two checkpoints of which the view process makes one."""
    replaced = list(own.ledger.records())
    own.engine.backup(str(folder / "overlay"))
    return {
        **checkpoint(public, folder),
        "overlay": str(folder / "overlay"),
        "replaced": replaced,
        "ledgers": [(public.ledger.path, replaced), (own.ledger.path, [])],
        "gone": gone(public, own),
        "revision": public.ledger.revision + own.ledger.revision,
    }


def gone(public: Level, own: Level) -> dict[str, str]:
    """The records that an organisation sees as withdrawn: by itself or by the public, and not there in the other level."""
    by_public, by_own = public.ledger.gone(), own.ledger.gone()
    left = {iri: since for iri, since in by_public.items() if own.ledger.digest(iri) is None}
    return {**left, **{iri: since for iri, since in by_own.items() if public.ledger.digest(iri) is None}}


def delta(level: Level, change: Change) -> dict[str, Any]:
    """What a write changed, for a view process that runs."""
    return _delta(level, change.added, change.removed, list(change.records), change.revision)


def _delta(
    level: Level, added: Iterable[Quad], removed: Iterable[Quad], graphs: list[str] | None, revision: int
) -> dict[str, Any]:
    literals: dict[str, list[tuple[str, ...]]] = {graph: [] for graph in graphs or ()}
    for graph, key, written in level.ledger.literals(graphs):
        literals.setdefault(graph, []).append((*key, str(written)))
    return {
        "added": "".join(f"{quad} .\n" for quad in added),
        "removed": "".join(f"{quad} .\n" for quad in removed),
        "literals": literals,
        "gone": level.ledger.gone(),
        "revision": revision,
    }


def _quads(text: str) -> Iterable[Quad]:
    return parse(text, format=RdfFormat.N_QUADS)
