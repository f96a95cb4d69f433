"""Who asks, and what they see: the one place where a request's view is chosen.

Without a token it is the public view. A token of an organisation opens the view of that organisation; one without an
organisation, whatever its scope, sees what is public, and so does every token where the store's engine is elsewhere, which has
the public level only. A token that is not valid opens nothing: the answer is 401.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import g, request

from fairmap.access import NOBODY, append, principal_of
from fairmap.errors import NotAuthenticated
from fairmap.store import address_of
from fairmap.views import OrganisationClient
from fairmap.views.organisations import socket_of
from fairmap.web.deployment import deployment
from fairmap.web.writing import bearer

if TYPE_CHECKING:
    from flask import Flask

    from fairmap.access import Principal
    from fairmap.config import Settings
    from fairmap.service import ControlClient, Places
    from fairmap.web.view import View

PUBLIC: Final = "public"


@dataclass(frozen=True)
class Audience:
    """Those who see the same.

    :ivar name: differs with what they see; part of each entity tag and of each key in a cache.
    """

    name: str
    view: View


class Access:
    """Tokens and organisations' views of a running service, for its web process. Safe in threads.

    :ivar has_organisations: whether organisations have levels in this store.
    """

    def __init__(self, settings: Settings, places: Places, control: ControlClient) -> None:
        where = address_of(settings)
        state = where.state
        self.has_organisations = where.remote is None
        self._settings = settings
        self._places = places
        self._control = control
        self._log = state / "audit.jsonl" if state else None

    def principal(self, token: str) -> Principal:
        """Who shows this token; read each time, so that a revocation counts at once.

        :raises NotAuthenticated: when it is not valid.
        """
        return principal_of(self._places.tokens, token)

    def view(self, organisation: str, token: str) -> View:
        """The view of an organisation, which is made with its token when it is not there."""
        settings = self._settings
        return OrganisationClient(
            socket_of(self._places.organisations, organisation),
            settings.base_iri,
            lambda: self._control.make_view(token),
            length=settings.query_length,
            answer_limit=settings.answer_size << 20,
        )

    def note_refusal(self) -> None:
        """A line in the audit log, without the token."""
        if self._log:
            append(self._log, NOBODY, "access", NotAuthenticated.__name__)


def register(app: Flask) -> None:
    """Let no request with a token that is not valid go on."""
    app.before_request(_identify)


def audience() -> Audience:
    """The audience that this request belongs to.

    :raises NotAuthenticated: when it shows a token that is not valid.
    """
    if "audience" not in g:
        g.audience = _audience()
    found: Audience = g.audience
    return found


def _identify() -> None:
    if "Authorization" in request.headers:
        audience()


def _audience() -> Audience:
    here = deployment()
    if "Authorization" not in request.headers:
        return Audience(PUBLIC, here.view)
    if here.access is None:
        raise NotAuthenticated("this service knows no tokens", expected="a request without one")
    try:
        token = bearer() or ""
        organisation = here.access.principal(token).organisation
    except NotAuthenticated:
        here.access.note_refusal()
        raise
    if organisation is None or not here.access.has_organisations:
        return Audience(PUBLIC, here.view)
    return Audience(f"organisation {organisation}", here.access.view(organisation, token))
