"""The command ``validate``."""

from __future__ import annotations

import re
import sys
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from pyoxigraph import Quad

from fairmap.catalogue import Document
from fairmap.catalogue.documents import documents
from fairmap.catalogue.judging import Judge
from fairmap.catalogue.reports import REPORT_FORMATS, as_unreadable, write_report
from fairmap.catalogue.reports.groups import CAP
from fairmap.cli.data import organisation_option
from fairmap.cli.errors import FINDINGS
from fairmap.cli.limits import go_on_within, limits_options
from fairmap.cli.progress import Progress
from fairmap.cli.settings import settings_of, store_option
from fairmap.cli.target import target
from fairmap.errors import NotFound, UnreadableInput, UsageError
from fairmap.fair import neighbours
from fairmap.fair.queries import load
from fairmap.model import Severity, ValidationReport
from fairmap.namespaces import record_of
from fairmap.profiles import OWN, profile_names
from fairmap.rdf import FORMATS, by_name, guess_format, named_node, parse
from fairmap.shacl import ENGINES, load_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fairmap.cli.target import Target
    from fairmap.config import Settings

_FORMS: Final = click.Choice([form.name for form in FORMATS])
_SEVERITIES: Final = {severity.value.lower(): severity for severity in Severity}
_STANDARD_INPUT: Final = "-"
_WEB: Final = ("http://", "https://")


@click.command()
@click.argument("things", nargs=-1, metavar="[FILE|-|URL|IRI]...")
@click.option(
    "--shapes", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="Shapes in place of the profile."
)
@click.option("--profile", type=click.Choice(profile_names()), help="What to judge by.  [default: fairmap]")
@click.option("--engine", type=click.Choice(ENGINES), help="Which processor judges documents.  [default: fairmap]")
@click.option("--input-format", "--format-in", "input_form", type=_FORMS, help="Of FILE and -.  [default: as it looks]")
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
@organisation_option
@limits_options
@store_option
@click.pass_context
def validate(
    context: click.Context,
    /,
    things: tuple[str, ...],
    form: str,
    severity: str | None,
    cap: int,
    store: str | None,
    **options: Any,
) -> None:
    """Judge files and folders, standard input (-), the catalogue at a URL, or a record of the store (its IRI); without any, the store.

    Catalogues are read from hosts of the setting catalogue_hosts only. Exit code 1: does not conform.
    """
    go_on_within(options.pop("deadline"), options.pop("memory"))
    settings = settings_of(context, store=store)
    try:
        with Progress() as progress:
            report = _report(_Asked(things, settings), options, progress)
    except UnreadableInput as error:
        click.echo(as_unreadable(error, _text_of(error), form) or "", nl=False)
        raise
    threshold = _SEVERITIES[severity] if severity else None
    click.echo(write_report(report, form, severity=threshold, cap=cap, profile=_by(options)), nl=False)
    if not report.conforms_at(threshold or Severity.VIOLATION):
        sys.exit(FINDINGS)


def _by(options: dict[str, Any]) -> str:
    """What judges, in words."""
    return "shapes of your own" if options["shapes"] else options["profile"] or OWN


def _text_of(error: UnreadableInput) -> str | None:
    """The file that an error names, where it is one."""
    path = Path(re.sub(r"(:[0-9]+){1,2}\Z", "", error.where or ""))
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


class _Asked:
    """What is to be judged: documents, or records of the store.

    :raises UsageError: when both are named.
    """

    def __init__(self, things: Sequence[str], settings: Settings) -> None:
        self.settings = settings
        records = [thing for thing in things if self._is_record(thing)]
        self.records = tuple(records)
        self.things = tuple(thing for thing in things if thing not in records)
        if self.records and self.things:
            what = "documents and records of the store are not judged together"
            raise UsageError(what, where=self.records[0], expected="one of both")

    def _is_record(self, thing: str) -> bool:
        return record_of(thing, self.settings.base_iri) == thing and not Path(thing).exists()

    def documents(self, form: str | None) -> Iterator[Document]:
        """The documents, read as they are asked for."""
        for thing in self.things:
            if thing == _STANDARD_INPUT:
                data = sys.stdin.buffer.read()
                yield Document(data, form or guess_format(data).name, "standard input", self.settings.base_iri)
            elif thing.startswith(_WEB) and not Path(thing).exists():
                from fairmap.catalogue.remote import Limits, pages  # noqa: PLC0415 - most commands ask nobody

                yield from pages(thing, Limits.of(self.settings))
            else:
                yield from documents((Path(thing),), self.settings.base_iri, form=form)


def _report(asked: _Asked, options: dict[str, Any], progress: Progress) -> ValidationReport:
    if options["shapes"] and options["profile"]:
        raise UsageError("--shapes replaces the profile", expected="one of --shapes and --profile")
    if not asked.things and (options["engine"] or options["input_form"]):
        named = "--engine" if options["engine"] else "--input-format"
        raise UsageError(f"{named} is for documents", expected=f"FILE... or no {named}")
    if asked.things and options["organisation"]:
        raise UsageError("--organisation is for the store", expected="no FILE, or no --organisation")
    judge = Judge(
        asked.settings.base_iri,
        options["profile"] or OWN,
        load_shapes(options["shapes"]) if options["shapes"] else None,
        options["engine"] or ENGINES[0],
    )
    if asked.things:
        return judge.documents(_told(asked.documents(options["input_form"]), progress), progress.read)
    with closing(target(asked.settings)) as opened:
        return _of_store(opened, judge, asked.records, options["organisation"], progress)


def _told(found: Iterator[Document], progress: Progress) -> Iterator[Document]:
    yield from found
    progress.tell("judging")


def _of_store(
    opened: Target, judge: Judge, iris: Sequence[str], organisation: str | None, progress: Progress
) -> ValidationReport:
    if judge.is_own:
        progress.tell("judging the store")
        return opened.validate([], iris, organisation)
    if organisation is None and iris and judge.shapes is None:
        reports = (judge.record(iri, list(_with_neighbours(opened, iri))) for iri in iris)
        return sum(reports, ValidationReport())
    progress.tell("reading the store")
    levels = (None,) if organisation is None else (None, organisation)
    bodies = (opened.export((), "nquads", level) for level in levels)
    quads = list(chain.from_iterable(parse(body, by_name("nquads", FORMATS)) for body in bodies))
    progress.tell(f"judging {len(quads)} triples")
    if not iris:
        return judge.quads(quads)
    return sum((judge.record(iri, quads) for iri in iris), ValidationReport())


def _with_neighbours(opened: Target, iri: str) -> Iterator[Quad]:
    """A record, what points to it and what it points to."""
    node = named_node(iri, where="IRI")
    own = opened.view.construct(load("record"), record=node)
    if not own:
        raise NotFound("there is no such record", where=iri)
    for triple in chain(own, neighbours(opened.view, node)):
        yield Quad(triple.subject, triple.predicate, triple.object)
