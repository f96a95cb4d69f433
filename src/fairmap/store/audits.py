"""The file of kept FAIR audits beside a store, as far as a backup must know it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from fairmap.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

AUDITS: Final = "audits.sqlite"
"""In the state folder."""


def copy_audits(path: Path, copy: Path) -> int | None:
    """Copy the file as it is between two audits, though somebody writes to it; the audits in the copy, ``None``: there is no file.

    :raises sqlite3.Error: when it cannot be read.
    """
    if not path.is_file():
        return None
    with closing(sqlite3.connect(path, timeout=30)) as base, closing(sqlite3.connect(copy)) as target:
        base.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, which nothing changes any more
    return count_audits(copy)


def count_audits(path: Path) -> int:
    """The audits in a file that nobody writes to, which stays as it is.

    :raises StoreError: when the file is damaged.
    """
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        (verdict,) = base.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise StoreError(f"the kept audits are damaged: {verdict}", where=str(path))
        return int(base.execute("SELECT COUNT(*) FROM audit").fetchone()[0])
