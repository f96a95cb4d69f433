"""Documents of a submission as quads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fairmap.catalogue.documents import Document
from fairmap.catalogue.tracing import Traced
from fairmap.errors import InputError, UnreadableInput
from fairmap.judging.task import Part, Role
from fairmap.rdf import guess_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad

_MEMBERS: Final[dict[str, type | tuple[type, ...]]] = {
    "data": (str, dict, list),
    "format": str,
    "profile": str,
    "shapes": (str, dict, list),
    "shapes_format": str,
}
"""Members of a submission in JSON. ``data`` and ``shapes`` may be JSON-LD as it is; ``format`` is that of ``data``."""


@dataclass(frozen=True)
class Submitted:
    """What came.

    :ivar data: with the lines on which things stand.
    :ivar near: what the data point to.
    :ivar shapes: ``None``: a profile judges.
    :ivar profile: the one that the submission names.
    """

    data: Traced
    near: list[Quad]
    shapes: list[Quad] | None
    profile: str | None

    @property
    def quads(self) -> list[Quad]:
        """Data, and what they point to."""
        return [*self.data.quads, *self.near]


def read(documents: Iterable[tuple[Part, bytes]]) -> Submitted:
    """The documents, read.

    :raises UnreadableInput: with name, line and column.
    :raises InputError: when a submission in JSON has other members than it may have.
    """
    profile = None
    found: dict[Role, list[Document]] = {role: [] for role in Role}
    for part, body in documents:
        inner: Iterable[tuple[Part, bytes]] = [(part, body)]
        if part.role is Role.SUBMISSION:
            profile, inner = _of_json(body, part)
        for one, text in inner:
            found[one.role].append(Document(text, one.form or guess_format(text).name, one.name, one.base))
    return Submitted(
        Traced(found[Role.DATA]),
        [quad for document in found[Role.NEAR] for quad in document.quads()],
        [quad for document in found[Role.SHAPES] for quad in document.quads()] if found[Role.SHAPES] else None,
        profile,
    )


def _of_json(body: bytes, part: Part) -> tuple[str | None, Iterator[tuple[Part, bytes]]]:
    """The profile that a submission names, and its documents."""
    name = part.name
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableInput("not UTF-8", where=f"{name}, byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise UnreadableInput(f"not JSON: {error.msg}", where=f"{name}:{error.lineno}:{error.colno}") from error
    told = _checked(value, name)
    return told.get("profile"), _documents(told, part.base)


def _checked(value: Any, name: str) -> dict[str, Any]:
    expected = f"an object with data and, as needed, {', '.join(member for member in _MEMBERS if member != 'data')}"
    if not isinstance(value, dict) or value.get("data") is None:
        raise InputError("the submission has no data", where=name, expected=expected)
    told = {member: found for member, found in value.items() if found is not None}
    if unknown := told.keys() - _MEMBERS.keys():
        raise InputError(f"the submission has {', '.join(sorted(unknown))}", where=name, expected=expected)
    for member, kinds in _MEMBERS.items():
        if member in told and not isinstance(told[member], kinds):
            raise InputError(f"{member} is no text", where=name, expected=expected)
    return told


def _documents(told: dict[str, Any], base: str | None) -> Iterator[tuple[Part, bytes]]:
    for role, member, form in ((Role.DATA, "data", "format"), (Role.SHAPES, "shapes", "shapes_format")):
        value = told.get(member)
        if isinstance(value, str):
            yield Part(role, member, told.get(form), base), value.encode(errors="surrogatepass")
        elif value is not None:
            yield Part(role, member, "jsonld", base), json.dumps(value).encode()
