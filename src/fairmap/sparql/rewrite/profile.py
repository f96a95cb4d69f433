"""What holds for a whole graph, kept beside it: sizes, which property implies which class, and who has which value."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import NamedNode, Triple

from fairmap.namespaces import RDF
from fairmap.sparql.rewrite.value_sets import ValueSets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyoxigraph import BlankNode, Quad, Store

LARGE: Final = 1000  # instances from which on a class is worth a rule
EXCEPTIONS: Final = 256  # subjects beside the class that a rule may have
_TYPE: Final = NamedNode(f"{RDF}type")
_BY_PROPERTY: Final = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
_BY_CLASS: Final = "SELECT ?t (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?subjects) { ?s a ?t } GROUP BY ?t"
_BOTH: Final = "SELECT ?p (COUNT(*) AS ?n) { ?s a $class ; ?p ?o } GROUP BY ?p"


class Profile:
    """The profile of the union of all graphs of a store.

    A rule says: each subject of property ``p`` is an instance of class ``t``, but for the named exceptions. Rules always hold:
    :meth:`follow` adjusts them to each change. Counts are those of the last reading.

    :param large: instances from which on a class is worth a rule, and triples from which on a property is worth its sets.
    :ivar sets: who has which value.
    """

    def __init__(self, store: Store, *, large: int = LARGE) -> None:
        self._store = store
        self._large = large
        self._changed = 0
        self.sets = ValueSets(store)
        self.read()

    def count_property(self, iri: str) -> int:
        """About how many triples have this property."""
        return self._by_property.get(iri, 0)

    def count_class(self, iri: str) -> int:
        """About how many instances this class has."""
        return self._by_class.get(iri, 0)

    def exceptions(self, of_property: str, of_class: str) -> frozenset[str] | None:
        """The subjects of a property that are no instances of a class; ``None``: unknown, or too many."""
        found = self._rules.get((of_property, of_class))
        return None if found is None else frozenset(found)

    def follow(self, changed: Sequence[Quad]) -> None:
        """Adjust the rules and sets after these quads were added or removed."""
        subjects = {quad.subject for quad in changed}
        self._changed += len(subjects)
        self.sets.follow(changed)
        if self._changed > sum(self._by_class.values()) // 8 + self._large:
            self.read()
            return
        for subject in subjects if self._rules else ():
            self._adjust(subject)

    def _adjust(self, subject: NamedNode | BlankNode | Triple) -> None:
        properties: set[str] = set()
        classes: list[str] = []
        for quad in self._store.quads_for_pattern(subject, None, None, None):
            properties.add(quad.predicate.value)
            if quad.predicate == _TYPE and isinstance(quad.object, NamedNode):
                classes.append(quad.object.value)
        for rule, exceptions in list(self._rules.items()):
            name = subject.value if isinstance(subject, NamedNode) else None
            if classes.count(rule[1]) > 1:  # said in two graphs: the engine counts the instance twice
                del self._rules[rule]
            elif rule[0] in properties and rule[1] not in classes:
                if name is None or len(exceptions) >= EXCEPTIONS:
                    del self._rules[rule]
                else:
                    exceptions.add(name)
            elif name is not None:
                exceptions.discard(name)

    def read(self) -> None:
        """Read the whole graph again, but for sets that are kept; takes some seconds for two million triples.

        In a thread of its own: the engine has a random number generator for each thread, and workers forked from a thread that has
        used it would all go on from there, with the same UUIDs and blank nodes.
        """
        with ThreadPoolExecutor(1) as thread:
            thread.submit(self._read).result()

    def _read(self) -> None:
        self._changed = 0
        self._by_property = {row["p"].value: int(row["n"].value) for row in self._ask(_BY_PROPERTY)}
        self._by_class: dict[str, int] = {}
        self._rules: dict[tuple[str, str], set[str]] = {}
        large = []
        for row in self._ask(_BY_CLASS):
            count = int(row["n"].value)
            self._by_class[row["t"].value] = count
            if count >= self._large and count == int(row["subjects"].value) and isinstance(row["t"], NamedNode):
                large.append(row["t"])
        for of_class in large:
            self._find_rules(of_class)
        self.sets.read(name for name, count in self._by_property.items() if count >= self._large)

    def _find_rules(self, of_class: NamedNode) -> None:
        """Rules for the properties whose subjects are all instances, or instances of a small class."""
        left = dict(self._by_property)
        for row in self._ask(_BOTH.replace("$class", str(of_class))):
            left[row["p"].value] -= int(row["n"].value)
        candidates = {name for name, count in left.items() if count < self._by_property[name]}
        others = [
            (subject, self._sizes(subject))
            for subject in (self._instances_of_small_classes() if any(left[name] for name in candidates) else ())
            if next(self._store.quads_for_pattern(subject, _TYPE, of_class, None), None) is None
        ]
        for name in candidates:
            subjects = [subject for subject, sizes in others if name in sizes]
            is_whole = sum(sizes[name] for _, sizes in others) == left[name]
            if is_whole and len(subjects) <= EXCEPTIONS and all(isinstance(subject, NamedNode) for subject in subjects):
                self._rules[name, of_class.value] = {str(subject.value) for subject in subjects}

    def _instances_of_small_classes(self) -> set[NamedNode | BlankNode]:
        small = [NamedNode(iri) for iri, count in self._by_class.items() if count <= EXCEPTIONS and ":" in iri]
        return {
            quad.subject
            for of_class in small
            for quad in self._store.quads_for_pattern(None, _TYPE, of_class, None)
            if not isinstance(quad.subject, Triple)
        }

    def _sizes(self, subject: NamedNode | BlankNode) -> Counter[str]:
        """How many triples of each property the subject has."""
        return Counter(quad.predicate.value for quad in self._store.quads_for_pattern(subject, None, None, None))

    def _ask(self, query: str) -> Any:
        return self._store.query(query, use_default_graph_as_union=True)
