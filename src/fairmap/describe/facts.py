"""What is claimed about each property of a record, and the sections that tell it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from fairmap.describe.page import Claim, Fact, Section, Standing
from fairmap.describe.words import SECTIONS, TYPE
from fairmap.namespaces import DQV, FM, PROV

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fairmap.describe.statements import Node
    from fairmap.describe.values import Values

_STANDINGS = (
    (f"{FM}SourceStatement", Standing.STATED),
    (f"{FM}InferredStatement", Standing.INFERRED),
    (f"{FM}AbsenceStatement", Standing.UNKNOWN),
)


class Facts:
    """The property statements of one record, by subject and property."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._claims: defaultdict[tuple[str, str], list[Claim]] = defaultdict(list)
        self._dimensions: defaultdict[str, list[Claim]] = defaultdict(list)
        self._references = values.references
        for kind, standing in _STANDINGS:
            for statement in values.statements.instances(kind):
                self._read(statement, standing)

    def _read(self, statement: NamedNode, standing: Standing) -> None:
        statements = self.values.statements
        statements.take(statement, TYPE)
        claim = claim_of(self.values, statement, standing)
        dimensions = statements.iris(statement, f"{DQV}inDimension")
        for dimension in dimensions:
            self._dimensions[dimension].append(claim)
        for about in statements.iris(statement, f"{FM}about"):
            for name in statements.iris(statement, f"{FM}property"):
                if not dimensions:
                    self._claims[about, name].append(claim)

    def of_dimension(self, dimension: str) -> tuple[Claim, ...]:
        """Why the column of a FAIR dimension does not tell."""
        return tuple(self._dimensions.get(dimension, ()))

    def dimensions(self) -> list[str]:
        """The FAIR dimensions whose column does not tell."""
        return sorted(self._dimensions)

    def names(self, subject: Node) -> list[str]:
        """The properties that a subject has or that something is claimed about."""
        claimed = [name for about, name in self._claims if about == subject.value]
        return sorted({*self.values.statements.properties(subject), *claimed})

    def claims(self, subject: Node, name: str) -> tuple[Claim, ...]:
        """All claims about a property: stated, inferred, unknown."""
        made = self._claims.get((subject.value, name), [])
        found = self.values.of(subject, name)
        stated = [claim for claim in made if claim.standing is Standing.STATED]
        others = tuple(claim for claim in made if claim.standing is not Standing.STATED)
        if not found and not stated:
            return others
        if not stated:
            return (Claim(Standing.BARE, found), *others)
        sources = tuple(dict.fromkeys(source for claim in stated for source in claim.sources))
        basis = " ".join(claim.basis for claim in stated if claim.basis) or None
        return (Claim(Standing.STATED, found, sources, basis, anchor=stated[0].anchor), *others)

    def fact(self, subject: Node, name: str) -> Fact | None:
        """The property with all its claims; ``None`` when there is nothing to tell."""
        claims = self.claims(subject, name)
        return Fact(name, self._references.property_label(name), claims) if claims else None

    def facts(self, subject: Node, names: Iterable[str]) -> tuple[Fact, ...]:
        """The facts of these properties, those without claims left out."""
        return tuple(fact for name in names if (fact := self.fact(subject, name)))


def claim_of(values: Values, node: NamedNode, standing: Standing) -> Claim:
    """The claim that a statement or measurement makes, without the triples on the record."""
    statements = values.statements
    reasons = values.of(node, f"{FM}reason")
    return Claim(
        standing,
        values.of(node, f"{FM}value"),
        values.refs(node, f"{PROV}wasDerivedFrom"),
        statements.value(node, f"{FM}basis"),
        reasons[0] if reasons else None,
        statements.value(node, f"{FM}phrase"),
        node.value.partition("#")[2],
    )


def sections(facts: Facts, subject: NamedNode, told: Iterable[str]) -> tuple[Section, ...]:
    """The sections of a record in order of use; empty ones are left out.

    :param told: properties that the page tells elsewhere.
    """
    elsewhere = set(told)
    made = []
    for key, title, names in SECTIONS:
        found = facts.facts(subject, (name for name in names if name not in elsewhere))
        if found:
            made.append(Section(key, title, found))
    return tuple(made)


def more(facts: Facts, subject: NamedNode, told: Iterable[str]) -> Section | None:
    """All that nothing else has told: of the record, and of its parts; ``None`` when nothing is left.

    :param told: properties of the record that the page tells elsewhere.
    """
    elsewhere = set(told) | {name for _, _, names in SECTIONS for name in names}
    left = list(facts.facts(subject, (name for name in facts.names(subject) if name not in elsewhere)))
    statements = facts.values.statements
    for part, name in statements.untold():
        if part == subject or name == TYPE or statements.is_told(part, name):
            continue
        fact = facts.fact(part, name)
        if fact:
            label = f"{part.value.rpartition('#')[2]}: {fact.label}" if isinstance(part, NamedNode) else fact.label
            left.append(Fact(fact.property, label, fact.claims))
    return Section("more", "More", tuple(left)) if left else None
