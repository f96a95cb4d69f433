"""From IRIs to addresses: which page of this deployment, or which one elsewhere, shows a thing."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from flask import request
from werkzeug.routing import BaseConverter

from fairmap.namespaces import DEFAULT_BASE, KINDS
from fairmap.web.deployment import deployment

SLUG: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_RECORD: Final = re.compile(rf"(?:{'|'.join(KINDS)}|distribution)/{SLUG}\Z")
_VOCABULARY: Final = re.compile(
    rf"(?:ns|context\.jsonld|shapes(?:/(?:fair/)?{SLUG})?|criterion/(?:RDA|mqa|access)-{SLUG}|concept/{SLUG}(?:/{SLUG})?|vocabulary/{SLUG})\Z"
)
_WEB: Final = re.compile(r"(?:https?://|mailto:)\S+\Z", re.IGNORECASE)


class SlugConverter(BaseConverter):
    """``<slug:name>`` in a route: what may stand for a thing in an IRI."""

    regex = SLUG


def path_of(iri: str, base_iri: str) -> str | None:
    """The path, with fragment, at which this service shows a thing; ``None`` when it does not.

    >>> path_of("https://w3id.org/fairmap/repository/tcia#fair-F1", DEFAULT_BASE)
    '/repository/tcia#fair-F1'
    >>> path_of("https://w3id.org/fairmap/ns#Repository", "https://example.org/")
    '/ns#Repository'
    """
    thing, hash_sign, fragment = iri.partition("#")
    for base, pattern in ((base_iri, _RECORD), (DEFAULT_BASE, _VOCABULARY)):
        if thing.startswith(base) and pattern.match(thing[len(base) :]):
            return f"/{thing[len(base) :]}{hash_sign}{quote(fragment, safe='-._~')}"
    return None


def local(path: str) -> str:
    """A path of this service as it stands in links: below the path of the public address."""
    public_path = urlsplit(deployment().settings.public_url).path or request.root_path
    return public_path.rstrip("/") + path


def public(path: str) -> str:
    """The whole address of a path of this service."""
    return (deployment().settings.public_url or request.root_url).rstrip("/") + path


def href(iri: str | None) -> str | None:
    """Where a link to a thing goes: a page here, a web page elsewhere, or nowhere (``None``)."""
    if not iri:
        return None
    path = path_of(iri, deployment().settings.base_iri)
    if path:
        return local(path)
    return iri if _WEB.match(iri) else None


def is_elsewhere(iri: str | None) -> bool:
    """Whether a link to a thing leaves this service."""
    return bool(iri) and path_of(iri or "", deployment().settings.base_iri) is None
