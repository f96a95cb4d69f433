"""pandas: the table of all records."""

from __future__ import annotations

import io
import sys

import pandas as pd
from fetching import changed, fetch, found

EXPORT = "/export/csv.csv"


def main(url: str) -> None:
    body, headers = fetch(url + EXPORT)
    table = pd.read_csv(io.BytesIO(body))
    if not table["iri"].is_unique or table.columns[0] != "iri":
        raise SystemExit(f"columns {list(table.columns)}")
    kinds = table["kind"].value_counts()
    found(
        datasets=int(kinds["dataset"]),
        repositories=int(kinds["repository"]),
        catalogs=int(kinds["catalogue"]),
        changed=changed(url + EXPORT, headers),
    )


if __name__ == "__main__":
    main(sys.argv[1])
