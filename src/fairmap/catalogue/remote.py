"""Catalogues elsewhere, read over HTTP page by page. Only hosts on the list are asked, also when a page or a redirect leads away."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import urllib3
from pyoxigraph import NamedNode

from fairmap.catalogue.documents import Document
from fairmap.errors import RemoteFailed, UsageError
from fairmap.rdf import FORMATS, by_media_type, guess_format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.config import Settings

_HYDRA: Final = "http://www.w3.org/ns/hydra/core#"
_NEXT: Final = (NamedNode(f"{_HYDRA}next"), NamedNode(f"{_HYDRA}nextPage"))
_ACCEPT: Final = ", ".join(
    f"{form.media_type};q={1 - place / 10:.1f}" for place, form in enumerate(f for f in FORMATS if f.engine)
)
_MOST_PAGES: Final = 10_000
_MOST_REDIRECTS: Final = 5
_PIECE: Final = 1 << 16
_MIB: Final = 1 << 20
_REDIRECTS: Final = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


@dataclass(frozen=True)
class Limits:
    """What may be read.

    :ivar hosts: as ``host`` or ``host:port``, in small letters.
    :ivar deadline: seconds for all pages together.
    :ivar size: MiB for all pages together.
    """

    hosts: frozenset[str]
    deadline: float
    size: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Those of a deployment."""
        hosts = settings.catalogue_hosts.replace(",", " ").lower().split()
        return cls(frozenset(hosts), settings.catalogue_deadline, settings.catalogue_size)

    def check(self, url: str) -> None:
        """That the host may be asked.

        :raises UsageError: for any other.
        """
        try:
            parts = urlsplit(url)
            names = {(parts.hostname or "").lower(), f"{parts.hostname or ''}:{parts.port or ''}".lower()}
        except ValueError as error:
            raise UsageError(f"this is no address: {error}", where=url) from error
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        if not is_web or names.isdisjoint(self.hosts):
            listed = ", ".join(sorted(self.hosts)) or "none"
            what = "catalogues are read from hosts on the list only"
            raise UsageError(what, where=url, expected=f"a host of the setting catalogue_hosts ({listed})")


def pages(url: str, limits: Limits) -> Iterator[Document]:
    """The pages of a catalogue (Hydra ``next``), one after the other.

    :raises UsageError: when a host is not on the list; nothing is sent to it.
    :raises RemoteFailed: when a page does not come, or all of them are too large or too slow.
    :raises UnreadableInput: when a page is not the RDF it claims to be.
    """
    reader = _Reader(limits)
    seen: set[str] = set()
    following: str | None = url
    while following is not None:
        if following in seen or len(seen) >= _MOST_PAGES:
            raise RemoteFailed("the pages of the catalogue have no end", where=following)
        seen.add(following)
        document = reader.document(following)
        yield document
        following = _next(document)


def _next(document: Document) -> str | None:
    found = {
        quad.object.value
        for quad in document.stream()
        if quad.predicate in _NEXT and isinstance(quad.object, NamedNode)
    }
    return min(found, default=None)


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.size * _MIB
        self._end = time.monotonic() + limits.deadline
        self._pool = urllib3.PoolManager(retries=False)

    def document(self, url: str) -> Document:
        """One page; redirects are followed to hosts on the list."""
        for _ in range(_MOST_REDIRECTS + 1):
            self._limits.check(url)
            response = self._get(url)
            try:
                if response.status not in _REDIRECTS or "Location" not in response.headers:
                    return self._read(url, response)
                url = urljoin(url, response.headers["Location"])
            finally:
                response.close()
        raise RemoteFailed(f"more than {_MOST_REDIRECTS} redirects", where=url)

    def _get(self, url: str) -> urllib3.BaseHTTPResponse:
        headers = {"Accept": _ACCEPT, "Accept-Encoding": "identity", "User-Agent": "fairmap"}
        try:
            return self._pool.request(
                "GET", url, headers=headers, redirect=False, preload_content=False, timeout=self._remaining(url)
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise RemoteFailed(f"the catalogue did not answer: {error}", where=url) from error

    def _read(self, url: str, response: urllib3.BaseHTTPResponse) -> Document:
        if response.status != HTTPStatus.OK:
            raise RemoteFailed(f"the catalogue answered {response.status}", where=url, expected="200 with RDF")
        data = bytearray()
        try:
            while piece := response.read1(_PIECE, decode_content=False):
                data += piece
                self._left -= len(piece)
                self._remaining(url)
                if self._left < 0:
                    what = f"the catalogue is larger than {self._limits.size} MiB"
                    raise RemoteFailed(what, where=url, expected="a larger catalogue_size")
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise RemoteFailed(f"the catalogue broke off: {error}", where=url) from error
        form = by_media_type(response.headers.get("Content-Type", ""))
        return Document(bytes(data), (form or guess_format(bytes(data))).name, url, url)

    def _remaining(self, url: str) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            what = f"the catalogue was not read in {self._limits.deadline:g} s"
            raise RemoteFailed(what, where=url, expected="a longer catalogue_deadline")
        return left
