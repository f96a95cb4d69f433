"""The queries that users send, on a synthetic catalogue, over HTTP: fairmap beside its peers, interleaved in one run.

``python benchmarks/peers.py BIN DATASETS`` prints the table of docs/performance.md. ``BIN`` holds the peers' programs: ``oxigraph``
(the engine's own server) and ``rdflib-endpoint``, both from PyPI.
"""

from __future__ import annotations

import contextlib
import itertools
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph
from synthetic import SEED, concepts, datasets

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from service import free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS: Final = 5
PREFIXES: Final = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX fm: <https://w3id.org/fairmap/ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX h: <http://healthdataportal.eu/ns/health#> PREFIX c: <https://w3id.org/fairmap/concept/>
"""
ONE: Final = "<https://w3id.org/fairmap/dataset/synthetic-{}>"
QUERIES: Final = {
    "look-up": "SELECT ?p ?o { ONE ?p ?o }",
    "describe": "DESCRIBE ONE",
    "construct": "CONSTRUCT { ONE dct:title ?t ; dct:publisher ?p } WHERE { ONE dct:title ?t ; dct:publisher ?p }",
    "values join": "SELECT ?d ?t { VALUES ?d { MANY } ?d dct:title ?t ; fm:modality ?m }",
    "listing": "SELECT ?d ?t ?n { ?d a dcat:Dataset ; dct:title ?t OPTIONAL { ?d h:numberOfUniqueIndividuals ?n } } ORDER BY ?t LIMIT 20",
    "facet": "SELECT ?m (COUNT(?d) AS ?n) { ?d a dcat:Dataset ; fm:modality ?m } GROUP BY ?m",
    "counts per repository": "SELECT ?r (COUNT(?d) AS ?n) { ?r dcat:dataset ?d } GROUP BY ?r",
    "hierarchy": "SELECT (COUNT(DISTINCT ?d) AS ?n) { ?d fm:modality/skos:broader* <https://w3id.org/fairmap/concept/modality/mri> }",
    "range": "SELECT (COUNT(?d) AS ?n) { ?d h:numberOfUniqueIndividuals ?n FILTER (?n > 15000) }",
    "contains": "SELECT ?d { ?d dct:title ?t FILTER CONTAINS(?t, 'lung brain') } LIMIT 20",
    "large result": "SELECT ?d ?t ?k { ?d dct:title ?t ; dcat:keyword ?k }",
}


def text_of(name: str, number: int) -> str:
    """The query with other datasets and another comment each time, so that no cache has its answer."""
    many = " ".join(ONE.format(number * 50 + n) for n in range(50))
    body = QUERIES[name].replace("ONE", ONE.format(number * 7)).replace("MANY", many)
    return f"{PREFIXES}{body} # {number}"


def ask(url: str, query: str) -> float:
    data = urllib.parse.urlencode({"query": query}).encode()
    accept = "text/turtle" if "DESCRIBE" in query or "CONSTRUCT" in query else "application/sparql-results+json"
    request = urllib.request.Request(url, data=data, headers={"Accept": accept})
    start = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as answer:
        answer.read()
    return time.perf_counter() - start


@contextlib.contextmanager
def process(command: list[str], url: str) -> Iterator[str]:
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                ask(url, "ASK {}")
                break
            time.sleep(0.2)
        yield url
    finally:
        started.terminate()
        started.wait()


@contextlib.contextmanager
def servers(place: Path, peers: Path, quads: list[pyoxigraph.Quad]) -> Iterator[dict[str, str]]:
    """The addresses of all servers that are installed, each with the same triples."""
    triples = place / "all.nt"
    with triples.open("wb") as file:
        pyoxigraph.serialize((quad.triple for quad in quads), file, format=pyoxigraph.RdfFormat.N_TRIPLES)
    graphs = place / "all.nq"
    with graphs.open("wb") as file:
        pyoxigraph.serialize(quads, file, format=pyoxigraph.RdfFormat.N_QUADS)
    with contextlib.ExitStack() as stack:
        found = {}
        store = f"oxigraph:{place / 'fairmap'}"
        limits = {"query_deadline": 120, "answer_size": 2048}
        service = stack.enter_context(serving(store, "--empty", "--no-shapes", log=place / "log", wait=300, **limits))
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "fairmap", "load", "--store", store, str(graphs)],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        print(
            f"fairmap loaded {len(quads):,} quads beside the service in {time.perf_counter() - start:.1f} s.\n",
            flush=True,
        )
        found["fairmap"] = f"{service.url}/sparql"
        pyoxigraph.Store(str(place / "engine")).bulk_load(path=str(triples), format=pyoxigraph.RdfFormat.N_TRIPLES)
        port = free_port()
        at = ["--location", str(place / "engine"), "--bind", f"127.0.0.1:{port}"]
        command = [str(peers / "oxigraph"), "serve-read-only", *at]
        found["oxigraph server"] = stack.enter_context(process(command, f"http://127.0.0.1:{port}/query"))
        port = free_port()
        command = [str(peers / "rdflib-endpoint"), "serve", "--port", str(port), "--host", "127.0.0.1", str(triples)]
        found["rdflib-endpoint"] = stack.enter_context(process(command, f"http://127.0.0.1:{port}/"))
        yield found


def main() -> None:
    peers, count = Path(sys.argv[1]), int(sys.argv[2])
    quads = [*concepts(), *datasets(count)]
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder), peers, quads) as found:
        columns = ["fairmap", "asked again", *(name for name in found if name != "fairmap")]
        print(f"| {count:,} datasets, {len(quads):,} triples | {' | '.join(columns)} |")
        print("|---" * (len(columns) + 1) + "|", flush=True)
        numbers = itertools.count()
        for name in QUERIES:
            taken: dict[str, list[float]] = {server: [] for server in (*found, "again")}
            for _ in range(ROUNDS):
                query = text_of(name, next(numbers))
                for server, url in found.items():
                    taken[server].append(ask(url, query))
                taken["again"].append(ask(found["fairmap"], query))
            ours = statistics.median(taken["fairmap"])
            cells = [
                f"{statistics.median(taken[server]) / ours:.2f}" for server in ("again", *found) if server != "fairmap"
            ]
            print(f"| {name} | {ours * 1000:,.1f} ms | " + " | ".join(cells) + " |", flush=True)
    print(f"\nMedians of {ROUNDS} rounds, one client; others as ratios to fairmap (above 1: fairmap is faster).")
    print(f"Seed {SEED}; largest process {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:,.0f} MiB.")


if __name__ == "__main__":
    main()
