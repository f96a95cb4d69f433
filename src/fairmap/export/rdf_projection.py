"""Projections whose mapping is a CONSTRUCT query: what they have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.export.projection import FAILED, LEFT_OUT, TO_TELL, Projected, Remark
from fairmap.export.writing import RDF_FORMS, is_sayable_in_xml, write_rdf
from fairmap.namespaces import DCAT, DCT, FM, PROV, RDF, compact

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Triple

    from fairmap.export.batch import Batch
    from fairmap.export.source import Source

_TYPE: Final = f"{RDF}type"
_ACCESS: Final = f"{DCT}accessRights"
_PREFIX: Final = re.compile(r"^PREFIX (\w*): <([^>]*)>", re.MULTILINE)
_NAME: Final = re.compile(r"\b([a-z]\w*):(\w+)")
_DISTRIBUTION: Final = NamedNode(f"{DCAT}distribution")
_BOOKKEEPING: Final = frozenset({_TYPE, f"{PROV}wasDerivedFrom", f"{PROV}wasGeneratedBy", f"{FM}inferred"})
"""Where a fact is from is told by fairmap's own profile; no other has a place for it."""


@dataclass(frozen=True)
class Demand:
    """A property that a profile demands and that only the holder of a record can tell.

    :ivar of: class of the things that must have it, in the output.
    :ivar text: what to tell, in plain words; follows "The holder must still tell us".
    :ivar then: properties that each value must have; none: the property itself is demanded, not what its values have.
    :ivar exempt: access rights whose datasets need not have it.
    :ivar language: of one of the texts; empty: of any.
    """

    of: str
    property: str
    text: str
    then: tuple[str, ...] = ()
    exempt: frozenset[str] = frozenset()
    language: str = ""

    def is_met(
        self, said: Mapping[str, Sequence[object]], about: Mapping[object, Mapping[str, Sequence[object]]]
    ) -> bool:
        """Whether a thing that ``said`` tells of meets it; ``about`` tells of all things."""
        if self.exempt and any(
            isinstance(right, NamedNode) and right.value in self.exempt for right in said.get(_ACCESS, ())
        ):
            return True
        values = said.get(self.property, ())
        if self.then:
            return all(name in about.get(value, {}) for value in values for name in self.then)
        if self.language:
            values = [value for value in values if isinstance(value, Literal) and value.language == self.language]
        return bool(values)


@dataclass(frozen=True)
class RdfProjection:
    """A profile of DCAT.

    :ivar query: the mapping: a CONSTRUCT over a batch, ``$records`` in it standing for the batch's records.
    :ivar demands: what the profile demands; where it is missing, a remark says so.
    """

    name: str
    title: str
    specification: str
    query: str
    judge: str | None
    demands: Sequence[Demand] = ()
    kinds: frozenset[str] = frozenset({"catalog", "repository", "dataset"})
    forms: tuple[str, ...] = field(default=RDF_FORMS)

    def project(self, source: Source, iris: Iterable[str]) -> Iterator[Projected]:
        """As :meth:`fairmap.export.Projection.project`."""
        for batch in source.batches(iris):
            yield from self._told(batch, source)

    def write(self, projected: Iterable[Projected], form: str) -> Iterator[bytes]:
        """As :meth:`fairmap.export.Projection.write`."""
        return write_rdf(projected, form)

    def finish(self, triples: list[Triple], source: Source) -> list[Triple]:  # noqa: ARG002 - others need the source
        """A record's triples, after what SPARQL cannot do; here there is nothing."""
        return triples

    def loses(self, name: str, values: Iterable[object], told: Container[str], texts: Container[str]) -> bool:
        """Whether a property that the mapping reads is not told as it was said; one of DCAT keeps its name.

        :param told: the properties of the thing in the output.
        :param texts: all texts of the output.
        """
        missing = any(isinstance(value, Literal) and value.value not in texts for value in values)
        return missing or not (name.startswith(FM) or name in told)

    def _told(self, batch: Batch, source: Source) -> list[Projected]:
        """The records of a batch; when it fails as a whole, one by one."""
        try:
            found = batch.construct(self.query)
            return [self._one(batch, iri, triples, source) for iri, triples in found.items()]
        except (RuntimeError, ValueError) as error:
            if len(batch.iris) == 1:
                return [Projected(batch.iris[0], remarks=(Remark(FAILED, batch.iris[0], "", f"Not told: {error}."),))]
            return [told for iri in batch.iris for told in self._told(batch.only(iri), source)]

    def _one(self, batch: Batch, iri: str, found: list[Triple], source: Source) -> Projected:
        kind = iri.removeprefix(source.base_iri).partition("/")[0]
        if not found or kind not in self.kinds:
            text = f"There is no such record, or it is none that {self.title} tells of."
            return Projected(iri, remarks=(Remark(FAILED, iri, "", text),))
        triples = tuple(self.finish(found, source))
        remarks = [*self._to_tell(iri, triples), *self._left_out(iri, triples, batch), *_unsayable(iri, triples)]
        return Projected(iri, triples, remarks=tuple(remarks))

    @cached_property
    def _demanded(self) -> Mapping[str, Sequence[Demand]]:
        """By class."""
        return {demand.of: [other for other in self.demands if other.of == demand.of] for demand in self.demands}

    def _to_tell(self, iri: str, triples: Iterable[Triple]) -> Iterator[Remark]:
        about: dict[object, dict[str, list[object]]] = {}
        for triple in triples:
            about.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
        missing = [
            demand
            for said in about.values()
            for of in said.get(_TYPE, ())
            if isinstance(of, NamedNode)
            for demand in self._demanded.get(of.value, ())
            if not demand.is_met(said, about)
        ]
        for demand in dict.fromkeys(missing):
            yield Remark(TO_TELL, iri, demand.property, f"The holder must still tell us {demand.text}.")

    @cached_property
    def _understood(self) -> frozenset[str]:
        """The properties that the mapping names."""
        spaces = dict(_PREFIX.findall(self.query))
        names = _NAME.findall(re.sub(r"<[^<>\s]*>|#.*", "", self.query))
        return frozenset(f"{spaces[prefix]}{name}" for prefix, name in names if prefix in spaces) | _BOOKKEEPING

    def _left_out(self, iri: str, triples: Sequence[Triple], batch: Batch) -> Iterator[Remark]:
        told: dict[object, set[str]] = {}
        for triple in triples:
            told.setdefault(triple.subject, set()).add(triple.predicate.value)
        node = NamedNode(iri)
        parts = [quad.object for quad in batch.store.quads_for_pattern(node, _DISTRIBUTION, None)]
        texts = {triple.object.value for triple in triples if isinstance(triple.object, Literal)}
        said = {part: _statements(batch, part) for part in (node, *parts)}
        unknown = {name for names in said.values() for name in names if name not in self._understood}
        for name in sorted(unknown):
            yield Remark(LEFT_OUT, iri, name, f"{self.title} has no place for {compact(name)}.")
        lost = {
            name
            for part, names in said.items()
            for name, values in names.items()
            if name in self._understood and self.loses(name, values, told.get(part, set()), texts)
        }
        for name in sorted(lost - _BOOKKEEPING):
            text = f"{self.title} does not take this {compact(name)}, or takes one value where there are several."
            yield Remark(LEFT_OUT, iri, name, text)


def _statements(batch: Batch, node: object) -> dict[str, list[object]]:
    """The properties of a thing in a batch, with their values."""
    found: dict[str, list[object]] = {}
    if isinstance(node, NamedNode | BlankNode):
        for quad in batch.store.quads_for_pattern(node, None, None):
            found.setdefault(quad.predicate.value, []).append(quad.object)
    return found


def _unsayable(iri: str, triples: Iterable[Triple]) -> Iterator[Remark]:
    """Properties whose text has characters that XML cannot hold."""
    found = {
        triple.predicate.value
        for triple in triples
        if isinstance(triple.object, Literal) and not is_sayable_in_xml(triple.object.value)
    }
    for name in sorted(found):
        text = f"The text of {compact(name)} has control characters; in RDF/XML each is written as U+FFFD."
        yield Remark(LEFT_OUT, iri, name, text)
