"""What writing over HTTP needs: the service behind, and the token that was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from fairmap.errors import NotAuthenticated, ServiceDown
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from fairmap.service import ControlClient


def control() -> ControlClient:
    """The service that writes.

    :raises ServiceDown: when this app has none behind it.
    """
    found = deployment().control
    if found is None:
        raise ServiceDown("this service only reads")
    return found


def bearer() -> str | None:
    """The token shown, or ``None``. Source: RFC 6750, 2.1.

    :raises NotAuthenticated: for another way of showing it.
    """
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("the token is shown in an unknown way", expected="Authorization: Bearer TOKEN")
    return token.strip()
