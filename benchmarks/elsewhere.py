"""The map and a synthetic catalogue on engines elsewhere, beside the embedded store: loading and queries, interleaved.

``python benchmarks/elsewhere.py [DATASETS]``
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tests")]

from synthetic import datasets

import engines
from fairmap.catalogue import Catalogue
from fairmap.config import Settings
from fairmap.namespaces import DCAT, DCT, DEFAULT_BASE, FM, SKOS
from fairmap.publish import stage
from fairmap.sparql import Request, evaluate
from fairmap.store import Level, address_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDS = 7
BATCH = 1000
QUERIES: Mapping[str, str] = {
    "look-up": f"SELECT * {{ <{DEFAULT_BASE}dataset/synthetic-NUMBER> ?p ?o }}",
    "construct": f"CONSTRUCT {{ <{DEFAULT_BASE}dataset/synthetic-NUMBER> ?p ?o }} "
    f"WHERE {{ <{DEFAULT_BASE}dataset/synthetic-NUMBER> ?p ?o }}",
    "facet": f"SELECT ?m (COUNT(?d) AS ?n) {{ ?d a <{DCAT}Dataset> ; <{FM}modality> ?m }} GROUP BY ?m",
    "listing": f"SELECT ?d ?t {{ ?d a <{DCAT}Dataset> ; <{DCT}title> ?t }} ORDER BY ?t LIMIT 50",
    "hierarchy": f"SELECT (COUNT(?d) AS ?n) {{ ?d <{FM}topic>/<{SKOS}broader>* ?c ; a <{DCAT}Dataset> }}",
    "range": f'SELECT (COUNT(?d) AS ?n) {{ ?d <{DCT}issued> ?i FILTER(?i > "2022-01-01"^^'
    "<http://www.w3.org/2001/XMLSchema#date>) }",
    "contains": f'SELECT (COUNT(?d) AS ?n) {{ ?d <{DCT}title> ?t FILTER(CONTAINS(?t, "stroke")) }}',
    "5000 rows": f"SELECT ?d ?t {{ ?d <{DCT}title> ?t }} LIMIT 5000",
}


def main(count: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        opened = {"embedded": stack.enter_context(Catalogue(f"oxigraph:{folder / 'store'}", DEFAULT_BASE))}
        for name in engines.NAMES:
            (folder / name).mkdir()
            engine = stack.enter_context(engines.running(name, folder / name))
            settings = Settings(store=engine.store, state=str(folder / name / "state"), **engine.settings)
            opened[name] = stack.enter_context(Catalogue(address_of(settings), DEFAULT_BASE))
        load(opened, count)
        query(opened, count)


def load(opened: Mapping[str, Catalogue], count: int) -> None:
    """Records are not judged here: that costs the same for each store."""
    records = list(stage(datasets(count), DEFAULT_BASE).records.items())
    seconds = dict.fromkeys(opened, 0.0)
    for name, catalogue in opened.items():
        started = time.monotonic()
        catalogue.load_map()
        print(f"map, {name}: {time.monotonic() - started:.2f} s")
    for start in range(0, len(records), BATCH):
        for name, catalogue in opened.items():
            started = time.monotonic()
            catalogue.publisher.write(dict(records[start : start + BATCH]), origin="benchmark")
            seconds[name] += time.monotonic() - started
    for name, total in seconds.items():
        print(f"{len(records)} records, {name}: {total:.1f} s, ratio {total / seconds['embedded']:.2f}")


def query(opened: Mapping[str, Catalogue], count: int) -> None:
    for query, text in QUERIES.items():
        times: dict[str, list[float]] = {name: [] for name in opened}
        for number in range(ROUNDS):
            asked = text.replace("NUMBER", str(number * 7919 % count)) + f" # {number}"
            for name, catalogue in opened.items():
                started = time.monotonic()
                answer(catalogue, asked)
                times[name].append(time.monotonic() - started)
        medians = {name: statistics.median(found) for name, found in times.items()}
        ratios = ", ".join(f"{name} {medians[name] / medians['embedded']:.2f}" for name in engines.NAMES)
        print(f"{query}: embedded {medians['embedded'] * 1000:.1f} ms; ratios: {ratios}")


def answer(catalogue: Catalogue, text: str) -> None:
    """Elsewhere as the service asks; the embedded engine alone, in this process and on disk."""
    if isinstance(catalogue.level, Level):
        evaluate(catalogue.level.engine, Request(text), iter).write(io.BytesIO())
    else:
        for _ in catalogue.query(text).chunks:
            pass


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
