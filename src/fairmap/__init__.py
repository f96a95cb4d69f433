"""fairmap: a semantic knowledge graph of medical-imaging repositories.

>>> import fairmap
>>> with fairmap.open("memory:") as catalogue:
...     upgrade = catalogue.load_map()
...     len([iri for iri in catalogue.records() if "/repository/" in iri])
47
"""

from fairmap.catalogue import Catalogue, Document
from fairmap.catalogue import open_catalogue as open  # noqa: A004 - read as fairmap.open
from fairmap.errors import FairmapError, NotConforming
from fairmap.model import Finding, Severity, ValidationReport

__all__ = ["Catalogue", "Document", "FairmapError", "Finding", "NotConforming", "Severity", "ValidationReport", "open"]
