"""Commands that read and write data: ``build load query``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fairmap import build as builder
from fairmap.catalogue.documents import documents
from fairmap.catalogue.harvesting import harvested, leftovers_csv, leftovers_text
from fairmap.catalogue.reports import write_report
from fairmap.cli.settings import settings_of, store_option
from fairmap.cli.target import target
from fairmap.cli.text import text_of
from fairmap.errors import InputError, UsageError
from fairmap.harvest import FORMS as FOREIGN
from fairmap.namespaces import DEFAULT_BASE
from fairmap.rdf import FORMATS, RESULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairmap.catalogue import Document
    from fairmap.model import Reader

_PATH = click.Path(path_type=Path)
organisation_option: Callable[..., Any] = click.option(
    "--organisation", metavar="ORG", help="The records that only this organisation sees.  [default: the public ones]"
)
_ANSWERS = click.Choice([form.name for form in (*RESULTS, *FORMATS) if form.engine])


@click.command()
@click.option("-o", "--output", type=_PATH, default=Path("data"), show_default=True, help="Folder to write to.")
def build(output: Path) -> None:
    """Make the map (data/) from ontology/ and seeds/; it is judged first."""
    made, report = builder.build(DEFAULT_BASE)
    if report.findings:
        click.echo(write_report(report, "text"), err=True, nl=False)
    for path in builder.write(made, output):
        click.echo(str(path))


@click.command()
@click.argument("files", nargs=-1, required=True, type=_PATH, metavar="FILE...")
@click.option("--graph", metavar="IRI", help="The record that triples without a graph must belong to.")
@click.option("--from", "form", type=click.Choice(FOREIGN), help="Read descriptions in this published form.")
@click.option("--leftovers", type=_PATH, help="CSV file for all that --from did not understand.")
@organisation_option
@store_option
@click.pass_context
def load(
    context: click.Context,
    /,
    files: tuple[Path, ...],
    graph: str | None,
    form: str | None,
    leftovers: Path | None,
    organisation: str | None,
    store: str | None,
) -> None:
    """Publish the records in FILE... (files or folders): all of them, or none when one does not conform.

    With --from, FILE... are others' descriptions: what can be taken over becomes records, the rest is told.
    """
    if form and graph:
        raise UsageError("--graph is for records of fairmap", expected="--from without --graph")
    if leftovers and not form:
        raise UsageError("--leftovers is for what --from does not understand", expected="--from")
    settings = settings_of(context, store=store)
    found = list(documents(files, settings.base_iri))
    with closing(target(settings)) as opened:
        if form:
            found = [_read(found, form, opened.view, leftovers)]
        report = opened.load(found, graph, organisation)
    if report.findings and not form:
        click.echo(write_report(report, "text"), err=True, nl=False)
    where = f"{settings.store}, organisation {organisation}" if organisation else settings.store
    click.echo(f"fairmap: {len(report.records)} records loaded into {where}", err=True)


def _read(found: list[Document], form: str, view: Reader, leftovers: Path | None) -> Document:
    """Others' descriptions as records; what was not understood goes to standard error, and one by one to a file."""
    document, told = harvested(found, form, view)
    click.echo(leftovers_text(told.leftovers), err=True, nl=False)
    if leftovers:
        leftovers.write_text(leftovers_csv(told.leftovers), encoding="utf-8", newline="")
    if not told.records:
        raise InputError("nothing in this form can be taken over", where=found[0].name, expected="dcat:Dataset, ...")
    return document


@click.command()
@click.argument("text", metavar="QUERY", required=False)
@click.option("--file", "file", type=click.File(), help="Read the query from a file (- for standard input).")
@click.option("--format", "form", type=_ANSWERS, help="SELECT, ASK: json (default), xml, csv, tsv; else an RDF format.")
@store_option
@click.pass_context
def query(context: click.Context, /, text: str | None, file: Any, form: str | None, store: str | None) -> None:
    """Run a SPARQL query."""
    asked = text_of(text, file, what="query")
    settings = settings_of(context, store=store)
    results, graph = ("json", "turtle") if form is None else _one_of(form)
    with closing(target(settings)) as opened:
        answer = opened.query(asked, results, graph)
        for chunk in answer.chunks:
            sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def _one_of(form: str) -> tuple[str | None, str | None]:
    is_result = form in {result.name for result in RESULTS}
    return (form, None) if is_result else (None, form)
