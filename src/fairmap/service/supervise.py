"""The first process of a service: starts the writer and the web processes, stops all when one ends or it is told to."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fairmap.errors import ServiceDown, StoreError, StoreInUse
from fairmap.service.control import ControlClient
from fairmap.service.places import Assignment, places
from fairmap.store import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fairmap.config import Settings

_GRACE: Final = 15.0
"""Seconds that a process gets to end by itself."""


def supervise(settings: Settings, *, load_map: bool, web: str, on_ready: Callable[[], None]) -> int:
    """Run the service until SIGINT or SIGTERM.

    :param web: module that runs the web processes (named, not imported: it lies above this part).
    :param on_ready: called once when the service answers.
    :return: 0 when it was told to stop, 3 when a process ended by itself.
    :raises StoreInUse: when a service or another process has the store.
    :raises StoreError: when the address cannot be listened on.
    """
    _check_port(settings.host, settings.port)
    with _run_folder() as folder:
        found = places(address_of(settings), folder)
        assert found is not None  # noqa: S101 - a folder was given
        _check_alone(settings.store, ControlClient(found.control))
        figures = folder / "figures"
        figures.mkdir()
        environment = Assignment(settings, found, load_map, figures).environment()
        stop = _Stop()
        children = [
            subprocess.Popen([sys.executable, "-m", module], env=environment, stdin=subprocess.DEVNULL, process_group=0)
            for module in ("fairmap.service.writer", web)
        ]
        try:
            return _watch(children, stop, ControlClient(found.control), on_ready)
        finally:
            _end(children)


class _Stop:
    """Whether a signal asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


def _watch(
    children: list[subprocess.Popen[bytes]], stop: _Stop, control: ControlClient, on_ready: Callable[[], None]
) -> int:
    told = False
    while not stop.asked:
        if any(child.poll() is not None for child in children):
            return 3
        if not told:
            with contextlib.suppress(ServiceDown):
                told = bool(control.status()["ready"])
            if told:
                on_ready()
        time.sleep(0.1)
    return 0


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """Web first, so that no request finds half a service; then the writer."""
    for child in reversed(children):
        child.terminate()
        try:
            child.wait(timeout=_GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _check_alone(store: str, control: ControlClient) -> None:
    with contextlib.suppress(ServiceDown):
        pid = control.status()["pid"]
        raise StoreInUse(f"a service (process {pid}) serves this store already", where=store)


def _check_port(host: str, port: int) -> None:
    """Servers that share a port would take each other's requests without a word, so look first."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StoreError(
                f"cannot listen: {error.strerror}",
                where=f"{host}:{port}",
                expected="a free --port and a --host of this machine",
            ) from error


@contextlib.contextmanager
def _run_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fairmap-") as folder:
        yield Path(folder)
