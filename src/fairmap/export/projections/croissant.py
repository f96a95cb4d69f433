"""Croissant 1.1: datasets for machine learning. Made of the mapping to schema.org, ``schema_org.rq``."""

from __future__ import annotations

from typing import Final

from fairmap.export.croissant import VERSION, make
from fairmap.export.documents import Documents

PROJECTION: Final = Documents("croissant", "Croissant 1.1", VERSION, make)
