"""Principals and scopes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from fairmap.errors import AccessDenied, NotAuthenticated


class Scope(Enum):
    """What a token allows, each beside all before it."""

    READ = "read"
    CONTRIBUTE = "contribute"
    CURATE = "curate"
    ADMIN = "admin"

    def covers(self, other: Scope) -> bool:
        """Whether this scope allows what ``other`` allows."""
        order = list(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Principal:
    """Who asks.

    :ivar name: of the token; ``None``: no token was shown.
    :ivar scope: ``None``: nothing beyond reading what is public.
    """

    name: str | None
    scope: Scope | None
    organisation: str | None = None

    def require(self, scope: Scope, what: str) -> None:
        """Go on when the principal has ``scope``.

        :raises NotAuthenticated: when no token was shown.
        :raises AccessDenied: when its token does not allow it.
        """
        if self.scope is None:
            raise NotAuthenticated(f"{what} needs a token", expected=f"Authorization: Bearer with scope {scope.value}")
        if not self.scope.covers(scope):
            raise AccessDenied(f"{what} is not allowed with scope {self.scope.value}", expected=f"scope {scope.value}")

    def writes_to(self, organisation: str | None) -> str | None:
        """The organisation whose level a write goes to; ``None``: the public one.

        A contributor writes to its own organisation's; who has scope curate to the public level, unless it names its own
        organisation; who has scope admin and no organisation, to that of any that it names.

        :param organisation: the one that was named, if any.
        :raises AccessDenied: when that is not the principal's to write for.
        """
        is_any = self.scope is Scope.ADMIN and self.organisation is None
        if organisation not in {None, self.organisation} and not is_any:
            whose = f"the organisation {self.organisation}" if self.organisation else "the public records"
            raise AccessDenied(f"this token is for {whose}", expected="no other organisation named")
        if self.scope is Scope.CONTRIBUTE:
            return self.organisation
        return organisation


NOBODY: Final = Principal(None, None)
"""A reader without a token."""

LOCAL: Final = Principal("local", Scope.ADMIN)
"""The user who owns the store's folder, by way of the control socket."""
