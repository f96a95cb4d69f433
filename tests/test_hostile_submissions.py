"""Submitted shapes and data cause no request, no hang and no crash: against the running service, with somebody listening."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service import Got, Service, serving
from submissions import CANARY, CRASHES, ENDED, HANGS, NODES, REQUESTS, Attack

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.server

DEADLINE = 1.5
"""Seconds of a judgement here."""
BEHIND = Path("/tmp/fairmap-was-here")  # noqa: S108 - where an attack writes, if it can
FINE = Attack("fine", NODES, "text/turtle", query="?profile=dcat-ap")


class Canary:
    """Listens, and counts who comes."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            self.heard += 1
            connection.close()


@pytest.fixture(scope="module")
def canary() -> Canary:
    made = Canary()
    with closing(socket.create_connection(("127.0.0.1", made.port))):
        time.sleep(0.1)
    assert made.heard == 1, "it hears who comes"
    made.heard = 0
    return made


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("submissions")
    limits = {"judge_deadline": DEADLINE, "judge_memory": 256, "judge_size": 1, "judge_workers": 2, "judge_queue": 2}
    with serving("memory:", log=place / "log", **limits) as running:
        assert send(running, FINE).status == 200
        yield running
        assert send(running, FINE).status == 200
    assert "Traceback" not in (place / "log").read_text()


def send(service: Service, attack: Attack, canary: Canary | None = None) -> Got:
    port = str(canary.port) if canary else "1"
    body = attack.body.encode() if isinstance(attack.body, str) else attack.body
    body = body.replace(CANARY.encode(), CANARY.replace("CANARY", port).encode())
    query = attack.query.replace("CANARY", port)
    if not attack.kind:
        return service.get(f"/validate{query}")
    return service.get(f"/validate{query}", data=body, method="POST", Content_Type=attack.kind)


@pytest.mark.parametrize("attack", [*REQUESTS, *HANGS, *CRASHES], ids=str)
def test_it_ends_in_time_with_a_proper_status_and_sends_nothing(
    service: Service, canary: Canary, attack: Attack
) -> None:
    began = time.monotonic()
    answer = send(service, attack, canary)
    took = time.monotonic() - began
    assert answer.status in attack.statuses, answer.body[:500]
    assert took < DEADLINE + 0.5
    assert canary.heard == 0
    assert not BEHIND.exists()
    if answer.status == ENDED:
        assert answer.headers["Retry-After"]
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]
