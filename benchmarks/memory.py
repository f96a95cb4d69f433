"""Memory of the whole service, process by process, while a synthetic catalogue is loaded beside it and records are published.

``python benchmarks/memory.py [DATASETS]`` prints the table of docs/performance.md: proportional set sizes (PSS), which count a shared
page once. The limit is :data:`LIMIT` for all processes together; the exit code is 1 beyond it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import pyoxigraph
from synthetic import concepts, datasets

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from service import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service import Service

LIMIT: Final = 4096
PUBLISHED: Final = 50
PARTS: Final = {
    "fairmap.service.writer": "writer",
    "fairmap.views.main": "view and query workers",
    "granian": "web",
    "web.serve": "web",
}
ASKED: Final = (
    "SELECT (COUNT(?d) AS ?n) { ?d a <http://www.w3.org/ns/dcat#Dataset> }",
    "DESCRIBE <https://w3id.org/fairmap/dataset/synthetic-7>",
)


class Peak:
    """The largest sum of PSS over the process tree of ``pid``, and what each part had then; sampled until the ``with`` ends."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.parts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            now: Counter[str] = Counter()
            for pid in tree(self._pid):
                now[part(pid)] += pss(pid)
            if now.total() > self.parts.total():
                self.parts = now
            if self._over.wait(0.2):
                return


def tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from tree(int(child))


def part(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return "ended"
    return next((name for sign, name in PARTS.items() if sign in command), "supervisor and others")


def pss(pid: int) -> float:
    """MiB; 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


def run(store: str, *arguments: object) -> str:
    command = [sys.executable, "-m", "fairmap", "--store", store, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def publish(service: Service, stop: threading.Event, seconds: list[float]) -> None:
    token = "Bearer " + run(service.store, "token", "create", "curator", "--scope", "curate").strip()
    for number in range(PUBLISHED):
        iri = f"https://w3id.org/fairmap/dataset/synthetic-{number}"
        body = f'<{iri}> <http://purl.org/dc/terms/title> "Published {number}" .'.encode()
        at = "/store?" + urllib.parse.urlencode({"graph": iri})
        start = time.perf_counter()
        got = service.get(at, data=body, method="PUT", Content_Type="text/turtle", Authorization=token)
        seconds.append(time.perf_counter() - start)
        if got.status not in {HTTPStatus.CREATED, HTTPStatus.NO_CONTENT}:
            raise SystemExit(f"{iri}: {got.status} {got.body.decode()}")
    stop.set()


def ask(service: Service, stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        for query in ASKED:
            service.get("/sparql?" + urllib.parse.urlencode({"query": f"{query} # {number}"}))


def row(what: str, peak: Peak, said: str) -> None:
    parts = ", ".join(f"{name} {size:,.0f}" for name, size in sorted(peak.parts.items()) if size >= 1)
    print(f"| {what} | {peak.parts.total():,.0f} MiB | {parts} | {said} |", flush=True)


def measure(count: int, place: Path) -> float:
    quads = place / "all.nq"
    with quads.open("wb") as file:
        pyoxigraph.serialize(chain(concepts(), datasets(count)), file, format=pyoxigraph.RdfFormat.N_QUADS)
    peaks = []
    store = f"oxigraph:{place / 'store'}"
    with serving(store, "--empty", "--no-shapes", log=place / "log", wait=300) as service:
        pid = service.process.pid
        with Peak(pid) as peak:
            start = time.perf_counter()
            run(store, "load", quads)
            taken = time.perf_counter() - start
        row("while it is loaded beside the service", peak, f"{taken:.0f} s")
        peaks.append(peak)
    start = time.perf_counter()
    with serving(store, "--no-shapes", "--empty", log=place / "log", wait=300) as service:
        taken = time.perf_counter() - start
        pid = service.process.pid
        with Peak(pid) as peak:
            time.sleep(1)
        row("at rest after a start", peak, f"ready in {taken:.0f} s")
        peaks.append(peak)
        seconds: list[float] = []
        stop = threading.Event()
        with Peak(pid) as peak:
            readers = [threading.Thread(target=ask, args=(service, stop)) for _ in range(4)]
            for reader in readers:
                reader.start()
            publish(service, stop, seconds)
            for reader in readers:
                reader.join()
        median = sorted(seconds)[len(seconds) // 2] * 1000
        row(f"{PUBLISHED} records published while 4 clients ask", peak, f"median {median:.0f} ms a record")
        peaks.append(peak)
    return max(peak.parts.total() for peak in peaks)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"| {count:,} datasets | all processes | of which (MiB) | time |\n|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        most = measure(count, Path(folder))
    print(f"\nPeak {most:,.0f} MiB of {LIMIT:,} MiB.")
    return 0 if most <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
