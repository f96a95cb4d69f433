"""HealthDCAT-AP Release 8. The mapping is ``healthdcat_ap.rq``."""

from __future__ import annotations

from typing import Final

from fairmap.export.projections import load
from fairmap.export.rdf_projection import Demand, RdfProjection
from fairmap.namespaces import DCAT, DCT

_CATALOG, _DATASET, _DISTRIBUTION = f"{DCAT}Catalog", f"{DCAT}Dataset", f"{DCAT}Distribution"
_LEGISLATION, _HEALTH = "http://data.europa.eu/r5r/applicableLegislation", "http://healthdataportal.eu/ns/health#"
_REACHED = "http://data.europa.eu/m8g/contactPoint"
_ACCESS = "http://publications.europa.eu/resource/authority/access-right/"
_OPEN: Final = frozenset({f"{_ACCESS}PUBLIC", f"{_ACCESS}RESTRICTED"})

PROJECTION: Final = RdfProjection(
    name="healthdcat-ap",
    title="HealthDCAT-AP Release 8",
    specification="https://healthdataeu.pages.code.europa.eu/healthdcat-ap/",
    query=load("healthdcat_ap"),
    judge="healthdcat-ap",
    demands=(
        Demand(_CATALOG, f"{DCT}publisher", "who publishes the catalogue"),
        Demand(_CATALOG, f"{DCT}publisher", "how the publisher can be reached", then=(_REACHED,)),
        Demand(_CATALOG, _LEGISLATION, "which law obliges to list what the catalogue holds"),
        Demand(
            _DATASET, f"{DCT}accessRights", "whether access is public, restricted or non-public, and only one of them"
        ),
        Demand(_DATASET, _LEGISLATION, "which law applies to the dataset"),
        Demand(_DATASET, f"{_HEALTH}hdab", "which health data access body decides on requests"),
        Demand(_DATASET, f"{_HEALTH}hdab", "how the health data access body can be reached", then=(_REACHED,)),
        Demand(_DATASET, f"{_HEALTH}healthCategory", "which category of health data of the EHDS it is"),
        Demand(_DATASET, f"{_HEALTH}hasStructuredData", "whether the dataset has structured data, such as tables"),
        Demand(_DATASET, f"{DCAT}distribution", "where and in what form the data can be had (a distribution)"),
        Demand(_DATASET, f"{DCT}publisher", "how the publisher can be reached", then=(_REACHED,)),
        Demand(_DATASET, f"{DCAT}contactPoint", "whom to ask about the dataset", exempt=_OPEN),
        Demand(_DATASET, f"{DCAT}keyword", "words to find the dataset by", exempt=_OPEN),
        Demand(_DATASET, f"{DCT}type", "what type of dataset it is", exempt=_OPEN),
        Demand(_DATASET, f"{DCT}provenance", "how the data came about", exempt=_OPEN),
        Demand(_DISTRIBUTION, _LEGISLATION, "which law applies to the distribution"),
    ),
)
