"""Many clients at once: small queries, asked again, never seen before, and beside a hostile one; fairmap and its peers.

``python benchmarks/load.py BIN DATASETS [CLIENTS]`` prints the table of docs/performance.md. ``BIN`` holds ``oxigraph`` (the engine's own
server) and ``rdflib-endpoint``, both from PyPI; the latter takes part where rdflib can hold the data.
The clients are processes with one kept connection each, so that they are not what limits.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph
from servers import RDFLIB_MOST, rdflib_endpoint
from synthetic import SEED, WORDS, concepts, datasets

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from service import free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

ROUNDS: Final = 3
SECONDS: Final = 1.5
SEEDS: Final = 60
WORKERS: Final = 4
DEADLINE: Final = 5
PREFIXES: Final = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX fm: <https://w3id.org/fairmap/ns#>
"""
ONE: Final = "<https://w3id.org/fairmap/dataset/synthetic-{}>"
SMALL: Final = (
    "SELECT ?p ?o { ONE ?p ?o }",
    "DESCRIBE ONE",
    "CONSTRUCT { ONE dct:title ?t ; dct:publisher ?p } WHERE { ONE dct:title ?t ; dct:publisher ?p }",
    "ASK { ONE a dcat:Dataset ; dct:title ?t }",
    "SELECT ?d ?t ?m { VALUES ?d { MANY } ?d dct:title ?t ; fm:modality ?m }",
    "SELECT ?d ?t { ?d dcat:keyword 'WORD' ; dct:title ?t } LIMIT 20",
)
LARGE: Final = f"{PREFIXES}SELECT ?d ?p ?o {{ ?d a dcat:Dataset ; ?p ?o }} LIMIT 100000"
HOSTILE: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
_TICK: Final = os.sysconf("SC_CLK_TCK")


def small(seed: int) -> list[str]:
    """The small mix for one of :data:`SEEDS` seeds."""
    many = " ".join(ONE.format(seed * 50 + n) for n in range(50))
    places = {"ONE": ONE.format(seed * 7), "MANY": many, "WORD": WORDS[seed % len(WORDS)]}
    texts = []
    for query in SMALL:
        text = query
        for name, value in places.items():
            text = text.replace(name, value)
        texts.append(PREFIXES + text)
    return texts


MIX: Final = [query for seed in range(SEEDS) for query in small(seed)]


@dataclass(frozen=True)
class Server:
    """Where a server listens, and its processes."""

    name: str
    port: int
    path: str
    processes: tuple[int, ...]

    def seconds(self) -> float:
        """CPU seconds that its processes and their children, also those that ended, have used."""
        return sum(_cpu(pid) for pid in _family(self.processes))


def _family(roots: tuple[int, ...]) -> set[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _cpu(pid: int) -> float:
    """Source: proc(5), fields 14 to 17 of stat: user and system time, own and that of children waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICK


def request(server: Server, query: str) -> bytes:
    """A whole HTTP request."""
    body = query.encode()
    accept = "text/turtle" if "DESCRIBE" in query or "CONSTRUCT" in query else "application/sparql-results+json"
    head = (
        f"POST {server.path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept: {accept}\r\n"
        f"Content-Type: application/sparql-query\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Client:
    """One kept connection."""

    def __init__(self, server: Server) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, message: bytes) -> int:
        """The status of the answer; all of it is read."""
        self._socket.sendall(message)
        data = self._receive()
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._receive()
        head = data[:end].lower()
        at = head.find(b"content-length:")
        if at < 0:
            while not data.endswith(b"\r\n0\r\n\r\n"):
                data += self._receive()
        else:
            missing = end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0]) - len(data)
            while missing > 0:
                missing -= len(self._receive())
        return int(head[9:12])

    def _receive(self) -> bytes:
        data = self._socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


@dataclass
class Load:
    """What some clients got in one round."""

    taken: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Requests answered in a second."""
        return len(self.taken) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        return sorted(self.taken)[int(len(self.taken) * share)] * 1000


def _ask_on(server: Server, messages: list[bytes], until: float, told: Connection) -> None:
    client, taken, failed = Client(server), [], 0
    for message in itertools.cycle(messages):
        start = time.perf_counter()
        if start > until:
            break
        if client.send(message) == 200:  # noqa: PLR2004 - OK
            taken.append(time.perf_counter() - start)
        else:
            failed += 1
    told.send((taken, failed))


_comments = itertools.count()


def load(server: Server, clients: int, *, fresh: bool, seconds: float = SECONDS) -> Load:
    """The small mix sent by ``clients`` processes; ``fresh``: each query differs from all before by a comment."""
    found, pipes, processes = Load(), [], []
    shares = []
    for number in range(clients):
        mix = MIX[number * len(MIX) // clients :] + MIX[: number * len(MIX) // clients]
        if fresh:
            mix = [f"{query} # {next(_comments)}" for _ in range(max(1, int(seconds * 8))) for query in mix]
        shares.append([request(server, query) for query in mix])
    start = time.perf_counter() + 0.2
    for messages in shares:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=_ask_on, args=(server, messages, start + seconds, theirs)
        )
        process.start()
        pipes.append(ours)
        processes.append(process)
    for ours, process in zip(pipes, processes, strict=True):
        taken, failed = ours.recv()
        found.taken += taken
        found.failed += failed
        process.join()
    found.seconds = seconds + 0.2
    return found


@contextlib.contextmanager
def hostile(server: Server) -> Iterator[None]:
    """A query without an end, always running, sent anew whenever the server ended it."""
    stop = threading.Event()

    def attack() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                Client(server).send(request(server, f"{HOSTILE} # {next(_comments)}"))

    attacker = threading.Thread(target=attack, daemon=True)
    attacker.start()
    try:
        time.sleep(1.0)
        yield
    finally:
        stop.set()


def first_byte(server: Server) -> tuple[float, float]:
    """Milliseconds to the first and to the last byte of 100,000 rows."""
    message = request(server, f"{LARGE} # {next(_comments)}")
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        start = time.perf_counter()
        connection.sendall(message)
        data = connection.recv(1 << 16)
        first = time.perf_counter() - start
        if not data.startswith(b"HTTP/1.1 200 "):
            raise ConnectionError(data.decode(errors="replace"))
        while not data.endswith(b"\r\n0\r\n\r\n"):
            more = connection.recv(1 << 20)
            if not more:
                raise ConnectionError("the answer broke off")
            data = data[-8:] + more
        return first * 1000, (time.perf_counter() - start) * 1000


def raw(triples: Path) -> float:
    """CPU milliseconds of the engine in this process for a query of the small mix, the graph in memory."""
    store = pyoxigraph.Store()
    store.bulk_load(path=str(triples), format=pyoxigraph.RdfFormat.N_TRIPLES)
    for _ in range(2):
        start = time.process_time()
        for query in MIX:
            found = store.query(query)
            if isinstance(found, pyoxigraph.QueryTriples):
                pyoxigraph.serialize(found, io.BytesIO(), format=pyoxigraph.RdfFormat.TURTLE)
            else:
                found.serialize(io.BytesIO(), format=pyoxigraph.QueryResultsFormat.JSON)
    return (time.process_time() - start) / len(MIX) * 1000


@contextlib.contextmanager
def servers(place: Path, peers: Path, count: int) -> Iterator[tuple[Server, ...]]:
    """The servers, fairmap first, each with the same triples."""
    quads = [*concepts(), *datasets(count)]
    triples, graphs = place / "all.nt", place / "all.nq"
    with triples.open("wb") as file:
        pyoxigraph.serialize((quad.triple for quad in quads), file, format=pyoxigraph.RdfFormat.N_TRIPLES)
    with graphs.open("wb") as file:
        pyoxigraph.serialize(quads, file, format=pyoxigraph.RdfFormat.N_QUADS)
    engine = str(place / "engine")
    pyoxigraph.Store(engine).bulk_load(path=str(triples), format=pyoxigraph.RdfFormat.N_TRIPLES)
    store, port = f"oxigraph:{place / 'fairmap'}", free_port()
    flags = ("--empty", "--no-shapes")
    with serving(store, *flags, log=place / "log", wait=300, query_workers=WORKERS, query_deadline=DEADLINE) as service:
        command = [sys.executable, "-m", "fairmap", "load", "--store", store, str(graphs)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        command = [str(peers / "oxigraph"), "serve-read-only", "--location", engine, "--bind", f"127.0.0.1:{port}"]
        peer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            ours = Server("fairmap", urllib.parse.urlsplit(service.url).port or 0, "/sparql", (service.process.pid,))
            theirs = Server("oxigraph server", port, "/query", (peer.pid,))
            _wait_for(theirs)
            with contextlib.ExitStack() as stack:
                found = [ours, theirs]
                if count <= RDFLIB_MOST:
                    rdflib = stack.enter_context(rdflib_endpoint(peers, triples))
                    found.append(Server(rdflib.name, urllib.parse.urlsplit(rdflib.url).port or 0, "/", (rdflib.pid,)))
                yield tuple(found)
        finally:
            peer.terminate()
            peer.wait()


def _wait_for(server: Server) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError):
            Client(server).send(request(server, "ASK {}"))
            return
        time.sleep(0.1)
    raise TimeoutError("the engine's server does not answer")


@dataclass(frozen=True)
class Comparison:
    """Medians of rounds.

    :ivar rate: requests a second that fairmap answered.
    :ivar cost: CPU milliseconds of fairmap for a request.
    :ivar failed: requests that a server, fairmap or a peer, did not answer.
    :ivar ratios: rate of fairmap divided by that of a peer, by the peer's name.
    """

    rate: float
    cost: float
    failed: int
    ratios: dict[str, float]


def compare(ours: Server, peers: Sequence[Server], clients: int, *, fresh: bool) -> Comparison:
    """All servers in turn, round after round."""
    rates, costs, failed = [], [], 0
    ratios: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for _ in range(ROUNDS):
        before = ours.seconds()
        mine = load(ours, clients, fresh=fresh)
        costs.append((ours.seconds() - before) * 1000 / len(mine.taken))
        rates.append(mine.rate)
        failed += mine.failed
        for peer in peers:
            theirs = load(peer, clients, fresh=fresh)
            ratios[peer.name].append(mine.rate / theirs.rate)
            failed += theirs.failed
    medians = {name: statistics.median(found) for name, found in ratios.items()}
    return Comparison(statistics.median(rates), statistics.median(costs), failed, medians)


def beside_hostile(ours: Server, clients: int) -> list[tuple[float, float, float, float]]:
    """p50 and p95 in milliseconds without and with a hostile query, one row for each round."""
    rows = []
    for _ in range(ROUNDS):
        calm = load(ours, clients, fresh=True)
        with hostile(ours):
            stormy = load(ours, clients, fresh=True)
        rows.append((calm.percentile(0.5), calm.percentile(0.95), stormy.percentile(0.5), stormy.percentile(0.95)))
        time.sleep(DEADLINE)  # until the last hostile query has reached its deadline
    return rows


def main() -> None:
    peers, count = Path(sys.argv[1]), int(sys.argv[2])
    clients = int(sys.argv[3]) if len(sys.argv) > 3 else 8  # noqa: PLR2004 - the third argument
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder), peers, count) as (ours, *others):
        engine = raw(Path(folder) / "all.nt")
        print(f"| {count:,} datasets, {clients} clients, small mix | measured |\n|---|---|", flush=True)
        for fresh, name in ((False, "asked again"), (True, "never seen before")):
            found = compare(ours, others, clients, fresh=fresh)
            ratios = ", ".join(f"{ratio:.2f} of the {peer}" for peer, ratio in found.ratios.items())
            print(f"| {name}: requests a second | {found.rate:,.0f}; {ratios}; {found.failed} failed |")
            print(
                f"| {name}: CPU of all processes for a request | {found.cost:.2f} ms; the engine in process {engine:.2f} ms |",
                flush=True,
            )
        for number in range(3):
            first, last = first_byte(ours)
            print(
                f"| 100,000 rows, time {number + 1}: first byte, last byte | {first:.0f} ms, {last:.0f} ms |",
                flush=True,
            )
        calm, calm95, stormy, stormy95 = map(statistics.median, zip(*beside_hostile(ours, clients), strict=True))
        print(f"| p50, p95 of normal queries | {calm:.1f} ms, {calm95:.1f} ms |")
        print(f"| the same beside a hostile query | {stormy:.1f} ms, {stormy95:.1f} ms |")
    print(f"\nMedians of {ROUNDS} interleaved rounds of {SECONDS} s; seed {SEED}.")


if __name__ == "__main__":
    main()
