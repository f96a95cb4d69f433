"""The page of a concept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.describe.facts import Facts
from fairmap.describe.mentions import mentions
from fairmap.describe.page import ConceptPage, Ref
from fairmap.describe.queries import load
from fairmap.describe.references import References
from fairmap.describe.statements import Statements
from fairmap.describe.values import Values
from fairmap.errors import NotFound
from fairmap.namespaces import SKOS

if TYPE_CHECKING:
    from fairmap.model import Reader

_MATCHES: Final = (f"{SKOS}exactMatch", f"{SKOS}closeMatch", f"{SKOS}broadMatch")
_SHOWN: Final = (f"{SKOS}prefLabel", f"{SKOS}definition", f"{SKOS}inScheme")


def concept(reader: Reader, iri: str) -> ConceptPage:
    """A concept with its place in the scheme, its matches and the records that use it. Three queries.

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
        tuple(narrower),
        facts.facts(node, _MATCHES),
        tuple(group for group in pointing if group.property != f"{SKOS}broader"),
    )
