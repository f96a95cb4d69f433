"""Full text on the synthetic catalogue: making the index, following a change, searching, and fm:textMatch beside CONTAINS.

``python benchmarks/text.py DATASETS`` prints the table of docs/performance.md. The synthetic texts are drawn from a dozen words, so
that each word stands in nearly every description: the worst case for a search. Names of concepts are found like real ones.
Times are CPU times.
"""

from __future__ import annotations

import gc
import resource
import statistics
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import Store
from synthetic import SEED, concepts, datasets

from fairmap.sparql import Request, evaluate
from fairmap.text import TextIndex, with_matches

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 15
PAGE: Final = resource.getpagesize()
PREFIXES: Final = "PREFIX dct: <http://purl.org/dc/terms/> PREFIX fm: <https://w3id.org/fairmap/ns#>\n"
SEARCHES: Final = ("lung", "lung brain", "MRI", "PET", "Alzheimer", '"lung brain"')
BY_TEXT: Final = 'SELECT ?d ?t { ?d fm:textMatch ("lung" 20) ; dct:title ?t }'
BESIDE: Final = ("lung", "MRI", "PET", "Alzheimer")
CONTAINS: Final = {
    "in titles, all": "SELECT ?d ?t { ?d dct:title ?t FILTER CONTAINS(LCASE(?t), 'lung') }",
    "in titles, what no title has": "SELECT ?d ?t { ?d dct:title ?t FILTER CONTAINS(LCASE(?t), 'zebra') } LIMIT 20",
}


def memory() -> int:
    """Resident memory in MiB."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE >> 20


def once(run: Callable[[], object]) -> float:
    """CPU milliseconds of one run."""
    start = time.process_time()
    run()
    return (time.process_time() - start) * 1e3


def milliseconds(run: Callable[[], object]) -> float:
    return statistics.median(once(run) for _ in range(ROUNDS))


def answer(store: Store, index: TextIndex, query: str) -> int:
    """Bytes of the answer."""
    request = with_matches(Request(PREFIXES + query), lambda: index)
    body = BytesIO()
    evaluate(store, request, iter).write(body)
    return len(body.getvalue())


def main(count: int) -> None:
    store, index = Store(), TextIndex()
    store.bulk_extend(concepts())
    store.bulk_extend(datasets(count))
    before, start, cpu = memory(), time.perf_counter(), time.process_time()
    index.follow(store)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(f"| index made | {wall:.2f} s ({cpu:.2f} s CPU, {memory() - before} MiB) |")
    changed = "https://w3id.org/fairmap/dataset/synthetic-7"
    print(f"| one record changed | {milliseconds(lambda: index.follow(store, [changed])):.1f} ms |")
    for search in SEARCHES:
        for limit in (20, 1000):
            took = milliseconds(lambda s=search, n=limit: index.search(s, n))  # type: ignore[misc]
            print(f"| search `{search}`, {limit} best | {took:.2f} ms |")
    for name, query in CONTAINS.items():
        theirs, ratios = [], {search: [] for search in BESIDE}
        for _ in range(ROUNDS):
            theirs.append(once(lambda q=query: answer(store, index, q)))  # type: ignore[misc]
            for search in BESIDE:
                took = once(lambda s=search: answer(store, index, BY_TEXT.replace("lung", s)))  # type: ignore[misc]
                ratios[search].append(theirs[-1] / took)
        told = ", ".join(f"`{search}` {statistics.median(times):.0f}" for search, times in ratios.items())
        print(
            f"| CONTAINS {name} | {statistics.median(theirs):.1f} ms; times `fm:textMatch`, 20 best with titles: {told} |"
        )
    print(f"\n{count:,} datasets, seed {SEED}; medians of {ROUNDS} rounds.")


if __name__ == "__main__":
    main(int(sys.argv[1]))
