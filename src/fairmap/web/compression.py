"""Compressed answers for readers that take gzip. Source: RFC 9110, 8.4 and 12.5.3."""

from __future__ import annotations

import gzip
import zlib
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flask import Flask, Response

SMALLEST: Final = 1 << 10
"""Bytes below which compression does not pay."""
_LARGEST: Final = 8 << 20
"""Bytes up to which an answer is compressed in memory, and its length told."""
_LEVEL: Final = 6
_TEXTS: Final = frozenset(
    {"application/json", "application/n-quads", "application/n-triples", "application/trig", "application/xml"}
)


def register(app: Flask) -> None:
    """Compress what the app answers; register it after what reads the bodies."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    """Told by Vary also where this reader gets it plain, and on 304, which stands for either."""
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        response.vary.add("Accept-Encoding")
        return response
    if not is_text(response.mimetype) or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    size = _size(response)
    if size <= SMALLEST or not takes_gzip(request.headers.get("Accept-Encoding")):
        return response
    response.direct_passthrough = False
    if size <= _LARGEST:
        response.set_data(compressed(response.get_data()))
    else:
        response.response = _pieces(response.iter_encoded())
        response.headers.pop("Content-Length", None)
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)
    return response


def _size(response: Response) -> int:
    """Bytes of the body; a body that comes in pieces and does not tell counts as large."""
    told = response.headers.get("Content-Length", type=int)
    if told is not None:
        return told
    return _LARGEST + 1 if response.is_streamed else len(response.get_data())


def is_text(media_type: str | None) -> bool:
    """Whether a body of this type gets smaller."""
    name = media_type or ""
    return name.startswith("text/") or name.endswith(("+json", "+xml")) or name in _TEXTS


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether gzip is named, or covered by ``*``, and not ranked below the plain form."""
    accepted = parse_accept_header(accept_encoding, Accept)
    return accepted.quality("gzip") > 0 and accepted.quality("gzip") >= accepted.quality("identity")


def compressed(body: bytes) -> bytes:
    """The body as gzip, the same bytes each time."""
    return gzip.compress(body, _LEVEL, mtime=0)


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(_LEVEL, wbits=zlib.MAX_WBITS | 16)
    for chunk in chunks:
        if piece := compressor.compress(chunk):
            yield piece
    yield compressor.flush()
