"""What a page tells search engines about the record it shows: schema.org in JSON-LD, as a block of data in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fairmap.export import Source, projection
from fairmap.export.schema_org import tree
from fairmap.namespaces import DCAT
from fairmap.web.addresses import public
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from fairmap.web.view import View


_MOST: Final = 100
"""Datasets or repositories that a page lists in its block of data; of more, each has a page and a block of its own."""


def structured_data(view: View, iri: str, *, holds: int = 0) -> dict[str, Any] | None:
    """The tree of a record; ``None`` for one of a kind that schema.org has no place for.

    :param view: of who asks.
    :param holds: datasets that it holds, where they are many; more than a page lists are not even read.
    """
    own = projection("schema-org")
    kind = iri.removeprefix(deployment().settings.base_iri).partition("/")[0]
    if kind not in own.kinds:
        return None
    source = Source(view, public_url=public("/"), but=f"{DCAT}dataset" if holds > _MOST else "")
    (told,) = own.project(source, [iri])
    found = tree(told) or {}
    return {name: value for name, value in found.items() if not isinstance(value, list) or len(value) <= _MOST} or None
