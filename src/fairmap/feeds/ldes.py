"""The map as an event stream. Sources: DCAT-AP Feeds (SEMICeu/LDES-DCAT-AP-feeds); LDES; TREE.

Each entry has one event, its last: ``as:Create``, ``as:Update`` or ``as:Delete``, with what is told of the entry now in the graph
that the event's IRI names. Fragments are ranges in time: one that is full never gets another event.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from fairmap.feeds.members import iso
from fairmap.namespaces import RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fairmap.export import Projected
    from fairmap.model import Dated

LDES: Final = "https://w3id.org/ldes#"
TREE: Final = "https://w3id.org/tree#"
AS: Final = "https://www.w3.org/ns/activitystreams#"
_TYPE: Final = NamedNode(f"{RDF}type")
_PUBLISHED: Final = NamedNode(f"{AS}published")


@dataclass(frozen=True)
class Stream:
    """An event stream.

    :ivar root: URL of the page that leads to all fragments.
    :ivar fragment: URL of the fragment that begins at a moment.
    """

    root: str
    fragment: Callable[[int], str]

    @property
    def iri(self) -> NamedNode:
        """The stream itself."""
        return NamedNode(f"{self.root}#stream")

    def description(self) -> Iterator[Quad]:
        """What the stream is; each page says it."""
        yield _quad(self.iri, _TYPE, _ldes("EventStream"))
        yield _quad(self.iri, _ldes("timestampPath"), _PUBLISHED)
        yield _quad(self.iri, _ldes("versionOfPath"), _as("object"))
        yield _quad(self.iri, _tree("view"), NamedNode(self.root))

    def root_page(self, starts: Sequence[int]) -> Iterator[Quad]:
        """The page that leads to all fragments.

        :param starts: where they begin.
        """
        root = NamedNode(self.root)
        yield from self.description()
        yield _quad(root, _TYPE, _tree("Node"))
        view, policy = BlankNode("view"), BlankNode("policy")
        yield _quad(root, _tree("viewDescription"), view)
        yield _quad(view, _ldes("retentionPolicy"), policy)
        yield _quad(policy, _TYPE, _ldes("LatestVersionSubset"))
        yield _quad(policy, _ldes("amount"), Literal("1", datatype=NamedNode(f"{XSD}integer")))
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            yield from self._relation(root, "GreaterThanOrEqualToRelation", start, start)
            if end is not None:
                yield from self._relation(root, "LessThanRelation", start, end)

    def fragment_page(self, start: int, entries: Iterable[Dated], projected: Mapping[str, Projected]) -> Iterator[Quad]:
        """A fragment.

        :param projected: what is told of those entries that are there.
        """
        url = self.fragment(start)
        yield from self.description()
        yield _quad(NamedNode(url), _TYPE, _tree("Node"))
        for entry in entries:
            told = projected.get(entry.iri)
            if entry.is_deleted or (told and told.triples):
                event = NamedNode(f"{url}#{entry.moment}")
                yield _quad(self.iri, _tree("member"), event)
                yield from _event(event, entry)
                for triple in named(entry.iri, told.triples) if told else ():
                    yield Quad(triple.subject, triple.predicate, triple.object, event)

    def _relation(self, root: NamedNode, kind: str, start: int, value: int) -> Iterator[Quad]:
        relation = BlankNode(f"{kind}{start}")
        yield _quad(root, _tree("relation"), relation)
        yield _quad(relation, _TYPE, _tree(kind))
        yield _quad(relation, _tree("path"), _PUBLISHED)
        yield _quad(relation, _tree("value"), _time(value))
        yield _quad(relation, _tree("node"), NamedNode(self.fragment(start)))


def _event(event: NamedNode, entry: Dated) -> Iterator[Quad]:
    kind = "Delete" if entry.is_deleted else "Create" if entry.is_new else "Update"
    yield _quad(event, _TYPE, _as(kind))
    yield _quad(event, _as("object"), NamedNode(entry.iri))
    yield _quad(event, _PUBLISHED, _time(entry.moment))


def named(iri: str, triples: Iterable[Triple]) -> list[Triple]:
    """The triples with names for blank nodes, made from what is said about each: the same names whenever the same is said."""
    about: dict[BlankNode, list[Triple]] = {}
    for triple in triples:
        if isinstance(triple.subject, BlankNode):
            about.setdefault(triple.subject, []).append(triple)
    names: dict[BlankNode, NamedNode] = {}

    def name(node: BlankNode, above: tuple[BlankNode, ...] = ()) -> NamedNode:
        if node not in names:
            if node in above:
                return NamedNode(f"{iri}#part-loop")
            said = sorted(f"{triple.predicate} {term(triple.object, (*above, node))}" for triple in about.get(node, ()))
            text = "\n".join(said) or str(node)
            names[node] = NamedNode(f"{iri}#part-{hashlib.sha256(text.encode()).hexdigest()[:16]}")
        return names[node]

    def term(value: object, above: tuple[BlankNode, ...] = ()) -> object:
        return name(value, above) if isinstance(value, BlankNode) else value

    return [Triple(term(triple.subject), triple.predicate, term(triple.object)) for triple in triples]  # type: ignore[arg-type] # names and terms


def _quad(subject: NamedNode | BlankNode, predicate: NamedNode, value: NamedNode | BlankNode | Literal) -> Quad:
    return Quad(subject, predicate, value)


def _time(moment: int) -> Literal:
    return Literal(iso(moment), datatype=NamedNode(f"{XSD}dateTime"))


def _ldes(name: str) -> NamedNode:
    return NamedNode(LDES + name)


def _tree(name: str) -> NamedNode:
    return NamedNode(TREE + name)


def _as(name: str) -> NamedNode:
    return NamedNode(AS + name)
