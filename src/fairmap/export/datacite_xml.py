"""DataCite's XML of its JSON form. Source: DataCite Metadata Schema 4.5, ``metadata.xsd``."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from fairmap.export.writing import in_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

NAMESPACE: Final = "http://datacite.org/schema/kernel-4"
LOCATION: Final = f"{NAMESPACE} https://schema.datacite.org/meta/kernel-4.5/metadata.xsd"
_LANG: Final = "xml:lang"
_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'

_LISTS: Final[dict[str, tuple[str, str, Mapping[str, str]]]] = {
    "titles": ("title", "title", {"titleType": "titleType", "lang": _LANG}),
    "subjects": (
        "subject",
        "subject",
        {"subjectScheme": "subjectScheme", "schemeUri": "schemeURI", "valueUri": "valueURI", "lang": _LANG},
    ),
    "dates": ("date", "date", {"dateType": "dateType", "dateInformation": "dateInformation"}),
    "alternateIdentifiers": (
        "alternateIdentifier",
        "alternateIdentifier",
        {"alternateIdentifierType": "alternateIdentifierType"},
    ),
    "relatedIdentifiers": (
        "relatedIdentifier",
        "relatedIdentifier",
        {"relatedIdentifierType": "relatedIdentifierType", "relationType": "relationType"},
    ),
    "rightsList": ("rights", "rights", {"rightsUri": "rightsURI", "lang": _LANG}),
    "descriptions": ("description", "description", {"descriptionType": "descriptionType", "lang": _LANG}),
}
"""Lists of the JSON form: the element of each entry, the key of its text, and the attributes that other keys become."""


def resource(iri: str, document: Mapping[str, Any]) -> Element:
    """The element ``resource`` of one dataset; one without a DOI is identified by its record's IRI."""
    root = Element("resource", {"xmlns": NAMESPACE, "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"})
    root.set("xsi:schemaLocation", LOCATION)
    doi = document.get("doi")
    _add(root, "identifier", doi or iri, identifierType="DOI" if doi else "URL")
    _add_agents(root, "creator", document.get("creators", ()))
    _add_list(root, "titles", document)
    _add(root, "publisher", document["publisher"]["name"])
    if "publicationYear" in document:
        _add(root, "publicationYear", document["publicationYear"])
    types = document["types"]
    _add(root, "resourceType", types["resourceType"], resourceTypeGeneral=types["resourceTypeGeneral"])
    _add_list(root, "subjects", document)
    _add_agents(root, "contributor", document.get("contributors", ()))
    _add_list(root, "dates", document)
    if "language" in document:
        _add(root, "language", document["language"])
    for name in ("alternateIdentifiers", "relatedIdentifiers"):
        _add_list(root, name, document)
    _add_texts(root, "sizes", "size", document)
    _add_texts(root, "formats", "format", document)
    if "version" in document:
        _add(root, "version", document["version"])
    for name in ("rightsList", "descriptions"):
        _add_list(root, name, document)
    _add_places(root, document)
    return root


def written_xml(documents: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[bytes]:
    """One document as itself, none or many in ``resources``; piece by piece."""
    waiting = (
        tostring(resource(iri, document), encoding="utf-8", xml_declaration=False) for iri, document in documents
    )
    first, second = next(waiting, None), next(waiting, None)
    if first is not None and second is None:
        yield _HEAD + first + b"\n"
        return
    yield _HEAD + b"<resources>\n"
    for piece in chain(filter(None, (first, second)), waiting):
        yield piece + b"\n"
    yield b"</resources>\n"


def _add(parent: Element, name: str, text: str, /, **attributes: str) -> Element:
    element = SubElement(parent, name, {key: in_xml(value) for key, value in attributes.items()})
    element.text = in_xml(text)
    return element


def _add_list(root: Element, name: str, document: Mapping[str, Any]) -> None:
    element, key, attributes = _LISTS[name]
    if entries := document.get(name):
        parent = SubElement(root, name)
        for entry in entries:
            made = _add(parent, element, entry.get(key, ""))
            for told, attribute in attributes.items():
                if told in entry:
                    made.set(attribute, in_xml(entry[told]))


def _add_agents(root: Element, name: str, agents: Iterable[Mapping[str, str]]) -> None:
    parent: Element | None = None
    for agent in agents:
        parent = SubElement(root, f"{name}s") if parent is None else parent
        kind = {"contributorType": agent["contributorType"]} if "contributorType" in agent else {}
        element = SubElement(parent, name, kind)
        _add(element, f"{name}Name", agent["name"], **({"nameType": agent["nameType"]} if "nameType" in agent else {}))


def _add_texts(root: Element, name: str, element: str, document: Mapping[str, Any]) -> None:
    if texts := document.get(name):
        parent = SubElement(root, name)
        for text in texts:
            _add(parent, element, text)


def _add_places(root: Element, document: Mapping[str, Any]) -> None:
    if places := document.get("geoLocations"):
        parent = SubElement(root, "geoLocations")
        for place in places:
            _add(SubElement(parent, "geoLocation"), "geoLocationPlace", place["geoLocationPlace"])
