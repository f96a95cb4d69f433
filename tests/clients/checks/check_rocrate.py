"""rocrate: every metadata document is opened as a crate, and all its entities are read."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from fetching import changed, fetch, found
from rocrate.rocrate import ROCrate

EXPORT = "/export/ro-crate.jsonld"


def opened(document: object) -> bool:
    """Whether the crate has a root with a name; entities that cannot be read end the check."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ro-crate-metadata.json").write_text(json.dumps(document))
        crate = ROCrate(folder)
        for entity in crate.get_entities():
            dict(entity.properties())
        return bool(crate.root_dataset["name"]) and crate.root_dataset.type == "Dataset"


def main(url: str) -> None:
    body, headers = fetch(url + EXPORT)
    found(datasets=sum(map(opened, json.loads(body))), changed=changed(url + EXPORT, headers))


if __name__ == "__main__":
    main(sys.argv[1])
