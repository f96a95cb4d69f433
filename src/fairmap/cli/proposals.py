"""``fairmap proposals``: what was sent by the questionnaire, for curators on the machine of the service."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import click

from fairmap.catalogue import Catalogue
from fairmap.cli.settings import settings_of, store_option
from fairmap.errors import UsageError
from fairmap.service import running
from fairmap.store import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def _desk(context: click.Context, store: str | None) -> Iterator[Callable[..., Any]]:
    """The steps of the running service, or of the store opened here."""
    settings = settings_of(context, store=store)
    where = address_of(settings)
    if where.state is None:
        raise UsageError(
            "a store in memory has no proposals that outlive the command", expected="--store oxigraph:PATH"
        )
    control = running(where)
    if control:
        yield control.proposal
        return
    if not where.state.is_dir():
        raise UsageError(
            "there is no such store", where=settings.store, expected="a store that was served or loaded once"
        )
    with Catalogue(where, settings.base_iri) as catalogue:
        yield catalogue.proposals.step


@click.group()
def proposals() -> None:
    """Look at, accept and reject what was sent by /register."""


@proposals.command(name="list")
@store_option
@click.pass_context
def list_proposals(context: click.Context, /, store: str | None) -> None:
    """List proposals: name, state, when it came, what it is called, reason."""
    with _desk(context, store) as step:
        for row in step("list"):
            told = (row["name"], row["state"], row["received"], row["title"], row["reason"] or "-")
            click.echo("\t".join(" ".join(text.split()) for text in told))


@proposals.command()
@click.argument("name")
@store_option
@click.pass_context
def show(context: click.Context, /, name: str, store: str | None) -> None:
    """Print a proposal as JSON: answers, contact of the sender, the records as Turtle."""
    with _desk(context, store) as step:
        click.echo(json.dumps(step("show", name=name), ensure_ascii=False, indent=1))


@proposals.command()
@click.argument("name")
@store_option
@click.pass_context
def accept(context: click.Context, /, name: str, store: str | None) -> None:
    """Publish a proposal; prints the IRI of the public record."""
    with _desk(context, store) as step:
        click.echo(step("accept", name=name)["iri"])


@proposals.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why; it is kept with the proposal.")
@store_option
@click.pass_context
def reject(context: click.Context, /, name: str, reason: str, store: str | None) -> None:
    """Take a proposal away; the answers are kept with the reason, without the sender's contact."""
    with _desk(context, store) as step:
        step("reject", name=name, reason=reason)
