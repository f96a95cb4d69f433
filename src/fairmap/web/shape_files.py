"""The SHACL shapes that come with fairmap, one by one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.errors import NotFound
from fairmap.namespaces import RDF, RDFS, SH, SHAPES, compact
from fairmap.rdf import by_file_name, parse
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from pyoxigraph import Triple

_KINDS: Final = (NamedNode(f"{SH}NodeShape"), NamedNode(f"{SH}PropertyShape"))


@dataclass(frozen=True)
class Shape:
    """A shape in words.

    :ivar comment: what it is for.
    :ivar messages: what a finding says.
    :ivar about: the class it judges, or the property.
    :ivar severity: local name.
    """

    name: str
    iri: str
    label: str
    comment: str | None
    messages: tuple[str, ...]
    about: tuple[str, ...]
    severity: str
    parts: tuple[str, ...]


class Shapes:
    """All shapes, by the name in their IRI."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = list(triples)
        self._by_subject: defaultdict[NamedNode | BlankNode, list[Triple]] = defaultdict(list)
        for triple in self.triples:
            if isinstance(triple.subject, NamedNode | BlankNode):
                self._by_subject[triple.subject].append(triple)
        self._shapes = {shape.name: shape for subject in self._by_subject if (shape := self._shape(subject))}

    @classmethod
    def shipped(cls) -> Self:
        """Those in the folder ``shapes``."""
        files = sorted(folder("shapes").glob("*.ttl"))
        return cls(
            quad.triple for path in files for quad in parse(path.read_bytes(), by_file_name(path), name=path.name)
        )

    def __iter__(self) -> Iterator[Shape]:
        return iter(sorted(self._shapes.values(), key=lambda shape: shape.name.casefold()))

    def shape(self, name: str) -> Shape:
        """The shape of that name.

        :raises NotFound: when there is none.
        """
        if name not in self._shapes:
            raise NotFound("there is no such shape", where=f"{SHAPES}{name}")
        return self._shapes[name]

    def of(self, name: str) -> list[Triple]:
        """The triples of a shape and of its blank nodes.

        :raises NotFound: when there is none.
        """
        nodes: list[NamedNode | BlankNode] = [NamedNode(self.shape(name).iri)]
        found: list[Triple] = []
        for node in nodes:
            found += self._by_subject[node]
            objects = (triple.object for triple in self._by_subject[node])
            nodes += [term for term in objects if isinstance(term, BlankNode) and term not in nodes]
        return found

    def _shape(self, subject: NamedNode | BlankNode) -> Shape | None:
        kinds = self._objects(subject, f"{RDF}type")
        if not isinstance(subject, NamedNode) or not subject.value.startswith(SHAPES) or not set(kinds) & set(_KINDS):
            return None
        name = subject.value.removeprefix(SHAPES)
        severities = [term.value.removeprefix(SH) for term in self._objects(subject, f"{SH}severity")]
        about = [*self._objects(subject, f"{SH}targetClass"), *self._objects(subject, f"{SH}path")]
        parts = [term.value for term in self._objects(subject, f"{SH}property") if isinstance(term, NamedNode)]
        return Shape(
            name,
            subject.value,
            next(iter(self._texts(subject, f"{RDFS}label")), name),
            next(iter(self._texts(subject, f"{RDFS}comment")), None),
            tuple(self._texts(subject, f"{SH}message")),
            tuple(compact(term.value) for term in about if isinstance(term, NamedNode)),
            severities[0] if severities else "Violation",
            tuple(sorted(parts)),
        )

    def _objects(self, subject: NamedNode | BlankNode, name: str) -> list[NamedNode | BlankNode | Literal]:
        link = NamedNode(name)
        return [
            triple.object
            for triple in self._by_subject[subject]
            if triple.predicate == link and isinstance(triple.object, NamedNode | BlankNode | Literal)
        ]

    def _texts(self, subject: NamedNode | BlankNode, name: str) -> list[str]:
        return sorted(term.value for term in self._objects(subject, name) if isinstance(term, Literal))
