"""A repository on its way into the map: filled in, mended, sent, looked at by a curator, published."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.conftest import visits
from browser.pages import MOST
from fairmap.service import running as control_of
from service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from browser.visiting import Visit

    Visits = Callable[..., Visit]

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One of its own: what is accepted here would be counted elsewhere."""
    place = tmp_path_factory.mktemp("register")
    with serving(f"oxigraph:{place / 'store'}", log=place / "log", web_workers=1) as served:
        yield served


@pytest.fixture
def begin(chromium: Browser, service: Service) -> Iterator[Visits]:
    with visits(chromium, service.url) as begun:
        yield begun


@pytest.fixture(scope="module")
def token(service: Service) -> str:
    for _ in range(300):
        if control := control_of(service.store):
            return control.create_token("curator", "curate", organisation=None, days=1)
        time.sleep(0.1)
    raise AssertionError("the writer does not answer")


def _is_fine(tab: Visit, axe: Path) -> None:
    """Accessible in light and dark, no wider than a phone, and quiet."""
    page, size = tab.page, tab.page.viewport_size
    assert size
    assert tab.faults(axe) == []
    page.emulate_media(color_scheme="dark")
    assert tab.faults(axe, "color-contrast", "link-in-text-block") == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.set_viewport_size(size)
    assert [text for text in tab.complaints if not any(f" {status} (" in text for status in (401, 403, 422))] == []
    assert tab.elsewhere() == []


def _sign_in(page: Page, token: str) -> None:
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Sign in").click()


def test_a_repository_is_proposed_mended_while_typing_and_published_by_a_curator(
    begin: Visits, axe: Path, token: str
) -> None:
    tab = begin()
    page = tab.open("/register")
    name, link = page.get_by_label("Name of the repository"), page.get_by_label("Link")
    link.press_sequentially("our page", delay=5)
    fault = page.locator("#q-homepage .wrong")
    expect(fault).to_contain_text("“our page” is no web address")
    expect(link).to_be_focused()
    expect(link).to_have_attribute("aria-invalid", "true")
    hint = page.locator("#hint-homepage").inner_text()
    expect(link).to_have_accessible_description(f"{hint} {fault.inner_text()}")
    expect(page.locator("#judged")).to_contain_text("Link: “our page” is no web address")
    expect(page.locator("#q-title .wrong")).to_have_count(0)  # nobody has come to it yet
    _is_fine(tab, axe)
    page.locator("select[name=accessCondition]").select_option("open")
    page.get_by_role("button", name="Send the answers").click()
    expect(page.locator("#faults h2")).to_have_text("2 answers are to be mended")
    _is_fine(tab, axe)
    link.fill("https://archive.example/")
    expect(page.locator("#faults h2")).to_have_text("1 answer is to be mended")
    name.fill("Heliotrope Archive")
    expect(page.locator("#faults h2")).to_have_text("All answers can be sent now")
    expect(page.locator("#judged")).to_contain_text("Name of the repository: mended.")
    page.get_by_label("Fee", exact=True).check()
    expect(page.locator("#q-accessRequirement .wrong")).to_contain_text("Fee is required")  # what only the shapes know
    page.get_by_label("Fee", exact=True).uncheck()
    expect(page.locator(".wrong")).to_have_count(0)
    page.get_by_label("Your mail address").fill("holder@archive.example")
    page.get_by_role("button", name="Send the answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    _is_fine(tab, axe)
    _decide(begin(), axe, token)
    page.goto(f"{tab.url}/search?q=heliotrope")
    page.get_by_role("link", name="Heliotrope Archive (HA)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Heliotrope Archive (HA)")
    assert "holder@archive.example" not in page.content()


def _decide(tab: Visit, axe: Path, token: str) -> None:
    """What the curator does: sign in, look, edit, accept, sign out."""
    page = tab.open("/register/proposals")
    _is_fine(tab, axe)
    _sign_in(page, "fm_wrong")
    expect(page.get_by_role("alert")).to_contain_text("not valid")
    _is_fine(tab, axe)
    _sign_in(page, token)
    assert tab.weight() < 4 * MOST  # of four pages
    _is_fine(tab, axe)
    page.get_by_role("link", name="Heliotrope Archive").click()
    expect(page.locator("main")).to_contain_text("holder@archive.example")
    expect(page.locator("main")).to_contain_text("Open access")
    _is_fine(tab, axe)
    page.get_by_role("link", name="Edit the answers").click()
    expect(page.get_by_label("Your mail address")).to_have_count(0)
    page.get_by_label("Name of the repository").fill("x")
    expect(page.locator("#q-title .wrong")).to_contain_text("too short")
    _is_fine(tab, axe)
    page.get_by_label("Name of the repository").fill("Heliotrope Archive (HA)")
    page.get_by_role("button", name="Save the answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Heliotrope Archive (HA)")
    page.get_by_role("button", name="Accept and publish").click()
    expect(page.get_by_role("status").first).to_contain_text("its record is public now")
    _is_fine(tab, axe)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto(f"{tab.url}/register/proposals")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_without_javascript_a_proposal_is_sent_and_rejected(begin: Visits, token: str) -> None:
    page = begin(java_script_enabled=False).open("/register")
    page.get_by_label("Name of the repository").fill("Indigo Archive")
    page.get_by_label("Link").fill("nowhere")
    page.get_by_role("button", name="Send the answers").click()
    expect(page.locator("#q-homepage .wrong")).to_contain_text("is no web address")
    page.get_by_label("Link").fill("")
    page.get_by_role("button", name="Send the answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    page.get_by_role("link", name="Register another").click()
    page.get_by_role("link", name="For curators").click()
    _sign_in(page, token)
    page.get_by_role("link", name="Indigo Archive").click()
    page.locator("summary", has_text="Reject it").click()
    page.get_by_label("Why?").fill("It holds no images")
    page.get_by_role("button", name="Reject the proposal").click()
    expect(page.get_by_role("status").first).to_have_text("The proposal was rejected.")
    expect(page.get_by_role("row", name="Indigo Archive")).to_contain_text("It holds no images")


def test_a_page_of_another_site_cannot_use_the_session(begin: Visits, token: str) -> None:
    tab = begin()
    page = tab.open("/register")
    page.get_by_label("Name of the repository").fill("Jasper Archive")
    page.get_by_role("button", name="Send the answers").click()
    page.goto(f"{tab.url}/register/proposals")
    _sign_in(page, token)
    page.get_by_role("link", name="Jasper Archive").click()
    target = f"{page.url}/accept"
    page.goto("about:blank")
    page.set_content(f'<form action="{target}" method="post"><button>Win a prize</button></form>')
    page.get_by_role("button", name="Win a prize").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")  # no cookie came along
    page.goto(f"{tab.url}/register/proposals")
    expect(page.get_by_role("link", name="Jasper Archive")).to_be_visible()
