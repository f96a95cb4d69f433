"""A foreign description as a plain graph: which records it holds, and which of them each node belongs to."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from fairmap.namespaces import DCAT, DCT, PREFIXES, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable

    Node = NamedNode | BlankNode
    Value = Node | Literal

RECORDS: Final = frozenset(
    NamedNode(iri)
    for iri in (
        f"{DCAT}Catalog",
        f"{DCAT}CatalogRecord",
        f"{DCAT}Dataset",
        f"{DCAT}DatasetSeries",
        f"{DCAT}DataService",
        f"{DCAT}Resource",
        "https://w3id.org/fdp/fdp-o#FAIRDataPoint",
    )
)
"""Classes of what a data manager calls a record."""

_TERMS: Final = frozenset(
    NamedNode(iri)
    for iri in (
        f"{SKOS}Concept",
        f"{SKOS}ConceptScheme",
        f"{RDFS}Class",
        f"{RDF}Property",
        f"{PREFIXES['owl']}Class",
        f"{PREFIXES['owl']}Ontology",
        f"{PREFIXES['owl']}ObjectProperty",
        f"{PREFIXES['owl']}DatatypeProperty",
    )
)
_TYPE: Final = f"{RDF}type"
_DATASET: Final = NamedNode(f"{DCAT}Dataset")
_ACCESS: Final = f"{DCT}accessRights"


class Description:
    """The quads of documents; graph names do not matter."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.quads = list(dict.fromkeys(Quad(quad.subject, quad.predicate, quad.object) for quad in quads))
        self.statements: list[tuple[Node, str, Value]] = [
            (quad.subject, quad.predicate.value, quad.object)
            for quad in self.quads
            if isinstance(quad.subject, NamedNode | BlankNode)
            and isinstance(quad.object, NamedNode | BlankNode | Literal)
        ]

    @cached_property
    def typed(self) -> dict[Node, set[NamedNode]]:
        """The nodes with a type, in the order of their first one, and their types."""
        found: defaultdict[Node, set[NamedNode]] = defaultdict(set)
        for node, link, value in self.statements:
            if link == _TYPE and isinstance(value, NamedNode):
                found[node].add(value)
        return dict(found)

    @property
    def nodes(self) -> frozenset[Value]:
        """Everything that a statement is about, or that is its value."""
        return frozenset(term for node, _, value in self.statements for term in (node, value))

    @cached_property
    def records(self) -> list[Node]:
        """Datasets, catalogues, services and the like: what a data manager calls a record."""
        return [node for node, types in self.typed.items() if types & RECORDS]

    @cached_property
    def named(self) -> frozenset[str]:
        """The IRIs of the records."""
        return frozenset(node.value for node in self.records if isinstance(node, NamedNode))

    @cached_property
    def datasets(self) -> dict[Node, list[str]]:
        """The datasets, each with the IRIs of its access rights."""
        found: dict[Node, list[str]] = {node: [] for node, types in self.typed.items() if _DATASET in types}
        for node, link, value in self.statements:
            if link == _ACCESS and node in found:
                found[node].append(value.value)
        return found

    @cached_property
    def iris(self) -> list[str]:
        """The IRIs that stand as values and are given no type here."""
        values = {value.value: None for _, _, value in self.statements if isinstance(value, NamedNode)}
        return [iri for iri in values if NamedNode(iri) not in self.typed]

    def belongs_to(self, terms: Iterable[str]) -> frozenset[str]:
        """These IRIs and the blank nodes that only they lead to, as findings name them."""
        waiting: list[Node] = [NamedNode(iri) for iri in terms]
        found = set(waiting)
        if not waiting:
            return frozenset()
        holders: defaultdict[Node, set[Node]] = defaultdict(set)
        parts: defaultdict[Node, list[BlankNode]] = defaultdict(list)
        for node, _, value in self.statements:
            if isinstance(value, BlankNode):
                holders[value].add(node)
                parts[node].append(value)
        for node in waiting:
            fresh = {part for part in parts[node] if part not in found and holders[part] <= found}
            found |= fresh
            waiting += fresh
        return frozenset(node.value if isinstance(node, NamedNode) else str(node) for node in found)

    @cached_property
    def elsewhere(self) -> list[str]:
        """Concepts, classes and properties described here, whose IRIs are on no host that a record is on."""
        hosts = {urlsplit(node.value).netloc for node in self.records if isinstance(node, NamedNode)}
        return [
            node.value
            for node, types in self.typed.items()
            if isinstance(node, NamedNode) and types & _TERMS and urlsplit(node.value).netloc not in hosts
        ]

    def record_of(self, iri: str) -> str | None:
        """The record that the IRI is or is a part of; one that no record leads to stands for itself."""
        return self.record(NamedNode(iri))

    def record(self, node: Node) -> str | None:
        """The same for any node; ``None`` when the record has no IRI."""
        owner = self._owners.get(node, node)
        return owner.value if isinstance(owner, NamedNode) else None

    @cached_property
    def _owners(self) -> dict[Node, Node]:
        """For each node that a record leads to, without crossing another record, the first such record."""
        links: defaultdict[Node, list[Node]] = defaultdict(list)
        for node, link, value in self.statements:
            if link != _TYPE and isinstance(value, NamedNode | BlankNode):
                links[node].append(value)
        owners: dict[Node, Node] = {record: record for record in self.records}
        for record in self.records:
            found = [record]
            for node in found:
                fresh = [target for target in dict.fromkeys(links[node]) if target not in owners]
                owners |= dict.fromkeys(fresh, record)
                found += fresh
        return owners
