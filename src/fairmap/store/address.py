"""Store addresses: ``oxigraph:PATH`` (on disk) and ``memory:`` (gone when the process ends)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fairmap.errors import UsageError


@dataclass(frozen=True)
class Address:
    """Where a store lies.

    :ivar path: the store's folder, ``None`` for a store in memory.
    """

    path: Path | None

    @property
    def public(self) -> Path | None:
        """The engine's folder of the public level."""
        return self.path / "public" if self.path else None

    @property
    def state(self) -> Path | None:
        """The folder of the ledger, the lock and the sockets."""
        return self.path / "state" if self.path else None

    def __str__(self) -> str:
        return f"oxigraph:{self.path}" if self.path else "memory:"


def address(text: str) -> Address:
    """The address that ``text`` writes.

    :raises UsageError: for any other form.

    >>> str(address("oxigraph:/srv/map"))
    'oxigraph:/srv/map'
    """
    scheme, _, rest = text.partition(":")
    if scheme == "memory" and not rest:
        return Address(None)
    if scheme == "oxigraph" and rest:
        return Address(Path(rest).absolute())
    raise UsageError(f"{text!r} is no store", where="--store", expected="oxigraph:PATH or memory:")
