"""The audit log: each write and each refused access as a line of JSON. No query text, no address."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from fairmap.access.principal import Principal


class Audit:
    """Appends to one file; used by the writer's thread only."""

    def __init__(self, path: Path | None) -> None:
        """``path``: of the file; ``None``: nothing is kept (a store in memory)."""
        self._file = None
        if path is not None:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._file = os.fdopen(descriptor, "a")

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def note(
        self,
        principal: Principal,
        operation: str,
        outcome: str,
        *,
        graph: str | None = None,
        organisation: str | None = None,
    ) -> None:
        """Write one line; it is handed to the system when this returns.

        :param outcome: ``done``, or the class of the error.
        :param graph: the graph that was meant, where the operation names one.
        :param organisation: whose records were meant; ``None``: the public ones.
        """
        if self._file:
            line = {
                "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "principal": principal.name,
                "scope": principal.scope.value if principal.scope else None,
                "operation": operation,
                "organisation": organisation,
                "graph": graph,
                "outcome": outcome,
            }
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
