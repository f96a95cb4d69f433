"""Health-RI core metadata model 2. The mapping is ``health_ri.rq``."""

from __future__ import annotations

from typing import Final

from fairmap.export.projections import load
from fairmap.export.rdf_projection import Demand, RdfProjection
from fairmap.namespaces import DCAT, DCT, FOAF

_CATALOG, _DATASET, _DISTRIBUTION, _AGENT = f"{DCAT}Catalog", f"{DCAT}Dataset", f"{DCAT}Distribution", f"{FOAF}Agent"
_AGENT_TELLS: Final = (f"{DCT}identifier", f"{FOAF}homepage", f"{FOAF}mbox")
_LEGISLATION: Final = "http://data.europa.eu/r5r/applicableLegislation"

PROJECTION: Final = RdfProjection(
    name="health-ri",
    title="Health-RI core metadata model 2",
    specification="https://github.com/Health-RI/health-ri-metadata",
    query=load("health_ri"),
    judge="health-ri",
    demands=(
        Demand(_CATALOG, f"{DCT}publisher", "who publishes the catalogue"),
        Demand(
            _CATALOG, f"{DCT}publisher", "identifier, home page and e-mail address of the publisher", then=_AGENT_TELLS
        ),
        Demand(_CATALOG, f"{DCAT}contactPoint", "whom to ask about the catalogue, with name and e-mail address"),
        Demand(_DATASET, f"{DCT}publisher", "who publishes the dataset"),
        Demand(
            _DATASET, f"{DCT}publisher", "identifier, home page and e-mail address of the publisher", then=_AGENT_TELLS
        ),
        Demand(_DATASET, f"{DCT}creator", "who made the dataset"),
        Demand(_DATASET, f"{DCT}creator", "identifier, home page and e-mail address of the creator", then=_AGENT_TELLS),
        Demand(_DATASET, f"{DCAT}contactPoint", "whom to ask about the dataset, with name and e-mail address"),
        Demand(_DATASET, f"{DCAT}keyword", "words to find the dataset by"),
        Demand(
            _DATASET, f"{DCT}accessRights", "whether access is public, restricted or non-public, and only one of them"
        ),
        Demand(_DATASET, _LEGISLATION, "which law applies to the dataset"),
        Demand(_DISTRIBUTION, f"{DCT}title", "a title of the distribution"),
        Demand(_DISTRIBUTION, f"{DCT}format", "the file format of the distribution, a term of the EU table"),
        Demand(_DISTRIBUTION, f"{DCT}license", "the licence of the distribution"),
        Demand(_DISTRIBUTION, f"{DCAT}byteSize", "the size of the distribution in bytes"),
        Demand(_AGENT, f"{DCT}identifier", "an identifier of each organisation, e.g. its ROR"),
        Demand(_AGENT, f"{FOAF}homepage", "the home page of each organisation"),
        Demand(_AGENT, f"{FOAF}mbox", "the e-mail address of each organisation"),
    ),
)
