"""Showing a user and password to an engine as it asks: Basic or Digest. Source: RFC 7617, RFC 7616."""

from __future__ import annotations

import base64
import hashlib
import secrets
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from fairmap.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

_HASHES: Final[dict[str, Callable[[bytes], hashlib._Hash]]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


class Credentials:
    """A user and password, and the engine's last challenge. Safe in threads."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password
        self._challenge: dict[str, str] | None = None
        self._is_basic = False
        self._count = 0
        self._lock = Lock()

    def __bool__(self) -> bool:
        return bool(self._user)

    def learn(self, challenge: str | None) -> bool:
        """Take over what ``WWW-Authenticate`` asks for; whether it is something that can be answered."""
        scheme, _, rest = (challenge or "").partition(" ")
        with self._lock:
            if scheme.lower() == "digest":
                self._challenge, self._count = parse_keqv_list(parse_http_list(rest)), 0
            self._is_basic = scheme.lower() == "basic"
        return scheme.lower() in {"basic", "digest"}

    def header(self, method: str, url: str) -> dict[str, str]:
        """The headers for a request; none before the engine has asked.

        :raises StoreError: for a digest of an unknown kind.
        """
        if not self._user:
            return {}
        if self._is_basic:
            pair = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        with self._lock:
            if self._challenge is None:
                return {}
            self._count += 1
            return {"Authorization": self._digest(self._challenge, self._count, method, url)}

    def _digest(self, challenge: dict[str, str], count: int, method: str, url: str) -> str:
        algorithm = challenge.get("algorithm", "MD5").upper()
        if algorithm not in _HASHES or "auth" not in challenge.get("qop", "").replace(" ", "").split(","):
            raise StoreError(f"the engine asks for a digest of another kind: {algorithm}", where=url)

        def hashed(text: str) -> str:
            return _HASHES[algorithm](text.encode()).hexdigest()

        parts = urlsplit(url)
        uri = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        nonce, number, ours = challenge["nonce"], f"{count:08x}", secrets.token_hex(8)
        user = hashed(f"{self._user}:{challenge['realm']}:{self._password}")
        response = hashed(f"{user}:{nonce}:{number}:{ours}:auth:{hashed(f'{method}:{uri}')}")
        quoted = {
            "username": self._user,
            "realm": challenge["realm"],
            "nonce": nonce,
            "uri": uri,
            "cnonce": ours,
            "response": response,
            **({"opaque": challenge["opaque"]} if "opaque" in challenge else {}),
        }
        fields = ", ".join(f'{name}="{value}"' for name, value in quoted.items())
        return f"Digest {fields}, qop=auth, nc={number}, algorithm={algorithm}"
