"""Exit codes: 0 done, 1 findings (does not conform), 2 wrong usage or unreadable input, 3 remote or disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fairmap import errors

if TYPE_CHECKING:
    from fairmap.errors import FairmapError

FINDINGS: Final = 1
USAGE: Final = 2
REMOTE: Final = 3

_CODES: Final[dict[type[FairmapError], int]] = {
    errors.NotConforming: FINDINGS,
    errors.InputError: USAGE,
    errors.NotFound: USAGE,
    errors.AccessDenied: USAGE,
    errors.QueryStopped: REMOTE,
    errors.RemoteFailed: REMOTE,
    errors.Busy: REMOTE,
    errors.StoreError: REMOTE,
}


def exit_code(kind: type[FairmapError]) -> int:
    """The exit code of an error's class: its own, or that of the nearest class above it."""
    for ancestor in kind.__mro__:
        if ancestor in _CODES:
            return _CODES[ancestor]
    raise LookupError(f"{kind.__name__} has no exit code")
