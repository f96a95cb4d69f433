"""Many clients at once: fairmap beside the engine's own server, with small queries asked again, never seen before, and beside a hostile one.

``python benchmarks/load.py BIN DATASETS [CLIENTS]`` prints the table of docs/performance.md. ``BIN`` holds ``oxigraph`` (from PyPI).
The clients are processes with one kept connection each, so that they are not what limits.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from synthetic import WORDS

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))


ROUNDS: Final = 5
SECONDS: Final = 1.5
SEEDS: Final = 60
WORKERS: Final = 4
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
LARGE: Final = "SELECT ?d ?p ?o { ?d a dcat:Dataset ; ?p ?o } LIMIT 100000"
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


def _ask_on(server: Server, messages: list[bytes], until: float, told: multiprocessing.connection.Connection) -> None:
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
