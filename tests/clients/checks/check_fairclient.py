"""fairclient: a FAIR Data Point from its root over its catalogues to its datasets, twice."""

from __future__ import annotations

import sys

from fairclient.fdpclient import FDPClient
from fetching import found
from rdflib import Graph, URIRef

CONTAINS = URIRef("http://www.w3.org/ns/ldp#contains")
DATASET = URIRef("http://www.w3.org/ns/dcat#dataset")


def walked(url: str, token: str) -> tuple[set[str], dict[str, str]]:
    """The catalogues that the root contains; each dataset with what is said at its address."""
    client = FDPClient(base_url=url, username="clients", password=token)

    def read(address: str) -> Graph:
        answer = client.get_data(address)
        return Graph().parse(data=answer.text, format="turtle")

    catalogs = {str(child) for child in read(url).objects(None, CONTAINS)}
    datasets = {str(child) for catalog in catalogs for child in read(catalog).objects(URIRef(catalog), DATASET)}
    return catalogs, {
        dataset: "\n".join(sorted(read(dataset).serialize(format="nt").splitlines())) for dataset in datasets
    }


def main(url: str, token: str) -> None:
    catalogs, first = walked(f"{url}/fdp", token)
    again, second = walked(f"{url}/fdp", token)
    changes = sum(first.get(dataset) != told for dataset, told in second.items()) + len(catalogs ^ again)
    found(catalogs=len(catalogs), datasets=len(first), changed=changes)


if __name__ == "__main__":
    main(*sys.argv[1:3])
