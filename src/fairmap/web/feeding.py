"""What the feeds have in common: the profile and range that a request asks for, and the records in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flask import request

from fairmap.errors import InputError, NotAcceptable
from fairmap.export import Source, projection, projection_names
from fairmap.feeds import KINDS, prefixes_of
from fairmap.model import moment_of
from fairmap.web.addresses import public
from fairmap.web.audience import audience
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fairmap.export import Projected, Projection
    from fairmap.model import Dated

PROFILE: Final = "dcat-ap"
"""The profile of a feed when none is asked for."""
_NAMES: Final = ("profile", "_profile")
_GRAPH: Final = "turtle"


def source() -> Source:
    """The records that this request may see."""
    return Source(audience().view, public_url=public("/"))


def profile() -> Projection:
    """The RDF profile that ``?profile=`` or ``?_profile=`` asks for.

    :raises NotAcceptable: when there is none of that name; the message says which there are.
    """
    name = next((request.args[name] for name in _NAMES if name in request.args), PROFILE)
    offered = [known for known in projection_names() if _GRAPH in projection(known).forms]
    if name not in offered:
        raise NotAcceptable(f"feeds have no profile {name!r}", where="profile", expected=", ".join(offered))
    return projection(name)


def kinds(of: Projection) -> list[str]:
    """The kinds of record that ``?kind=`` asks for, once or more; all that a profile tells of when it is not there."""
    offered = [kind for kind in KINDS if kind in of.kinds]
    asked = request.args.getlist("kind")
    for kind in asked:
        if kind not in offered:
            raise InputError(f"there are no entries of kind {kind!r}", where="kind", expected=", ".join(offered))
    return [kind for kind in offered if not asked or kind in asked]


def prefixes(of: Projection) -> list[str]:
    """How the IRIs of entries begin that are asked for."""
    return prefixes_of(deployment().settings.base_iri, kinds(of))


def projected(of: Projection, entries: Iterable[Dated]) -> Sequence[Projected]:
    """What a profile tells of those of the entries that are there."""
    return list(of.project(source(), [entry.iri for entry in entries if not entry.is_deleted]))


def number(name: str, default: int, most: int, least: int = 1) -> int:
    """A whole number among the arguments.

    :raises InputError: when it is none, or out of bounds.
    """
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise InputError(f"{text[:40]!r} cannot be used", where=name, expected=f"a whole number from {least} to {most}")
    return int(text)


def moment(name: str) -> int:
    """A date or time among the arguments as a moment, in UTC where it tells no zone; 0 when it is not there.

    :raises InputError: when it is none.
    """
    text = request.args.get(name)
    if text is None:
        return 0
    try:
        time = datetime.fromisoformat(text.replace(" ", "+"))  # a plus that was not escaped
    except ValueError as error:
        what = f"{text[:40]!r} is no date"
        raise InputError(what, where=name, expected="2026-01-31 or 2026-01-31T12:00:00Z") from error
    return max(0, moment_of(time if time.tzinfo else time.replace(tzinfo=UTC)))


def address(path: str, **arguments: str | int | Sequence[str] | None) -> str:
    """The whole address of a path with those of the arguments that are set, and the profile of this request."""
    named = {**{name: request.args[name] for name in _NAMES if name in request.args}, **arguments}
    given = [
        (name, str(one))
        for name, value in named.items()
        if value
        for one in (value if isinstance(value, list) else [value])
    ]
    return public(path) + (f"?{urlencode(given)}" if given else "")
