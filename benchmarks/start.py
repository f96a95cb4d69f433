"""Measures what this version promises, as ratios to named peers, interleaved in one run. Prints the table of docs/performance.md.

Run with ``make bench``. Machines are noisy: trust the ratios, which come from the same rounds.
"""

from __future__ import annotations

import itertools
import logging
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph
import pyshacl
import rdflib

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import fairmap
from fairmap.rdf import FORMATS, by_name, parse
from fairmap.resources import folder
from fairmap.shacl import load_shapes
from service import serving

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
MAP = folder("data") / "imaging-health-data-map.trig"
QUERIES = {
    "count": "SELECT (COUNT(DISTINCT ?r) AS ?n) { ?r a <https://w3id.org/fairmap/ns#Repository> }",
    "describe": "DESCRIBE <https://w3id.org/fairmap/repository/tcia>",
    "hierarchy": (Path(__file__).parents[1] / "docs" / "queries" / "holdings_with_mri.rq").read_text(),
    "all triples": "SELECT * { ?s ?p ?o }",
}


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def interleaved(runs: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median seconds of each, one after another in each round."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name].append(seconds(run))
    return {name: statistics.median(values) for name, values in found.items()}


def row(what: str, ours: float, peers: dict[str, float]) -> None:
    ratios = "; ".join(f"{name} {value * 1000:,.1f} ms, ratio {value / ours:.2f}" for name, value in peers.items())
    print(f"| {what} | {ours * 1000:,.1f} ms | {ratios} |", flush=True)


def starts(place: Path) -> None:
    store = f"oxigraph:{place / 'store'}"
    for what in ("first start until ready, map loaded", "next start until ready"):
        begin = time.perf_counter()
        with serving(store, log=place / "log"):
            taken = time.perf_counter() - begin
        print(f"| {what} | {taken:.2f} s | |", flush=True)


def queries(place: Path) -> None:
    raw = pyoxigraph.Store()
    raw.bulk_load(path=str(MAP), format=pyoxigraph.RdfFormat.TRIG)
    slow = rdflib.Dataset(default_union=True)
    slow.parse(MAP, format="trig")
    with serving(f"oxigraph:{place / 'store'}", log=place / "log") as service:
        fresh = itertools.count()
        for name, text in QUERIES.items():

            def over_http(query: str = text, *, again: bool = False) -> None:
                asked = query if again else f"{query} # {next(fresh)}"
                urllib.request.urlopen(f"{service.url}/sparql?" + urllib.parse.urlencode({"query": asked})).read()

            def in_process(query: str = text) -> None:
                found = raw.query(query, use_default_graph_as_union=True)
                if isinstance(found, pyoxigraph.QueryTriples):
                    pyoxigraph.serialize(found, format=pyoxigraph.RdfFormat.TURTLE)
                else:
                    found.serialize(format=pyoxigraph.QueryResultsFormat.JSON)

            measured = interleaved(
                {
                    "fairmap": over_http,
                    "fairmap, asked before": lambda run=over_http: run(again=True),
                    "pyoxigraph in process": in_process,
                    "rdflib in process": lambda query=text: slow.query(query).serialize(),
                }
            )
            row(f"query over HTTP: {name}", measured.pop("fairmap"), measured)


def loading() -> None:
    data = MAP.read_bytes()
    trig = by_name("trig", FORMATS)
    record = (folder("seeds") / "repository" / "tcia.yaml").read_bytes()

    def rdflib_parse() -> None:
        rdflib.Dataset().parse(data=data, format="trig")

    measured = interleaved({"fairmap": lambda: parse(data, trig), "rdflib": rdflib_parse}, 3)
    row("parse the map (TriG)", measured.pop("fairmap"), measured)
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        graph = rdflib.Dataset(default_union=True)
        graph.parse(data=data, format="trig")
        document = fairmap.Document(record, "yamlld", base_iri="https://w3id.org/fairmap/repository/tcia")
        shapes = load_shapes().graph
        whole = rdflib.Graph()
        for subject, predicate, value, _ in graph.quads():
            whole.add((subject, predicate, value))
        print(f"| judge one record beside the map | {seconds(lambda: catalogue.validate(document)) * 1000:,.0f} ms | |")
        measured = interleaved(
            {
                "fairmap": catalogue.validate,
                "pySHACL": lambda: pyshacl.validate(whole, shacl_graph=shapes, inplace=True),
            },
            1,
        )
        row("judge the whole map", measured.pop("fairmap"), measured)
        measured = interleaved({"fairmap": catalogue.export, "rdflib": lambda: graph.serialize(format="trig")}, 3)
        row("export the map (TriG, canonical order)", measured.pop("fairmap"), measured)


def main() -> None:
    logging.disable(logging.WARNING)
    print("| what | fairmap | peers in the same rounds |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder_name:
        place = Path(folder_name)
        starts(place)
        queries(place)
        loading()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    print(
        f"\n{cpu} cores, Python {sys.version.split()[0]}, pyoxigraph {pyoxigraph.__version__}, rdflib {rdflib.__version__}, "
        f"pySHACL {pyshacl.__version__}; peak of this process {peak:,.0f} MiB."
    )


if __name__ == "__main__":
    main()
