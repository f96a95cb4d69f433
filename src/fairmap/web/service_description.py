"""What the endpoint can do, in RDF. Source: SPARQL 1.1 Service Description."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode, Triple

from fairmap.namespaces import RDF

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "JSON-LD",
    "RDF_XML",
    "N-Triples",
)


def service_description(endpoint: str, *, union: bool) -> list[Triple]:
    """The description of the endpoint at this address.

    :param union: the default graph of a query is the union of all graphs.
    """
    service = NamedNode(endpoint)

    def says(name: str, value: str) -> Triple:
        return Triple(service, NamedNode(f"{_SD}{name}"), NamedNode(value))

    return [
        Triple(service, NamedNode(f"{RDF}type"), NamedNode(f"{_SD}Service")),
        says("endpoint", endpoint),
        says("supportedLanguage", f"{_SD}SPARQL11Query"),
        *([says("feature", f"{_SD}UnionDefaultGraph")] if union else []),
        *(says("resultFormat", f"{_FORMATS}{name}") for name in _RESULT_FORMATS),
    ]
