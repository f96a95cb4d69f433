"""Search at scale: every request another one, from many clients at once, over HTTP.

``python benchmarks/search.py DATASETS [CLIENTS]`` prints the table of docs/performance.md. Words, facets, orders and pages are drawn
anew for each request (fixed seed), so that no answer is kept from before. The clients ask without a pause, from processes of their own on
the same processors.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph
from load import Client, Server
from pyoxigraph import Store
from synthetic import SEED, WORDS, concepts, datasets

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fairmap.model import Search
from fairmap.search import SearchIndex, find
from service import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

SECONDS: Final = 15
NAMES: Final = (
    "MRI",
    "brain",
    "PET",
    "Alzheimer",
    "dementia",
    "cancer",
    "RID10312",
    "heart",
    "X-ray",
    "lung",
    "ultrasound",
    "CT",
)
MISSPELT: Final = ("alzhiemer", "ultrasond", "demetia")
FACETS: Final = {
    "modality": ("mri", "ct", "pet", "ultrasound", "radiography"),
    "body_part": ("brain", "heart", "lung", "knee", "liver"),
    "topic": ("cancer", "dementia", "stroke", "disease"),
    "access": ("open", "controlled", "application"),
    "kind": ("dataset", "repository"),
    "has_doi": ("true", "false"),
}


def addresses(seed: int) -> Iterator[str]:
    """Fields of searches without end: four in five with words, half with one to three facets."""
    chance = random.Random(seed)
    while True:
        fields = []
        if _happens(chance, 0.03):
            fields.append(("q", chance.choice(MISSPELT)))
        elif _happens(chance, 0.8):
            fields.append(("q", " ".join(chance.sample([*NAMES, *WORDS], chance.choice((1, 1, 2, 3))))))
        if _happens(chance, 0.5):
            names = chance.sample(sorted(FACETS), chance.choice((1, 1, 2, 3)))
            fields += [(name, chance.choice(FACETS[name])) for name in names]
        if _happens(chance, 0.2):
            fields.append(("sort", chance.choice(("title", "newest", "people"))))
        if _happens(chance, 0.2):
            fields.append(("page", str(chance.randrange(2, 6))))
        yield urllib.parse.urlencode(fields)


def _happens(chance: random.Random, share: float) -> bool:
    return chance.random() < share


def _ask(server: Server, seed: int, kind: str, until: float, told: Connection) -> None:
    client, taken, failed = Client(server), [], 0
    for fields in addresses(seed):
        head = f"GET /search?{fields} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept: {kind}\r\n\r\n"
        start = time.perf_counter()
        if start > until:
            break
        if client.send(head.encode()) == HTTPStatus.OK:
            taken.append(time.perf_counter() - start)
        else:
            failed += 1
    told.send((taken, failed))


def measure(server: Server, clients: int, kind: str, seconds: float = SECONDS) -> str:
    """A row: requests a second, medians and p95 of what a request took, CPU for each."""
    pipes, processes = [], []
    until, before = time.perf_counter() + seconds, server.seconds()
    for number in range(clients):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=_ask, args=(server, SEED + number, kind, until, theirs)
        )
        process.start()
        pipes.append(ours)
        processes.append(process)
    taken, failed = [], 0
    for ours, process in zip(pipes, processes, strict=True):
        times, wrong = ours.recv()
        taken += times
        failed += wrong
        process.join()
    cost = (server.seconds() - before) / max(1, len(taken)) * 1000
    taken.sort()
    p95 = taken[int(len(taken) * 0.95)] * 1000
    median = statistics.median(taken) * 1000
    name = f"{kind.rpartition('/')[2]}, {clients} client{'s' if clients > 1 else ''}"
    return f"| {name} | {len(taken) / seconds:.0f} | {median:.1f} ms | {p95:.1f} ms | {cost:.1f} ms | {failed} |"


def in_process(count: int) -> None:
    """The index, without HTTP."""
    store, index = Store(), SearchIndex()
    store.bulk_extend(concepts())
    store.bulk_extend(datasets(count))
    size, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    index.follow(store)
    took, grown = time.process_time() - start, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - size) >> 10
    print(f"| index made, with that for full text | {took:.1f} s CPU, {grown} MiB |")
    changed = ["https://w3id.org/fairmap/dataset/synthetic-7"]
    print(
        f"| one record changed | {statistics.median(_cpu(lambda: index.follow(store, changed)) for _ in range(15)):.1f} ms |"
    )
    for text in ("", "lung", "MRI", "brain MRI", "Alzheimer", "alzhiemer"):
        times = [_cpu(lambda t=text: find(index, store, Search(t))) for _ in range(15)]
        print(f"| page and all facets for `{text}` | {statistics.median(times):.1f} ms |")


def _cpu(run: object) -> float:
    start = time.process_time()
    run()  # type: ignore[operator]
    return (time.process_time() - start) * 1000


def main(count: int, clients: int = 8) -> None:
    in_process(count)
    with tempfile.TemporaryDirectory() as place:
        graphs = Path(place) / "all.nq"
        with graphs.open("wb") as file:
            pyoxigraph.serialize([*concepts(), *datasets(count)], file, format=pyoxigraph.RdfFormat.N_QUADS)
        store = f"oxigraph:{place}/fairmap"
        with serving(store, "--empty", "--no-shapes", log=Path(place) / "log", wait=600) as service:
            command = [sys.executable, "-m", "fairmap", "load", "--store", store, str(graphs)]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
            server = Server("fairmap", urllib.parse.urlsplit(service.url).port or 0, "/search", (service.process.pid,))
            measure(server, clients, "application/json", 3)
            print("\n| | requests a second | median | p95 | CPU for each | failed |\n|---|---|---|---|---|---|")
            for number in (1, clients):
                for kind in ("application/json", "text/html"):
                    print(measure(server, number, kind))
    print(f"\n{count:,} datasets, seed {SEED}.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
