"""What is missing inside a value that is all right otherwise: it is added there, and the value stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.catalogue.reports.words import component

if TYPE_CHECKING:
    from fairmap.model import Finding, Source


def missing_inside(finding: Finding, source: Source | None) -> Finding | None:
    """The first property that the description of the value lacks, when that is all that is wrong and the document has the description."""
    failing = [part for part in finding.parts if not part.conforms]
    value = finding.value or ""
    if component(finding) != "Node" or len(failing) != 1 or not _is_described(value, source):
        return None
    inner = failing[0].findings
    lacks = [found for found in inner if found.value is None and found.path and found.focus == value.strip("<>")]
    return lacks[0] if lacks and len(lacks) == len(inner) else None


def _is_described(value: str, source: Source | None) -> bool:
    if value.startswith("_:"):
        return True
    return source is not None and any(f"<{iri}>" == value for _, iri in source.things)
