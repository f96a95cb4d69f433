"""The data graph: a store of the engine, read with its literals as they were written."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from fairmap.namespaces import RDF, RDFS
from fairmap.shacl.prebinding import run
from fairmap.store.literals import as_stored, stored_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fairmap.shacl.paths import Term
    from fairmap.store.literals import Key

TYPE: Final = NamedNode(f"{RDF}type")
SUBCLASS: Final = NamedNode(f"{RDFS}subClassOf")
_PROBE: Final = NamedNode("urn:fairmap:probe")
_FEW_CLASSES: Final = 20


class DataGraph:
    """Triples to be judged.

    :ivar store: the engine's store; queries may run on it.
    :ivar union: the data are the union of its graphs, not its default graph.
    """

    def __init__(self, store: Store, written: Mapping[Key, Sequence[Literal]], *, union: bool) -> None:
        """``written`` has, for each stored statement whose literal the engine rewrote, its written literals."""
        self.store = store
        self.union = union
        self._written = written
        self._graph = None if union else DefaultGraph()
        self._stored: dict[Literal, Literal] = {}

    @classmethod
    def of_quads(cls, quads: Iterable[Quad]) -> DataGraph:
        """The union of the quads' graphs, in a store of its own."""
        no_graph = DefaultGraph()
        plain = list(
            dict.fromkeys(
                quad if quad.graph_name == no_graph else Quad(quad.subject, quad.predicate, quad.object)
                for quad in quads
            )
        )
        forms = stored_forms(plain)
        stored, rows = as_stored(plain, forms, frozenset(forms.values()))
        written: dict[Key, list[Literal]] = defaultdict(list)
        for key, literal in rows:
            written[key].append(literal)
        store = Store()
        store.bulk_extend(stored)
        return cls(store, written, union=False)

    def with_graph(self, name: NamedNode, triples: Iterable[Triple]) -> DataGraph:
        """A copy, with a named graph beside the data."""
        store = Store()
        found = self._quads(None, None, None)
        store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in found)
        store.bulk_extend(Quad(triple.subject, triple.predicate, triple.object, name) for triple in triples)
        return DataGraph(store, self._written, union=False)

    def _quads(self, subject: Term | None, predicate: NamedNode | None, value: Term | None) -> Iterator[Any]:
        """Quads of the data; their terms are no triple terms, which are not read in (see :mod:`fairmap.rdf`)."""
        return self.store.quads_for_pattern(subject, predicate, value, self._graph)  # type: ignore[arg-type]

    @cached_property
    def rewritten(self) -> Mapping[NamedNode, Mapping[tuple[str, str], Sequence[Literal]]]:
        """By property: subject and stored literal (in N-Triples form), and the written literals."""
        rows: dict[str, dict[tuple[str, str], Sequence[Literal]]] = defaultdict(dict)
        for (subject, predicate, stored), literals in self._written.items():
            rows[predicate][subject, stored] = literals
        return {NamedNode(predicate[1:-1]): found for predicate, found in rows.items()}

    @cached_property
    def kind(self) -> tuple[frozenset[NamedNode], frozenset[tuple[Term, Term]]]:
        """What a plan depends on: properties of rewritten literals, and the subclasses."""
        pairs = frozenset((narrower, wider) for wider, found in self._narrower.items() for narrower in found)
        return frozenset(self.rewritten), pairs

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """The distinct values of a property, literals as written."""
        if isinstance(subject, Literal):
            return []
        found = [quad.object for quad in self._quads(subject, predicate, None)]
        forms = self.rewritten.get(predicate)
        if forms is None:
            return found if len(found) < 2 or not self.union else list(dict.fromkeys(found))  # noqa: PLR2004
        values: dict[Term, None] = {}
        for value in found:
            literals = forms.get((str(subject), str(value))) if isinstance(value, Literal) else None
            values.update(dict.fromkeys(literals or (value,)))
        return list(values)

    def subjects(self, predicate: NamedNode, value: Term) -> list[Term]:
        """The distinct nodes that have this value of the property, as it is written here."""
        stored = self.as_stored(value) if isinstance(value, Literal) else value
        pattern = self._quads(None, predicate, stored)
        found = dict.fromkeys(quad.subject for quad in pattern)
        if stored != value or (isinstance(value, Literal) and predicate in self.rewritten):
            return [subject for subject in found if value in self.objects(subject, predicate)]
        return list(found)

    def describes(self, predicate: NamedNode) -> bool:
        """Whether any triple has the property."""
        return next(self._quads(None, predicate, None), None) is not None

    def properties(self, subject: Term) -> Iterator[tuple[NamedNode, Term]]:
        """The distinct properties of a node with their values."""
        if isinstance(subject, Literal):
            return
        found = self._quads(subject, None, None)
        for predicate in dict.fromkeys(quad.predicate for quad in found):
            for value in self.objects(subject, predicate):
                yield predicate, value

    def referrers(self, node: Term) -> Iterator[Term]:
        """What points to a node."""
        for quad in self._quads(None, None, node):
            yield quad.subject

    def links(self, node: Term) -> Iterator[Triple]:
        """The triples that point to a node."""
        for quad in self._quads(None, None, node):
            yield quad.triple

    def pairs(self, predicate: NamedNode) -> Iterator[tuple[Term, Term]]:
        """Subjects and stored values of a property."""
        for quad in self._quads(None, predicate, None):
            yield quad.subject, quad.object

    def as_held(self, predicate: NamedNode) -> list[Term]:
        """The subjects of a property that have more values than the engine rewrote: at least one is held as it was written."""
        rewritten = self.rewritten.get(predicate, {})
        counts = self.counts(predicate)
        if counts is None:
            found = self._quads(None, predicate, None)
            return [quad.subject for quad in found if (str(quad.subject), str(quad.object)) not in rewritten]
        counts.subtract(subject[1:-1] for subject, _ in rewritten)
        return [NamedNode(name) for name, more in counts.items() if more > 0]

    def counts(self, predicate: NamedNode) -> Counter[str] | None:
        """How many stored values of a property each IRI has, in half the time of GROUP BY; ``None`` when blank nodes have some, too."""
        text = f"SELECT (GROUP_CONCAT(STR(?this)) AS ?names) {{ ?this {predicate} ?value }}"
        (row,) = run(self.store, text, {}, union=self.union)
        if "names" not in row:
            return None
        names = row["names"].value
        return Counter(names.split(" ") if names else ())

    def triples(
        self, subject: Term | None, predicate: NamedNode | None, value: Term | None
    ) -> Iterator[tuple[Term, NamedNode, Term]]:
        """The distinct triples that match the terms given, literals as written."""
        if isinstance(subject, Literal):
            return
        stored = self.as_stored(value) if isinstance(value, Literal) else value
        held = ((quad.subject, quad.predicate) for quad in self._quads(subject, predicate, stored))
        for start, name in dict.fromkeys(held):
            for found in self.objects(start, name):
                if value is None or found == value:
                    yield start, name, found

    @cached_property
    def _narrower(self) -> Mapping[Term, list[Term]]:
        narrower: dict[Term, list[Term]] = defaultdict(list)
        for subject, value in self.pairs(SUBCLASS):
            narrower[value].append(subject)
        return narrower

    def classes(self, iri: Term) -> frozenset[Term]:
        """A class and its subclasses. Source: SHACL 1.1, SHACL instance."""
        seen: set[Term] = set()
        waiting = [iri]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                waiting += self._narrower.get(current, ())
        return frozenset(seen)

    def is_instance(self, node: Term, classes: frozenset[Term]) -> bool:
        """Whether one of the node's types is among the classes.

        Asked class by class, the engine need not go through all triples of the node: a catalogue has one for each dataset.
        """
        if isinstance(node, Literal):
            return False
        if len(classes) > _FEW_CLASSES:
            return not classes.isdisjoint(self.objects(node, TYPE))
        return any(next(self._quads(node, TYPE, iri), None) is not None for iri in classes)

    def instances(self, iri: Term) -> Iterator[Term]:
        """The SHACL instances of a class, each once; those not taken are not looked up."""
        seen: set[Term] = set()
        classes = self.classes(iri)
        for narrower in classes:
            if not isinstance(narrower, Literal):
                for quad in self._quads(None, TYPE, narrower):
                    if quad.subject not in seen:
                        seen.add(quad.subject)
                        yield quad.subject

    def as_stored(self, literal: Literal) -> Literal:
        """The form in which the engine holds a literal."""
        if literal not in self._stored:
            forms = stored_forms([Quad(_PROBE, _PROBE, literal)])
            self._stored[literal] = forms.get(literal, literal)
        return self._stored[literal]


def is_node(term: Term) -> bool:
    """Whether the term can have properties."""
    return isinstance(term, NamedNode | BlankNode)
