"""CSV for spreadsheets: a row for each record. The mapping is ``csv.rq``."""

from __future__ import annotations

from typing import Final

from fairmap.export.projections import load
from fairmap.export.rows import Rows

PROJECTION: Final = Rows(
    name="csv",
    title="CSV for spreadsheets",
    specification="https://www.rfc-editor.org/info/rfc4180",
    query=load("csv"),
    judge=None,
    forms=("csv",),
)
