"""A report in SARIF 2.1.0, which code hosts and editors show beside the lines of a file."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from fairmap.catalogue.reports.examples import rule
from fairmap.catalogue.reports.words import component, problem, property_name
from fairmap.model import Severity

if TYPE_CHECKING:
    from fairmap.model import Finding, Place, ValidationReport

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def as_sarif(report: ValidationReport) -> str:
    """One run with a rule for each shape and constraint, and a result for each finding. Source: SARIF 2.1.0."""
    rules: dict[str, dict[str, Any]] = {}
    for found in report.findings:
        rules.setdefault(_rule_id(found), _rule(found))
    order = {name: place for place, name in enumerate(rules)}
    driver = {
        "name": "fairmap",
        "semanticVersion": version("fairmap"),
        "informationUri": "https://w3id.org/fairmap/",
        "rules": list(rules.values()),
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(found, order) for found in report.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule_id(found: Finding) -> str:
    return f"{found.shape} {component(found)}"


def _rule(found: Finding) -> dict[str, Any]:
    described = {
        "id": _rule_id(found),
        "name": f"{property_name(found)}: {component(found)}",
        "shortDescription": {"text": rule(found)},
        "defaultConfiguration": {"level": _LEVELS[found.severity]},
    }
    return {**described, "helpUri": found.shape} if found.shape.startswith(("http://", "https://")) else described


def _result(found: Finding, order: dict[str, int]) -> dict[str, Any]:
    text = " ".join(filter(None, (problem(found), found.message)))
    result: dict[str, Any] = {
        "ruleId": _rule_id(found),
        "ruleIndex": order[_rule_id(found)],
        "level": _LEVELS[found.severity],
        "message": {"text": text},
        "partialFingerprints": {"fairmap/v1": _fingerprint(found)},
        "properties": {
            name: value
            for name, value in (
                ("record", found.record),
                ("title", found.title),
                ("path", found.path),
                ("value", found.value),
                ("vocabulary", found.vocabulary or None),
            )
            if value is not None
        },
    }
    named = found.record or found.focus
    logical = [{"fullyQualifiedName": named, "kind": "resource", **({"name": found.title} if found.title else {})}]
    places = [{"physicalLocation": _physical(place)} for place in found.places]
    locations = [{**place, "logicalLocations": logical} for place in places or [{}]]
    return {**result, "locations": locations[:1], **({"relatedLocations": places[1:]} if places[1:] else {})}


def _physical(place: Place) -> dict[str, Any]:
    region = {"startLine": place.line, "snippet": {"text": place.text}}
    return {"artifactLocation": {"uri": _uri(place.source)}, "region": region}


def _uri(name: str) -> str:
    """A file as hosts look for it: relative as it was named, else as a file: IRI."""
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(PurePath(name).as_posix(), safe="/:")


def _fingerprint(found: Finding) -> str:
    """The same for the same fault when lines were added before it."""
    focus = found.record if found.focus.startswith("_:") else found.focus
    value = None if (found.value or "").startswith("_:") else found.value
    told = (found.shape, found.component, focus, found.path, value)
    return sha256("\n".join(part or "" for part in told).encode()).hexdigest()[:32]
