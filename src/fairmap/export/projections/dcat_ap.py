"""DCAT-AP 3.0.1. The mapping is ``dcat_ap.rq``."""

from __future__ import annotations

from typing import Final

from fairmap.export.projections import load
from fairmap.export.rdf_projection import Demand, RdfProjection
from fairmap.namespaces import DCAT, DCT

PROJECTION: Final = RdfProjection(
    name="dcat-ap",
    title="DCAT-AP 3.0.1",
    specification="http://data.europa.eu/r5r/",
    query=load("dcat_ap"),
    judge="dcat-ap",
    demands=(Demand(f"{DCAT}Catalog", f"{DCT}publisher", "who publishes the catalogue"),),
)
