"""What kind of thing a property leads to, and a thing of that kind: one that the document has, or the example with its description.

Profiles ask that a link leads to something whose kind the same data tell. So an example that is only a link would mend one fault
and make another. Source: the classes in ``ranges.ttl`` of the profiles.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode, Quad

from fairmap.catalogue.reports.examples import Example, from_text
from fairmap.catalogue.reports.terms import is_listed
from fairmap.catalogue.reports.words import SHORT
from fairmap.namespaces import RDF

if TYPE_CHECKING:
    from fairmap.model import Finding, Source

_RULES: Final = "https://w3id.org/fairmap/shapes/"
_TYPE: Final = NamedNode(f"{RDF}type")
_CLASSES: Final = {
    "adms:sample": "dcat:Distribution",
    "adms:status": "skos:Concept",
    "dcat:dataset": "dcat:Dataset",
    "dcat:distribution": "dcat:Distribution",
    "dcat:inSeries": "dcat:DatasetSeries",
    "dcat:landingPage": "foaf:Document",
    "dcat:servesDataset": "dcat:Dataset",
    "dcat:service": "dcat:DataService",
    "dct:conformsTo": "dct:Standard",
    "dct:creator": "foaf:Agent",
    "dct:license": "dct:LicenseDocument",
    "dct:provenance": "dct:ProvenanceStatement",
    "dct:publisher": "foaf:Agent",
    "dct:rights": "dct:RightsStatement",
    "foaf:homepage": "foaf:Document",
    "foaf:page": "foaf:Document",
    "foaf:primaryTopic": "dcat:Dataset",
    "geodcatap:custodian": "foaf:Agent",
    "healthdcatap:analytics": "dcat:Distribution",
    "healthdcatap:hdab": "foaf:Agent",
}
_SAYS: Final = {
    "foaf:Agent": ' ; foaf:name "University Hospital"@en',
    "dcat:Dataset": ' ; dct:title "Brain MRI of 120 volunteers"@en ; dct:description "T1-weighted brain scans."@en',
    "dcat:Distribution": " ; dcat:accessURL <https://example.org/access> ; "
    "dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj>",
    "skos:Concept": ' ; skos:prefLabel "completed"@en',
}
"""What a thing of a class has to tell besides its class."""
_OWN: Final = frozenset({"dcat:Distribution", "skos:Concept"})
"""Things that belong to one other thing, so that another one's is not taken for it."""


def _iri(short: str) -> str:
    prefix, _, local = short.partition(":")
    return SHORT[prefix] + local


_KINDS: Final = {_iri(name): kind for name, kind in _CLASSES.items()}


def says(kind: str) -> str:
    """What a thing of the class tells besides its class, in Turtle after its type; often nothing."""
    return _SAYS.get(kind, "")


def in_file(found: Example, finding: Finding, source: Source | None) -> tuple[str, ...]:
    """IRIs of the things in the document that the property can lead to, the likeliest first."""
    kind, predicate = _kind(found, finding), found.statement.predicate.value
    if source is None or kind is None or kind in _OWN:
        return ()
    things = [iri for name, iri in source.things if name == _iri(kind) and iri != finding.focus]
    wanted = _end(predicate)
    likely = [iri for iri in things if wanted.startswith(_end(iri)) or _end(iri).startswith(wanted)]
    if isinstance(found.statement.object, BlankNode):
        return tuple(likely)
    return tuple(dict.fromkeys([*likely, *things]))


def link_to(found: Example, iri: str) -> Example:
    """The example with another thing at the end of its link."""
    node = NamedNode(iri)
    return Example(found.predicate, f"<{iri}>", (Quad(Example.node, found.statement.predicate, node),))


def with_description(found: Example, finding: Finding) -> Example:
    """The example with what it leads to described, where the rules ask for that and no built-in table does it."""
    kind, node = _kind(found, finding), found.statement.object
    if kind is None or not isinstance(node, NamedNode) or is_listed(node.value):
        return found
    more = f"{node} a {kind}{says(kind)}"
    inner = about(more, node)
    return replace(found, quads=(*found.quads, *inner), more=more)


def about(text: str, node: NamedNode) -> tuple[Quad, ...]:
    """The quads of a description, in Turtle."""
    pairs = [part.strip().split(" ", 1) for part in text.removeprefix(f"{node} ").split(" ; ")]
    read = [found for name, value in pairs if (found := from_text(f"{name} {value}"))]
    return tuple(Quad(node, one.statement.predicate, one.statement.object) for one in read)


def _kind(found: Example, finding: Finding) -> str | None:
    """The class of what it leads to, by the rules of a profile; fairmap's own rules ask for records instead."""
    if "/" not in finding.shape.removeprefix(_RULES):
        return None
    return _KINDS.get(found.statement.predicate.value)


def _end(iri: str) -> str:
    return re.split(r"[/#]", iri.rstrip("/"))[-1].lower()
