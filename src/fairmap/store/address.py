"""Store addresses: ``oxigraph:PATH`` (on disk) and ``memory:`` (gone when the process ends)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fairmap.errors import UsageError


@dataclass(frozen=True)
class LevelPlace:
    """Where a level lies in a store's folder.

    :ivar engine: the engine's folder.
    """

    engine: Path
    ledger: Path


def level_place(folder: Path, organisation: str | None = None) -> LevelPlace:
    """The place of an organisation's level, or of the public one."""
    if organisation is None:
        return LevelPlace(folder / "public", folder / "state" / "ledger.sqlite")
    return LevelPlace(folder / "org" / organisation, folder / "state" / "org" / organisation / "ledger.sqlite")


@dataclass(frozen=True)
class Address:
    """Where a store lies.

    :ivar path: the store's folder, ``None`` for a store in memory.
    """

    path: Path | None

    def organisations(self) -> list[str]:
        """The organisations that have a level on disk, by name."""
        folder = self.state / "org" if self.state else None
        return sorted(path.parent.name for path in folder.glob("*/ledger.sqlite")) if folder else []

    @property
    def state(self) -> Path | None:
        """The folder of the ledgers, the lock and the sockets."""
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
