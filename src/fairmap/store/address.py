"""Store addresses: ``oxigraph:PATH`` (on disk), ``memory:`` (gone when the process ends), ``sparql:URL`` (an engine elsewhere)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fairmap.errors import UsageError

if TYPE_CHECKING:
    from fairmap.config import Settings


_WRITING: Final = ("sparql_update", "sparql_graph_store")
PROPOSALS: Final = ":proposals"
"""Stands for the level of proposals where levels are named; no organisation can be called so."""


@dataclass(frozen=True)
class Remote:
    """How an engine elsewhere is reached.

    :ivar query: address of the SPARQL 1.1 Protocol's query operation.
    :ivar update: address of its update operation; empty: none.
    :ivar graph_store: address of the SPARQL 1.1 Graph Store HTTP Protocol; empty: none.
    :ivar engine: what it is, or ``auto``.
    """

    query: str
    update: str = ""
    graph_store: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    engine: str = "auto"

    @property
    def is_writable(self) -> bool:
        """Whether there is a way to write."""
        return bool(self.update or self.graph_store)


@dataclass(frozen=True)
class LevelPlace:
    """Where a level lies in a store's folder.

    :ivar engine: the engine's folder.
    """

    engine: Path
    ledger: Path


def level_place(folder: Path, organisation: str | None = None) -> LevelPlace:
    """The place of an organisation's level, of the public one (``None``) or of that of proposals (:data:`PROPOSALS`)."""
    if organisation is None:
        return LevelPlace(folder / "public", folder / "state" / "ledger.sqlite")
    if organisation == PROPOSALS:
        return LevelPlace(folder / "proposals", folder / "state" / "proposals" / "ledger.sqlite")
    return LevelPlace(folder / "org" / organisation, folder / "state" / "org" / organisation / "ledger.sqlite")


@dataclass(frozen=True)
class Address:
    """Where a store lies.

    :ivar path: the folder of an embedded store, ``None`` for one in memory or elsewhere.
    :ivar remote: the engine elsewhere, ``None`` for an embedded store.
    :ivar beside: the state folder of a store elsewhere.
    """

    path: Path | None
    remote: Remote | None = None
    beside: Path | None = None

    def organisations(self) -> list[str]:
        """The organisations that have a level on disk, by name."""
        folder = self.state / "org" if self.state else None
        return sorted(path.parent.name for path in folder.glob("*/ledger.sqlite")) if folder else []

    @property
    def has_proposals(self) -> bool:
        """Whether there is a level of proposals on disk."""
        return self.path is not None and level_place(self.path, PROPOSALS).ledger.exists()

    @property
    def state(self) -> Path | None:
        """The folder of the ledgers, the lock and the sockets."""
        return self.path / "state" if self.path else self.beside

    def __str__(self) -> str:
        if self.remote:
            return f"sparql:{self.remote.query}"
        return f"oxigraph:{self.path}" if self.path else "memory:"


def address(store: str | Address) -> Address:
    """The address that a text writes; an address is given back as it is.

    :raises UsageError: for any other form, and for ``sparql:URL``, which needs settings (:func:`address_of`).

    >>> str(address("oxigraph:/srv/map"))
    'oxigraph:/srv/map'
    """
    if isinstance(store, Address):
        return store
    scheme, _, rest = store.partition(":")
    if scheme == "memory" and not rest:
        return Address(None)
    if scheme == "oxigraph" and rest:
        return Address(Path(rest).absolute())
    if scheme == "sparql" and rest.startswith(("http://", "https://")):
        raise UsageError("it has no state folder", where=store, expected="--state DIR")
    raise UsageError(f"{store!r} is no store", where="--store", expected="oxigraph:PATH, memory: or sparql:URL")


def address_of(settings: Settings) -> Address:
    """The address of the settings' store.

    :raises UsageError: when it is no store, or has a state folder where none belongs or none where one is needed.
    """
    scheme, _, url = settings.store.partition(":")
    if scheme != "sparql" or not settings.state:
        if settings.state:
            what = "only a sparql: store has its state in a folder of its own"
            raise UsageError(what, where="--state", expected="no --state, or --store sparql:URL")
        return address(settings.store)
    for name, found in {"store": url, **{name: getattr(settings, name) for name in _WRITING}}.items():
        if found or name == "store":
            _check_url(found, name)
    remote = Remote(
        url,
        settings.sparql_update,
        settings.sparql_graph_store,
        settings.sparql_user,
        settings.sparql_password,
        settings.sparql_engine,
    )
    return Address(None, remote, Path(settings.state).absolute())


def _check_url(text: str, name: str) -> None:
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.fragment
    except ValueError:
        is_address = False
    if not is_address:
        raise UsageError(f"{text!r} is no address of an engine", where=name, expected="http://... or https://...")
    if parts.username is not None or parts.password is not None:
        what = "an address with a user or password would be shown in messages"
        raise UsageError(what, where=name, expected="sparql_user and sparql_password")
