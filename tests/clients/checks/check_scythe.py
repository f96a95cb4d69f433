"""oaipmh-scythe: all records of OAI-PMH, by their resumption tokens, twice."""

from __future__ import annotations

import sys

from fetching import found
from oaipmh_scythe import Scythe

PREFIXES = ("oai_dc", "oai_datacite")


def harvested(url: str, prefix: str) -> dict[str, tuple[str, str]]:
    """Each record that is not deleted by its identifier: datestamp and document."""
    with Scythe(f"{url}/oai") as client:
        records = [record for record in client.list_records(metadata_prefix=prefix) if not record.deleted]
    return {record.header.identifier: (record.header.datestamp, record.raw) for record in records}


def main(url: str) -> None:
    counts, changes = {}, 0
    for prefix in PREFIXES:
        first, second = harvested(url, prefix), harvested(url, prefix)
        counts[prefix] = len(first)
        changes += sum(first.get(identifier) != told for identifier, told in second.items()) + len(
            first.keys() - second.keys()
        )
    found(**counts, changed=changes)


if __name__ == "__main__":
    main(sys.argv[1])
