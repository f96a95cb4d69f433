"""Which projections there are: the modules of :mod:`fairmap.export.projections`, and entry points of other packages."""

from __future__ import annotations

import pkgutil
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from fairmap.errors import UsageError
from fairmap.export import projections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fairmap.export.projection import Projection

GROUP: Final = "fairmap.projections"
"""Entry points of this group name an object that is a projection."""


def projection_names() -> list[str]:
    """The names, in alphabetical order; fairmap's own first."""
    return sorted(_known(), key=lambda name: (name != "fairmap", name))


def projection(name: str) -> Projection:
    """The projection of that name.

    :raises UsageError: when there is none; the message says what there is.
    """
    known = _known()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        expected = f"{near[0]}?" if near else ", ".join(projection_names())
        raise UsageError(f"there is no profile {name!r} to export", expected=expected)
    return known[name]


@cache
def _known() -> Mapping[str, Projection]:
    names = [module.name for module in pkgutil.iter_modules(projections.__path__)]
    found: list[Projection] = [import_module(f"{projections.__name__}.{name}").PROJECTION for name in names]
    found += [point.load() for point in entry_points(group=GROUP)]
    return {one.name: one for one in found}
