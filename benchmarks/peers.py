"""The queries that users send, on a synthetic catalogue, over HTTP: fairmap beside its peers, interleaved in one run.

``python benchmarks/peers.py BIN DATASETS`` prints the table of docs/performance.md. ``BIN`` holds the peers' programs: ``oxigraph``
(the engine's own server) and ``rdflib-endpoint``, both from PyPI. Virtuoso takes part where Debian's ``virtuoso-opensource`` is installed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import statistics
import sys
import tempfile
import time
import urllib.error
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph
import servers
from catalogue_queries import LARGE, QUERIES, TEXT, text_of
from synthetic import SEED, concepts, datasets

if TYPE_CHECKING:
    from servers import Answer, Server

ROUNDS: Final = 5
ENGINE: Final = "pyoxigraph in process"
AGAIN: Final = "asked again"
WARM_UP: Final = 30
"""Look-ups of each server before the first that counts: right after the load, fairmap's workers copy what they read."""


class Run:
    """All queries asked of all servers."""

    def __init__(self, running: list[Server], engine: pyoxigraph.Store) -> None:
        self._servers = running
        self._engine = engine
        self._numbers = itertools.count()
        self.peak: dict[str, float] = defaultdict(float)

    def rows(self) -> None:
        """Measure and print, one row for each query."""
        columns = ["fairmap", AGAIN, *(server.name for server in self._servers[1:]), ENGINE]
        print(f"| query | {' | '.join(columns)} |\n" + "|---" * (len(columns) + 1) + "|", flush=True)
        for server, _ in itertools.product(self._servers, range(WARM_UP)):
            server.ask(text_of(QUERIES["look-up"], next(self._numbers)))
        for name, body in {**QUERIES, "text": ""}.items():
            totals, first_bytes = self._measure(name, body)
            _print_row(name, columns, totals)
            if name == LARGE:
                _print_row(f"{name}, first byte", columns, first_bytes)

    def _measure(self, name: str, body: str) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
        totals: dict[str, list[float]] = defaultdict(list)
        first_bytes: dict[str, list[float]] = defaultdict(list)
        for _ in range(ROUNDS):
            number = next(self._numbers)
            sizes = {}
            for server in self._servers:
                query = text_of(body or TEXT.get(server.name, QUERIES["contains"]), number)
                answer = _asked(server, query)
                if answer is None:
                    continue
                totals[server.name].append(answer.total)
                first_bytes[server.name].append(answer.first_byte)
                sizes[server.name] = _size(answer.body)
                if server is self._servers[0]:
                    again = server.ask(query)
                    totals[AGAIN].append(again.total)
                    first_bytes[AGAIN].append(again.first_byte)
            if body:
                totals[ENGINE].append(self._in_process(text_of(body, number)))
            if body:
                self._compare(name, sizes)
        for server in self._servers:
            self.peak[server.name] = max(self.peak[server.name], server.memory())
        return totals, first_bytes

    def _compare(self, name: str, sizes: dict[str, Any]) -> None:
        """Servers that answer something else are no peers for that query."""
        ours = sizes[self._servers[0].name]
        for server, size in sizes.items():
            if size != ours:
                print(f"{name}: {server} answers {size}, fairmap {ours}", file=sys.stderr)

    def _in_process(self, query: str) -> float:
        start = time.perf_counter()
        found = self._engine.query(query)
        if isinstance(found, pyoxigraph.QueryTriples):
            pyoxigraph.serialize(found, format=pyoxigraph.RdfFormat.TURTLE)
        else:
            found.serialize(format=pyoxigraph.QueryResultsFormat.JSON)
        return time.perf_counter() - start


def _asked(server: Server, query: str) -> Answer | None:
    """The answer, ``None``: the server gave an error or ran out of time; that is told."""
    try:
        return server.ask(query)
    except (urllib.error.HTTPError, TimeoutError) as error:
        print(f"{server.name}: {error} for {query.splitlines()[-1]}", file=sys.stderr)
        return None


def _size(body: bytes) -> Any:
    """What must be the same everywhere: the number of rows and a count; nothing of graphs, whose DESCRIBE is each server's own."""
    if not body.lstrip().startswith(b"{"):
        return None
    rows = json.loads(body)["results"]["bindings"]
    counts = [row["n"]["value"] for row in rows if set(row) == {"n"}]
    return len(rows), counts


def _print_row(name: str, columns: list[str], taken: dict[str, list[float]]) -> None:
    """Milliseconds of fairmap; the others as ratios to it."""
    medians = {column: statistics.median(taken[column]) for column in columns if taken[column]}
    ours = medians["fairmap"]
    cells = [f"{medians[column] / ours:.2f}" if column in medians else "-" for column in columns[1:]]
    print(f"| {name} | {ours * 1000:,.1f} ms | {' | '.join(cells)} |", flush=True)


def _write(place: Path, quads: list[pyoxigraph.Quad]) -> Path:
    triples = place / "all.nt"
    with triples.open("wb") as file:
        pyoxigraph.serialize((quad.triple for quad in quads), file, format=pyoxigraph.RdfFormat.N_TRIPLES)
    return triples


def _start(stack: contextlib.ExitStack, place: Path, programs: Path, count: int) -> tuple[list[Server], Path]:
    """The servers that can take part, fairmap first; why the others do not is told."""
    quads = [*concepts(), *datasets(count)]
    triples = _write(place, quads)
    print(f"### {count:,} datasets, {len(quads):,} triples\n", flush=True)
    found = [stack.enter_context(servers.fairmap(place, quads))]
    del quads
    found.append(stack.enter_context(servers.oxigraph(place, programs, triples)))
    if servers.has_virtuoso():
        found.append(stack.enter_context(servers.virtuoso(place, triples)))
    else:
        print("Virtuoso is left out: it is not installed here.\n")
    if count <= servers.RDFLIB_MOST:
        found.append(stack.enter_context(servers.rdflib_endpoint(programs, triples)))
    else:
        print("rdflib-endpoint is left out: rdflib takes minutes to parse this and gigabytes to hold it.\n")
    return found, triples


def main() -> None:
    programs, count = Path(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        running, triples = _start(stack, Path(folder), programs, count)
        loaded = {server.name: server.memory() for server in running}
        engine = pyoxigraph.Store()
        engine.bulk_load(path=str(triples), format=pyoxigraph.RdfFormat.N_TRIPLES)
        run = Run(running, engine)
        run.rows()
        print("\n| MiB of all processes (PSS) | " + " | ".join(loaded) + " |\n" + "|---" * (len(loaded) + 1) + "|")
        print("| loaded | " + " | ".join(f"{value:,.0f}" for value in loaded.values()) + " |")
        print("| most, after each query | " + " | ".join(f"{run.peak[name]:,.0f}" for name in loaded) + " |")
    print(
        f"\nMedians of {ROUNDS} rounds, one client; others as ratios to fairmap (above 1: fairmap is faster). Seed {SEED}."
    )


if __name__ == "__main__":
    main()
