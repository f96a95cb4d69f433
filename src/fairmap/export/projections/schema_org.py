"""schema.org: Dataset and DataCatalog, for search engines. The mapping is ``schema_org.rq``."""

from __future__ import annotations

from typing import Final

from fairmap.export.projections import load
from fairmap.export.schema_org import DEMANDS, FORMS, SchemaOrg

PROJECTION: Final = SchemaOrg(
    name="schema-org",
    title="schema.org 30.0",
    specification="https://schema.org/version/30.0",
    query=load("schema_org"),
    judge=None,
    demands=DEMANDS,
    forms=FORMS,
)
