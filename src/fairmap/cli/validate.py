"""The command ``validate``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fairmap import build as builder
from fairmap.catalogue.documents import documents
from fairmap.catalogue.reports import REPORT_FORMATS, write_report
from fairmap.catalogue.reports.groups import CAP
from fairmap.catalogue.tracing import Traced
from fairmap.cli.errors import FINDINGS
from fairmap.cli.settings import settings_of, store_option
from fairmap.cli.target import target
from fairmap.errors import UsageError
from fairmap.model import Severity
from fairmap.profiles import OWN, judge, profile_names
from fairmap.profiles import profile as profile_of
from fairmap.publish import Publisher
from fairmap.shacl import ENGINES, load_shapes
from fairmap.store import address, open_level

if TYPE_CHECKING:
    from fairmap.config import Settings
    from fairmap.model import ValidationReport

_PATH: Final = click.Path(path_type=Path)
_SEVERITIES: Final = {severity.value.lower(): severity for severity in Severity}


@click.command()
@click.argument("files", nargs=-1, type=_PATH, metavar="[FILE]...")
@click.option("--shapes", multiple=True, type=_PATH, metavar="FILE", help="Shapes in place of fairmap's own.")
@click.option("--profile", type=click.Choice(profile_names()), help="What to judge by.  [default: fairmap]")
@click.option("--engine", type=click.Choice(ENGINES), help="Which processor judges files.  [default: fairmap]")
@click.option("--format", "form", type=click.Choice(REPORT_FORMATS), default="text", show_default=True)
@click.option(
    "--severity",
    type=click.Choice(list(_SEVERITIES)),
    help="What text and html show, and what gives exit code 1.  [default: all, and violation]",
)
@click.option(
    "--cap",
    type=click.IntRange(0),
    default=CAP,
    show_default=True,
    help="Faults of one shape that text and html tell one by one; 0: all.",
)
@store_option
@click.pass_context
def validate(
    context: click.Context,
    /,
    files: tuple[Path, ...],
    shapes: tuple[Path, ...],
    profile: str | None,
    engine: str | None,
    form: str,
    severity: str | None,
    cap: int,
    store: str | None,
    **_: Any,
) -> None:
    """Judge FILE... (files or folders) or, without FILE, the store. Exit code 1: does not conform."""
    if shapes and profile:
        raise UsageError("--shapes replaces the profile", expected="one of --shapes and --profile")
    settings = settings_of(context, store=store)
    if engine and not files:
        raise UsageError("--engine is for files", expected="FILE... or no --engine")
    if profile and profile != OWN:
        report = _validate_foreign(files, profile, settings.base_iri, engine or ENGINES[0])
    elif files:
        report = _validate_files(files, shapes, settings.base_iri, engine or ENGINES[0])
    else:
        report = _validate_store(settings, shapes)
    threshold = _SEVERITIES[severity] if severity else None
    click.echo(write_report(report, form, severity=threshold, cap=cap), nl=False)
    if not report.conforms_at(threshold or Severity.VIOLATION):
        sys.exit(FINDINGS)


def _validate_files(files: tuple[Path, ...], shapes: tuple[Path, ...], base_iri: str, engine: str) -> ValidationReport:
    """Judged beside the map that comes with this fairmap, so that references into it are found."""
    traced = Traced(documents(files, base_iri))
    publisher = Publisher(open_level(address("memory:")), base_iri)
    publisher.write(builder.shipped(base_iri).records, origin="map")
    _, report = publisher.judge(traced.quads, shapes=load_shapes(shapes) if shapes else None, engine=engine)
    return traced.locate(report)


def _validate_foreign(files: tuple[Path, ...], name: str, base_iri: str, engine: str) -> ValidationReport:
    """Judged as a plain graph: the documents are others' descriptions and need not be records of fairmap."""
    if not files:
        raise UsageError(f"--profile {name} is for files", expected="FILE... or --profile fairmap")
    traced = Traced(documents(files, base_iri))
    return traced.locate(judge(traced.quads, profile_of(name), engine=engine))


def _validate_store(settings: Settings, shapes: tuple[Path, ...]) -> ValidationReport:
    if shapes:
        raise UsageError("--shapes is for files", expected="FILE... or no --shapes")
    with closing(target(settings)) as opened:
        return opened.validate([])
