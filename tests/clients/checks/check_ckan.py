"""CKAN's harvester of DCAT: ``RDFParser`` over the pages of ``/catalog``."""

from __future__ import annotations

import sys

from ckanext.dcat.processors import RDFParser
from fetching import changed, fetch, found
from rdflib import Graph, URIRef

NEXT = URIRef("http://www.w3.org/ns/hydra/core#next")
PROFILES = ("euro_dcat_ap_3", "euro_health_dcat_ap")
OF = {"euro_dcat_ap_3": "dcat-ap", "euro_health_dcat_ap": "healthdcat-ap"}


def pages(first: str) -> list[tuple[str, bytes, dict[str, str]]]:
    """Each page with its address and headers, by the links to the next."""
    url: str | None = first
    read = []
    while url:
        body, headers = fetch(url, "text/turtle")
        read.append((url, body, headers))
        following = next(Graph().parse(data=body, format="turtle").objects(None, NEXT), None)
        url = str(following) if following else None
    return read


def datasets(bodies: list[bytes], profile: str) -> int:
    """How many datasets CKAN makes of the pages: each is known by its IRI, and has a title."""
    known = set()
    for body in bodies:
        parser = RDFParser(profiles=[profile])
        parser.parse(body.decode(), _format="turtle")
        for dataset in parser.datasets():
            if not dataset["title"]:
                raise SystemExit(f"without a title: {dataset}")
            known.add(next(extra["value"] for extra in dataset["extras"] if extra["key"] == "uri"))
    return len(known)


def main(url: str) -> None:
    counts, changes = {}, 0
    for profile in PROFILES:
        read = pages(f"{url}/catalog?size=50&profile={OF[profile]}")
        counts[profile] = datasets([body for _, body, _ in read], profile)
        changes += sum(changed(page, headers, "text/turtle") for page, _, headers in read)
    found(**counts, changed=changes)


if __name__ == "__main__":
    main(sys.argv[1])
