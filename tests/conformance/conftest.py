"""The service that all cases are run against."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conformance.endpoints import Remote
from service import serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """A service without data, shapes and union graph, with a token that may write everything."""
    folder = tmp_path_factory.mktemp("conformance")
    store = f"oxigraph:{folder / 'store'}"
    with serving(store, "--empty", "--no-shapes", "--no-union", log=folder / "log") as service:
        command = [
            sys.executable,
            "-m",
            "fairmap",
            "--store",
            store,
            "token",
            "create",
            "conformance",
            "--scope",
            "admin",
        ]
        token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        yield Remote(service.url, token)
