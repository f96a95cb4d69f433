"""mlcroissant: every Croissant document is taken, without an error."""

from __future__ import annotations

import json
import logging
import sys

import mlcroissant
from fetching import changed, fetch, found

EXPORT = "/export/croissant.jsonld"


def main(url: str) -> None:
    logging.disable(logging.CRITICAL)  # its warnings are what the holders have not told
    body, headers = fetch(url + EXPORT)
    names = [mlcroissant.Dataset(jsonld=document).metadata.name for document in json.loads(body)]
    found(datasets=sum(1 for name in names if name), changed=changed(url + EXPORT, headers))


if __name__ == "__main__":
    main(sys.argv[1])
