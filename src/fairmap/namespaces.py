"""The namespaces of the graph and the IRIs that code must know.

``FM`` and concept IRIs are fixed; record IRIs are ``{base_iri}{kind}/{slug}`` (design: base IRI is a setting that never changes
for a deployment).
"""

from __future__ import annotations

import re
from typing import Final

DEFAULT_BASE: Final = "https://w3id.org/fairmap/"
FM: Final = "https://w3id.org/fairmap/ns#"
CONCEPT: Final = "https://w3id.org/fairmap/concept/"
SHAPES: Final = "https://w3id.org/fairmap/shapes/"
CONTEXT: Final = "https://w3id.org/fairmap/context.jsonld"
ONTOLOGY_GRAPH: Final = "https://w3id.org/fairmap/ns"
VOCABULARY: Final = "https://w3id.org/fairmap/vocabulary/"
SEARCH_WORDS: Final = f"{VOCABULARY}search-words"
"""The graph of our own translations of what concepts are called."""

DEFAULT_GRAPH: Final = "urn:fairmap:default-graph"
"""Stands for the default graph where graphs are named; only a store without shapes has triples there."""

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
DCT: Final = "http://purl.org/dc/terms/"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
PROV: Final = "http://www.w3.org/ns/prov#"
DQV: Final = "http://www.w3.org/ns/dqv#"
EARL: Final = "http://www.w3.org/ns/earl#"
SH: Final = "http://www.w3.org/ns/shacl#"

PREFIXES: Final[dict[str, str]] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": DCAT,
    "dct": DCT,
    "dqv": DQV,
    "earl": EARL,
    "fm": FM,
    "foaf": FOAF,
    "healthdcatap": "http://healthdataportal.eu/ns/health#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": PROV,
    "r3d": "http://www.re3data.org/schema/3-0#",
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "https://schema.org/",
    "sh": SH,
    "skos": SKOS,
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": XSD,
}

KINDS: Final = ("catalog", "repository", "dataset", "agent", "criterion", "source")
"""The kinds of record, as they stand in IRIs and URLs."""

_SLUG: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_RECORD: Final = re.compile(rf"(?P<kind>{'|'.join(KINDS)})/(?P<slug>{_SLUG})(?P<part>#.*)?\Z")
_DISTRIBUTION: Final = re.compile(rf"distribution/(?P<slug>{_SLUG})-(?P<number>[0-9]+)(?P<part>#.*)?\Z")
_VOCABULARY: Final = re.compile(r"https://w3id\.org/fairmap/(ns|concept/[a-z-]+|vocabulary/[a-z-]+)\Z")


def record_of(iri: str, base_iri: str) -> str | None:
    """The record that ``iri`` is, is a part of or is a distribution of; ``None`` when it lies in no record.

    >>> record_of("https://w3id.org/fairmap/repository/tcia#fair-F1", DEFAULT_BASE)
    'https://w3id.org/fairmap/repository/tcia'
    >>> record_of("https://w3id.org/fairmap/distribution/ria-lung1-2", DEFAULT_BASE)
    'https://w3id.org/fairmap/dataset/ria-lung1'
    >>> record_of("https://example.org/x", DEFAULT_BASE) is None
    True
    """
    if not iri.startswith(base_iri):
        return None
    path = iri[len(base_iri) :]
    if match := _RECORD.match(path):
        return f"{base_iri}{match['kind']}/{match['slug']}"
    if match := _DISTRIBUTION.match(path):
        return f"{base_iri}dataset/{match['slug']}"
    return None


def is_vocabulary(graph: str) -> bool:
    """Whether ``graph`` is the name of a vocabulary graph (ontology, concept scheme, excerpt).

    >>> is_vocabulary("https://w3id.org/fairmap/concept/modality")
    True
    """
    return bool(_VOCABULARY.match(graph))


def compact(iri: str) -> str:
    """``iri`` with a known prefix, else in angle brackets.

    >>> compact("http://www.w3.org/ns/dcat#Dataset")
    'dcat:Dataset'
    """
    for prefix, namespace in PREFIXES.items():
        local = iri[len(namespace) :]
        if iri.startswith(namespace) and local and not re.search(r"[/#?]", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"
