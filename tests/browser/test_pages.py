"""Every page in a real browser: quiet, at home, light, and open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from browser.pages import EDITOR, MOST, MOST_WITH_EDITOR, PAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from browser.visiting import Visit

pytestmark = pytest.mark.server
_RULES: dict[Literal["light", "dark"], tuple[str, ...]] = {
    "light": (),
    "dark": ("color-contrast", "link-in-text-block"),
}
"""In the dark only those that look at colours: all others see the same."""
_WIDTHS = {"phone": 400, "laptop": 1280, "wide": 1920}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_light_and_accessible(
    visit: Callable[..., Visit], axe: Path, pictures: Path, name: str
) -> None:
    tab = visit(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = tab.open(PAGES[name], settled=True)
    weight = tab.weight()
    faults = []
    for scheme, rules in _RULES.items():
        page.emulate_media(color_scheme=scheme)
        faults += [f"in {scheme}: {fault}" for fault in tab.faults(axe, *rules)]
        for width, pixels in _WIDTHS.items():
            page.set_viewport_size({"width": pixels, "height": 1600})
            page.screenshot(path=pictures / f"{name}-{width}-{scheme}.jpeg", type="jpeg", quality=80)
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            faults += [f"{wider} pixels wider than a {width}"] if wider > 0 else []
    assert faults == []
    assert tab.complaints == []
    assert tab.elsewhere() == []
    assert weight <= (MOST_WITH_EDITOR if name in EDITOR else MOST)
