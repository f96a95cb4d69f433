"""One SHACL engine, once, in a process of its own: ``python benchmarks/validators.py ENGINE SHAPES DATA``.

Runs in the environment of the peers too, so nothing of fairmap is imported but by its own engine. Prints one line of JSON:
``load`` and ``judge`` with CPU and wall seconds, ``above`` (MiB of memory at the most while it judges, above what the loaded data
take), ``peak`` (MiB of the whole process) and ``results``, each as focus node, path, value and component.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Row = tuple[str, str, str, str]
_SH: Final = "http://www.w3.org/ns/shacl#"
_XSD: Final = re.compile(r"\^\^xsd:(\w+)\Z")
_STRING: Final = re.compile(r"\^\^<http://www.w3.org/2001/XMLSchema#string>\Z")


def status(name: str) -> int:
    """A figure of this process, in MiB."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) >> 10 if found else 0


def row(focus: object, path: object, value: object, component: object) -> Row:
    """A result that engines agree on: IRIs in brackets, blank nodes without labels, complex paths as ``path``."""
    terms = ["" if term is None else str(term) for term in (focus, path, value, component)]
    terms = [_XSD.sub(r"^^<http://www.w3.org/2001/XMLSchema#\1>", term) for term in terms]
    terms = ["_:" if term.startswith("_:") else _STRING.sub("", term) for term in terms]
    terms = [term[1:-1] if term.startswith("<") and term.endswith(">") and "> " not in term else term for term in terms]
    focus_, path_, value_, component_ = terms
    simple = path_ == "" or re.fullmatch(r"\w+:[^\s<>()|^*+?]+", path_)
    return focus_, path_ if simple else "path", value_, component_.rpartition("#")[2]


def of_report(graph: Any) -> Iterator[Row]:
    """The results of a report in rdflib."""
    from rdflib import SH, BNode

    def said(term: Any) -> str | None:
        return "_:" if isinstance(term, BNode) else None if term is None else term.n3()

    for node in graph.objects(None, SH.result):
        names = (SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent)
        yield row(*(said(graph.value(node, name)) for name in names))


def fairmap(shapes: str, data: str) -> Iterator[Callable[[], Any]]:
    """The store that is judged where it is."""
    from pyoxigraph import RdfFormat, parse

    from fairmap.shacl import DataGraph, judge, load_shapes
    from fairmap.shacl.paths import as_text

    loaded: list[Any] = []

    def load() -> None:
        loaded[:] = DataGraph.of_quads(parse(path=data, format=RdfFormat.N_TRIPLES)), load_shapes([Path(shapes)])
        _ = loaded[1].parsed

    yield load
    yield lambda: list(judge(loaded[0], loaded[1].parsed))
    yield lambda results: (row(r.focus, r.path and as_text(r.path), r.value, r.component) for r in results)


def shacl_file(shapes: str, data: str) -> Iterator[Callable[..., Any]]:
    """PyPI ``shacl`` on a file that is there already."""
    import shacl

    yield lambda: None
    yield lambda: shacl.Shapes.from_file(shapes).validate_file(data).results
    yield lambda results: (row(r.focus_node, r.path, r.value, r.component) for r in results)


def shacl_store(shapes: str, data: str) -> Iterator[Callable[..., Any]]:
    """PyPI ``shacl`` on what a store holds: it has to be written out first."""
    import shacl
    from pyoxigraph import RdfFormat, Store

    store = Store()

    def load() -> None:
        store.bulk_load(path=data, format=RdfFormat.N_TRIPLES)

    def judged() -> Any:
        from pyoxigraph import DefaultGraph

        text = store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
        return shacl.Shapes.from_file(shapes).validate_turtle(text.decode()).results

    yield load
    yield judged
    yield lambda results: (row(r.focus_node, r.path, r.value, r.component) for r in results)


def pyshacl(shapes: str, data: str) -> Iterator[Callable[..., Any]]:
    """PySHACL on rdflib graphs in memory."""
    import pyshacl
    import rdflib

    graph, of_shapes = rdflib.Graph(), rdflib.Graph()

    def load() -> None:
        graph.parse(data, format="nt")
        of_shapes.parse(shapes)

    yield load
    yield lambda: pyshacl.validate(graph, shacl_graph=of_shapes, inplace=True)[1]
    yield of_report


def pyshifty(shapes: str, data: str) -> Iterator[Callable[..., Any]]:
    """Pyshifty on files."""
    import shifty

    yield lambda: None
    yield lambda: shifty.validate(Path(data), shacl_graph=Path(shapes), infer=False, graph_mode="data")[1]
    yield of_report


def pyrudof(shapes: str, data: str) -> Iterator[Callable[..., Any]]:
    """Pyrudof, its native mode, on files."""
    from pyrudof import RDFFormat, Rudof, RudofConfig

    rudof = Rudof(RudofConfig())

    def load() -> None:
        rudof.read_data(data, RDFFormat.NTriples)
        rudof.read_shacl(shapes)

    yield load
    yield rudof.validate_shacl
    yield lambda report: (row(v.focus_node, v.path, v.value, v.constraint_component) for v in report.violations)


ENGINES: Final[dict[str, Callable[[str, str], Iterator[Callable[..., Any]]]]] = {
    "fairmap": fairmap,
    "shacl-file": shacl_file,
    "shacl-store": shacl_store,
    "pyshacl": pyshacl,
    "pyshifty": pyshifty,
    "pyrudof": pyrudof,
}


def timed(step: Callable[[], Any]) -> tuple[Any, list[float]]:
    """What a step gives, its CPU seconds (all threads) and its wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = step()
    return found, [time.process_time() - cpu, time.perf_counter() - wall]


def measure(engine: str, shapes: str, data: str) -> dict[str, Any]:
    """All figures of one run."""
    load, judge, rows = ENGINES[engine](shapes, data)
    _, loading = timed(load)
    before, most_before = status("VmRSS"), status("VmHWM")
    Path("/proc/self/clear_refs").write_text("5")
    results, judging = timed(judge)
    most = status("VmHWM")
    said: Iterable[Row] = rows(results)
    return {
        "load": loading,
        "judge": judging,
        "above": most - before,
        "peak": max(most, most_before),
        "results": sorted(said),
    }


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:4])))
