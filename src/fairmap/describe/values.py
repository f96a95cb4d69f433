"""From a term of the graph to something to be read."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.describe.page import Ref, Value
from fairmap.describe.words import ADMS, EU, SPDX, TERMINOLOGIES, TYPE, VCARD
from fairmap.namespaces import CONCEPT, DCAT, DCT, FM, FOAF, PROV, RDF, RDFS, SKOS, XSD, compact

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairmap.describe.references import References
    from fairmap.describe.statements import Node, Statements, Term

_DOI: Final = "10."
_DEPTH: Final = 8
"""Parts in parts that are told in one place."""

_TRUTH: Final = {"true": "Yes", "1": "Yes", "false": "No", "0": "No"}


class Values:
    """Terms of one record as values.

    :param record: the IRI of the record; empty for a vocabulary, whose terms are no parts of it.
    """

    def __init__(self, record: str, statements: Statements, references: References) -> None:
        self.record = record
        self.statements = statements
        self.references = references
        self._open: list[Node] = []
        self._forms: dict[str, Callable[[Node], tuple[Value, ...]]] = {
            f"{DCT}PeriodOfTime": self._period,
            f"{FM}Quantity": self._quantity,
            f"{PROV}Attribution": self._attribution,
            f"{ADMS}Identifier": self._identifier,
            f"{VCARD}Kind": self._contact,
            f"{SPDX}Checksum": self._checksum,
            f"{SKOS}Concept": self._option,
            f"{FOAF}Agent": self._agent,
        }

    def of(self, subject: Node, name: str) -> tuple[Value, ...]:
        """The values of a property in a fixed order: by their text, numbers by size; those of one part stay together."""
        found = [self.value(term, name) for term in self.statements.take(subject, name)]
        return tuple(value for values in sorted(found, key=_order) for value in values)

    def refs(self, subject: Node, name: str) -> tuple[Ref, ...]:
        """The parts of sources that a property leads to."""
        return tuple(Ref(self.references.cell(iri), iri) for iri in self.statements.iris(subject, name))

    def value(self, term: Term, name: str) -> tuple[Value, ...]:
        """One term, which is the object of property ``name``; several values for a part that has several."""
        if isinstance(term, Literal):
            return (literal(term),)
        if isinstance(term, BlankNode) or self._is_part(term):
            return self._part(term)
        return (self.thing(term.value, name),)

    def thing(self, iri: str, name: str = "") -> Value:
        """What an IRI outside the record stands for."""
        if name in {TYPE, f"{RDFS}isDefinedBy"}:
            return Value(compact(iri).strip("<>"), iri)
        if name == f"{PROV}wasDerivedFrom":
            return Value(self.references.cell(iri), iri)
        if name == f"{DCT}isReferencedBy":
            citation = self.references.first(iri, f"{DCT}bibliographicCitation")
            return Value(citation or self.references.name(iri), iri)
        if iri.startswith((CONCEPT, EU)) and iri.count("/") > CONCEPT.count("/"):
            definition = self.references.first(iri, f"{SKOS}definition")
            return Value(self.references.name(iri), iri, self.references.radlex(iri), definition, chip=True)
        return self._term(iri) or Value(self.references.name(iri), iri)

    def _term(self, iri: str) -> Value | None:
        """A term of a terminology, with its code and, where we have it, its label."""
        for namespace, terminology in TERMINOLOGIES:
            if iri.startswith(namespace):
                label = self.references.first(iri, f"{RDFS}label", f"{SKOS}prefLabel")
                code = iri.removeprefix(namespace)
                return Value(label or terminology, iri, f"{terminology} {code}" if label else code)
        return None

    def _is_part(self, term: NamedNode) -> bool:
        return bool(self.record) and term in self.statements and "#" in term.value

    def _part(self, node: Node) -> tuple[Value, ...]:
        """A part in the form of its type. One in itself or too deep is only named; what it says is then left to be told."""
        anchor = node.value.partition("#")[2] if isinstance(node, NamedNode) else None
        if node in self._open or len(self._open) > _DEPTH:
            return (Value(f"see {anchor or 'below'}"),)
        self._open.append(node)
        kinds = [kind.value for kind in self.statements.take(node, TYPE)]
        form = next((form for kind, form in self._forms.items() if kind in kinds), self._any)
        found = self._list(node) if self.statements.look(node, f"{RDF}first") else form(node)
        self._open.pop()
        return tuple(replace(value, anchor=None if place else anchor) for place, value in enumerate(found))

    def _list(self, node: Node) -> tuple[Value, ...]:
        """An RDF list as one value."""
        texts: list[str] = []
        rest: list[Term] = [node]
        while rest and isinstance(rest[0], BlankNode) and not self.statements.is_told(rest[0], f"{RDF}first"):
            texts += [value.text for value in self.of(rest[0], f"{RDF}first")]
            rest = self.statements.take(rest[0], f"{RDF}rest")
        return (Value(" / ".join(texts)),)

    def _period(self, node: Node) -> tuple[Value, ...]:
        start = self.statements.value(node, f"{DCAT}startDate")
        end = self.statements.value(node, f"{DCAT}endDate")
        if start and end:
            return (Value(f"{start} to {end}"),)
        return (Value(f"since {start}" if start else f"until {end}"),)

    def _quantity(self, node: Node) -> tuple[Value, ...]:
        label = self.statements.value(node, f"{RDFS}label")
        qualifier = self.statements.value(node, f"{FM}qualifier")
        number = ", ".join(value.text for value in self.of(node, f"{RDF}value"))
        return (Value(f"{label}: {qualifier} {number}" if qualifier else f"{label}: {number}"),)

    def _attribution(self, node: Node) -> tuple[Value, ...]:
        """The agents; their role is told where it is another than the property's name says."""
        roles = [iri for iri in self.statements.iris(node, f"{DCAT}hadRole") if iri != f"{FM}dataInclusionControl"]
        role = ", ".join(map(self.references.name, roles)) or None
        return tuple(Value(v.text, v.iri, role, v.hint) for v in self.of(node, f"{PROV}agent"))

    def _agent(self, node: Node) -> tuple[Value, ...]:
        names = ", ".join(term.value for term in self.statements.take(node, f"{FOAF}name"))
        return (Value(names, self.statements.value(node, f"{FOAF}homepage")),)

    def _identifier(self, node: Node) -> tuple[Value, ...]:
        notation = self.statements.value(node, f"{SKOS}notation") or ""
        address = f"https://doi.org/{notation}" if notation.startswith(_DOI) else notation
        return (Value(notation, address if "://" in address else None),)

    def _contact(self, node: Node) -> tuple[Value, ...]:
        name = self.statements.value(node, f"{VCARD}fn")
        ways = [*self.of(node, f"{VCARD}hasEmail"), *self.of(node, f"{VCARD}hasURL")]
        return (*((Value(name),) if name else ()), *ways)

    def _checksum(self, node: Node) -> tuple[Value, ...]:
        algorithm = ", ".join(value.text for value in self.of(node, f"{SPDX}algorithm"))
        return (Value(f"{algorithm}: {self.statements.value(node, f'{SPDX}checksumValue')}"),)

    def _option(self, node: Node) -> tuple[Value, ...]:
        label = self.statements.value(node, f"{SKOS}prefLabel") or ""
        points = self.statements.value(node, f"{FM}points")
        code = self.statements.value(node, f"{SKOS}notation")
        return (Value(f"{label} ({points} points)" if points else label, code=code),)

    def _any(self, node: Node) -> tuple[Value, ...]:
        """A part of a form that is not known here: each property with its values."""
        told = [
            f"{self.references.property_label(name)}: {', '.join(value.text for value in self.of(node, name))}"
            for name in self.statements.properties(node)
            if name != TYPE
        ]
        return (Value("; ".join(told)),)


def literal(term: Literal) -> Value:
    """A literal as people write it; a text in another language than English tells which.

    >>> literal(Literal("16110", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger"))).text
    '16,110'
    """
    kind = term.datatype.value.removeprefix(XSD)
    if kind.lower().endswith("integer") and re.fullmatch(r"[+-]?[0-9]+", term.value):
        return Value(f"{int(term.value):,}")
    if kind == "boolean":
        return Value(_TRUTH.get(term.value, term.value))
    if kind == "dateTime":
        return Value(term.value[:10])
    foreign = term.language and not term.language.lower().startswith("en")
    return Value(term.value, code=term.language if foreign else None)


def _order(values: tuple[Value, ...]) -> tuple[int, str]:
    text = values[0].text if values else ""
    digits = text.replace(",", "")
    return (int(digits), "") if re.fullmatch(r"[0-9]+", digits) else (0, text.casefold())
