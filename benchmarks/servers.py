"""The servers that are compared, each started on private folders and free ports with the same triples, and what memory they use."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from service import free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GRAPH: Final = "urn:benchmark"
PIECE: Final = 200_000  # quads that are loaded into fairmap at once
RDFLIB_MOST: Final = 20_000  # datasets: rdflib parses about 20,000 triples a second and needs about 1 KiB for each
_INI: Final = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 2000000
"""


@dataclass
class Server:
    """A running SPARQL endpoint.

    :ivar fields: what its form needs beside the query.
    """

    name: str
    url: str
    pid: int
    fields: dict[str, str] = field(default_factory=dict)

    def ask(self, query: str) -> Answer:
        """Send a query as a form and read the whole answer."""
        data = urllib.parse.urlencode({"query": query, **self.fields}).encode()
        is_graph = "DESCRIBE" in query or "CONSTRUCT" in query
        accept = "text/turtle" if is_graph else "application/sparql-results+json"
        request = urllib.request.Request(self.url, data=data, headers={"Accept": accept})
        start = time.perf_counter()
        with urllib.request.urlopen(request, timeout=300) as answer:
            first = answer.read(1)
            first_byte = time.perf_counter() - start
            body = first + answer.read()
        return Answer(body, first_byte, time.perf_counter() - start)

    def memory(self) -> float:
        """MiB of all its processes together, shared pages counted once."""
        return sum(map(_pss, _with_children(self.pid))) / 1024


@dataclass(frozen=True)
class Answer:
    """``first_byte`` and ``total`` in seconds."""

    body: bytes
    first_byte: float
    total: float


@contextlib.contextmanager
def fairmap(place: Path, quads: list[pyoxigraph.Quad]) -> Iterator[Server]:
    """fairmap, with each record in its own graph, loaded beside the running service."""
    store = f"oxigraph:{place / 'fairmap'}"
    limits = {"query_deadline": 300, "answer_size": 2048}
    with serving(store, "--empty", "--no-shapes", log=place / "log", wait=300, **limits) as service:
        start = time.perf_counter()
        for number, piece in enumerate(_pieces(quads)):
            file = place / f"{number}.nq"
            file.write_text("".join(f"{quad} .\n" for quad in piece))
            command = [sys.executable, "-m", "fairmap", "load", "--store", store, str(file)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        taken = time.perf_counter() - start
        print(f"fairmap loaded {len(quads):,} quads beside the service in {taken:.1f} s.\n", flush=True)
        yield Server("fairmap", f"{service.url}/sparql", service.process.pid)


def _pieces(quads: list[pyoxigraph.Quad]) -> Iterator[list[pyoxigraph.Quad]]:
    """The quads in pieces, each graph in one."""
    graphs: dict[str, list[pyoxigraph.Quad]] = {}
    for quad in quads:
        graphs.setdefault(str(quad.graph_name), []).append(quad)
    piece: list[pyoxigraph.Quad] = []
    for graph in graphs.values():
        piece += graph
        if len(piece) >= PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


@contextlib.contextmanager
def oxigraph(place: Path, programs: Path, triples: Path) -> Iterator[Server]:
    """The engine's own server, reading only, on disk."""
    store = pyoxigraph.Store(str(place / "engine"))
    store.bulk_load(path=str(triples), format=pyoxigraph.RdfFormat.N_TRIPLES)
    store.optimize()
    store.flush()
    del store
    port = free_port()
    at = ["--location", str(place / "engine"), "--bind", f"127.0.0.1:{port}"]
    command = [str(programs / "oxigraph"), "serve-read-only", *at]
    with _process("oxigraph server", command, f"http://127.0.0.1:{port}/query") as server:
        yield server


@contextlib.contextmanager
def rdflib_endpoint(programs: Path, triples: Path) -> Iterator[Server]:
    """The endpoint of rdflib, in memory."""
    port = free_port()
    at = ["--port", str(port), "--host", "127.0.0.1"]
    command = [str(programs / "rdflib-endpoint"), "serve", *at, str(triples)]
    with _process("rdflib-endpoint", command, f"http://127.0.0.1:{port}/") as server:
        yield server


def has_virtuoso() -> bool:
    """Whether Virtuoso and its SQL client are installed (Debian: ``virtuoso-opensource``)."""
    return all(map(shutil.which, ("virtuoso-t", "isql-vt")))


@contextlib.contextmanager
def virtuoso(place: Path, triples: Path) -> Iterator[Server]:
    """Virtuoso on disk, loaded by its bulk loader."""
    folder = place / "virtuoso"
    folder.mkdir()
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(_INI.format(folder=folder, sql=sql, http=http))
    (folder / "all.nt").hardlink_to(triples)
    command = ["virtuoso-t", "+foreground", "+configfile", str(folder / "virtuoso.ini")]
    with _process("Virtuoso", command, f"http://127.0.0.1:{http}/sparql") as server:
        load = f"ld_dir('{folder}', 'all.nt', '{GRAPH}'); rdf_loader_run(); checkpoint;"
        subprocess.run(["isql-vt", str(sql), "dba", "dba", f"exec={load}"], check=True, stdout=subprocess.DEVNULL)
        server.fields["default-graph-uri"] = GRAPH
        yield server


@contextlib.contextmanager
def _process(name: str, command: list[str], url: str) -> Iterator[Server]:
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = Server(name, url, started.pid)
    try:
        for _ in range(3000):
            with contextlib.suppress(OSError):
                server.ask("ASK {}")
                break
            if started.poll() is not None:
                raise RuntimeError(f"{name} ended with {started.returncode}: {' '.join(command)}")
            time.sleep(0.2)
        yield server
    finally:
        started.terminate()
        started.wait()


def _with_children(pid: int) -> Iterable[int]:
    """The process and all below it. Source: proc(5)."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for parent in found:
        found += [child for child, of in parents.items() if of == parent]
    return found


def _pss(pid: int) -> int:
    """KiB; nothing of a process that is gone."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0
