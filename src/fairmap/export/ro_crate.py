"""RO-Crate metadata: the description of a dataset as a flat list of entities, its files among them by their addresses.

Source: RO-Crate Metadata Specification 1.1.3. The document stands alone: the root ``./`` is the dataset, whose record is its identifier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fairmap.export.description import SCHEMA
from fairmap.export.documents import Made
from fairmap.export.framing import Frame, listed

if TYPE_CHECKING:
    from collections.abc import Collection

    from fairmap.export.description import Description

VERSION: Final = "https://w3id.org/ro/crate/1.1"
CONTEXT: Final = "https://w3id.org/ro/crate/1.1/context"
VOCABULARY: Final = "http://schema.org/"
"""RO-Crate's context has schema.org with ``http``."""

ROOT: Final = "./"
DESCRIPTOR: Final = "ro-crate-metadata.json"
_DEMANDED: Final = {
    "name": "the title of the dataset",
    "description": "what the dataset is",
    "license": "the licence of the dataset, by its web address",
    "datePublished": "when the dataset was published",
}


def make(description: Description) -> Made:
    """The document of a dataset."""
    made, frame = Made(), Frame(description)
    root = frame.plain()
    files = [_file(item, made) for item in listed(root.pop("distribution", []))]
    parts = [file for file in files if file]
    root |= {"@id": ROOT, "identifier": [description.root.value, *listed(root.get("identifier", []))]}
    root |= {"hasPart": parts[0] if len(parts) == 1 else parts} if parts else {}
    if "license" in root:
        addresses = description.iris(description.root, "license")
        root["license"] = [_licence(value, addresses) for value in listed(root["license"])]
    entities: dict[str, dict[str, Any]] = {}
    _flatten(root, entities)
    for name, what in _DEMANDED.items():
        if name not in root:
            made.missing(f"{SCHEMA}{name}", what)
    english = {name: {"@id": f"{VOCABULARY}{name}", "@language": "en"} for name in frame.english}
    about = {"@id": DESCRIPTOR, "@type": "CreativeWork", "conformsTo": {"@id": VERSION}, "about": {"@id": ROOT}}
    made.document = {
        "@context": [CONTEXT, {"@vocab": VOCABULARY, **english}],
        "@graph": [about, *entities.values()],
    }
    return made


def _licence(value: Any, addresses: Collection[str]) -> Any:
    """A licence by its address is an entity of its own."""
    return {"@id": value, "@type": "CreativeWork"} if value in addresses else value


def _file(item: Any, made: Made) -> dict[str, Any] | None:
    """A distribution as a file on the web; ``None`` with a remark when it has no address of its own."""
    addresses = listed(item.get("contentUrl", [])) if isinstance(item, dict) else []
    if not addresses:
        where = item.get("@id", "without a name") if isinstance(item, dict) else item
        made.missing(
            f"{SCHEMA}contentUrl", f"the download address of the distribution {where}, so that it can be a file"
        )
        return None
    if len(addresses) > 1:
        made.lost(f"{SCHEMA}contentUrl", "RO-Crate has one address for each file; the others are left out.")
    kept = {name: value for name, value in item.items() if name != "contentUrl"}
    return {**kept, "@id": addresses[0], "@type": "File", "identifier": item.get("@id", addresses[0])}


def _flatten(node: dict[str, Any], entities: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Put a node and all that it leads to among the entities; the reference to it."""
    iri = node.get("@id") or f"#{len(entities) + 1}"
    entity = entities.setdefault(iri, {"@id": iri})
    for name, value in node.items():
        if name != "@id":
            found = [_reference(item, entities) for item in listed(value)]
            entity[name] = found[0] if len(found) == 1 else found
    return {"@id": iri}


def _reference(value: Any, entities: dict[str, dict[str, Any]]) -> Any:
    if not isinstance(value, dict) or "@value" in value:
        return value
    return _flatten(value, entities) if len(value) > 1 or "@id" not in value else value
