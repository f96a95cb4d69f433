"""Debian's Chromium, axe-core, and a running service with the map."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from browser.visiting import Visit
from conftest import ROOT
from service import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from service import Service

AXE = "axe-core@4.11.4"
_ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def _needed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        if os.environ.get("FAIRMAP_TEST_BROWSER") == "required":
            pytest.fail(f"{program} is missing: .ci/run installs it")
        pytest.skip(f"{program} is missing: apt-get install chromium npm")
    return found


@pytest.fixture(scope="session")
def axe() -> Path:
    """The script of axe-core, taken from the npm registry into an ignored folder once."""
    folder = ROOT / ".browser"
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        folder.mkdir(exist_ok=True)
        command = [_needed("npm"), "install", "--prefix", str(folder), "--no-save", "--ignore-scripts", "--silent", AXE]
        subprocess.run(command, check=True, timeout=120)
    return script


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = _needed("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", _ONLY_HERE])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with the map."""
    with serving("memory:", log=tmp_path_factory.mktemp("browser") / "log") as service:
        yield service


@pytest.fixture
def visit(chromium: Browser, running: Service) -> Iterator[Callable[..., Visit]]:
    """A new tab; its arguments are those of a browser context."""
    with visits(chromium, running.url) as begin:
        yield begin


@contextlib.contextmanager
def visits(chromium: Browser, url: str) -> Iterator[Callable[..., Visit]]:
    """What opens tabs on a service, all of which are closed at the end."""
    contexts = []

    def begin(**settings: Any) -> Visit:
        context = chromium.new_context(**settings)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Visit.begin(context, url)

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The ignored folder for screenshots."""
    folder = ROOT / ".browser" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
