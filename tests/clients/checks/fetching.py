"""What the checks share: asking the service, and asking it again. Only the standard library: it runs in the environment of each client."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from typing import Any


def fetch(url: str, accept: str = "*/*", **headers: str) -> tuple[bytes, dict[str, str]]:
    """The body and the headers (names in lower case) of an answer; of 304 the body is empty."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, headers={"Accept": accept, **named})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read(), {name.lower(): value for name, value in answer.headers.items()}
    except urllib.error.HTTPError as error:
        if error.code == 304:
            return b"", {"status": "304"}
        raise


def changed(url: str, headers: dict[str, str], accept: str = "*/*") -> int:
    """How many changes a second harvest finds at an address whose first answer had these headers: none when it is 304."""
    return 0 if fetch(url, accept, If_None_Match=headers["etag"])[1].get("status") == "304" else 1


def found(**counts: Any) -> None:
    """Tell the runner what was found."""
    json.dump(counts, sys.stdout)
