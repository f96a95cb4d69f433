"""A foreign description as drafts of records: who is a record, what belongs to it, and what its nodes are called here."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.harvest.forms import spellings
from fairmap.namespaces import CONCEPT, DCAT, DCT, FM, FOAF, RDF, SKOS, record_of
from fairmap.profiles import Tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Node = NamedNode | BlankNode
    Value = Node | Literal

TYPE: Final = f"{RDF}type"
_KINDS: Final = {f"{DCAT}Dataset": "dataset", f"{DCAT}Catalog": "repository", f"{FOAF}Agent": "agent"}
"""The kind of record that a node of a class becomes; the first that fits."""
_AGENTS: Final = frozenset(f"{FOAF}{name}" for name in ("Agent", "Organization", "Person", "Group"))
_OF_AGENTS: Final = frozenset(f"{DCT}{name}" for name in ("publisher", "creator", "contributor", "rightsHolder"))
_ADDRESSES: Final = frozenset(
    f"{DCAT}{name}" for name in ("accessURL", "downloadURL", "endpointURL", "endpointDescription", "landingPage")
) | {f"{FOAF}homepage", f"{FOAF}page"}
"""Properties whose values are addresses on the web, even where something is described under the same IRI."""
_DISTRIBUTIONS: Final = frozenset({f"{DCAT}distribution"})
_OUTSIDE: Final = frozenset(
    {
        f"{SKOS}Concept",
        f"{SKOS}ConceptScheme",
        f"{FOAF}Document",
        f"{DCT}LicenseDocument",
        f"{DCT}LinguisticSystem",
        f"{DCT}Location",
        f"{DCT}MediaType",
        f"{DCT}MediaTypeOrExtent",
        f"{DCT}Standard",
        f"{DCT}Frequency",
        "http://data.europa.eu/eli/ontology#LegalResource",
    }
)
"""Classes of what a description points at and does not describe: it keeps its IRI, and what is said of it here is not taken."""


@dataclass
class Draft:
    """A record to be.

    :ivar iri: here.
    :ivar name: what the document calls it.
    :ivar triples: about the record and its parts, with the names of nodes here and the properties as they came.
    """

    iri: str
    kind: str
    name: str
    triples: list[Triple] = field(default_factory=list)


class Reading:
    """The drafts of one document.

    :ivar drafts: in the order of their names.
    :ivar unread: the triples that no record leads to, but for those that are not asked for.
    """

    def __init__(self, triples: Iterable[Triple], base_iri: str) -> None:
        self._base = base_iri
        self._tables = Tables.shipped()
        self._about: defaultdict[Node, list[Triple]] = defaultdict(list)
        self._used: set[Node] = set()
        for triple in dict.fromkeys(respelt(triple) for triple in triples):
            if isinstance(triple.subject, NamedNode | BlankNode):
                self._about[triple.subject].append(triple)
        self._types = {node: _types(found) for node, found in self._about.items()}
        self._agents = {
            triple.object
            for found in self._about.values()
            for triple in found
            if triple.predicate.value in _OF_AGENTS and isinstance(triple.object, NamedNode | BlankNode)
        }
        self._iris = {node: iri for node in self._about if (iri := self._iri(node))}
        self.drafts = [self._draft(node, iri) for node, iri in sorted(self._iris.items(), key=lambda pair: pair[1])]
        self.unread = [
            triple for node, found in self._about.items() if not self._is_told_elsewhere(node) for triple in found
        ]

    def _iri(self, node: Node) -> str | None:
        """What a record is called here; ``None``: the node is none."""
        if isinstance(node, NamedNode):
            own = record_of(node.value, self._base)
            if own is not None:
                return own if own == node.value else None
            if node.value.startswith(CONCEPT):
                return None
        kind = self._kind(node)
        return f"{self._base}{kind}/{self._slug(node)}" if kind else None

    def _kind(self, node: Node) -> str | None:
        types = self._types[node]
        if types & _AGENTS or (node in self._agents and self._is_named(node)):
            return "agent"
        return next((kind for of, kind in _KINDS.items() if of in types), None)

    def _is_named(self, node: Node) -> bool:
        return any(triple.predicate.value == f"{FOAF}name" for triple in self._about[node])

    def _slug(self, node: Node) -> str:
        """A short name that is the same whenever the same record is read: readable, and told apart by a digest."""
        if isinstance(node, NamedNode):
            words, key = node.value.rstrip("/#").rpartition("/")[2], node.value
        else:
            texts = sorted(str(triple.object) for triple in self._about[node] if isinstance(triple.object, Literal))
            words, key = self._text(node), "\n".join(texts)
        readable = re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-").lower()[:40].strip("-") or "record"
        return f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"

    def _text(self, node: Node) -> str:
        names = {f"{FOAF}name", f"{DCT}title"}
        return next(
            (t.object.value for t in self._about[node] if t.predicate.value in names and isinstance(t.object, Literal)),
            "",
        )

    def _draft(self, node: Node, iri: str) -> Draft:
        own = record_of(iri, self._base)
        assert own is not None  # noqa: S101 - made so
        name = node.value if isinstance(node, NamedNode) else self._text(node) or "without a name"
        draft = Draft(iri, own.removeprefix(self._base).partition("/")[0], name)
        names: dict[Node, Node] = {node: NamedNode(iri)}
        waiting: list[Node] = [node]
        while waiting:
            current = waiting.pop(0)
            self._used.add(current)
            for triple in self._about[current]:
                draft.triples.append(
                    Triple(names[current], triple.predicate, self._named(triple, draft, names, waiting))
                )
        return draft

    def _named(self, triple: Triple, draft: Draft, names: dict[Node, Node], waiting: list[Node]) -> Value:
        """What a value is called here; a part of the record is to be read, too."""
        value = triple.object
        if not isinstance(value, NamedNode | BlankNode) or triple.predicate.value in _ADDRESSES:
            return value  # type: ignore[return-value] # there are no triple terms
        if value in names:
            return names[value]
        if value in self._iris:
            return NamedNode(self._iris[value])
        if triple.predicate.value == TYPE or value not in self._about:
            return value
        name = self._part(value, draft, names, is_distribution=triple.predicate.value in _DISTRIBUTIONS)
        if name is not None:
            names[value] = name
            waiting.append(value)
        return name or value

    def _part(self, node: Node, draft: Draft, names: Mapping[Node, Node], *, is_distribution: bool) -> Node | None:
        """What a part of a record is called here; ``None``: the node is no part, but something that is pointed at."""
        is_distribution = is_distribution or f"{DCAT}Distribution" in self._types[node]
        if isinstance(node, BlankNode) and not is_distribution:
            return BlankNode()
        if isinstance(node, NamedNode):
            owner = record_of(node.value, self._base)
            if owner is not None:
                return node if owner == draft.iri else None
            if self._types[node] & _OUTSIDE or self._tables.of(node.value) or node.value.startswith((CONCEPT, FM)):
                return None
        if is_distribution and draft.kind == "dataset":
            slug = draft.iri.rpartition("/")[2]
            start = f"{self._base}distribution/{slug}-"
            number = 1 + sum(isinstance(name, NamedNode) and name.value.startswith(start) for name in names.values())
            return NamedNode(f"{start}{number}")
        return NamedNode(f"{draft.iri}#{hashlib.sha256(node.value.encode()).hexdigest()[:8]}")

    def _is_told_elsewhere(self, node: Node) -> bool:
        """Whether a node is read, or is a term whose description is not asked for."""
        if node in self._used or self._types[node] & _OUTSIDE:
            return True
        return isinstance(node, NamedNode) and (node.value.startswith(CONCEPT) or bool(self._tables.of(node.value)))


def _types(triples: Iterable[Triple]) -> frozenset[str]:
    return frozenset(
        triple.object.value
        for triple in triples
        if triple.predicate.value == TYPE and isinstance(triple.object, NamedNode)
    )


def respelt(triple: Triple) -> Triple:
    """The triple with each IRI in the spelling that is used here."""
    terms = [
        NamedNode(spelled(t.value)) if isinstance(t, NamedNode) else t
        for t in (triple.subject, triple.predicate, triple.object)
    ]
    return Triple(*terms)  # type: ignore[arg-type] # as they came


def spelled(iri: str) -> str:
    """The spelling that is used here.

    >>> spelled("https://radlex.org/RID/RID10312")
    'http://www.radlex.org/RID/RID10312'
    """
    return next((f"{of}{iri[len(other) :]}" for other, of in spellings() if iri.startswith(other)), iri)
