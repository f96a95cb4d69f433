"""datacite: every record by DataCite's JSON Schema, but for the year that no holder told; and its XML of our JSON is our XML."""

from __future__ import annotations

import json
import sys

from datacite import schema45
from fetching import changed, fetch, found
from lxml import etree

EXPORT = "/export/datacite."
UNTOLD = "'publicationYear' is a required property"


def says(element: etree._Element) -> str:
    """An element without the order of its children and the prefixes of its names."""
    attributes = sorted((etree.QName(name).localname, value) for name, value in element.attrib.items())
    return repr(
        (
            etree.QName(element).localname,
            (element.text or "").strip(),
            attributes,
            sorted(says(child) for child in element),
        )
    )


def content(resource: etree._Element) -> list[str]:
    """What a resource says, but for its identifier: the library has none for a dataset without a DOI."""
    parts = [child for child in resource if etree.QName(child).localname != "identifier"]
    return sorted(says(part).replace("'{xml}lang'", "'lang'") for part in parts)


def main(url: str) -> None:
    body, headers = fetch(f"{url}{EXPORT}json")
    documents = json.loads(body)
    resources = etree.fromstring(fetch(f"{url}{EXPORT}xml")[0])
    for document in documents:
        wrong = [error.message for error in schema45.validator.iter_errors(document) if error.message != UNTOLD]
        if wrong:
            raise SystemExit(f"{document['url']}: {wrong}")
    pairs = zip(documents, resources, strict=True)
    same = sum(content(schema45.dump_etree(document)) == content(resource) for document, resource in pairs)
    found(datasets=len(documents), same_xml=same, changed=changed(f"{url}{EXPORT}json", headers))


if __name__ == "__main__":
    main(sys.argv[1])
