"""DataCite 4.5, as XML and as JSON. Made of the mapping to schema.org, ``schema_org.rq``."""

from __future__ import annotations

from typing import Final

from fairmap.export.datacite import SCHEMA_VERSION, DataCite, make

PROJECTION: Final = DataCite("datacite", "DataCite 4.5", SCHEMA_VERSION, make, forms=("xml", "json"))
