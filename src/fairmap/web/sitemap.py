"""For crawlers: ``/sitemap.xml`` and ``/robots.txt``. Sources: sitemaps.org, protocol 0.9; RFC 9309."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Blueprint, Response

from fairmap.errors import NotFound
from fairmap.feeds import iso
from fairmap.namespaces import KINDS
from fairmap.web.addresses import local, public
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairmap.model import Dates

blueprint: Final = Blueprint("sitemap", __name__)
LARGEST: Final = 50_000
"""Addresses that one file may have."""
_TOGETHER: Final = 400
"""Fragments that share a file when there are several: those of at most 40,000 changes."""
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES: Final = ("/", "/sparql", "/partners")
_NOT_CRAWLED: Final = (
    "/sparql?",
    "/search?",
    "/compare?",
    "/store",
    "/oai",
    "/feed",
    "/fdp",
    "/catalog?",
    "/export/",
    "/dump.",
)
"""What machines ask with a purpose: following it at random costs and finds nothing else."""


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The pages of all records; when there are too many for one file, the files that have them."""
    dates = audience().view.dates
    prefixes = _prefixes()

    def make() -> Element:
        if dates.count(prefixes, deleted=False) + len(_PAGES) <= LARGEST:
            return _addresses(dates, prefixes, 0, None)
        root = Element("sitemapindex", xmlns=_NAMESPACE)
        for start in _starts(dates, prefixes):
            SubElement(SubElement(root, "sitemap"), "loc").text = public(f"/sitemap/{start}.xml")
        return root

    return _respond("/sitemap.xml", make)


@blueprint.get("/sitemap/<int:start>.xml")
def part(start: int) -> Response:
    """The pages of the records that changed last in one range in time.

    :raises NotFound: when none begins there.
    """
    dates = audience().view.dates
    starts = _starts(dates, _prefixes())
    if start not in starts:
        raise NotFound("there is no such part", where=f"/sitemap/{start}.xml", expected="one that /sitemap.xml names")
    end = next((other for other in starts if other > start), None)
    return _respond(f"/sitemap/{start}.xml", lambda: _addresses(dates, _prefixes(), start - 1, end))


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What crawlers should leave, and where they find the rest."""
    lines = ["User-agent: *", *(f"Disallow: {local(path)}" for path in _NOT_CRAWLED), "Allow: /"]
    body = "\n".join([*lines, "", f"Sitemap: {public('/sitemap.xml')}", ""])
    return conditional(tag(0, "/robots.txt"), lambda: Response(body, mimetype="text/plain"))


def _prefixes() -> list[str]:
    base = deployment().settings.base_iri
    return [f"{base}{kind}/" for kind in KINDS]


def _starts(dates: Dates, prefixes: list[str]) -> list[int]:
    return dates.fragments(prefixes)[::_TOGETHER]


def _addresses(dates: Dates, prefixes: list[str], after: int, before: int | None) -> Element:
    base = deployment().settings.base_iri
    root = Element("urlset", xmlns=_NAMESPACE)
    for path in () if after else _PAGES:
        SubElement(SubElement(root, "url"), "loc").text = public(path)
    for entry in dates.entries(prefixes, after=after, before=before, limit=LARGEST, deleted=False):
        url = SubElement(root, "url")
        SubElement(url, "loc").text = public(f"/{entry.iri[len(base) :]}")
        SubElement(url, "lastmod").text = iso(entry.moment)
    return root


def _respond(path: str, make: Callable[[], Element]) -> Response:
    revision = audience().view.revision()

    def made() -> Response:
        body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(make()) + b"\n"
        return Response(body, mimetype="application/xml")

    return conditional(tag(revision, path), made, latest(revision))
