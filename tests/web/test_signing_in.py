"""Curators in a browser: what a session opens, to whom, for how long, and from which pages."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from fairmap.access import Scope, Tokens
from fairmap.errors import NotAuthenticated
from fairmap.service import running
from fairmap.web.signing_in import COOKIE
from service import Service, serving
from web.clients import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from fairmap.service import ControlClient
    from web.views import Counting

LIST = "/register/proposals"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Browser:
    """Holds one cookie, follows nothing, and says where its forms are from, as browsers do."""

    service: Service
    cookie: str | None = None
    said: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> Page:
        """GET, or POST of a form."""
        own = {"Accept": "text/html", **self.said, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookie is not None:
            own["Cookie"] = f"{COOKIE}={self.cookie}"
        body = None if fields is None else urlencode(fields)
        if body is not None:
            own = {"Content-Type": FORM, "Origin": self.service.url, **own}
        connection = HTTPConnection(urlsplit(self.service.url).netloc, timeout=60)
        connection.request("GET" if body is None else "POST", path, body, own)
        answer = connection.getresponse()
        page = Page(answer.status, answer.headers, answer.read().decode())
        connection.close()
        return page

    def sign_in(self, token: str, **headers: str) -> Page:
        """Send the form with a token, and keep the cookie that comes."""
        page = self.ask("/register/sign-in", {"token": token, "next": LIST}, **headers)
        found = re.match(rf"{COOKIE}=([^;]*)", page.headers.get("Set-Cookie", ""))
        self.cookie = found[1] if found else self.cookie
        return page


@dataclass(frozen=True)
class Page:
    """An answer."""

    status: int
    headers: Message
    text: str

    @property
    def key(self) -> str:
        """Of its forms."""
        found = re.search(r'name="form-key" value="([0-9a-f]{64})"', self.text)
        assert found
        return found[1]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("signing-in")
    with serving(f"oxigraph:{place / 'store'}", log=place / "log", web_workers=1) as served:
        yield served


@pytest.fixture
def browser(service: Service) -> Browser:
    return Browser(service)


def _token(service: Service, name: str, scope: str = "curate", organisation: str | None = None) -> str:
    return _control(service).create_token(name, scope, organisation=organisation, days=30)


def _control(service: Service) -> ControlClient:
    """The writer, which may come up a little after the pages."""
    for _ in range(300):
        if found := running(service.store):
            return found
        time.sleep(0.1)
    raise AssertionError("the writer does not answer")


@pytest.fixture(scope="module")
def token(service: Service) -> str:
    return _token(service, "curator")


def _proposed(service: Service, title: str) -> str:
    sent = service.get(
        "/register", data=urlencode({"title": title}).encode(), Content_Type=FORM, Accept="application/json"
    )
    name: str = sent.json()["name"]
    return name


@pytest.mark.server
def test_a_curator_signs_in_looks_edits_accepts_and_signs_out(browser: Browser, token: str) -> None:
    name = _proposed(browser.service, "Amber Archive")
    asked = browser.ask(f"{LIST}/{name}")
    assert (asked.status, asked.headers["Cache-Control"]) == (401, "no-store")
    assert "Amber" not in asked.text
    assert f'value="{LIST}/{name}"' in asked.text
    welcome = browser.sign_in(token)
    assert (welcome.status, welcome.headers["Location"]) == (303, LIST)
    assert "Amber Archive" in browser.ask(LIST).text
    page = browser.ask(f"{LIST}/{name}")
    assert page.headers["Cache-Control"] == "no-store"
    form = browser.ask(f"{LIST}/{name}/edit")
    assert 'value="Amber Archive"' in form.text
    faulty = browser.ask(f"{LIST}/{name}", {"title": "", "homepage": "none", "form-key": form.key})
    assert faulty.status == 422
    assert html.unescape(faulty.text).count("is no web address") == 1
    assert browser.ask(f"{LIST}/{name}", {"title": "Amber Vault", "form-key": faulty.key}).status == 303
    accepted = browser.ask(f"{LIST}/{name}/accept", {"form-key": page.key})
    assert (accepted.status, accepted.headers["Location"]) == (303, f"{LIST}?done=repository/amber-vault")
    assert 'href="/repository/amber-vault"' in browser.ask(accepted.headers["Location"]).text
    assert browser.service.get("/repository/amber-vault").status == 200
    out = browser.ask("/register/sign-out", {"form-key": page.key})
    assert (out.status, f"{COOKIE}=;" in out.headers["Set-Cookie"]) == (303, True)
    assert browser.ask(LIST).status == 401, "the session itself is over, whoever still has the cookie"


@pytest.mark.server
def test_a_proposal_is_rejected_with_a_reason(browser: Browser, token: str) -> None:
    name = _proposed(browser.service, "Basalt Archive")
    browser.sign_in(token)
    key = browser.ask(f"{LIST}/{name}").key
    assert browser.ask(f"{LIST}/{name}/reject", {"form-key": key, "reason": ""}).status == 400
    rejected = browser.ask(f"{LIST}/{name}/reject", {"form-key": key, "reason": "It holds no images"})
    assert rejected.headers["Location"] == f"{LIST}?done=rejected"
    assert "It holds no images" in browser.ask(LIST).text


@pytest.mark.server
def test_the_cookie_is_for_the_pages_of_the_questionnaire_alone(service: Service, browser: Browser, token: str) -> None:
    said = browser.sign_in(token).headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/register", "SameSite=Strict", "Max-Age=7200"} <= set(said.split("; "))
    assert "Secure" not in said
    assert token not in said
    plain, signed = Browser(service).ask("/search?q=x"), browser.ask("/search?q=x")
    assert (plain.status, plain.text) == (signed.status, signed.text)
    assert browser.ask("/sparql/update", {"update": "CLEAR ALL"}).status == 401


@pytest.mark.server
def test_behind_https_the_cookie_is_secure(tmp_path: Path) -> None:
    public = "https://portal.example/map"
    store = f"oxigraph:{tmp_path / 'store'}"
    with serving(store, "--empty", "--public-url", public, log=tmp_path / "log", web_workers=1) as served:
        said = Browser(served).sign_in(_token(served, "curator"), Origin="https://portal.example")
        other = Browser(served).sign_in("x", Origin="http://portal.example")
    assert said.headers["Location"] == f"/map{LIST}"
    assert {"Secure", "HttpOnly", "Path=/map/register", "SameSite=Strict"} <= set(
        said.headers["Set-Cookie"].split("; ")
    )
    assert other.status == 403


@pytest.mark.server
@pytest.mark.parametrize("scope", ["read", "contribute"])
def test_a_token_without_the_scope_opens_no_session(browser: Browser, scope: str) -> None:
    shown = _token(browser.service, scope, scope, "centre")
    refused = browser.sign_in(shown)
    assert (refused.status, refused.headers["Set-Cookie"]) == (403, None)
    assert shown not in refused.text


@pytest.mark.server
@pytest.mark.parametrize("shown", ["", "fm_wrong", "\x00\ud800", "x" * 9999])
def test_a_wrong_token_opens_no_session(browser: Browser, shown: str) -> None:
    refused = browser.sign_in(shown.encode(errors="replace").decode())
    assert (refused.status, refused.headers["Set-Cookie"]) == (401, None)
    assert "not valid" in refused.text


@pytest.mark.server
@pytest.mark.parametrize("cookie", ["", "x", "fm_", '"; DROP TABLE session', "é" * 3])
def test_a_made_up_cookie_opens_nothing(browser: Browser, cookie: str) -> None:
    browser.cookie = cookie.encode().decode("latin-1")
    assert browser.ask(LIST).status == 401
    assert browser.ask(f"{LIST}/000000000000/accept", {"form-key": "0" * 64}).status in {401, 403}


@pytest.mark.server
def test_a_token_is_no_cookie_and_a_session_is_no_token(browser: Browser, token: str) -> None:
    browser.sign_in(token)
    bearer = browser.service.get(LIST, Authorization=f"Bearer {browser.cookie}")
    assert bearer.status == 401
    browser.cookie = token
    assert browser.ask(LIST).status == 401


@pytest.mark.server
def test_a_session_ends_with_its_token(browser: Browser) -> None:
    browser.sign_in(_token(browser.service, "leaving"))
    assert browser.ask(LIST).status == 200
    _control(browser.service).revoke_token("leaving")
    assert browser.ask(LIST).status == 401
    _token(browser.service, "leaving")
    assert browser.ask(LIST).status == 401, "another token of that name is another token"


@pytest.mark.server
def test_who_lost_the_scope_sees_nothing_with_an_old_session(browser: Browser) -> None:
    name = _proposed(browser.service, "Cinder Archive")
    browser.sign_in(_token(browser.service, "demoted"))
    key = browser.ask(f"{LIST}/{name}").key
    _write(browser.service, "UPDATE token SET scope = 'read' WHERE name = 'demoted'")
    refusals = [
        browser.ask(LIST),
        browser.ask(f"{LIST}/{name}"),
        browser.ask(f"{LIST}/000000000000"),
        browser.ask(f"{LIST}/{name}/accept", {"form-key": key}),
        browser.ask(f"{LIST}/{name}", {"title": "Mine", "form-key": key}),
    ]
    assert [page.status for page in refusals] == [403] * 5
    assert not any("Cinder" in page.text for page in refusals)


@pytest.mark.server
@pytest.mark.parametrize("kept", ["session", "token"])
def test_what_has_expired_opens_nothing(browser: Browser, kept: str) -> None:
    browser.sign_in(_token(browser.service, f"expiring-{kept}"))
    assert browser.ask(LIST).status == 200
    _write(browser.service, EXPIRE[kept])
    assert browser.ask(LIST).status == 401


EXPIRE = {
    "session": "UPDATE session SET expires = '2026-01-01T00:00:00+00:00' "
    "WHERE token = (SELECT hash FROM token WHERE name = 'expiring-session')",
    "token": "UPDATE token SET expires = '2026-01-01T00:00:00+00:00' WHERE name = 'expiring-token'",
}


def _write(service: Service, statement: str) -> None:
    """Change the tokens' file beside the running service."""
    path = Path(service.store.removeprefix("oxigraph:")) / "state" / "tokens.sqlite"
    with sqlite3.connect(path, isolation_level=None) as base:
        assert base.execute(statement).rowcount == 1


FROM_ELSEWHERE = {
    "another site": {"Origin": "https://evil.example"},
    "a sandbox": {"Origin": "null"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "another site, as new browsers say": {"Sec_Fetch_Site": "cross-site"},
    "a neighbour": {"Sec_Fetch_Site": "same-site"},
}


@pytest.mark.server
@pytest.mark.parametrize("headers", FROM_ELSEWHERE.values(), ids=FROM_ELSEWHERE.keys())
def test_a_form_from_another_site_changes_nothing(browser: Browser, token: str, headers: dict[str, str]) -> None:
    assert Browser(browser.service).sign_in(token, **headers).status == 403
    name = _proposed(browser.service, "Dolomite Archive")
    browser.sign_in(token)
    key = browser.ask(f"{LIST}/{name}").key
    for step, fields in (("/accept", {}), ("/reject", {"reason": "no"}), ("", {"title": "Mine"})):
        assert browser.ask(f"{LIST}/{name}{step}", {**fields, "form-key": key}, **headers).status == 403
    assert browser.ask("/register/sign-out", {"form-key": key}, **headers).status == 403
    assert "Dolomite Archive" in browser.ask(f"{LIST}/{name}").text


@pytest.mark.server
def test_a_form_without_the_key_of_the_session_changes_nothing(browser: Browser, token: str) -> None:
    name = _proposed(browser.service, "Emery Archive")
    other = Browser(browser.service)
    for one in (browser, other):
        one.sign_in(token)
    foreign = other.ask(f"{LIST}/{name}").key
    for fields in (
        {},
        {"form-key": ""},
        {"form-key": "0" * 64},
        {"form-key": foreign},
        {"form-key": browser.cookie or ""},
    ):
        for step in ("/accept", "/reject", "", "/../../sign-out"):
            refused = browser.ask(f"{LIST}/{name}{step}", {"reason": "no", "title": "Mine", **fields})
            assert refused.status in {403, 404}, (step, fields)
    assert "Emery Archive" in browser.ask(f"{LIST}/{name}").text


@pytest.mark.server
def test_signing_in_leads_to_pages_of_proposals_only(browser: Browser, token: str) -> None:
    for wanted in (
        "https://evil.example",
        "//evil.example",
        "/search",
        f"{LIST}/../../search",
        f"{LIST}//evil.example",
    ):
        sent = browser.ask("/register/sign-in", {"token": token, "next": wanted})
        assert sent.headers["Location"] == LIST
    assert "evil" not in browser.ask(f"{LIST}?done=https://evil.example").text


@pytest.mark.server
def test_each_session_stands_in_the_audit_log_without_its_secret(browser: Browser) -> None:
    shown = _token(browser.service, "noted")
    browser.sign_in(shown)
    browser.ask("/register/sign-out", {"form-key": browser.ask(LIST).key})
    browser.sign_in("fm_wrong")
    state = Path(browser.service.store.removeprefix("oxigraph:")) / "state"
    lines = [json.loads(line) for line in (state / "audit.jsonl").read_text().splitlines()]
    told = [(line["principal"], line["operation"], line["outcome"]) for line in lines if "session" in line["operation"]]
    assert told[-3:] == [
        ("noted", "session open", "done"),
        ("noted", "session close", "done"),
        (None, "session open", "NotAuthenticated"),
    ]
    for file in state.glob("**/*"):
        if file.is_file():
            assert shown.encode() not in file.read_bytes()
            assert (browser.cookie or "-").encode() not in file.read_bytes()


def test_one_client_tries_six_tokens_a_minute(view: Counting) -> None:
    client = client_of(view, write_rate_limit=60)
    codes = [client.post("/register/sign-in", data={"token": "fm_guess"}).status_code for _ in range(8)]
    assert codes == [404] * 6 + [429] * 2, "an app that only reads looks at six"


def test_sessions_that_are_over_are_forgotten_with_the_next_one(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.sqlite")
    kept, lost = (tokens.create(name, Scope.CURATE) for name in ("kept", "lost"))
    old = tokens.open_session(lost)
    tokens.revoke("lost")
    with pytest.raises(NotAuthenticated):
        tokens.session_principal(old)
    new = tokens.open_session(kept)
    assert tokens.session_principal(new).name == "kept"
    with sqlite3.connect(tmp_path / "tokens.sqlite") as base:
        assert base.execute("SELECT COUNT(*) FROM session").fetchone() == (1,)
    tokens.close_session(new)
    tokens.close_session(new)
    with pytest.raises(NotAuthenticated):
        tokens.session_principal(new)
    tokens.close()
