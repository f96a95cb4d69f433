"""Validation of a DCAT catalogue by the official DCAT-AP shapes: fairmap beside pySHACL, CPU seconds, interleaved in one process.

``python benchmarks/validation.py SHAPES DATASETS [--no-peer]`` prints the line of docs/performance.md. ``SHAPES`` is a shapes file,
e.g. ``../shared/standards/dcat-ap-3.0.1/shacl/dcat-ap-SHACL.ttl``.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyshacl
from catalogue import BASE, catalogue
from pyoxigraph import Literal, NamedNode, Quad

from fairmap.namespaces import DCT, SH
from fairmap.rdf import to_graph
from fairmap.shacl import DataGraph, affected, judge, load_shapes

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 5


def cpu(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def memory() -> int:
    """Resident memory in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20


def main(shapes_file: str, datasets: int, *, peer: bool) -> None:
    shapes = load_shapes([Path(shapes_file)])
    described = {quad.subject for quad in shapes.quads}
    quads = list(catalogue(datasets))
    data = DataGraph.of_quads(quads)
    before = memory()
    ours = [cpu(lambda: list(judge(data, shapes.parsed))) for _ in range(ROUNDS)]
    grown = memory() - before
    changes = [Quad(NamedNode(f"{BASE}dataset/{datasets // 2}"), NamedNode(f"{DCT}title"), Literal("new"))]
    one = [
        cpu(lambda: list(judge(data, shapes.parsed, focus=affected(data, shapes.parsed, changes))))
        for _ in range(ROUNDS)
    ]
    found = len(list(judge(data, shapes.parsed)))
    print(f"{datasets} datasets, {len(quads)} triples, {found} results: {statistics.median(ours):.3f} s CPU,")
    print(f"{grown} MiB more; one changed dataset {statistics.median(one) * 1000:.1f} ms CPU")
    if peer:
        kept = [q for q in shapes.quads if q.predicate != NamedNode(f"{SH}property") or q.object in described]
        graph, of_shapes = to_graph(quads), to_graph(kept)
        theirs = cpu(lambda: pyshacl.validate(graph, shacl_graph=of_shapes, inplace=True))
        again = cpu(lambda: list(judge(data, shapes.parsed)))
        print(f"pySHACL {theirs:.1f} s CPU, ratio {theirs / statistics.median([*ours, again]):.0f}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), peer="--no-peer" not in sys.argv)
