"""``/register/sign-in``: a curator's browser gets a session for a token, for the pages of proposals and nothing else.

The session's cookie goes to no other page, so what is public is the same, and cached the same, for who is signed in. A form that
changes something must hold a key that only pages of the session have, and must not come from another site.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request

from fairmap.access import SESSION
from fairmap.errors import AccessDenied, NotAuthenticated
from fairmap.web.addresses import local, public
from fairmap.web.conditional import NO_STORE
from fairmap.web.register import refuse_when_closed, typed
from fairmap.web.representation import HTML
from fairmap.web.writing import bearer, control

if TYPE_CHECKING:
    from typing import TypedDict

    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as BaseResponse

    class Attributes(TypedDict):
        """Of a cookie."""

        path: str
        secure: bool
        httponly: bool
        samesite: str


blueprint: Final = Blueprint("signing_in", __name__)
blueprint.before_request(refuse_when_closed)
COOKIE: Final = "fairmap-session"
KEY: Final = "form-key"
"""The field of a form with the key."""
_PATH: Final = "/register"
_START: Final = "/register/proposals"
_NEXT: Final = re.compile(r"/register/proposals(?:/[0-9a-f]{12}(?:/edit)?)?")


@blueprint.get("/register/sign-in")
def page() -> Response:
    """The form that asks for a token."""
    return form(HTTPStatus.OK)


@blueprint.post("/register/sign-in")
def sign_in() -> ResponseReturnValue:
    """A session for who shows a curator's token: 303 to the page that was wanted; 401 or 403 with the form and the reason."""
    _refuse_other_sites()
    fields = typed()
    token = "".join(fields.get("token", ())).strip()
    try:
        session = control().open_session(token)
    except NotAuthenticated:
        return form(HTTPStatus.UNAUTHORIZED, "This token is not valid. It may be revoked, expired, or mistyped.")
    except AccessDenied:
        return form(HTTPStatus.FORBIDDEN, "This token is not a curator's. It takes one of scope curate.")
    response = to(_next())
    response.set_cookie(COOKIE, session, max_age=SESSION, **_cookie())
    return response


@blueprint.post("/register/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session: 303 to the form that asks for a token."""
    guard()
    held = session()
    if held is not None:
        with suppress(NotAuthenticated):  # it is over already
            control().close_session(held)
    response = to("/register/sign-in")
    response.delete_cookie(COOKIE, **_cookie())
    return response


def form(status: HTTPStatus, fault: str | None = None) -> Response:
    """The page that asks for a token.

    :param fault: what was wrong with the one that was shown.
    """
    body = render_template("sign_in.html", fault=fault, next=_next(), path=None)
    response = Response(body, status, mimetype=HTML)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers["Cache-Control"] = NO_STORE
    return response


def session() -> str | None:
    """The session of this browser; a token in the header goes before it."""
    return None if "Authorization" in request.headers else request.cookies.get(COOKIE) or None


def credentials() -> dict[str, str | None]:
    """What the request shows, for the service behind."""
    return {"token": bearer(), "session": session()}


def key() -> str | None:
    """The key for forms in the pages of this session; it tells nothing of the session itself."""
    held = session()
    return hashlib.sha256(f"form:{held}".encode()).hexdigest() if held else None


def guard() -> None:
    """Go on when a form that changes something is from a page of this session; a token in the header needs no such proof.

    :raises AccessDenied: when it is not.
    """
    wanted = key()
    if wanted is None:
        return
    _refuse_other_sites()
    shown = "".join(typed().get(KEY, ()))
    if not hmac.compare_digest(shown.encode(), wanted.encode()):
        raise AccessDenied(
            "this form is not from a page of your session", expected="the form of the page, sent from it"
        )


def _refuse_other_sites() -> None:
    """Source: Fetch Metadata Request Headers, 2.4; the Origin header where a browser does not send them."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_other = site not in {"same-origin", "none"} if site else origin is not None and origin not in _origins()
    if is_other:
        raise AccessDenied(
            "this form was sent from another site", expected="the form of the page, at its public address"
        )


def _origins() -> set[str]:
    addresses = (urlsplit(address) for address in (public("/"), request.host_url))
    return {f"{address.scheme}://{address.netloc}" for address in addresses}


def _is_secure() -> bool:
    return request.is_secure or public("/").startswith("https:")


def _next() -> str:
    """The page that was wanted: one of proposals and no other."""
    asked = request.form.get("next", "") if request.method == "POST" else request.path
    return asked if _NEXT.fullmatch(asked) else _START


def to(path: str) -> BaseResponse:
    """On to the page that shows what came of a form: 303, in no cache."""
    response = redirect(local(path), HTTPStatus.SEE_OTHER)
    response.headers["Cache-Control"] = NO_STORE
    return response


def _cookie() -> Attributes:
    """For scripts and other sites there is no cookie."""
    return {"path": local(_PATH), "secure": _is_secure(), "httponly": True, "samesite": "Strict"}
