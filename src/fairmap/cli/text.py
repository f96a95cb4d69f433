"""A query or update, given as an argument or as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairmap.errors import UsageError

if TYPE_CHECKING:
    from typing import IO


def text_of(argument: str | None, file: IO[str] | None, *, what: str) -> str:
    """The one that was given.

    :raises UsageError: when it was both or neither.
    """
    if (argument is None) == (file is None):
        raise UsageError(f"one {what} is needed", expected=f"{what.upper()} or --file FILE")
    return str(file.read() if file else argument)
