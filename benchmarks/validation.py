"""Validation of a DCAT catalogue: fairmap beside pySHACL, PyPI ``shacl``, pyshifty and pyrudof.

``python benchmarks/validation.py PEERS_BIN SIZE[,SIZE...] [--shapes FILE]... [--rounds N] [--without ENGINE]...``
prints the tables of docs/performance.md. ``PEERS_BIN`` is the ``bin`` folder of the peers' environment. Without ``--shapes``:
the official DCAT-AP 3.0.1 shapes beside this
checkout and ``hard-shapes.ttl``. Each run of an engine is a process of its own; the runs of all engines and sizes take turns, and
medians are of the rounds. The slow peers run once from 10,000 datasets on; pySHACL and pyrudof, which takes 4 GB for these, not above.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from catalogue import BASE, catalogue
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from fairmap.namespaces import DCT, SH
from fairmap.shacl import DataGraph, affected, judge, load_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE: Final = Path(__file__).parent
OFFICIAL: Final = HERE.parent.parent / "shared" / "standards" / "dcat-ap-3.0.1" / "shacl" / "dcat-ap-SHACL.ttl"
PEERS: Final = ("shacl-file", "shacl-store", "pyshifty", "pyrudof", "pyshacl")
MOST: Final = {"pyshacl": 10_000, "pyrudof": 10_000}
"""Datasets up to which an engine takes part."""
MANY: Final = 10_000
SLOW: Final = frozenset({"pyshifty", "pyrudof", "pyshacl"})
"""Peers that run in the first round only, from 10,000 datasets on."""
Run = dict[str, Any]


def run(bin_: Path, engine: str, shapes: Path, data: Path) -> Run | None:
    """One run in a process of its own; ``None`` when it failed, whose last line is told."""
    command = [bin_ / "python", HERE / "validators.py", engine, shapes, data]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{engine} failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    found: Run = json.loads(done.stdout.splitlines()[-1])
    return found


def usable(shapes: Path, folder: Path) -> Path:
    """The shapes without property shapes that are named and not described; at those pySHACL stops."""
    quads = load_shapes([shapes]).quads
    described = {quad.subject for quad in quads}
    kept = (q.triple for q in quads if q.predicate != NamedNode(f"{SH}property") or q.object in described)
    file = folder / shapes.name
    serialize(kept, file, format=RdfFormat.TURTLE)
    return file


def one_changed(shapes: Path, datasets: int) -> float:
    """CPU seconds for the results that one changed title can touch; the median of 15."""
    data, parsed = DataGraph.of_quads(catalogue(datasets)), load_shapes([shapes]).parsed
    node = NamedNode(f"{BASE}dataset/{datasets // 2}")
    changes = [Quad(node, NamedNode(f"{DCT}title"), Literal("new"))]
    times = []
    for _ in range(15):
        start = time.process_time()
        list(judge(data, parsed, focus=affected(data, parsed, changes)))
        times.append(time.process_time() - start)
    return statistics.median(times)


def rounds(options: argparse.Namespace, shapes: Path, files: dict[int, Path]) -> dict[tuple[int, str], list[Run]]:
    """All runs with one shapes file."""
    found: dict[tuple[int, str], list[Run]] = defaultdict(list)
    for number in range(options.rounds):
        for size, data in files.items():
            for engine in ("fairmap", *PEERS):
                once = number > 0 and engine in SLOW and size >= MANY
                if engine in options.without or once or size > MOST.get(engine, size):
                    continue
                bin_ = Path(sys.executable).parent if engine == "fairmap" else options.peers
                made = run(bin_, engine, shapes, data)
                if made is not None:
                    found[size, engine].append(made)
                    print(f"{shapes.name} {size} {engine}: {made['judge'][0]:.3f} s CPU", file=sys.stderr)
    return found


def table(found: dict[tuple[int, str], list[Run]], size: int) -> Iterator[str]:
    """The lines of one size."""
    ours = _results(found[size, "fairmap"][0])
    base = _median(found[size, "fairmap"], "judge", 0)
    yield "| engine | CPU | wall | CPU / fairmap's | peak, above the data | results | only there / only fairmap |"
    yield "|---|---|---|---|---|---|---|"
    for (of, engine), runs in found.items():
        if of != size:
            continue
        cpu, wall = (_median(runs, "judge", which) for which in (0, 1))
        peak, above = max(made["peak"] for made in runs), max(made["above"] for made in runs)
        theirs = _results(runs[0])
        more, fewer = theirs - ours, ours - theirs
        yield (
            f"| {engine} | {cpu:.3f} s | {wall:.3f} s | {cpu / base:.1f} | {peak:,} MiB, {above:,} MiB "
            f"| {theirs.total():,} | {more.total():,} / {fewer.total():,} |"
        )


def differences(found: dict[tuple[int, str], list[Run]], size: int) -> Iterator[str]:
    """For each engine that differs: which components, how often, and an example."""
    ours = _results(found[size, "fairmap"][0])
    for (of, engine), runs in found.items():
        theirs = _results(runs[0]) if of == size else ours
        for name, rows in (("only there", theirs - ours), ("only fairmap", ours - theirs)):
            by_component: dict[tuple[str, str], list[Any]] = defaultdict(list)
            for row in rows.elements():
                by_component[row[1], row[3]].append(row)
            for (path, component), examples in by_component.items():
                yield f"- {engine}, {name}: {len(examples):,} {component} at {path or 'the node'}, e.g. {examples[0]}"


def _results(made: Run) -> Counter[tuple[str, ...]]:
    return Counter(tuple(row) for row in made["results"])


def _median(runs: Iterable[Run], stage: str, which: int) -> float:
    return statistics.median(made[stage][which] for made in runs)


def main(options: argparse.Namespace) -> None:
    """Print the tables."""
    sizes = [int(size) for size in options.sizes.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {size: folder / f"{size}.nt" for size in sizes}
        for size, file in files.items():
            serialize(
                (Triple(q.subject, q.predicate, q.object) for q in catalogue(size)), file, format=RdfFormat.N_TRIPLES
            )
        for shapes in options.shapes or [OFFICIAL, HERE / "hard-shapes.ttl"]:
            found = rounds(options, usable(shapes, folder), files)
            before: float | None = None
            for size in sizes:
                print(f"\n### {shapes.name}, {size:,} datasets\n", *table(found, size), "", sep="\n")
                print(*differences(found, size), sep="\n")
                cpu = _median(found[size, "fairmap"], "judge", 0)
                if before is not None:
                    print(f"\nfairmap takes {cpu / before:.1f} times as long as for the size before.")
                before = cpu
            print(
                f"\nOne changed dataset of {sizes[-1]:,}: {one_changed(shapes, sizes[-1]) * 1000:.1f} ms CPU.",
                flush=True,
            )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", type=Path)
    parser.add_argument("sizes")
    parser.add_argument("--shapes", type=Path, action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without", action="append", default=[], choices=PEERS)
    return parser.parse_args()


if __name__ == "__main__":
    main(_options())
