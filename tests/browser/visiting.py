"""A page as a browser sees it, with what went over the wire and what the browser complained of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page, Request

_RUN: Final = """rules => axe.run({
    resultTypes: ["violations"], selectors: false, ...(rules.length ? { runOnly: { type: "rule", values: rules } } : {}),
}).then(found => found.violations)"""
"""Without CSS selectors for elements, which take most of the time on long pages."""


@dataclass
class Visit:
    """One tab.

    :ivar url: of the service.
    :ivar complaints: errors and warnings of the console, and errors that no script caught.
    :ivar requests: all that the tab asked for.
    """

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    @classmethod
    def begin(cls, context: BrowserContext, url: str) -> Visit:
        """A new tab, listened to from the beginning."""
        visit = cls(context.new_page(), url)
        visit.page.on("console", lambda said: visit.note(said.type, said.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("request", lambda request: visit.requests.append(request))  # noqa: PLW0108 - a method of a list takes no mark
        return visit

    def note(self, kind: str, text: str) -> None:
        """Keep what the console says, but for the status of a page that is refused or missing on purpose."""
        if kind in {"error", "warning"} and " 404 (" not in text and " 400 (" not in text:
            self.complaints.append(text)

    def open(self, path: str, *, settled: bool = False) -> Page:
        """The page, when all it names is loaded.

        :param settled: wait until its scripts ask for nothing more, half a second long.
        """
        self.page.goto(self.url + path, wait_until="networkidle" if settled else "load")
        return self.page

    def elsewhere(self) -> list[str]:
        """Addresses on other hosts that were asked."""
        here = urlsplit(self.url).netloc
        asked = [urlsplit(request.url) for request in self.requests]
        return [
            address.geturl() for address in asked if address.scheme not in {"data", "blob"} and address.netloc != here
        ]

    def weight(self) -> int:
        """Bytes of the bodies as they came over the wire."""
        return sum(request.sizes()["responseBodySize"] for request in self.requests if request.response())

    def faults(self, axe: Path, *rules: str) -> list[str]:
        """What axe-core finds, one line for each element.

        :param rules: those that are tried; none: all.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(axe.read_text())
        found: list[dict[str, Any]] = self.page.evaluate(_RUN, rules)
        return [
            f"{fault['id']} ({fault['impact']}) at {node['html']}: {node['failureSummary']}"
            for fault in found
            for node in fault["nodes"]
        ]
