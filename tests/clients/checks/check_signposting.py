"""signposting: the links of every record lead to what it is cited as, to its descriptions, and to its types."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from urllib.parse import urlencode

from fetching import fetch, found
from signposting import find_signposting_http

RECORDS = """SELECT DISTINCT ?record WHERE { GRAPH ?record { ?record a ?class }
  VALUES ?class { <http://www.w3.org/ns/dcat#Dataset> <http://www.w3.org/ns/dcat#Catalog> } }"""
BASE = "https://w3id.org/fairmap/"


def told(url: str, iri: str) -> tuple[str, ...]:
    """What the links say, in a fixed order."""
    signs = find_signposting_http(f"{url}/{iri.removeprefix(BASE)}")
    if not signs.citeAs or signs.citeAs.target != iri or not signs.describedBy or not signs.types:
        raise SystemExit(f"{iri}: {signs}")
    return tuple(sorted(f"{link.rel} {link.target}" for link in signs))


def main(url: str) -> None:
    body, _ = fetch(f"{url}/sparql?{urlencode({'query': RECORDS})}", "text/csv")
    iris = [row[0] for row in list(csv.reader(io.StringIO(body.decode())))[1:]]
    kinds: Counter[str] = Counter()
    changes = 0
    for iri in iris:
        first, second = told(url, iri), told(url, iri)
        kinds[iri.removeprefix(BASE).partition("/")[0]] += 1
        changes += first != second
    found(datasets=kinds["dataset"], repositories=kinds["repository"], catalogs=kinds["catalog"], changed=changes)


if __name__ == "__main__":
    main(sys.argv[1])
