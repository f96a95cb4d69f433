"""How far a long run is: one line on a terminal, nothing anywhere else."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

_PAUSE: Final = 0.2
"""Seconds between two tellings of a number that grows."""


class Progress:
    """Tells it on standard error while the ``with`` lasts."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._last = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._write("")

    def read(self, number: int) -> None:
        """So many documents were read."""
        if monotonic() - self._last >= _PAUSE:
            self._last = monotonic()
            self.tell(f"{number} document{'s' * (number != 1)} read")

    def tell(self, what: str) -> None:
        """What is being done."""
        self._write(f"fairmap: {what} ...")

    def _write(self, text: str) -> None:
        if self._is_shown:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
