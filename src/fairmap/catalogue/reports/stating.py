"""The source statement that a value lacks, ready to be pasted."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.catalogue.reports.remedy import Remedy
from fairmap.catalogue.reports.words import short
from fairmap.namespaces import FM, PROV

if TYPE_CHECKING:
    from fairmap.catalogue.reports.snippets import Writer
    from fairmap.model import Finding

_CELL: Final = "https://w3id.org/fairmap/source/d31#table-3.1-row-1-description"
_HINT: Final = "The source is an example: put the cell in its place that says so of this record."


def source_statement(finding: Finding, writer: Writer) -> Remedy | None:
    """What to paste when nothing says where a value was taken from; ``None`` for other faults."""
    if not finding.shape.endswith("/StatedMissing") or finding.path is None:
        return None
    name = f"#stated-{re.split(r'[/#]', finding.path)[-1]}"
    if writer.source is not None and writer.source.form in {"jsonld", "yamlld"}:
        return _member(finding.path, name, writer)
    term = {
        text: writer.term(NamedNode(text)) for text in (finding.focus, f"{finding.focus}{name}", finding.path, _CELL)
    }
    kind, about, of, taken = (
        writer.term(NamedNode(iri))
        for iri in (f"{FM}SourceStatement", f"{FM}about", f"{FM}property", f"{PROV}wasDerivedFrom")
    )
    text = (
        f"{term[f'{finding.focus}{name}']} a {kind} ; {about} {term[finding.focus]} ; {of} {term[finding.path]} ; "
        f"{taken} {term[_CELL]} ."
    )
    return Remedy("Add this at the end of the file:", text, writer.form, hint=_HINT)


def _member(path: str, name: str, writer: Writer) -> Remedy:
    """The same for a list in JSON or YAML; the names are those of fairmap's context."""
    lead = "Add this to the list “stated” of the record:"
    if writer.form == "YAML":
        rows = (
            f"- id: '{name}'",
            "  type: SourceStatement",
            f"  property: {short(path)}",
            "  derivedFrom:",
            f"    - {_CELL}",
        )
        return Remedy(lead, "\n".join(rows), writer.form, hint=_HINT)
    value = {"id": name, "type": "SourceStatement", "property": short(path), "derivedFrom": [_CELL]}
    return Remedy(lead, json.dumps(value), writer.form, hint=_HINT)
