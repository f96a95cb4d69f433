"""The SPARQL Protocol, the Graph Store Protocol and the service description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from rdflib import RDF, Graph, Namespace, URIRef

from conformance.conversations import hold
from conformance.judging import of_kind
from conformance.manifests import DESCRIPTION, GRAPH_STORE, PROTOCOL
from conformance.selection import parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.endpoints import Remote
    from conformance.manifests import Case

pytestmark = pytest.mark.server
_SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
# Properties of an sd:Service and of what it has. Source: SPARQL 1.1 Service Description, 3.4.
_SERVICE_PROPERTIES: Final = (
    *(
        "endpoint",
        "feature",
        "supportedLanguage",
        "languageExtension",
        "propertyFeature",
        "resultFormat",
        "inputFormat",
    ),
    *("defaultEntailmentRegime", "defaultSupportedEntailmentProfile", "extensionFunction", "extensionAggregate"),
    *("defaultDataset", "availableGraphs"),
)
_OTHER_PROPERTIES: Final = (
    *("entailmentRegime", "supportedEntailmentProfile", "defaultGraph", "namedGraph", "name", "graph"),
)


@pytest.mark.parametrize("case", parameters(of_kind(PROTOCOL)))
def test_protocol(case: Case, remote: Remote) -> None:
    hold(case, remote)


@pytest.mark.parametrize("case", parameters(of_kind(GRAPH_STORE)))
def test_graph_store(case: Case, remote: Remote) -> None:
    hold(case, remote)


@pytest.mark.parametrize("case", parameters(of_kind(DESCRIPTION)))
def test_service_description(case: Case, remote: Remote) -> None:
    heard = remote.send("GET", remote.query_path, {"Accept": "text/turtle"})
    assert heard.status == 200
    description = Graph().parse(heard.body, format="turtle")
    _CHECKS[case.name.rpartition("/")[2]](description, remote)


def _returns_rdf(description: Graph, remote: Remote) -> None:
    assert len(description) > 0


def _has_endpoint(description: Graph, remote: Remote) -> None:
    assert (None, _SD.endpoint, URIRef(remote.address + remote.query_path)) in description


def _conforms(description: Graph, remote: Remote) -> None:
    services = set(description.subjects(RDF.type, _SD.Service))
    assert services == set(description.subjects(_SD.endpoint))
    for subject, predicate, value in description:
        if str(predicate).startswith(_SD):
            name = str(predicate).removeprefix(_SD)
            assert name in (_SERVICE_PROPERTIES if subject in services else _OTHER_PROPERTIES)
            assert isinstance(value, URIRef) or (value, None, None) in description


_CHECKS: Final[dict[str, Callable[[Graph, Remote], None]]] = {
    "returns-rdf": _returns_rdf,
    "has-endpoint-triple": _has_endpoint,
    "conforms-to-schema": _conforms,
}
