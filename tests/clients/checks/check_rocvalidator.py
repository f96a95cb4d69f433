"""roc-validator: what RO-Crate 1.1 requires and a document lacks is what no holder told. It takes seconds for each: the first are judged.

RO-Crate's context cannot be fetched here; the one that the package ``rocrate`` ships (of 1.3, with all terms of 1.1) stands in for it.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from types import SimpleNamespace

from fetching import fetch, found
from rocrate_validator import services
from rocrate_validator.utils.http import HttpRequester

JUDGED = 4
CONTEXT = json.loads((files("rocrate") / "data" / "ro-crate.jsonld").read_text(encoding="utf-8"))
UNTOLD = ("a `license` property", "a `datePublished` property")


def main(url: str) -> None:
    answer = SimpleNamespace(
        status_code=200,
        ok=True,
        headers={"Content-Type": "application/ld+json"},
        text=json.dumps(CONTEXT),
        content=json.dumps(CONTEXT).encode(),
        json=lambda: CONTEXT,
        raise_for_status=lambda: None,
    )
    HttpRequester.get = lambda *_, **__: answer
    documents = json.loads(fetch(f"{url}/export/ro-crate.jsonld")[0])
    settings = {
        "profile_identifier": "ro-crate-1.1",
        "requirement_severity": "REQUIRED",
        "rocrate_uri": ".",
        "no_cache": True,
    }
    for document in documents[:JUDGED]:
        issues = services.validate_metadata_as_dict(document, settings=settings).get_issues()
        wrong = [issue.message for issue in issues if not any(told in issue.message for told in UNTOLD)]
        if wrong or len(issues) != len(UNTOLD):
            raise SystemExit(f"{document['@graph'][1]['identifier']}: {wrong or len(issues)}")
    found(documents=len(documents))


if __name__ == "__main__":
    main(sys.argv[1])
