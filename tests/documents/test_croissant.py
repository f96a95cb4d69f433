"""Croissant, as its reference implementation takes it (``make clients`` lets that judge every dataset)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple
from pyoxigraph import parse as read

from fairmap.export import Source, projection
from fairmap.export.croissant import make
from fairmap.export.description import SCHEMA, TYPE, Description

if TYPE_CHECKING:
    from pathlib import Path

    from fairmap.catalogue import Catalogue

BASE = "https://w3id.org/fairmap/"
LUNG = f"{BASE}dataset/lung"
OWN = projection("croissant")


def document(catalogue: Catalogue, iri: str) -> Any:
    return json.loads(b"".join(OWN.write(OWN.project(Source(catalogue.view), [iri]), "jsonld")))


def told(*properties: tuple[str, Literal | NamedNode]) -> Description:
    root = NamedNode(LUNG)
    triples = [Triple(root, NamedNode(f"{SCHEMA}{name}"), value) for name, value in properties]
    return Description(LUNG, [Triple(root, NamedNode(TYPE), NamedNode(f"{SCHEMA}Dataset")), *triples])


def test_a_dataset_is_told_with_names_by_language(rich: Catalogue) -> None:
    found = document(rich, LUNG)
    assert found["@type"] == "sc:Dataset"
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert found["name"] == {"de": "Lungenaufnahmen", "en": "Lung scans"}
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["datePublished"] == "1899-05-01"


def test_a_distribution_without_checksum_is_no_file_and_the_holder_is_told(rich: Catalogue) -> None:
    (file,) = document(rich, LUNG)["distribution"]
    assert file["name"] == "lung.zip"
    assert file["sha256"] == "abcdef0123456789" * 4
    (projected,) = OWN.project(Source(rich.view), [LUNG])
    (missing,) = [remark for remark in projected.remarks if remark.kind == "to tell"]
    assert "download address and its MD5 or SHA-256 checksum" in missing.text
    assert "distribution/lung-2" in missing.text


def test_related_datasets_are_splits(rich: Catalogue) -> None:
    (splits,) = document(rich, LUNG)["recordSet"]
    assert splits["dataType"] == "cr:Split"
    assert splits["data"] == [
        {"splits/name": "lung", "splits/split": "cr:TrainingSplit", "splits/dataset": LUNG},
        {
            "splits/name": "adni-imaging",
            "splits/split": "cr:ValidationSplit",
            "splits/dataset": f"{BASE}dataset/adni-imaging",
        },
    ]


def test_what_croissant_cannot_hold_is_named() -> None:
    made = make(
        told(
            ("name", Literal("One", language="en")),
            ("name", Literal("Another", language="en")),
            ("datePublished", Literal("sometime")),
            ("creator", Literal("Somebody")),
        )
    )
    found: Any = made.document
    assert found["name"] == {"en": "Another"}
    assert not {"datePublished", "creator"} & found.keys()
    left = {name.removeprefix(SCHEMA) for kind, name, _ in made.remarks if kind == "left out"}
    assert left == {"name", "datePublished", "creator"}
    missing = {name.removeprefix(SCHEMA) for kind, name, _ in made.remarks if kind == "to tell"}
    assert {"datePublished", "creator", "license", "description", "distribution"} == missing


def test_its_context_has_the_terms_of_the_specification(shared: Path) -> None:
    text = (shared / "standards" / "croissant" / "croissant-spec-1.1.md").read_text(encoding="utf-8")
    start = text.index('"@context": {', text.index("## Appendix 1"))
    stated = json.loads("{" + text[start : text.index("```", start)].replace('"cr:value",\n  }', '"cr:value"}}'))
    own = json.loads(b"".join(OWN.write([projected()], "jsonld")))["@context"]
    wanted = stated["@context"]
    changed = {"@language", "@vocab", "sc", "value"}
    assert {name: own.get(name) for name in wanted if name not in changed} == {
        name: value for name, value in wanted.items() if name not in changed
    }


def projected() -> Any:
    from fairmap.export import Projected  # noqa: PLC0415 - only here

    return Projected(LUNG, document=make(told()).document)


def test_every_document_is_json_ld_of_schema_org_and_croissant(rich: Catalogue) -> None:
    source = Source(rich.view)
    body = b"".join(OWN.write(OWN.project(source, source.iris(OWN.kinds)), "jsonld"))
    assert len(json.loads(body)) == 62
    found = list(read(body, format=RdfFormat.JSON_LD))
    names = {quad.subject.value for quad in found if quad.predicate.value == f"{SCHEMA}name"}
    assert {LUNG, f"{BASE}dataset/adni-imaging"} <= names
