"""The page of a concept."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.describe.facts import Facts
from fairmap.describe.mentions import mentions
from fairmap.describe.page import ConceptPage, Ref
from fairmap.describe.queries import load
from fairmap.describe.references import References, short_iri
from fairmap.describe.statements import Statements
from fairmap.describe.values import Values
from fairmap.errors import NotFound
from fairmap.namespaces import SKOS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fairmap.model import Reader

_WAYS: Final = 6
_MATCHES: Final = (f"{SKOS}exactMatch", f"{SKOS}closeMatch", f"{SKOS}broadMatch")
_SHOWN: Final = (f"{SKOS}prefLabel", f"{SKOS}definition", f"{SKOS}inScheme")


def concept(reader: Reader, iri: str) -> ConceptPage:
    """A concept with its place in the scheme, its matches and the records that use it. Four queries.

    :raises NotFound: when there is no such concept.
    """
    node = NamedNode(iri)
    statements = Statements(reader.construct(load("concept"), concept=node))
    if not statements:
        raise NotFound("there is no such concept", where=iri)
    references = References.of_concept(reader, iri)
    facts = Facts(Values(iri, statements, references))
    scheme = iri.rpartition("/")[0]
    names = [name for name in statements.properties(node) if name not in {*_MATCHES, *_SHOWN}]
    pointing = mentions(reader, iri)
    narrower = [ref for group in pointing if group.property == f"{SKOS}broader" for ref in group.things]
    return ConceptPage(
        iri,
        statements.value(node, f"{SKOS}prefLabel") or references.name(iri),
        statements.value(node, f"{SKOS}definition"),
        Ref(references.name(scheme), scheme),
        facts.facts(node, names),
        _above(reader, node),
        tuple(narrower),
        facts.facts(node, _MATCHES),
        tuple(group for group in pointing if group.property != f"{SKOS}broader"),
    )


def _above(reader: Reader, node: NamedNode) -> tuple[tuple[Ref, ...], ...]:
    """The ways from the broadest concepts down to one, itself left out; of very many the first ones."""
    above: defaultdict[str, set[Ref]] = defaultdict(set)
    for row in reader.select(load("concepts_above"), concept=node):
        iri = row["above"].value
        above[row["lower"].value].add(Ref(row["label"].value if "label" in row else short_iri(iri), iri))
    ways = islice(_ways(above, node.value, ()), _WAYS)
    return tuple(sorted((way for way in ways if way), key=lambda way: [ref.label for ref in way]))


def _ways(above: Mapping[str, set[Ref]], iri: str, below: tuple[Ref, ...]) -> Iterator[tuple[Ref, ...]]:
    """The ways to a concept, each followed by what is ``below`` it; a concept above itself ends a way."""
    seen = {ref.iri for ref in below}
    higher = sorted((ref for ref in above.get(iri, ()) if ref.iri not in seen), key=lambda ref: ref.label)
    if not higher:
        yield below
    for ref in higher:
        yield from _ways(above, ref.iri or "", (ref, *below))
