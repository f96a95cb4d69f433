"""Exporting a synthetic catalogue by profile, beside the same with rdflib: ``python benchmarks/exports.py [DATASETS]``.

rdflib parses the same records, runs the same mapping over batches of the same size, and serialises; it is given at most 250 datasets,
since it takes the same time for each. Seconds are of the processor; memory is how much larger than before the process was at most.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import rdflib
from pyoxigraph import RdfFormat

from fairmap.export import Source, projection
from fairmap.export.batch import WRITTEN
from fairmap.export.source import BATCH
from fairmap.namespaces import DEFAULT_BASE
from fairmap.store import address, open_level
from fairmap.views import LocalView

sys.path.insert(0, str(Path(__file__).parent))
import synthetic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.export import Projected
    from fairmap.export.rdf_projection import RdfProjection

SAMPLE = BATCH
CASES = (
    ("fairmap", "nquads"),
    ("dcat-ap", "ntriples"),
    ("dcat-ap", "turtle"),
    ("healthdcat-ap", "turtle"),
    ("fdp", "turtle"),
    ("csv", "csv"),
)


def main(count: int) -> None:
    level = open_level(address("memory:"))
    level.engine.bulk_extend([*synthetic.concepts(), *synthetic.datasets(count)])
    source = Source(LocalView(level, DEFAULT_BASE))
    iris = list(source.iris({"dataset"}))
    print(
        f"{count:,} datasets\n\n| profile | form | triples | seconds | datasets/s | triples/s | memory, MiB | rdflib, datasets/s | times |"
    )
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    slow: dict[str, float] = {}
    for name, form in CASES:
        began, before = time.process_time(), _peak(anew=True)
        triples = _export(source, name, form, iris)
        seconds, grown = time.process_time() - began, _peak() - before
        rate = len(iris) / seconds
        if name not in slow:
            slow[name] = _rdflib(source, name, iris[:SAMPLE]) if name != "csv" else 0.0
        other = f"{slow[name]:,.0f} | {rate / slow[name]:.0f}" if slow[name] else " | "
        told = f"{triples:,} | {seconds:.1f} | {rate:,.0f} | {triples / seconds:,.0f} | {grown:.0f}"
        print(f"| {name} | {form} | {told} | {other} |", flush=True)
    began = time.process_time()
    size = len(level.engine.dump(None, format=RdfFormat.N_QUADS) or b"")
    print(
        f"\nthe engine's own dump: {len(level.engine) / (time.process_time() - began):,.0f} quads/s, {size >> 20} MiB"
    )


def _export(source: Source, name: str, form: str, iris: list[str]) -> int:
    """Export to nowhere; the number of triples."""
    by = projection(name)
    triples = 0

    def counted(projected: Iterator[Projected]) -> Iterator[Projected]:
        nonlocal triples
        for one in projected:
            triples += len(one.triples)
            yield one

    with Path(os.devnull).open("wb") as nowhere:
        nowhere.writelines(by.write(counted(by.project(source, iris)), form))
    return triples


def _rdflib(source: Source, name: str, iris: list[str]) -> float:
    """Datasets a second of the same with rdflib: parse, map, serialise."""
    batch = source.batch(iris)
    lines = "".join(f"{quad.triple} .\n" for quad in batch.store.quads_for_pattern(None, None, None))
    began = time.process_time()
    graph = rdflib.Graph()
    graph.parse(data=lines.replace(WRITTEN, ""), format="nt")
    if name != "fairmap":
        by: RdfProjection = projection(name)  # type: ignore[assignment]
        values = " ".join(f"<{iri}>" for iri in iris)
        graph = graph.query(by.query.replace("$records", values).replace(WRITTEN, "")).graph or graph
    graph.serialize(format="nt" if name == "fairmap" else "turtle")
    return len(iris) / (time.process_time() - began)


def _peak(*, anew: bool = False) -> float:
    """The largest size that this process has had, MiB; ``anew``: since now. Source: proc(5), clear_refs and VmHWM."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
