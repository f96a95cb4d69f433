"""Drafts in the words of fairmap: facets, formats, numbers and dates as its records have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.harvest.concepts import FACETS, Concepts, facet_of
from fairmap.harvest.reading import TYPE, Draft
from fairmap.namespaces import DCAT, DCT, FM, FOAF, PREFIXES, PROV, RDFS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HEALTH: Final = PREFIXES["healthdcatap"]
_COUNTS: Final = frozenset(
    {
        f"{DCAT}byteSize",
        *(
            f"{_HEALTH}{name}"
            for name in ("numberOfUniqueIndividuals", "numberOfRecords", "minTypicalAge", "maxTypicalAge")
        ),
        *(
            f"{FM}{name}"
            for name in ("numberOfStudies", "numberOfSeries", "numberOfInstances", "numberOfSegmentations")
        ),
    }
)
_DATES: Final = frozenset({f"{DCT}issued", f"{DCT}modified", f"{DCAT}startDate", f"{DCAT}endDate"})
_TYPES: Final = {
    "dataset": (f"{DCAT}Dataset",),
    "repository": (f"{FM}Repository", f"{DCAT}Catalog", f"{PREFIXES['r3d']}Repository"),
    "catalog": (f"{DCAT}Catalog",),
    "agent": (f"{FOAF}Agent",),
}
_KEPT_TYPES: Final = frozenset({f"{FOAF}Organization"})
_IMPLIED: Final = {
    f"{DCAT}contactPoint": f"{PREFIXES['vcard']}Kind",
    f"{DCAT}distribution": f"{DCAT}Distribution",
    f"{DCT}temporal": f"{DCT}PeriodOfTime",
    f"{PREFIXES['adms']}identifier": f"{PREFIXES['adms']}Identifier",
    f"{PREFIXES['spdx']}checksum": f"{PREFIXES['spdx']}Checksum",
    f"{PROV}qualifiedAttribution": f"{PROV}Attribution",
}
"""What a part of a record is, by the property that leads to it: many leave the type out, or name a narrower one."""
_LITERALS: Final = frozenset({f"{FM}manufacturer", f"{FM}collectionMethod", f"{FM}annotationLabel"})
_OTHERWISE: Final = frozenset({f"{PROV}wasGeneratedBy", f"{PROV}wasDerivedFrom", f"{DCT}isPartOf"})
"""Properties that say something about the record here: where it is from, and of a source what it is part of."""
_LABELLED: Final = frozenset({f"{DCT}provenance", f"{DCT}rights"})
_DATE: Final = (
    (re.compile(r"\d{4}\Z"), f"{XSD}gYear"),
    (re.compile(r"\d{4}-\d\d\Z"), f"{XSD}gYearMonth"),
    (re.compile(r"\d{4}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?\Z"), f"{XSD}date"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)?\Z"), f"{XSD}dateTime"),
)


class Telling:
    """How drafts are told.

    :param names: what properties are called here.
    """

    def __init__(self, concepts: Concepts, names: Mapping[str, str]) -> None:
        self._concepts = concepts
        self._names = names

    def tell(self, draft: Draft) -> list[Triple]:
        """The triples of a record, as fairmap has them."""
        node = NamedNode(draft.iri)
        texts = _texts(draft.triples)
        found: dict[Triple, None] = {}
        for triple in draft.triples:
            found |= dict.fromkeys(self._told(triple, node, draft.kind, texts))
        for of in _TYPES.get(draft.kind, ()):
            found[Triple(node, NamedNode(TYPE), NamedNode(of))] = None
        found |= dict.fromkeys(_implied_types(found))
        found = {told: None for told in found if told.subject != node or told.predicate.value not in _OTHERWISE}
        own = reached(_without_implied_keywords(found, self._concepts), node)
        return _other_titles(own, node) if draft.kind == "repository" else own

    def unsaid(self, draft: Draft) -> list[Triple]:
        """What the document says of a record with properties that mean something else here."""
        node = NamedNode(draft.iri)
        return [triple for triple in draft.triples if triple.subject == node and triple.predicate.value in _OTHERWISE]

    def _told(
        self, triple: Triple, record: NamedNode, kind: str, texts: Mapping[object, list[Literal]]
    ) -> Iterator[Triple]:
        subject, value = triple.subject, triple.object
        link = triple.predicate.value
        if link == TYPE and subject == record:
            if isinstance(value, NamedNode) and (kind not in _TYPES or value.value in _KEPT_TYPES):
                yield triple
        elif link in _LABELLED and value in texts:
            yield from (Triple(subject, triple.predicate, text) for text in texts[value])
        elif isinstance(value, Literal):
            yield Triple(subject, NamedNode(self._names.get(link, link)), _typed(link, value))
        else:
            yield from self._pointing(triple, record, kind)

    def _pointing(self, triple: Triple, record: NamedNode, kind: str) -> Iterator[Triple]:
        """A triple whose value is a node: concepts become ours, under the facet that they belong to."""
        link, value = triple.predicate.value, triple.object
        name = self._names.get(link, link)
        iri = value.value if isinstance(value, NamedNode) else ""
        is_facet = name in FACETS.values()
        if triple.subject == record and kind in {"dataset", "repository"} and link == f"{DCT}subject":
            ours = [concept for concept in self._concepts.ours(iri) if facet_of(concept)]
            yield from (Triple(record, NamedNode(facet_of(concept) or ""), NamedNode(concept)) for concept in ours)
        elif link == f"{DCT}rights" and facet_of(iri) == f"{FM}accessCondition":
            ours = [iri]
            yield Triple(record, NamedNode(f"{FM}accessCondition"), value)
        elif is_facet:
            ours = list(self._concepts.ours(iri, name))
            yield from (Triple(triple.subject, NamedNode(name), NamedNode(concept)) for concept in ours)
        else:
            ours = []
        if not ours:
            yield triple if is_facet or name in _LITERALS else Triple(triple.subject, NamedNode(name), value)


def _implied_types(triples: Iterable[Triple]) -> list[Triple]:
    """The types of described parts that follow from what leads to them."""
    triples = list(triples)
    described = {triple.subject for triple in triples}
    return [
        Triple(triple.object, NamedNode(TYPE), NamedNode(_IMPLIED[triple.predicate.value]))  # type: ignore[arg-type] # described
        for triple in triples
        if triple.predicate.value in _IMPLIED and triple.object in described
    ]


def _texts(triples: Iterable[Triple]) -> dict[object, list[Literal]]:
    """The labels of nodes, for statements that fairmap has as text."""
    found: dict[object, list[Literal]] = {}
    for triple in triples:
        if triple.predicate.value == f"{RDFS}label" and isinstance(triple.object, Literal):
            found.setdefault(triple.subject, []).append(triple.object)
    return found


def _typed(link: str, value: Literal) -> Literal:
    """Counts and dates with the datatype that they have here, when they are written as such."""
    if link in _COUNTS and value.language is None and value.value.isascii() and value.value.isdigit():
        return Literal(value.value, datatype=NamedNode(f"{XSD}nonNegativeInteger"))
    if (
        link in _DATES
        and value.language is None
        and value.datatype.value in {f"{XSD}string", f"{XSD}date", f"{XSD}dateTime"}
    ):
        of = next((of for pattern, of in _DATE if pattern.match(value.value)), None)
        return Literal(value.value, datatype=NamedNode(of)) if of else value
    return value


def _without_implied_keywords(triples: Iterable[Triple], concepts: Concepts) -> list[Triple]:
    """Without the keywords that are names of the record's concepts: profiles without facets repeat them so."""
    triples = list(triples)
    named = {
        label
        for triple in triples
        if isinstance(triple.object, NamedNode)
        for label in concepts.labels.get(triple.object.value, ())
    }
    return [
        triple
        for triple in triples
        if triple.predicate.value != f"{DCAT}keyword" or triple.object.value.casefold() not in named  # type: ignore[union-attr]
    ]


def _other_titles(triples: list[Triple], record: NamedNode) -> list[Triple]:
    """A repository has one title, the English one when there is one; the others are other names."""
    titles = [
        t
        for t in triples
        if t.subject == record and t.predicate.value == f"{DCT}title" and isinstance(t.object, Literal)
    ]
    titles.sort(key=lambda t: (not (t.object.language or "").startswith("en"), str(t.object)))  # type: ignore[union-attr]
    others = set(titles[1:])
    return [Triple(record, NamedNode(f"{DCT}alternative"), t.object) if t in others else t for t in triples]


def reached(triples: Iterable[Triple], record: NamedNode) -> list[Triple]:
    """Those about the record and what it still leads to."""
    triples = list(triples)
    about: dict[object, list[Triple]] = {}
    for triple in triples:
        about.setdefault(triple.subject, []).append(triple)
    seen: dict[object, None] = {record: None}
    waiting: list[object] = [record]
    while waiting:
        for triple in about.get(waiting.pop(), ()):
            if triple.object not in seen and triple.object in about:
                seen[triple.object] = None
                waiting.append(triple.object)
    return [triple for triple in triples if triple.subject in seen]
