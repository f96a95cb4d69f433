"""The repositories and datasets that were written or changed last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap import describe
from fairmap.web.addresses import href

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.web.view import View

_KINDS: Final = {"repository": "Repository", "dataset": "Dataset"}
_SHOWN: Final = 8
_FRAGMENT: Final = 1000
"""Changes that are looked at, at most: more than a fragment holds."""


@dataclass(frozen=True)
class Changed:
    """A record and its last change.

    :ivar day: in UTC.
    """

    title: str
    kind: str
    href: str | None
    day: str
    is_new: bool


def newest(view: View) -> Sequence[Changed]:
    """The last changes that this view shows, the last one first; those of its last fragments are enough."""
    prefixes = [f"{view.base_iri}{kind}/" for kind in _KINDS]
    starts = view.dates.fragments(prefixes)[-2:]
    if not starts:
        return []
    found = view.dates.entries(prefixes, after=starts[0] - 1, limit=_FRAGMENT, deleted=False)[-_SHOWN:]
    changed = []
    for dated in reversed(found):
        kind = _KINDS[dated.iri.removeprefix(view.base_iri).partition("/")[0]]
        title = describe.title(view, NamedNode(dated.iri))
        changed.append(Changed(title, kind, href(dated.iri), f"{dated.time:%Y-%m-%d}", dated.is_new))
    return changed
