"""Pictures of every page, to be looked at: ``make screens`` writes them outside the checkout, at three widths, light and dark."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from playwright.sync_api import sync_playwright

from browser.pages import ANSWERS, BROKEN, PAGES
from service import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.sync_api import Page

WIDTHS: Final = (390, 1280, 1920)
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


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


def _faulty(page: Page) -> None:
    page.locator("#homepage").fill("our home page")
    page.locator("#contact").fill("somebody")
    page.get_by_role("button", name="Send the answers").click()
    page.locator("#faults").wait_for()


def _suggested(page: Page) -> None:
    page.locator("input[name=q]").first.press_sequentially("demen", delay=20)
    page.locator(".suggestions li").first.wait_for()


STATES: Final[Mapping[str, tuple[str, Callable[[Page], None]]]] = {
    "sparql-table": ("/sparql", _answer),
    "sparql-chart": ("/sparql", _chart),
    "sparql-error": ("/sparql", _error),
    "register-faults": ("/register", _faulty),
    "home-suggestions": ("/", _suggested),
}
"""States of pages that have no address of their own: what is done to get there."""


def take(url: str, folder: Path, names: frozenset[str]) -> None:
    """Pictures of the pages and states with these names, or of all, named ``NAME-WIDTH-SCHEME.png``."""
    visits: dict[str, tuple[str, Callable[[Page], None] | None]] = {name: (path, None) for name, path in PAGES.items()}
    visits |= STATES
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 1000})
            for name, (path, act) in visits.items():
                if names and name not in names:
                    continue
                page.goto(url + path, wait_until="networkidle")
                if act:
                    act(page)
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
            page.close()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as logs, serving("memory:", log=Path(logs) / "log") as service:
        take(service.url, target, frozenset(sys.argv[2:]))
