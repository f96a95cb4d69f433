"""A DCAT catalogue of any size for validation: about 27 triples a dataset, about 3 % of the datasets with one fault of 12."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from fairmap.namespaces import DCAT, DCT, FOAF, RDF, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE: Final = "https://example.org/"
SEED: Final = 7
EU: Final = "http://publications.europa.eu/resource/authority/"
VCARD: Final = "http://www.w3.org/2006/vcard/ns#"
FAULTS: Final = (
    "no title",
    "no description",
    "title is an IRI",
    "publisher without a type",
    "two access rights",
    "text as theme",
    "two issued",
    "bad date",
    "integer byte size",
    "no access URL",
    "text as access URL",
    "two byte sizes",
)

TYPES: Final = (
    (f"{EU}file-type/ZIP", f"{DCT}MediaTypeOrExtent"),
    (f"{EU}licence/CC_BY", f"{DCT}LicenseDocument"),
    (f"{EU}access-right/PUBLIC", f"{DCT}RightsStatement"),
    (f"{EU}access-right/RESTRICTED", f"{DCT}RightsStatement"),
    (f"{EU}data-theme/HEAL", f"{SKOS}Concept"),
    (f"{EU}language/ENG", f"{DCT}LinguisticSystem"),
    ("http://www.iana.org/assignments/media-types/application/zip", f"{DCT}MediaType"),
)
"""What the values of the EU tables are; without it each use of them would be a fault."""


def _iri(text: str) -> NamedNode:
    return NamedNode(text)


def _typed(text: str, name: str) -> Literal:
    return Literal(text, datatype=NamedNode(f"{XSD}{name}"))


def catalogue(size: int) -> Iterator[Quad]:
    """The quads of a catalogue with so many datasets, always the same."""
    chance = random.Random(SEED)
    catalog = _iri(f"{BASE}catalog")
    for predicate, value in (
        (f"{RDF}type", _iri(f"{DCAT}Catalog")),
        (f"{DCT}title", Literal("All", language="en")),
        (f"{DCT}description", Literal("All datasets", language="en")),
        (f"{DCT}publisher", _iri(f"{BASE}agent/0")),
    ):
        yield Quad(catalog, _iri(predicate), value)
    for number in range(max(1, size // 50)):
        agent = _iri(f"{BASE}agent/{number}")
        yield Quad(agent, _iri(f"{RDF}type"), _iri(f"{FOAF}Agent"))
        yield Quad(agent, _iri(f"{FOAF}name"), Literal(f"Agent {number}", language="en"))
    for node, kind in TYPES:
        yield Quad(_iri(node), _iri(f"{RDF}type"), _iri(kind))
    for number in range(size):
        fault = chance.choice(FAULTS) if chance.random() < 0.03 else ""  # noqa: PLR2004 - the share of faulty ones
        yield Quad(catalog, _iri(f"{DCAT}dataset"), _iri(f"{BASE}dataset/{number}"))
        yield from _dataset(number, chance.randrange(max(1, size // 50)), fault)
        yield from _distribution(number, fault)


def _dataset(number: int, agent: int, fault: str) -> Iterator[Quad]:
    node = _iri(f"{BASE}dataset/{number}")
    contact = BlankNode(f"contact{number}")
    values = [
        ("type", f"{RDF}type", _iri(f"{DCAT}Dataset")),
        ("title", f"{DCT}title", Literal(f"Dataset {number}", language="en")),
        ("description", f"{DCT}description", Literal(f"About dataset {number}", language="en")),
        ("", f"{DCT}identifier", Literal(f"id-{number}")),
        ("", f"{DCT}publisher", _iri(f"{BASE}agent/{agent}")),
        ("", f"{DCT}accessRights", _iri(f"{EU}access-right/PUBLIC")),
        ("", f"{DCAT}theme", _iri(f"{EU}data-theme/HEAL")),
        ("", f"{DCT}issued", _typed(f"20{number % 25:02d}-0{number % 9 + 1}-11", "date")),
        ("", f"{DCT}modified", _typed(f"20{number % 25:02d}-1{number % 3}-12T10:00:00Z", "dateTime")),
        ("", f"{DCAT}keyword", Literal(f"word{number % 97}", language="en")),
        ("", f"{DCAT}keyword", Literal(f"wort{number % 89}", language="de")),
        ("", f"{DCT}language", _iri(f"{EU}language/ENG")),
        ("", f"{DCAT}contactPoint", contact),
        ("", f"{DCAT}distribution", _iri(f"{BASE}distribution/{number}")),
    ]
    added = {
        "title is an IRI": (f"{DCT}title", _iri(f"{BASE}title")),
        "publisher without a type": (f"{DCT}publisher", _iri(f"{BASE}nobody")),
        "two access rights": (f"{DCT}accessRights", _iri(f"{EU}access-right/RESTRICTED")),
        "text as theme": (f"{DCAT}theme", Literal("health")),
        "two issued": (f"{DCT}issued", _typed("2001-01-01", "date")),
        "bad date": (f"{DCT}modified", _typed("2020-02-31", "date")),
    }
    for name, predicate, value in values:
        if fault != f"no {name}":
            yield Quad(node, _iri(predicate), value)
    if fault in added:
        predicate, value = added[fault]
        yield Quad(node, _iri(predicate), value)
    yield Quad(contact, _iri(f"{RDF}type"), _iri(f"{VCARD}Kind"))
    yield Quad(contact, _iri(f"{VCARD}fn"), Literal("Data desk"))
    yield Quad(contact, _iri(f"{VCARD}hasEmail"), _iri(f"mailto:desk{number}@example.org"))


def _distribution(number: int, fault: str) -> Iterator[Quad]:
    node = _iri(f"{BASE}distribution/{number}")
    url = Literal("no URL") if fault == "text as access URL" else _iri(f"{BASE}files/{number}")
    size = _typed(str(1000 + number), "integer" if fault == "integer byte size" else "nonNegativeInteger")
    yield Quad(node, _iri(f"{RDF}type"), _iri(f"{DCAT}Distribution"))
    if fault != "no access URL":
        yield Quad(node, _iri(f"{DCAT}accessURL"), url)
    yield Quad(node, _iri(f"{DCAT}byteSize"), size)
    if fault == "two byte sizes":
        yield Quad(node, _iri(f"{DCAT}byteSize"), _typed("1", "nonNegativeInteger"))
    yield Quad(node, _iri(f"{DCT}format"), _iri(f"{EU}file-type/ZIP"))
    yield Quad(node, _iri(f"{DCT}license"), _iri(f"{EU}licence/CC_BY"))
    yield Quad(node, _iri(f"{DCT}title"), Literal(f"Files of {number}", language="en"))
    yield Quad(node, _iri(f"{DCAT}mediaType"), _iri("http://www.iana.org/assignments/media-types/application/zip"))
