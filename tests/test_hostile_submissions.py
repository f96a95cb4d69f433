"""Submitted shapes and data cause no request, no hang and no crash: against the running service, with somebody listening."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Store

from fairmap.errors import InputError
from fairmap.profiles import judge_by_shapes
from fairmap.rdf import FORMATS, by_name, parse
from fairmap.shacl import Shapes
from fairmap.views.disk import refuse_sockets
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
        until_fine(running)
        yield running
        until_fine(running)
    assert "Traceback" not in (place / "log").read_text()


def until_fine(service: Service) -> None:
    """Judge what is harmless; a machine that is busy with something else gets more chances."""
    assert any(send(service, FINE).status == 200 for _ in range(10))


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
    for _ in range(3):  # a machine that is busy with something else gets more chances
        began = time.monotonic()
        answer = send(service, attack, canary)
        took = time.monotonic() - began
        if took < DEADLINE + 0.5 and answer.status in attack.statuses:
            break
    assert answer.status in attack.statuses, answer.body[:500]
    assert took < DEADLINE + 0.5
    assert canary.heard == 0
    assert not BEHIND.exists()
    if answer.status == ENDED:
        assert answer.headers["Retry-After"]
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]


def test_others_are_answered_while_every_worker_hangs(service: Service) -> None:
    hang = next(attack for attack in HANGS if attack.name == "cartesian_product")
    paths = ("/health", "/repository/tcia", "/sparql?query=ASK%7B%7D", "/validate")
    assert [service.get(path).status for path in paths * 2] == [200] * 8
    told: list[Got] = []
    threads = [threading.Thread(target=lambda: told.append(send(service, hang))) for _ in range(5)]
    for thread in threads:
        thread.start()
    seen = ""
    while any(thread.is_alive() for thread in threads) and "fairmap_judgements_waiting 2.0" not in seen:
        seen += service.get("/metrics").body.decode()
    assert [service.get(path).status for path in paths] == [200] * 4
    assert any(thread.is_alive() for thread in threads), "others were answered meanwhile"
    assert 'fairmap_judge_workers{state="busy"} 2.0' in seen
    assert "fairmap_judgements_waiting 2.0" in seen
    for thread in threads:
        thread.join()
    assert {answer.status for answer in told} == {ENDED}
    reasons = sorted(answer.json()["error"] for answer in told)
    assert reasons[0] == "Busy", "the queue is bounded"
    assert "QueryTimeout" in reasons
    assert all(answer.headers["Retry-After"] for answer in told)


def test_figures_tell_how_judgements_ended(service: Service) -> None:
    figures = service.get("/metrics").body.decode()
    counts = {
        line.split('"')[1]: float(line.split()[-1])
        for line in figures.splitlines()
        if line.startswith("fairmap_judgements_total{")
    }
    assert set(counts) == {"answered", "refused", "timeout", "crashed", "left", "busy"}
    assert counts["answered"] >= 1
    assert counts["refused"] + counts["timeout"] >= 1
    assert 'fairmap_up{part="judge"} 1.0' in figures
    assert "fairmap_judgement_seconds_count" in figures


def test_who_leaves_in_the_middle_of_sending_holds_no_worker(service: Service) -> None:
    host, _, port = service.url.removeprefix("http://").partition(":")
    hang = next(attack for attack in HANGS if attack.name == "cartesian_product")
    assert isinstance(hang.body, str)
    head = (
        f"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: {hang.kind}\r\nContent-Length: {len(hang.body)}\r\n\r\n"
    )
    with closing(socket.create_connection((host, int(port)))) as connection:
        connection.sendall((head + hang.body[: len(hang.body) // 2]).encode())
        time.sleep(0.2)
    until_fine(service)


def test_the_process_comes_back_when_it_was_killed(service: Service) -> None:
    listed = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    killed = [pid for parent in listed for pid in _judging(parent)]
    assert len(killed) == 1
    os.kill(killed[0], signal.SIGKILL)
    until_fine(service)


def _judging(parent: str) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if b"fairmap.judging.main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_worker_sends_nothing_even_when_the_guard_is_passed(canary: Canary) -> None:
    query = f"ASK {{ SERVICE <http://127.0.0.1:{canary.port}/> {{ ?s ?p ?o }} }}"
    pid = os.fork()
    if pid == 0:
        refuse_sockets()
        try:
            Store().query(query)
        except (OSError, RuntimeError):
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert canary.heard == 0


@pytest.mark.parametrize(
    ("name", "limits"),
    [("cartesian_product", ["--deadline", "2"]), ("text_that_doubles", ["--memory", "200", "--deadline", "30"])],
)
def test_the_command_line_ends_too(tmp_path: Path, name: str, limits: list[str]) -> None:
    hang = next(attack for attack in HANGS if attack.name == name)
    sent = json.loads(hang.body)
    (tmp_path / "data.ttl").write_text(sent["data"])
    (tmp_path / "shapes.ttl").write_text(sent["shapes"])
    command = [sys.executable, "-m", "fairmap", "validate", "data.ttl", "--shapes", "shapes.ttl", *limits]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert ("was ended after 2 s" if name == "cartesian_product" else "more memory") in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("attack", [attack for attack in REQUESTS if attack.kind == "application/json"], ids=str)
def test_the_guard_alone_sends_nothing_either(canary: Canary, attack: Attack) -> None:
    assert isinstance(attack.body, str)
    sent = json.loads(attack.body.replace("CANARY", str(canary.port)))
    quads = {name: parse(sent[name].encode(), by_name("turtle", FORMATS)) for name in ("data", "shapes")}
    with contextlib.suppress(InputError):
        judge_by_shapes(quads["data"], Shapes(tuple(quads["shapes"]), ("shapes",)))
    assert canary.heard == 0
