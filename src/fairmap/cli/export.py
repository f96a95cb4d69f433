"""The command ``export``."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from fairmap.catalogue.reports import write_report
from fairmap.cli.data import organisation_option
from fairmap.cli.errors import FINDINGS
from fairmap.cli.settings import settings_of, store_option
from fairmap.cli.target import target
from fairmap.errors import InputError, UsageError
from fairmap.export import FAILED, Check, Source, projection, projection_names
from fairmap.export.report import Tally, write_remarks
from fairmap.export.writing import MEDIA_TYPES, form_of
from fairmap.model import ValidationReport
from fairmap.profiles import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairmap.cli.target import Target
    from fairmap.export import Projected, Projection
    from fairmap.model import Finding

_PATH = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("iris", nargs=-1, metavar="[IRI]...")
@click.option("--profile", type=click.Choice(projection_names()), default=OWN, show_default=True)
@click.option(
    "--format", "form", type=click.Choice(list(MEDIA_TYPES)), help="[default: the first that the profile offers]"
)
@click.option("-o", "--output", type=_PATH, help="File to write to, in place of standard output.")
@click.option(
    "--query", metavar="FILE|TEXT", help="A SELECT query: the records in its first column, in place of IRI..."
)
@click.option(
    "--check",
    "is_checked",
    is_flag=True,
    help="Judge what is written by the shapes of the profile. Exit code 1: faults.",
)
@click.option(
    "--report",
    type=_PATH,
    help="File for what holders must still tell, and what was left out: JSON if it ends so, else text.",
)
@organisation_option
@store_option
@click.pass_context
def export(
    context: click.Context,
    /,
    iris: tuple[str, ...],
    profile: str,
    form: str | None,
    output: Path | None,
    query: str | None,
    is_checked: bool,
    report: Path | None,
    organisation: str | None,
    store: str | None,
) -> None:
    """Write these records, or all, as a published profile wants them; without --profile, as they were written."""
    if iris and query:
        raise UsageError("records are named by IRI or by a query", expected="one of IRI... and --query")
    by = projection(profile)
    form = form_of(by.forms, form or by.forms[0])
    settings = settings_of(context, store=store)
    with closing(target(settings)) as opened:
        if organisation is not None:
            _own_records(opened, by, iris, form, organisation, output)
            return
        source = Source(opened.view, public_url=settings.public_url)
        chosen = _chosen(source, by, iris, query)
        code = _Run(by, source, chosen, form, opened if is_checked else None).write(output, report)
    sys.exit(code)


def _own_records(
    opened: Target, by: Projection, iris: Sequence[str], form: str, organisation: str, output: Path | None
) -> None:
    """An organisation's own level, as it was written."""
    if by.name != OWN:
        what = "the records of an organisation are exported as they were written, or by its token over HTTP"
        raise UsageError(what, where="--organisation", expected=f"--profile {OWN}")
    with _opened(output) as file:
        file.write(opened.export(iris, form, organisation))


def _chosen(source: Source, by: Projection, iris: Sequence[str], query: str | None) -> list[str]:
    """The IRIs of the records to export.

    :raises NotFound: when one is not there.
    """
    if query is not None:
        path = Path(query)
        is_file = len(query) < os.pathconf("/", "PC_PATH_MAX") and "\n" not in query and path.is_file()
        iris = source.selected(path.read_text(encoding="utf-8") if is_file else query)
    elif not iris:
        return list(source.everything() if by.name == OWN else source.iris(by.kinds))
    source.require(iris)
    return list(iris)


class _Run:
    """One export: what it writes, and what it tells."""

    def __init__(self, by: Projection, source: Source, iris: Sequence[str], form: str, judged: Target | None) -> None:
        self._by = by
        self._source = source
        self._iris = iris
        self._form = form
        self._judged = judged
        self._tally = Tally()
        self._failed = False

    def write(self, output: Path | None, report: Path | None) -> int:
        """Write the document and the report; the exit code. A file has its name when it is judged, and that told."""
        with ExitStack() as stack:
            told: Iterable[Projected] = self._by.project(self._source, stack.enter_context(_progress(self._iris)))
            file = stack.enter_context(_opened(output))
            remarks = stack.enter_context(_opened(report)) if report and report.suffix == ".json" else None
            is_checked = self._judged is not None and self._by.name != OWN
            checked = stack.enter_context(Check(self._by, output and output.parent)) if is_checked else None
            told = self._watched(checked.watch(told) if checked else told, remarks)
            for piece in self._by.write(told, self._form):
                file.write(piece)
            self._tell_remarks(report)
            conforms = _told(checked) if checked else self._own_conforms()
        return 0 if conforms and not self._failed else FINDINGS

    def _watched(self, told: Iterable[Projected], remarks: IO[bytes] | None) -> Iterator[Projected]:
        """The records on their way: remarks are counted and written."""
        separator = b"["
        for one in self._tally.watch(told):
            self._failed = self._failed or any(remark.kind == FAILED for remark in one.remarks)
            if remarks and one.remarks:
                remarks.write(separator + "".join(write_remarks(one.remarks)).strip("[]\n").encode())
                separator = b",\n"
            yield one
        if remarks:
            remarks.write(b"[]\n" if separator == b"[" else b"]\n")

    def _tell_remarks(self, report: Path | None) -> None:
        text = self._tally.text()
        if report is None:
            click.echo(text, err=True, nl=False)
        elif report.suffix != ".json":
            report.write_text(text, encoding="utf-8")

    def _own_conforms(self) -> bool:
        """Judge the store, where that is wanted, by fairmap's own shapes, and tell."""
        if self._judged is None:
            return True
        report = self._judged.validate([])
        click.echo(write_report(report, "text"), err=True, nl=False)
        return report.conforms


def _told(checked: Check) -> bool:
    """Tell what holders must tell, record by record, then other faults as a validation report; whether there is neither."""
    faults: list[Finding] = []
    conforms, to_tell = True, 0
    for part in checked.parts():
        for iri, texts in part.remarks:
            click.echo("\n".join([iri, *(f"  {text}" for text in texts)]), err=True)
        faults += part.faults
        conforms = conforms and part.report.conforms
        to_tell += len(part.to_tell)
    if faults:
        records = dict.fromkeys(fault.record for fault in faults if fault.record)
        click.echo(write_report(ValidationReport(tuple(faults), tuple(records)), "text"), err=True)
    counts = f"{to_tell} violations are facts that holders must tell, {len(faults)} are others"
    click.echo(f"fairmap: {checked.records} records checked: {counts}", err=True)
    return conforms


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes]]:
    """A file that has its name only when it is complete, or standard output."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise InputError(f"the file cannot be written: {error.strerror}", where=str(path)) from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _progress(iris: Sequence[str]) -> Iterator[Iterable[str]]:
    """The IRIs, with a bar on a terminal while they are taken."""
    if not sys.stderr.isatty():
        yield iris
        return
    with click.progressbar(iris, label="records", file=sys.stderr) as bar:
        yield bar
