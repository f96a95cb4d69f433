"""Pictures of every page, to be looked at: ``make screens`` writes them outside the checkout, at three widths, light and dark."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from playwright.sync_api import sync_playwright

from browser.pages import ANSWERS, BROKEN, PAGES
from fairmap.service import running
from service import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.sync_api import Page

    from fairmap.service import ControlClient

WIDTHS: Final = (390, 1280, 1920)
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
HEIGHT: Final = 6000
"""Pixels of a page that are kept."""


def _run(page: Page, query: str) -> None:
    page.locator("#editor .CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(query)
    page.get_by_role("button", name="Show the answer").click()
    page.locator("#results").get_by_role("button").first.wait_for()


def _answer(page: Page) -> None:
    _run(page, ANSWERS)


def _chart(page: Page) -> None:
    _run(page, ANSWERS)
    page.get_by_role("button", name="Shows Chart view").click()


def _error(page: Page) -> None:
    _run(page, BROKEN)


def _typed(page: Page) -> None:
    page.locator("#homepage").fill("our home page")
    page.locator("#q-homepage .wrong").wait_for()


def _faulty(page: Page) -> None:
    page.locator("#homepage").fill("our home page")
    page.locator("#contact").fill("somebody")
    page.get_by_role("button", name="Send the answers").click()
    page.locator("#faults").wait_for()


def _thanked(page: Page) -> None:
    page.locator("#title").fill("Archive of Inner Ears")
    page.locator("#contact").fill("holder@archive.example")
    page.locator("select[name=accessCondition]").select_option("open")
    page.locator("select[name=unknown-topic]").select_option("not-found")
    page.get_by_label("Cardiac MRI").check()
    page.get_by_label("Chest X-ray").check()
    page.get_by_role("button", name="Send the answers").click()
    page.get_by_role("heading", name="Thank you").wait_for()


def _suggested(page: Page) -> None:
    page.locator("input[name=q]").first.press_sequentially("demen", delay=20)
    page.locator(".suggestions li").first.wait_for()


def _first_proposal(page: Page) -> None:
    page.locator("main table a").first.click()
    page.get_by_role("button", name="Accept and publish").wait_for()


STATES: Final[Mapping[str, tuple[str, Callable[[Page], None]]]] = {
    "sparql-table": ("/sparql", _answer),
    "sparql-chart": ("/sparql", _chart),
    "sparql-error": ("/sparql", _error),
    "register-typed": ("/register", _typed),
    "register-faults": ("/register", _faulty),
    "register-thanks": ("/register", _thanked),
    "home-suggestions": ("/", _suggested),
    "proposals-proposal": ("/register/proposals", _first_proposal),
}
"""States of pages that have no address of their own: what is done to get there."""


def take(url: str, control: ControlClient, folder: Path, names: frozenset[str]) -> None:
    """Pictures of the pages and states with these names, or of all, named ``NAME-WIDTH-SCHEME.png``."""
    visits: dict[str, tuple[str, Callable[[Page], None] | None]] = {name: (path, None) for name, path in PAGES.items()}
    visits |= {**STATES, "proposals": ("/register/proposals", None)}
    control.proposal("submit", answers={"title": ["Archive of Outer Ears"], "contact": ["holder@archive.example"]})
    token = control.create_token("curator", "curate", organisation=None, days=1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 1000})
            for name, (path, act) in visits.items():
                if names and name not in names:
                    continue
                page.goto(url + path, wait_until="networkidle")
                if path.startswith("/register/proposals") and page.locator("#token").count():
                    page.locator("#token").fill(token)
                    page.get_by_role("button", name="Sign in").click()
                if act:
                    act(page)
                _picture(page, folder, name, width)
            page.close()


def _picture(page: Page, folder: Path, name: str, width: int) -> None:
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), HEIGHT)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        clip = {"x": 0, "y": 0, "width": width, "height": height}
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True, clip=clip, timeout=120_000)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")


def _writer(store: str) -> ControlClient:
    while not (found := running(store)):
        time.sleep(0.2)
    return found


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        store = f"oxigraph:{place}/store"
        with serving(store, log=Path(place) / "log", write_rate_limit=0) as service:
            take(service.url, _writer(store), target, frozenset(sys.argv[2:]))
