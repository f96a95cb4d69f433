"""What users ask a catalogue: the queries of ``peers.py``, none of which is answered by luck from a LIMIT."""

from __future__ import annotations

from typing import Final

PREFIXES: Final = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX fm: <https://w3id.org/fairmap/ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX h: <http://healthdataportal.eu/ns/health#>
"""
ONE: Final = "<https://w3id.org/fairmap/dataset/synthetic-{}>"
MRI: Final = "<https://w3id.org/fairmap/concept/modality/mri>"
CT: Final = "<https://w3id.org/fairmap/concept/modality/ct>"
HEAD: Final = "<https://w3id.org/fairmap/concept/body-part/head>"
LARGE: Final = "100,000 rows"
QUERIES: Final = {
    "look-up": "SELECT ?p ?o { ONE ?p ?o }",
    "describe": "DESCRIBE ONE",
    "construct": "CONSTRUCT { ONE dct:title ?t ; dct:publisher ?p } WHERE { ONE dct:title ?t ; dct:publisher ?p }",
    "values join": "SELECT ?d ?t ?m { VALUES ?d { MANY } ?d dct:title ?t ; fm:modality ?m }",
    "listing": "SELECT ?d ?t ?n { ?d a dcat:Dataset ; dct:title ?t OPTIONAL { ?d h:numberOfUniqueIndividuals ?n } } "
    "ORDER BY ?t ?d LIMIT 20",
    "facet": "SELECT ?m (COUNT(?d) AS ?n) { ?d a dcat:Dataset ; fm:modality ?m } GROUP BY ?m",
    "facet below a concept": f"SELECT ?m (COUNT(?d) AS ?n) {{ ?d a dcat:Dataset ; fm:bodyPart/skos:broader* {HEAD} ; fm:modality ?m }} "
    "GROUP BY ?m",
    "counts per repository": "SELECT ?r (COUNT(?d) AS ?n) { ?r dcat:dataset ?d } GROUP BY ?r",
    "hierarchy, one in two": f"SELECT (COUNT(DISTINCT ?d) AS ?n) {{ ?d fm:modality/skos:broader* {MRI} }}",
    "hierarchy, one in ten": f"SELECT (COUNT(DISTINCT ?d) AS ?n) {{ ?d fm:modality/skos:broader* {CT} }}",
    "range": "SELECT ?d ?t ?n { ?d a dcat:Dataset ; dct:title ?t ; h:numberOfUniqueIndividuals ?n FILTER (?n > 5000) } ORDER BY DESC(?n)",
    "contains": "SELECT ?d ?t { ?d a dcat:Dataset ; dct:title ?t FILTER CONTAINS(?t, 'knee liver') }",
    LARGE: "SELECT ?d ?t ?k { ?d dct:title ?t ; dcat:keyword ?k } LIMIT 100000",
}
TEXT: Final = {"fairmap": "SELECT ?d ?t { ?d fm:textMatch ('knee liver' 20) ; dct:title ?t }"}
"""The words of "contains", for servers that have a text index: name of the server to its query; the others are asked "contains"."""


def text_of(body: str, number: int) -> str:
    """The query with other datasets and another comment for each number, so that no cache has its answer."""
    many = " ".join(ONE.format(number * 50 + n) for n in range(50))
    return f"{PREFIXES}{body.replace('ONE', ONE.format(number * 7)).replace('MANY', many)} # {number}"
