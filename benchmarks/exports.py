"""Exporting a synthetic catalogue by profile, and dumping it, beside the same with rdflib: ``python benchmarks/exports.py [DATASETS]``.

The catalogue is written as records are, so literals that the engine rewrites are put back. rdflib is given 250 datasets, since it takes
the same time for each. Of the lossless profile it parses these records' own graphs, as N-Quads, and writes them again, in whatever order
it has them; "only written" leaves the parsing out. Of another profile it parses the records and what the mapping needs beside them, runs
the same mapping and serialises. Seconds are of the processor; memory is how much larger than before the process was at most.
From 50,000 datasets on only two cases are run.
"""

from __future__ import annotations

import os
import sys
import time
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

import rdflib

from fairmap.export import Source, projection
from fairmap.export.batch import WRITTEN
from fairmap.export.source import BATCH
from fairmap.model import Record
from fairmap.namespaces import DEFAULT_BASE
from fairmap.store import address, name_of, open_level
from fairmap.store.dump import dumped
from fairmap.views import LocalView
from fairmap.web.dump_files import compress

sys.path.insert(0, str(Path(__file__).parent))
import synthetic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyoxigraph import Quad

    from fairmap.export import Projected
    from fairmap.export.rdf_projection import RdfProjection
    from fairmap.store import Level

SAMPLE = BATCH
CASES = (
    ("fairmap", "nquads"),
    ("dcat-ap", "ntriples"),
    ("fairmap", "trig"),
    ("dcat-ap", "turtle"),
    ("healthdcat-ap", "turtle"),
    ("fdp", "turtle"),
    ("csv", "csv"),
)
LARGE = 50_000
ROUNDS = 3


def main(count: int) -> None:
    level = open_level(address("memory:"))
    load(level, [*synthetic.concepts()])
    load(level, synthetic.datasets(count))
    source = Source(LocalView(level, DEFAULT_BASE))
    print(f"{count:,} datasets\n")
    print(
        "| profile | form | triples | seconds | records/s | triples/s | MiB | rdflib, triples/s | times | only written, times |"
    )
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, form in CASES[:2] if count >= LARGE else CASES:
        iris = list(source.everything() if name == "fairmap" else source.iris({"dataset"}))
        began, before = time.process_time(), peak(anew=True)
        triples = export(source, name, form, iris)
        seconds, grown = time.process_time() - began, peak() - before
        rate = triples / seconds
        told = f"{triples:,} | {seconds:.1f} | {len(iris) / seconds:,.0f} | {rate:,.0f} | {grown:.0f}"
        sample = list(islice(source.iris({"dataset"}), SAMPLE))
        print(f"| {name} | {form} | {told} | {beside(source, name, form, sample, rate)} |", flush=True)
    dumps(level)


def load(level: Level, quads: Iterable[Quad]) -> None:
    """Write records, some thousand at a time; the quads of a repository come in several places."""
    records: dict[str, list[Quad]] = {}
    for graph, found in groupby(quads, lambda quad: name_of(quad.graph_name)):
        records.setdefault(graph, []).extend(found)
    waiting = iter(records.items())
    while some := dict(islice(waiting, 5_000)):
        level.write({iri: Record(iri, tuple(quads)) for iri, quads in some.items()}, origin="benchmark")


def export(source: Source, name: str, form: str, iris: list[str]) -> int:
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


def beside(source: Source, name: str, form: str, iris: list[str], rate: float) -> str:
    """The columns about rdflib, beside so many triples a second."""
    by = projection(name)
    told = list(by.project(source, iris))
    size = sum(len(one.triples) for one in told)
    if name == "csv":
        return " | | "
    if name != "fairmap":
        slow = size / cpu(lambda: mapped(source, name, iris))
        return f"{slow:,.0f} | {rate / slow:.0f} | "
    lines = b"".join(by.write(told, "nquads"))
    graph = rdflib.Dataset()
    slow = size / cpu(lambda: graph.parse(data=lines, format="nquads") and graph.serialize(format=form))
    quick = size / cpu(lambda: graph.serialize(format=form))
    return f"{slow:,.0f} | {rate / slow:.1f} | {rate / quick:.1f}"


def mapped(source: Source, name: str, iris: list[str]) -> None:
    """The same with rdflib: parse, map, serialise."""
    batch = source.batch(iris)
    lines = "".join(f"{quad.triple} .\n" for quad in batch.store.quads_for_pattern(None, None, None))
    graph = rdflib.Graph()
    graph.parse(data=lines.replace(WRITTEN, ""), format="nt")
    by: RdfProjection = projection(name)  # type: ignore[assignment]
    values = " ".join(f"<{iri}>" for iri in iris)
    graph = graph.query(by.query.replace("$records", values).replace(WRITTEN, "")).graph or graph
    graph.serialize(format="turtle")


def dumps(level: Level) -> None:
    """Everything, from memory, as ``/dump.*`` does it."""
    written, total = level.written(), len(level.engine)
    print("\n| dump | triples/s | MiB | gzip, triples/s | gzip, MiB |\n| --- | ---: | ---: | ---: | ---: |")
    for form in ("nt", "trig"):

        def made(form: str = form) -> Iterator[bytes]:
            return dumped(level.engine, form, written.texts)

        plain = min(cpu(lambda: sum(map(len, made()))) for _ in range(ROUNDS))
        path = Path(f"/tmp/fairmap-benchmark-{os.getpid()}.gz")  # noqa: S108 - of this process
        with path.open("wb") as file:
            packed = min(cpu(lambda: compress(made(), file)) for _ in range(ROUNDS))
            size = file.tell() // ROUNDS >> 20
        path.unlink()
        print(
            f"| {form} | {total / plain:,.0f} | {sum(map(len, made())) >> 20} | {total / packed:,.0f} | {size} |",
            flush=True,
        )


def cpu(act: Callable[[], object]) -> float:
    """Seconds of the processor."""
    began = time.process_time()
    act()
    return time.process_time() - began


def peak(*, anew: bool = False) -> float:
    """The largest size that this process has had, MiB; ``anew``: since now. Source: proc(5), clear_refs and VmHWM."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
