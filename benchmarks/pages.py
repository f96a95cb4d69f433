"""Every kind of page at scale: a synthetic catalogue beside the real map, many clients without a pause.

``python benchmarks/pages.py DATASETS [CLIENTS] [STORE] [KIND...]`` prints the table of docs/performance.md. ``STORE`` is a folder in which
the loaded store is kept for the next run. Which record, concept or page is asked for is drawn anew for each request (fixed seed).
Times are the client's: with the wait for a processor, which the clients use, too. The first reading is that of one client right after a
record was published, so nothing that is kept for a state of the map is there yet; the longest of :data:`ROUNDS`.
"""

from __future__ import annotations

import itertools
import multiprocessing
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph
import servers
from load import Server
from synthetic import SEED, WORDS, concepts, datasets

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fairmap.namespaces import CONCEPT, DEFAULT_BASE, SKOS
from fairmap.resources import folder
from service import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from service import Service

SECONDS: Final = 5
ROUNDS: Final = 3
GOAL: Final = 200
"""Milliseconds within which 95 of 100 requests for a page are to be answered."""
_COUNT: Final = re.compile(r'^fairmap_query_seconds_(?:bucket\{le="0\.1"\}|count) (\S+)$', re.MULTILINE)


@dataclass(frozen=True)
class Kind:
    """One kind of page.

    :ivar address: a path, drawn by chance.
    """

    name: str
    address: Callable[[random.Random], str]
    accept: str = "text/html"


def kinds(count: int) -> list[Kind]:
    """All that are measured, for a catalogue of ``count`` datasets."""
    real = sorted(path.name.partition(".")[0] for path in (folder("seeds") / "repository").iterdir())
    schemes = [quad.subject.value for quad in concepts() if quad.predicate.value == f"{SKOS}inScheme"]
    terms = sorted({iri.removeprefix(CONCEPT) for iri in schemes})

    def one(chance: random.Random) -> str:
        return f"dataset/synthetic-{chance.randrange(count)}"

    def several(chance: random.Random) -> str:
        return "&".join(f"record={one(chance)}" for _ in range(3))

    return [
        Kind("home", lambda _: "/"),
        Kind("pictures of the map", lambda _: "/map"),
        Kind("FAIR answers", lambda _: "/fair"),
        Kind("a dataset", lambda chance: f"/{one(chance)}"),
        Kind("a repository of the map", lambda chance: f"/repository/{chance.choice(real)}"),
        Kind("a synthetic repository", lambda chance: f"/repository/synthetic-{chance.randrange(40)}"),
        Kind("the largest repository", lambda _: "/repository/synthetic-0"),
        Kind("an organisation", lambda chance: f"/agent/synthetic-{chance.randrange(200)}"),
        Kind("the widest organisation", lambda _: "/agent/synthetic-0"),
        Kind("a concept", lambda chance: f"/concept/{chance.choice(terms)}"),
        Kind("the concept MRI", lambda _: "/concept/modality/mri"),
        Kind("the concept human", lambda _: "/concept/species/human"),
        Kind(
            "a concept scheme",
            lambda chance: f"/concept/{chance.choice(('modality', 'body-part', 'topic', 'species'))}",
        ),
        Kind("the map's own record", lambda _: "/catalog/imaging-health-data-map"),
        Kind("the source", lambda _: "/source/d31"),
        Kind("three datasets compared", lambda chance: f"/compare?{several(chance)}"),
        Kind("audit of a dataset", lambda chance: f"/audit/{one(chance)}"),
        Kind("audit of a repository", lambda chance: f"/audit/repository/{chance.choice(real)}"),
        Kind("audit of the largest repository", lambda _: "/audit/repository/synthetic-0"),
        Kind("partners", lambda _: "/partners"),
        Kind("questionnaire", lambda _: "/register"),
        Kind("SPARQL", lambda _: "/sparql"),
        Kind("a criterion", lambda _: "/criterion/d31-F1"),
        Kind("search", lambda chance: f"/search?q={chance.choice(WORDS)}&page={chance.randrange(1, 9)}"),
        Kind(
            "suggestions", lambda chance: f"/search/suggest?q={chance.choice(WORDS)[: chance.randrange(2, 5)]}", "*/*"
        ),
        Kind("a dataset, Turtle", lambda chance: f"/{one(chance)}", "text/turtle"),
        Kind("a dataset, DCAT-AP", lambda chance: _export("dcat-ap.ttl", one(chance)), "*/*"),
        Kind("a dataset, schema.org", lambda chance: _export("schema-org.jsonld", one(chance)), "*/*"),
        Kind("links of a dataset", lambda chance: f"/linkset/{one(chance)}", "*/*"),
        Kind("DCAT, 20 records", lambda chance: f"/catalog?size=20&after={chance.randrange(count)}", "*/*"),
        Kind("OAI-PMH, one record", lambda chance: _oai(one(chance)), "*/*"),
    ]


def _export(name: str, record: str) -> str:
    return f"/export/{name}?iri={urllib.parse.quote(DEFAULT_BASE + record, safe='')}"


def _oai(record: str) -> str:
    return f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={urllib.parse.quote(DEFAULT_BASE + record, safe='')}"


@dataclass(frozen=True)
class Got:
    """An answer.

    :ivar seconds: from the request to its last byte; ``size``: compressed.
    """

    path: str
    status: int
    seconds: float
    size: int


def get(connection: HTTPConnection, path: str, accept: str) -> Got:
    """Ask and read the whole answer."""
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept": accept, "Accept-Encoding": "br"})
    answer = connection.getresponse()
    size = len(answer.read())
    return Got(path, answer.status, time.perf_counter() - start, size)


def _ask(port: int, kind: Kind, seed: int, until: float, told: Connection) -> None:
    chance, found = random.Random(seed), []
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        while time.perf_counter() < until:
            found.append(get(connection, kind.address(chance), kind.accept))
    told.send(found)


@dataclass(frozen=True)
class Looked:
    """What the view has answered: look-ups, and those that took more than 0.1 s."""

    all: int
    slow: int

    def __sub__(self, other: Looked) -> Looked:
        return Looked(self.all - other.all, self.slow - other.slow)


def looked(service: Service) -> Looked:
    """So far."""
    quick, every = map(float, _COUNT.findall(service.get("/metrics").body.decode()))
    return Looked(int(every), int(every - quick))


def asked(server: Server, kind: Kind, clients: int, seconds: float) -> list[Got]:
    """What so many clients got."""
    pipes, processes = [], []
    until = time.perf_counter() + seconds
    for number in range(clients):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=_ask, args=(server.port, kind, SEED + number, until, theirs)
        )
        process.start()
        pipes.append(ours)
        processes.append(process)
    found = [got for ours in pipes for got in ours.recv()]
    for process in processes:
        process.join()
    return found


class Publishing:
    """Publishes a record each time."""

    def __init__(self, service: Service) -> None:
        command = [
            sys.executable,
            "-m",
            "fairmap",
            "token",
            "create",
            f"pages-{time.time_ns()}",
            "--scope",
            "curate",
            "--store",
            service.store,
        ]
        self._token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        self._service = service
        self._numbers = itertools.count()

    def __call__(self) -> None:
        """A new dataset, every time another."""
        iri = f"{DEFAULT_BASE}dataset/published-{next(self._numbers)}"
        body = f'<{iri}> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "{time.time()}"@en .'
        place = f"/store?graph={urllib.parse.quote(iri, safe='')}"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "text/turtle"}
        got = self._service.get(place, data=body.encode(), method="PUT", **headers)
        if got.status not in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT}:
            raise RuntimeError(f"a record was not taken: {got.status} {got.body.decode()}")


def first(server: Server, kind: Kind, publish: Callable[[], None]) -> float:
    """Milliseconds of the first reading after a publish, the longest of some."""
    longest = 0.0
    for number in range(ROUNDS):
        publish()
        with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
            longest = max(longest, get(connection, kind.address(random.Random(number)), kind.accept).seconds)
    return longest * 1000


def row(service: Service, server: Server, kind: Kind, clients: int, publish: Callable[[], None]) -> tuple[str, float]:
    """The row of a kind, and its p95 in milliseconds."""
    cold = first(server, kind, publish)
    asked(server, kind, clients, 1)
    before, used = looked(service), server.seconds()
    found = asked(server, kind, clients, SECONDS)
    cost, ups = server.seconds() - used, looked(service) - before
    failed = [got for got in found if got.status != HTTPStatus.OK]
    if failed:
        print(f"{len(failed)} failed, such as {failed[0].path}: {failed[0].status}", file=sys.stderr)
    taken = sorted(got.seconds * 1000 for got in found)
    p95 = taken[int(len(taken) * 0.95)]
    sizes = [got.size for got in found]
    cells = (
        kind.name,
        f"{cold:.0f} ms",
        f"{statistics.median(taken):.0f} ms",
        f"{p95:.0f} ms",
        f"{cost / len(found) * 1000:.1f} ms",
        f"{ups.all / len(found):.1f}",
        f"{ups.slow}",
        f"{len(found) / SECONDS:.0f}",
        f"{statistics.median(sizes) / 1000:.1f} kB",
        f"{len(failed)}",
    )
    return f"| {' | '.join(cells)} |", p95


def _loaded(count: int, store: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        graphs = Path(place) / "all.nq"
        with graphs.open("wb") as file:
            pyoxigraph.serialize(datasets(count), file, format=pyoxigraph.RdfFormat.N_QUADS)
        command = [sys.executable, "-m", "fairmap", "load", "--store", store, str(graphs)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def measure(count: int, clients: int, place: Path, wanted: Sequence[str]) -> Iterator[str]:
    """The rows."""
    store, log = f"oxigraph:{place}/fairmap", place / "log"
    if not (place / "fairmap").exists():
        with serving(store, "--no-shapes", log=log, wait=600):
            _loaded(count, store)
    with serving(store, "--no-shapes", log=log, wait=600) as service:
        server = Server("fairmap", urllib.parse.urlsplit(service.url).port or 0, "/", (service.process.pid,))
        family = servers.Server("fairmap", service.url, service.process.pid)
        publish, most, above = Publishing(service), family.memory(), []
        for kind in kinds(count):
            if wanted and kind.name not in wanted:
                continue
            line, p95 = row(service, server, kind, clients, publish)
            most = max(most, family.memory())
            above += [kind.name] if p95 > GOAL else []
            yield line
    yield f"\nMost memory of all processes together: {most:,.0f} MiB. Above {GOAL} ms: {', '.join(above) or 'none'}."


def main(count: int, clients: int, kept: str, wanted: Sequence[str]) -> None:
    place = Path(kept or tempfile.mkdtemp())
    place.mkdir(parents=True, exist_ok=True)
    print(
        "| page | first reading | median | p95 | CPU for each | look-ups | over 0.1 s | a second | size | failed |\n"
        "|---|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    try:
        for line in measure(count, clients, place, wanted):
            print(line, flush=True)
    finally:
        if not kept:
            shutil.rmtree(place)
    print(f"{count:,} datasets beside the map, {clients} clients, seed {SEED}.")


if __name__ == "__main__":
    main(int(sys.argv[1]), int((sys.argv[2:3] or ["8"])[0]), (sys.argv[3:4] or [""])[0], sys.argv[4:])
