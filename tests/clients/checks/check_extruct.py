"""extruct: the blocks of data in the pages of all records."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from urllib.parse import urlencode

import extruct
from fetching import changed, fetch, found

RECORDS = """SELECT DISTINCT ?record WHERE { GRAPH ?record { ?record a ?class }
  VALUES ?class { <http://www.w3.org/ns/dcat#Dataset> <http://www.w3.org/ns/dcat#Catalog> } }"""
BASE = "https://w3id.org/fairmap/"


def main(url: str) -> None:
    body, _ = fetch(f"{url}/sparql?{urlencode({'query': RECORDS})}", "text/csv")
    iris = [row[0] for row in list(csv.reader(io.StringIO(body.decode())))[1:]]
    kinds: Counter[str] = Counter()
    changes = 0
    for iri in iris:
        page = f"{url}/{iri.removeprefix(BASE)}"
        text, headers = fetch(page, "text/html")
        (block,) = extruct.extract(text.decode(), base_url=page, syntaxes=["json-ld"])["json-ld"]
        if block["@id"] != iri or not block["name"] or not block["description"]:
            raise SystemExit(f"{page}: {block}")
        kinds[f"{block['@type']} {iri.removeprefix(BASE).partition('/')[0]}"] += 1
        changes += changed(page, headers, "text/html")
    found(
        datasets=kinds["Dataset dataset"],
        repositories=kinds["DataCatalog repository"],
        catalogs=kinds["DataCatalog catalog"],
        changed=changes,
    )


if __name__ == "__main__":
    main(sys.argv[1])
