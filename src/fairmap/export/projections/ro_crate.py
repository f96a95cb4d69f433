"""RO-Crate 1.1 metadata documents, without the crate. Made of the mapping to schema.org, ``schema_org.rq``."""

from __future__ import annotations

from typing import Final

from fairmap.export.documents import Documents
from fairmap.export.ro_crate import VERSION, make

PROJECTION: Final = Documents("ro-crate", "RO-Crate 1.1", VERSION, make)
