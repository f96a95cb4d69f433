"""SPARQLWrapper: how many datasets and repositories a query counts."""

from __future__ import annotations

import sys

from fetching import found
from SPARQLWrapper import JSON, SPARQLWrapper

COUNT = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX fm: <https://w3id.org/fairmap/ns#>
SELECT (COUNT(DISTINCT ?dataset) AS ?datasets) (COUNT(DISTINCT ?repository) AS ?repositories)
WHERE { { ?dataset a dcat:Dataset } UNION { ?repository a fm:Repository } }"""


def counted(url: str) -> dict[str, int]:
    endpoint = SPARQLWrapper(f"{url}/sparql")
    endpoint.setQuery(COUNT)
    endpoint.setReturnFormat(JSON)
    (row,) = endpoint.query().convert()["results"]["bindings"]
    return {name: int(value["value"]) for name, value in row.items()}


if __name__ == "__main__":
    first, second = counted(sys.argv[1]), counted(sys.argv[1])
    found(**first, changed=int(first != second))
