"""RO-Crate metadata: a flat list of entities."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fairmap.export import Source, projection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.catalogue import Catalogue

BASE = "https://w3id.org/fairmap/"
LUNG = f"{BASE}dataset/lung"
OWN = projection("ro-crate")


def documents(catalogue: Catalogue, *iris: str) -> Any:
    source = Source(catalogue.view)
    return json.loads(b"".join(OWN.write(OWN.project(source, iris or source.iris(OWN.kinds)), "jsonld")))


def test_the_descriptor_tells_of_the_root_which_is_the_dataset(rich: Catalogue) -> None:
    descriptor, root, *_ = documents(rich, LUNG)["@graph"]
    assert descriptor == {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    assert (root["@id"], root["@type"]) == ("./", "Dataset")
    assert root["identifier"][0] == LUNG
    assert root["license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert root["hasPart"] == {"@id": "https://clinic.example.org/lung.zip"}


def test_it_is_flat_and_every_reference_leads_to_an_entity(rich: Catalogue) -> None:
    for document in documents(rich):
        entities = document["@graph"]
        known = {entity["@id"] for entity in entities}
        assert len(known) == len(entities)
        for entity in entities[1:]:
            for value in values(entity):
                if isinstance(value, dict) and "@value" not in value:
                    assert value.keys() == {"@id"}
                    assert value["@id"] in known or value["@id"].startswith("https://")


def values(entity: dict[str, Any]) -> Iterator[Any]:
    for value in entity.values():
        yield from value if isinstance(value, list) else [value]


def test_a_file_without_a_download_address_is_left_to_the_holder(rich: Catalogue) -> None:
    (told,) = OWN.project(Source(rich.view), [LUNG])
    (missing,) = [remark for remark in told.remarks if remark.kind == "to tell"]
    assert "download address of the distribution https://w3id.org/fairmap/distribution/lung-2" in missing.text
