"""When a record changed last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Dated:
    """The last change of one record.

    :ivar moment: when it could be seen, in microseconds since 1970; no two records of a level have the same one.
    :ivar created: the moment of its first writing.
    :ivar is_deleted: it was withdrawn then.
    """

    iri: str
    moment: int
    created: int
    is_deleted: bool = False

    @property
    def is_new(self) -> bool:
        """Whether the change was its first writing."""
        return self.moment == self.created and not self.is_deleted

    @property
    def time(self) -> datetime:
        """The moment as a time in UTC."""
        return time_of(self.moment)


def time_of(moment: int) -> datetime:
    """A moment as a time in UTC, exact.

    >>> time_of(1_500_000).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return _EPOCH + timedelta(microseconds=moment)


def moment_of(time: datetime) -> int:
    """The moment of a time that has a zone."""
    return (time - _EPOCH) // timedelta(microseconds=1)


class Dates(Protocol):
    """When the records of a view changed, as far as one audience sees them. Ranges: ``after`` < moment < ``before``."""

    def entries(
        self,
        prefixes: Sequence[str],
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 100,
        deleted: bool = True,
    ) -> list[Dated]:
        """The records whose IRIs begin with one of the prefixes, the one that has not changed for longest first.

        :param deleted: also those that were withdrawn.
        """
        ...

    def count(self, prefixes: Sequence[str], *, after: int = 0, before: int | None = None, deleted: bool = True) -> int:
        """How many entries there are."""
        ...

    def of(self, iris: Sequence[str]) -> dict[str, Dated]:
        """The last change of each of these records; those that never were are left out."""
        ...

    def fragments(self, prefixes: Sequence[str]) -> list[int]:
        """Where the fragments begin that hold such records; all of a fragment's moments are before the next one's begin.

        A fragment's begin never changes, and no record comes into any but the last one.
        """
        ...

    def latest(self) -> int:
        """The last moment at which anything changed; 0: nothing ever did."""
        ...
