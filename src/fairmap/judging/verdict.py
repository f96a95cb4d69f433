"""What a worker does: judge, and write the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from fairmap import profiles
from fairmap.catalogue.countries import with_countries
from fairmap.catalogue.judging import are_records
from fairmap.catalogue.reports import as_fragment, write_report
from fairmap.fair.transfer import to_text
from fairmap.judging.submitted import read
from fairmap.model import ValidationReport
from fairmap.profiles import OWN
from fairmap.publish import judge_records, pointed_to, stage
from fairmap.rdf import FORMATS, by_name, digest, parse
from fairmap.shacl import Shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pyoxigraph import Quad

    from fairmap.judging.bench import Bench
    from fairmap.judging.submitted import Submitted
    from fairmap.judging.task import Part, Task

    Ask = Callable[[Sequence[str]], bytes]
    """What the asker's view says about these IRIs, as N-Triples."""


def verdict(bench: Bench, task: Task, documents: Iterable[tuple[Part, bytes]], ask: Ask) -> bytes:
    """The document that says what came of it.

    :raises InputError: when what was submitted cannot be used.
    """
    found = read(documents)
    if task.metrics is not None:
        return _audit(bench, task, found)
    report = _validate(bench, task.profile or found.profile or OWN, found, ask)
    report = found.data.locate(report) if task.record is None else _of_record(report, task.record)
    return _written(report, task.report).encode()


def _written(report: ValidationReport, form: str) -> str:
    """The report; as HTML, a piece of a page."""
    return as_fragment(report) if form == "html" else write_report(report, form)


def _validate(bench: Bench, name: str, found: Submitted, ask: Ask) -> ValidationReport:
    by = bench.profile(name)
    if found.shapes is not None:
        shapes = Shapes(tuple(found.shapes), ("shapes",))
        if are_records(found.data.quads, bench.base_iri):
            return _as_records(bench, shapes, found, ask)
        return profiles.judge_by_shapes(found.quads, shapes, tables=bench.tables)
    if name == OWN:
        report = _as_records(bench, bench.shapes(), found, ask)
        return with_countries(report, found.data.quads, bench.base_iri, bench.tables)
    return profiles.judge(found.quads, by, load=bench.shapes, tables=bench.tables)


def _as_records(bench: Bench, shapes: Shapes, found: Submitted, ask: Ask) -> ValidationReport:
    """Judged as what would be loaded, beside what the asker sees."""
    staged = stage(found.data.quads, bench.base_iri)
    iris = sorted(pointed_to(staged.records))
    context: list[Quad] = parse(ask(iris), by_name("ntriples", FORMATS)) if iris else []
    judged = judge_records(staged.records, context, shapes, bench.base_iri)
    return ValidationReport(staged.findings) + judged


def _of_record(report: ValidationReport, record: str) -> ValidationReport:
    """What is said of one record; the others were there to be pointed to."""
    return ValidationReport(tuple(finding for finding in report.findings if finding.record == record), (record,))


def _audit(bench: Bench, task: Task, found: Submitted) -> bytes:
    assert task.metrics is not None and task.record is not None  # noqa: PT018, S101 - of an audit
    auditor = bench.auditor(task.metrics)
    (assessment,) = auditor.assess(found.quads, [NamedNode(task.record)], graph_digest=digest(found.data.quads))
    return to_text(assessment).encode()
