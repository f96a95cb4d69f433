"""The snapshot that a view process holds: the graph in memory, written literals, withdrawn records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyoxigraph import RdfFormat, Store, parse

from fairmap.store import Written, drop_empty
from fairmap.store.ledger import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Quad

    from fairmap.model import Change
    from fairmap.store import Level


@dataclass
class Snapshot:
    """A graph in memory that follows the writer by deltas; queries run in forks of the process that holds it."""

    store: Store = field(default_factory=Store)
    written: Written = field(default_factory=Written)
    gone: dict[str, str] = field(default_factory=dict)
    revision: int = 0

    def apply(self, delta: dict[str, Any]) -> None:
        """Take over what :func:`whole` or :func:`delta` of the writer says."""
        removed = list(_quads(delta["removed"]))
        for quad in removed:
            self.store.remove(quad)
        drop_empty(self.store, removed)
        self.store.extend(_quads(delta["added"]))
        for graph, rows in delta["literals"].items():
            self.written.replace(graph, [((s, p, stored), literal(text)) for s, p, stored, text in rows])
        self.gone = delta["gone"]
        self.revision = delta["revision"]


def whole(level: Level) -> dict[str, Any]:
    """Everything, for a view process that starts."""
    quads = level.engine.quads_for_pattern(None, None, None, None)
    return _delta(level, quads, (), None, level.ledger.revision)


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
