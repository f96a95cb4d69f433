"""The command ``audit``."""

from __future__ import annotations

import re
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from fairmap.catalogue import read_document
from fairmap.cli.errors import FINDINGS
from fairmap.cli.settings import settings_of, store_option
from fairmap.cli.target import target
from fairmap.errors import InputError, UsageError
from fairmap.fair import METRIC_SETS, Auditor, Criteria, History, Outcome, RecordAuditor, datasets
from fairmap.fair.documents import AUDIT_FORMATS, write_assessments
from fairmap.store import address_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.config import Settings
    from fairmap.fair import Assessment

_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")
_MOST: Final = 100


@click.command()
@click.argument("thing", required=False, metavar="[IRI|FILE]")
@click.option("--metrics", multiple=True, type=click.Choice(METRIC_SETS), help="What to judge by.  [default: all]")
@click.option("--format", "form", type=click.Choice(AUDIT_FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on",
    "limit",
    metavar="CRITERION|SCORE",
    help="Exit code 1 when this criterion fails, or when a metric set has a smaller share of its testable points (0 to 100).",
)
@click.option("--keep", is_flag=True, help="Keep what came out for records of the store, to be shown as their history.")
@store_option
@click.pass_context
def audit(
    context: click.Context,
    /,
    thing: str | None,
    metrics: tuple[str, ...],
    form: str,
    limit: str | None,
    keep: bool,
    store: str | None,
) -> None:
    """Judge how FAIR a record of the store is, each dataset in a file, or all that the store holds, and tell what mends it."""
    settings = settings_of(context, store=store)
    criteria = Criteria(settings.base_iri)
    fails = _Limit(criteria, metrics or METRIC_SETS, limit)
    path = Path(thing) if thing else None
    if keep and ((path is not None and path.exists()) or address_of(settings).state is None):
        raise UsageError("only audits of records of a store on disk are kept", where="--keep", expected="no file")
    if path is not None and path.exists():
        found = _of_file(path, criteria, metrics, settings)
    elif thing and not _IRI.match(thing):
        raise InputError(
            "there is no such file, and it is no IRI", where=thing, expected="a file or the IRI of a record"
        )
    else:
        found = _of_store(thing, criteria, metrics, settings)
    click.echo(write_assessments(found, form), nl=False)
    if keep:
        _keep(found, settings)
    if fails.reached(found):
        sys.exit(FINDINGS)


def _of_file(path: Path, criteria: Criteria, metrics: Sequence[str], settings: Settings) -> list[Assessment]:
    quads = read_document(path, settings.base_iri).quads()
    nodes = datasets(quads)
    if not nodes:
        raise InputError("the file holds no dcat:Dataset", where=str(path))
    return Auditor(criteria, metrics or METRIC_SETS, settings.base_iri).assess(quads, nodes)


def _of_store(iri: str | None, criteria: Criteria, metrics: Sequence[str], settings: Settings) -> list[Assessment]:
    with closing(target(settings)) as opened:
        auditor = RecordAuditor(opened.view, criteria, metrics)
        return [auditor.assess(found) for found in ([iri] if iri else auditor.iris())]


def _keep(found: Sequence[Assessment], settings: Settings) -> None:
    history = History(address_of(settings).state)
    kept = sum(history.keep(assessment) for assessment in found)
    same = len(found) - kept
    told = f"; {same} came out as the last time" if same else ""
    click.echo(f"{kept} audit{'s' * (kept != 1)} kept{told}", err=True)


class _Limit:
    """What ``--fail-on`` asks for.

    :raises UsageError: when it is neither a criterion of these metric sets nor a number.
    """

    def __init__(self, criteria: Criteria, names: Sequence[str], text: str | None) -> None:
        notations = {c.notation for metric_set in criteria.sets(names) for c in metric_set.criteria}
        self._criterion = text if text in notations else None
        self._share: float | None = None
        if text is not None and self._criterion is None:
            self._share = _share(text)

    def reached(self, assessments: Sequence[Assessment]) -> bool:
        """Whether the criterion fails, or a share is too small, for any of the assessments."""
        return any(
            [
                j.outcome is Outcome.FAILED and j.criterion.notation == self._criterion
                for a in assessments
                for j in a.judgements
            ]
            + [self._is_below(score.percent) for a in assessments for score in a.scores]
        )

    def _is_below(self, percent: float | None) -> bool:
        return self._share is not None and percent is not None and percent < self._share


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= _MOST:
        expected = "the notation of a criterion of the chosen metric sets, or a number from 0 to 100"
        raise UsageError(f"{text!r} is no criterion and no share", where="--fail-on", expected=expected)
    return share
