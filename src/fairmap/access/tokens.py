"""Tokens: shown once, kept as hashes, with scope, organisation and expiry; and the sessions that browsers get for them."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from fairmap.access.organisation import organisation_name
from fairmap.access.principal import Principal, Scope
from fairmap.errors import NotAuthenticated, ServiceDown, StoreError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

PREFIX: Final = "fm_"
"""By which a leaked token is recognised."""

_SCHEMA: Final = """CREATE TABLE IF NOT EXISTS token (
  name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, scope TEXT NOT NULL, organisation TEXT, created TEXT NOT NULL, expires TEXT)"""
_SESSIONS: Final = """CREATE TABLE IF NOT EXISTS session (
  hash TEXT PRIMARY KEY, token TEXT NOT NULL, expires TEXT NOT NULL)"""
SESSION: Final = timedelta(hours=2)
"""How long a session lasts, whatever is done in it."""


@dataclass(frozen=True)
class Token:
    """A token without its secret; times are ISO 8601, UTC."""

    name: str
    scope: Scope
    organisation: str | None
    created: str
    expires: str | None


class Tokens:
    """The tokens of one store; used by the writer's thread only."""

    def __init__(self, path: Path | None) -> None:
        """``path``: of the file; ``None``: in memory."""
        try:
            self._base = sqlite3.connect(path or ":memory:", isolation_level=None)
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.execute(_SCHEMA)
            self._base.execute(_SESSIONS)
        except sqlite3.Error as error:
            raise StoreError(f"the tokens cannot be opened: {error}", where=str(path)) from error

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def create(self, name: str, scope: Scope, *, organisation: str | None = None, days: int | None = None) -> str:
        """A new token's text; it cannot be shown again.

        :param days: after which it expires.
        :raises UsageError: when the name is taken, or a contributor has no organisation, or one of no use as a name.
        """
        if organisation is not None:
            organisation_name(organisation)
        if scope is Scope.CONTRIBUTE and not organisation:
            raise UsageError("a token with scope contribute needs its organisation", expected="--organisation ORG")
        text = PREFIX + secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        expires = (now + timedelta(days=days)).isoformat(timespec="seconds") if days is not None else None
        row = (name, _hash(text), scope.value, organisation, now.isoformat(timespec="seconds"), expires)
        try:
            self._base.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError as error:
            raise UsageError(
                f"there is a token {name!r} already", expected="another name, or revoke it first"
            ) from error
        return text

    def list(self) -> list[Token]:
        """All tokens by name."""
        rows = self._base.execute("SELECT name, scope, organisation, created, expires FROM token ORDER BY name")
        return [
            Token(name, Scope(scope), organisation, created, expires)
            for name, scope, organisation, created, expires in rows
        ]

    def revoke(self, name: str) -> None:
        """Let a token be worth nothing from now on.

        :raises UsageError: when there is none of that name.
        """
        if self._base.execute("DELETE FROM token WHERE name = ?", (name,)).rowcount == 0:
            raise UsageError(
                f"there is no token {name!r}", expected=", ".join(t.name for t in self.list()) or "none exists"
            )

    def principal(self, text: str) -> Principal:
        """Who shows this token.

        :raises NotAuthenticated: when it is unknown, revoked or expired; the message does not tell which.
        """
        return _principal(self._base, text)

    def open_session(self, text: str) -> str:
        """A new session's text for who shows this token; it is worth what the token is worth, and ends with it.

        :raises NotAuthenticated: as :meth:`principal`.
        """
        self.principal(text)
        session = secrets.token_urlsafe(32)
        ended = "DELETE FROM session WHERE expires <= ? OR token NOT IN (SELECT hash FROM token)"
        self._base.execute(ended, (_now(),))
        row = (_hash(session), _hash(text), (datetime.now(UTC) + SESSION).isoformat(timespec="seconds"))
        self._base.execute("INSERT INTO session VALUES (?, ?, ?)", row)
        return session

    def close_session(self, session: str) -> None:
        """Let a session be worth nothing from now on; there need not be one."""
        self._base.execute("DELETE FROM session WHERE hash = ?", (_hash(session),))

    def session_principal(self, session: str) -> Principal:
        """Whose session this is, with the rights that the token has now.

        :raises NotAuthenticated: when it is unknown, closed or over, or its token is worth nothing; the message does not tell which.
        """
        query = "SELECT token FROM session WHERE hash = ? AND expires > ?"
        row = self._base.execute(query, (_hash(session), _now())).fetchone()
        if row is None:
            raise NotAuthenticated("the session is over", expected="sign in again")
        return _holder(self._base, row[0])


def principal_of(path: Path, text: str) -> Principal:
    """Who shows this token, read from the tokens' file by a process that does not own it. Safe in threads.

    :raises NotAuthenticated: as :meth:`Tokens.principal`.
    :raises ServiceDown: when the file is not there yet.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as base:
            return _principal(base, text)
    except sqlite3.Error as error:
        raise ServiceDown(f"the tokens cannot be read: {error}", where=path.name) from error


def _principal(base: sqlite3.Connection, text: str) -> Principal:
    return _holder(base, _hash(text))


def _holder(base: sqlite3.Connection, hashed: str) -> Principal:
    query = "SELECT name, scope, organisation, expires FROM token WHERE hash = ?"
    row = base.execute(query, (hashed,)).fetchone()
    if row is None or (row[3] is not None and row[3] <= _now()):
        raise NotAuthenticated("the token is not valid", expected="a token that is neither revoked nor expired")
    return Principal(row[0], Scope(row[1]), row[2])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _hash(text: str) -> str:
    """Tokens have 256 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(text.encode()).hexdigest()
