"""What is to be judged, as it goes from who asks to a worker."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Role(Enum):
    """What a document is for."""

    DATA = "data"
    NEAR = "near"
    """What the data point to, and are judged beside."""
    SHAPES = "shapes"
    SUBMISSION = "submission"
    """JSON that holds data, and perhaps shapes and a profile."""


@dataclass(frozen=True)
class Part:
    """A document, without its bytes.

    :ivar form: name of its format; ``None``: as it looks.
    :ivar name: for messages.
    :ivar base: what its relative IRIs are resolved against.
    """

    role: Role
    name: str
    form: str | None = None
    base: str | None = None


@dataclass(frozen=True)
class Task:
    """What to do with the documents.

    :ivar report: the form in which the result is wanted.
    :ivar profile: what to judge by, when there are no shapes and it is no audit; ``None``: as the submission says, or fairmap.
    :ivar record: the record that is judged, when it is one of a view.
    :ivar metrics: by which metric sets it is audited; ``None``: it is no audit.
    """

    report: str
    profile: str | None = None
    record: str | None = None
    metrics: tuple[str, ...] | None = None

    def as_json(self, parts: Iterable[Part]) -> dict[str, Any]:
        """For the wire, with the documents that come behind it."""
        return {**asdict(self), "parts": [{**asdict(part), "role": part.role.value} for part in parts]}

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> tuple[Self, list[Part]]:
        """What :meth:`as_json` wrote."""
        parts = [Part(**{**part, "role": Role(part["role"])}) for part in told.pop("parts")]
        metrics = told.pop("metrics")
        return cls(**told, metrics=None if metrics is None else tuple(metrics)), parts


@dataclass(frozen=True)
class Submission:
    """A task with its documents.

    :ivar parts: each with its bytes, perhaps in pieces, which are taken once.
    """

    task: Task
    parts: Sequence[tuple[Part, Iterable[bytes]]] = ()
