"""Figures of a running service for Prometheus: gathered from the view and the writer when they are asked for."""

from __future__ import annotations

import os
import resource
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from fairmap.errors import AccessDenied, FairmapError, InputError, NotConforming, NotFound, StoreError
from fairmap.service.places import FIGURES
from fairmap.views.stats import BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client.metrics_core import Metric

    from fairmap.judging import JudgeClient
    from fairmap.service.control import ControlClient
    from fairmap.views import RemoteView, ViewClient

_OUTCOMES: Final[Mapping[type[FairmapError], str]] = {
    NotConforming: "not_conforming",
    InputError: "unusable",
    NotFound: "not_found",
    AccessDenied: "denied",
    FairmapError: "failed",
}
_JUDGED: Final = ("answered", "refused", "timeout", "crashed", "left", "busy")
_PAGE: Final = resource.getpagesize()


class WriteCounts:
    """The writer's writes since it started, by outcome."""

    def __init__(self) -> None:
        self._counts = Counter(dict.fromkeys(["written", *_OUTCOMES.values()], 0))

    def count(self, error: FairmapError | None) -> None:
        """Count a write that was done, or ended with ``error``."""
        if error is None:
            self._counts["written"] += 1
        else:
            self._counts[next(_OUTCOMES[kind] for kind in type(error).__mro__ if kind in _OUTCOMES)] += 1

    def as_json(self) -> dict[str, int]:
        """For the control socket."""
        return dict(self._counts)


class ServiceCollector(Collector):
    """Asks view, judging process and writer at each scrape. No figure has text of a query or the name of a record.

    The writer does not answer while it writes; what it said last is told then, which is still true: it counts a write at its end.
    """

    def __init__(self, view: ViewClient | RemoteView, control: ControlClient, judge: JudgeClient | None = None) -> None:
        self._view = view
        self._judge = judge
        self._control = control
        self._writer_said: dict[str, Any] | None = None

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        view, writer = _stats_of(self._view), _stats_of(self._control)
        judge = _stats_of(self._judge)
        up = GaugeMetricFamily("fairmap_up", "Whether this part of the service answered.", labels=["part"])
        up.add_metric(["view"], view is not None)
        up.add_metric(["writer"], writer is not None)
        up.add_metric(["judge"], judge is not None)
        yield up
        if view:
            yield from _of_view(view)
        if judge:
            yield from _of_judge(judge)
        self._writer_said = writer or self._writer_said
        if self._writer_said:
            yield from _of_writer(self._writer_said)
        yield _memory(_processes(view, judge, self._writer_said))


def _stats_of(part: ViewClient | RemoteView | ControlClient | JudgeClient | None) -> dict[str, Any] | None:
    try:
        return part.stats() if part else None
    except (StoreError, OSError):
        return None


def _of_judge(judge: dict[str, Any]) -> Iterator[Metric]:
    judgements = CounterMetricFamily(
        "fairmap_judgements",
        "Validations and FAIR audits by how they ended; timeout and crashed: killed.",
        labels=["outcome"],
    )
    for outcome in _JUDGED:
        judgements.add_metric([outcome], judge["outcomes"][outcome])
    yield judgements
    text = "Seconds from a submission's arrival at the judging process to its end, with waiting."
    yield _histogram("fairmap_judgement_seconds", text, judge["seconds"], judge["total_seconds"])
    yield _workers("fairmap_judge_workers", "Workers that judge.", judge["workers"])
    yield GaugeMetricFamily("fairmap_judgements_waiting", "Submissions that wait for a worker.", judge["waiting"])


def _workers(name: str, text: str, are_busy: dict[str, bool]) -> Metric:
    workers = GaugeMetricFamily(name, text, labels=["state"])
    busy = sum(are_busy.values())
    workers.add_metric(["busy"], busy)
    workers.add_metric(["idle"], len(are_busy) - busy)
    return workers


def _of_view(view: dict[str, Any]) -> Iterator[Metric]:
    queries = CounterMetricFamily(
        "fairmap_queries", "Queries that the view was given, those of pages too, by how they ended.", labels=["outcome"]
    )
    for outcome, count in view["outcomes"].items():
        queries.add_metric([outcome], count)
    yield queries
    text = "Seconds from a query's arrival at the view to its end, with waiting."
    yield _histogram("fairmap_query_seconds", text, view["seconds"], view["total_seconds"])
    yield _workers("fairmap_query_workers", "Query workers.", view["workers"])
    yield GaugeMetricFamily("fairmap_queries_waiting", "Queries that wait for a worker.", view["waiting"])
    yield GaugeMetricFamily("fairmap_revision", "The view's revision: how many writes there were.", view["revision"])


def _histogram(name: str, text: str, seconds: list[int], total: float) -> Metric:
    cumulative, buckets = 0, []
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], seconds, strict=True):
        cumulative += count
        buckets.append((bound, float(cumulative)))
    return HistogramMetricFamily(name, text, buckets, total)


def _of_writer(writer: dict[str, Any]) -> Iterator[Metric]:
    yield GaugeMetricFamily("fairmap_records", "Records and vocabulary graphs in the store.", writer["records"])
    writes = CounterMetricFamily("fairmap_writes", "Writes by how they ended.", labels=["outcome"])
    for outcome, count in writer["writes"].items():
        writes.add_metric([outcome], count)
    yield writes
    if "audits" in writer:
        audits = CounterMetricFamily(
            "fairmap_audits", "FAIR audits of records that changed, by what came of them.", labels=["outcome"]
        )
        for outcome, count in writer["audits"].items():
            audits.add_metric([outcome], count)
        yield audits


def _processes(
    view: dict[str, Any] | None, judge: dict[str, Any] | None, writer: dict[str, Any] | None
) -> dict[str, set[int]]:
    """The service's processes by their part."""
    supervisor = {int(writer["supervisor"])} if writer else set()
    return {
        "supervisor": supervisor,
        "writer": {int(writer["pid"])} if writer else set(),
        "view": {int(view["pid"])} if view else set(),
        "workers": {int(pid) for pid in view["workers"]} if view else set(),
        "judge": {int(judge["pid"]), *map(int, judge["workers"])} if judge else set(),
        "web": {os.getpid(), os.getppid(), *_counting()} - supervisor if writer else {os.getpid()},
    }


def _counting() -> set[int]:
    """The web processes that have answered something. Source: prometheus-client names its files ``counter_PID.db``."""
    folder = os.environ.get(FIGURES)
    files = Path(folder).glob("counter_*.db") if folder else ()
    return {int(file.stem.removeprefix("counter_")) for file in files}


def _memory(processes: dict[str, set[int]]) -> Metric:
    text = "Resident memory. Workers share most of theirs with the view, which is counted for each."
    memory = GaugeMetricFamily("fairmap_resident_memory_bytes", text, labels=["part"])
    for part, pids in processes.items():
        if pids:
            memory.add_metric([part], _resident(pids))
    return memory


def _resident(pids: Iterable[int]) -> int:
    """Bytes of those that still run."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
        except OSError:
            continue
    return total
