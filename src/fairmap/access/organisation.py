"""Names of organisations: they stand in the names of folders and sockets, so they are plain."""

from __future__ import annotations

import re
from typing import Final

from fairmap.errors import UsageError

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def organisation_name(text: str) -> str:
    """``text``, when it may name an organisation.

    :raises UsageError: when it may not.

    >>> organisation_name("lumc-leiden")
    'lumc-leiden'
    """
    if not _NAME.fullmatch(text):
        expected = "1 to 40 small letters, digits and hyphens, such as lumc-leiden; no hyphen at either end"
        raise UsageError(f"{text!r} cannot name an organisation", where="organisation", expected=expected)
    return text
