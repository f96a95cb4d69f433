"""Addresses of pages, one for each kind and state of a page."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

_COUNTS: Final = "SELECT ?kind (COUNT(*) AS ?records) WHERE { ?record a ?kind } GROUP BY ?kind ORDER BY ?kind"
ANSWERS: Final = "SELECT ?outcome (COUNT(?m) AS ?answers) WHERE { ?m <http://www.w3.org/ns/earl#outcome> ?outcome } GROUP BY ?outcome"
BROKEN: Final = "SELECT * WHERE { ?s ?p }"
PAGES: Final = {
    "home": "/",
    "pictures": "/map",
    "fair": "/fair",
    "search": "/search",
    "search-found": "/search?q=brain+MRI&access=open",
    "search-mended": "/search?q=dementai",
    "search-nothing": "/search?q=zebra+unicorn",
    "record": "/repository/tcia",
    "record-unknowns": "/repository/primage",
    "dataset": "/dataset/tcia-imaging",
    "agent": "/agent/nci",
    "source": "/source/d31",
    "catalogue": "/catalog/imaging-health-data-map",
    "concept": "/concept/modality/mri",
    "scheme": "/concept/modality",
    "radlex": "/vocabulary/radlex",
    "ontology": "/ns",
    "compare": "/compare?record=repository/tcia&record=repository/ria",
    "compare-three": "/compare?record=repository/tcia&record=repository/adni&record=repository/oai",
    "compare-nothing": "/compare",
    "sparql": "/sparql",
    "sparql-answer": f"/sparql?format=html&query={quote(_COUNTS)}",
    "validate": "/validate",
    "validate-example": "/validate?example=1",
    "validate-record": "/validate?record=https://w3id.org/fairmap/dataset/tcia-imaging&profile=dcat-ap",
    "audit": "/audit/dataset/tcia-imaging",
    "criteria": "/criterion",
    "criterion": "/criterion/d31-F1",
    "criterion-fair": "/criterion/RDA-F1-01M",
    "shapes": "/shapes",
    "shape": "/shapes/Dataset",
    "profiles": "/profile",
    "profile": "/profile/dcat-ap",
    "partners": "/partners",
    "register": "/register",
    "sign-in": "/register/sign-in",
    "search-words": "/vocabulary/search-words",
    "search-german": "/search?q=MRT+des+Gehirns",
    "missing": "/repository/nowhere",
    "refused": "/sparql?query=SELECT&format=html",
}
"""By the name of their screenshots."""
EDITOR: Final = frozenset({"sparql", "sparql-answer", "refused"})
MOST: Final = 150_000
"""Bytes of a page with all it loads, as they are sent."""
MOST_WITH_EDITOR: Final = 450_000
