"""The concepts that come with fairmap, found by what others call them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from fairmap.namespaces import CONCEPT, DCT, FM, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Quad

FACETS: Final = {
    "modality": f"{FM}modality",
    "body-part": f"{FM}bodyPart",
    "topic": f"{FM}topic",
    "data-object": f"{FM}dataObject",
    "species": f"{FM}species",
    "sex": f"{FM}sex",
    "format": f"{DCT}format",
    "access-condition": f"{FM}accessCondition",
}
"""The property that leads to the concepts of a scheme."""

_MATCH: Final = f"{SKOS}exactMatch"
_LABEL: Final = f"{SKOS}prefLabel"


@dataclass(frozen=True)
class Concepts:
    """An index of concepts.

    :ivar matches: our concepts by the IRIs that they match exactly.
    :ivar labels: preferred labels by concept, in lower case.
    """

    matches: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> Concepts:
        """The concepts in these quads."""
        matches: defaultdict[str, list[str]] = defaultdict(list)
        labels: defaultdict[str, set[str]] = defaultdict(set)
        for quad in quads:
            subject = quad.subject
            if not isinstance(subject, NamedNode) or not subject.value.startswith(CONCEPT):
                continue
            if quad.predicate.value == _MATCH and isinstance(quad.object, NamedNode):
                matches[quad.object.value].append(subject.value)
            elif quad.predicate.value == _LABEL and isinstance(quad.object, Literal):
                labels[subject.value].add(quad.object.value.casefold())
        return cls(
            {iri: tuple(sorted(found)) for iri, found in matches.items()},
            {iri: frozenset(found) for iri, found in labels.items()},
        )

    def ours(self, iri: str, facet: str | None = None) -> tuple[str, ...]:
        """Our concepts for a concept of anybody's.

        :param facet: only those that this property leads to.
        """
        found = (iri,) if iri in self.labels else self.matches.get(iri, ())
        return tuple(concept for concept in found if facet is None or facet_of(concept) == facet)


def facet_of(concept: str) -> str | None:
    """The property that leads to a concept of ours.

    >>> facet_of("https://w3id.org/fairmap/concept/body-part/brain")
    'https://w3id.org/fairmap/ns#bodyPart'
    """
    return FACETS.get(concept.removeprefix(CONCEPT).partition("/")[0]) if concept.startswith(CONCEPT) else None
