"""A running ``fairmap serve`` for tests."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import Message
    from pathlib import Path


@dataclass(frozen=True)
class Got:
    """An HTTP answer."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Service:
    """Where it is reached, and its first process."""

    url: str
    store: str
    process: subprocess.Popen[str]

    def get(self, path: str, *, data: bytes | None = None, method: str | None = None, **headers: str) -> Got:
        """Ask for ``path``; header names with ``_`` for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=named)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Got(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Got(error.code, error.headers, error.read())


_PORTS = range(15_000, 32_000)
"""Below those that the system gives to connections, which would take a port between the look and the use."""


def free_port() -> int:
    """A port that nobody listens at; by chance, so that tests that run at the same time get different ones."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def serving(store: str, *arguments: str, log: Path, wait: float = 60, **settings: object) -> Iterator[Service]:
    """``fairmap serve`` on a free port, ready to answer; stopped at the end."""
    program = [sys.executable, "-m", "fairmap"]
    settings = {"rate_limit": 0, "write_rate_limit": 0, **settings}
    with started([*program, "serve", *arguments], store, log=log, wait=wait, **settings) as service:
        yield service


@contextlib.contextmanager
def started(
    command: Sequence[str], store: str, *, log: Path, wait: float = 60, **settings: object
) -> Iterator[Service]:
    """What this command serves, on a free port, ready to answer; stopped at the end."""
    port = free_port()
    environment = {**os.environ, **{f"FAIRMAP_{name.upper()}": str(value) for name, value in settings.items()}}
    with log.open("a") as errors:
        process = subprocess.Popen(
            [*command, "--store", store, "--port", str(port)], stderr=errors, text=True, env=environment
        )
    service = Service(f"http://127.0.0.1:{port}", store, process)
    try:
        until_ready(service, wait)
        yield service
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def until_ready(service: Service, wait: float) -> None:
    end = time.monotonic() + wait
    while time.monotonic() < end:
        if service.process.poll() is not None:
            raise AssertionError(f"fairmap serve ended with {service.process.returncode}")
        with contextlib.suppress(OSError):
            if service.get("/ready").status == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"not ready after {wait} s")
