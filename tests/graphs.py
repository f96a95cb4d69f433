"""Small graphs, drawn ones too, for tests of queries in other words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store

from fairmap.model import Change, Packed
from fairmap.namespaces import RDF
from fairmap.sparql import Profile, Request
from fairmap.sparql.rewrite import rewrite
from fairmap.views.snapshot import Snapshot, delta

if TYPE_CHECKING:
    from collections.abc import Iterable

EX: Final = "https://example.org/"
PREFIXES: Final = f"PREFIX : <{EX}> PREFIX rdf: <{RDF}>\n"
TYPE: Final = NamedNode(f"{RDF}type")


def node(name: str) -> NamedNode:
    return NamedNode(EX + name)


def quad(subject: str, predicate: str, value: str | int, graph: str | None = None) -> Quad:
    link = TYPE if predicate == "a" else node(predicate)
    place = DefaultGraph() if graph == "default" else node(graph or subject)
    return Quad(node(subject), link, node(value) if isinstance(value, str) else Literal(value), place)


def catalogue(size: int = 60) -> Store:
    """Datasets and two repositories, all with a modality; MR above brain MR above MR perfusion, and a circle."""
    store = Store()
    store.extend(quad(*pair) for pair in [("brain-mr", "broader", "mr"), ("perfusion", "broader", "brain-mr")])
    store.extend(quad(*pair) for pair in [("x", "broader", "y"), ("y", "broader", "x")])
    concepts = ["mr", "brain-mr", "perfusion", "ct", "x"]
    for number in range(size):
        name = f"d{number}"
        store.extend([quad(name, "a", "Dataset"), quad(name, "size", number), quad(name, "title", number % 7)])
        store.extend(quad(name, "modality", concepts[at % 5]) for at in {number, number * 3})
        store.extend([quad(name, "part", f"{name}-part"), quad(f"{name}-part", "a", "Part", name)])
    for name in ("r1", "r2"):
        store.extend([quad(name, "a", "Repository"), quad(name, "modality", "mr"), quad(name, "title", 1)])
        store.extend(quad(name, "holds", f"d{number}") for number in range(0, size, 2))
    return store


def solutions(store: Store, query: str) -> Counter[tuple[str, ...]]:
    found: Any = store.query(query, use_default_graph_as_union=True)
    if not isinstance(found, QuerySolutions):
        return Counter([(str(bool(found)),)])
    names = found.variables
    return Counter(tuple(str(row[name]) for name in names) for row in found)


def reworded(store: Store, query: str, profile: Profile | None) -> str:
    return rewrite(Request(query), store, profile, few=0, many=0).query


_ALL: Final = ("d0", "d1", "d2", "d3", "c0", "c1", "c2")
_NAMES: Final = st.sampled_from(_ALL)
QUADS: Final = st.one_of(
    st.builds(quad, _NAMES, st.just("a"), st.sampled_from(["T", "T", "U"])),
    st.builds(quad, _NAMES, st.sampled_from(["p", "q"]), _NAMES),
    st.builds(quad, _NAMES, st.just("n"), st.integers(0, 3)),
    st.builds(
        quad, _NAMES, st.sampled_from(["a", "p"]), st.sampled_from(["T", "c0"]), st.sampled_from(["g", "d0", "default"])
    ),
)
# Most are instances of one class or the other, so that there are rules with and without exceptions.
GRAPHS: Final = st.builds(
    lambda small, others: [*(quad(name, "a", "U" if name in small else "T") for name in _ALL), *others],
    st.sets(_NAMES, max_size=3),
    st.lists(QUADS, max_size=25),
)


def changed(snapshot: Snapshot, added: Iterable[Quad], removed: Iterable[Quad] = ()) -> None:
    more, less = Packed(), Packed()
    more.add_quads(added)
    less.add_quads(removed)
    for kind, payload in delta(Change(1, (), more, less)):
        snapshot.take(kind, payload)
