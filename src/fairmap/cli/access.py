"""``fairmap token`` and ``fairmap update``: they need the running service, or open the store's state here."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from fairmap.access import Scope, Tokens
from fairmap.cli.settings import settings_of, store_option
from fairmap.cli.text import text_of
from fairmap.errors import ServiceDown, UsageError
from fairmap.service import running
from fairmap.store import address_of

if TYPE_CHECKING:
    from fairmap.config import Settings
    from fairmap.service import ControlClient

_SCOPES = click.Choice([scope.value for scope in Scope])


def _control(settings: Settings) -> ControlClient | None:
    """The running service of the store, if there is one."""
    where = address_of(settings)
    if where.state is None:
        raise UsageError("a store in memory has no tokens that outlive the command", expected="--store oxigraph:PATH")
    return running(where)


def _tokens(settings: Settings) -> Tokens:
    state = address_of(settings).state
    assert state is not None  # noqa: S101 - a store in memory was refused
    if not state.is_dir():
        raise UsageError(
            "there is no such store", where=settings.store, expected="a store that was served or loaded once"
        )
    return Tokens(state / "tokens.sqlite")


@click.group()
def token() -> None:
    """Make, list and revoke tokens for writing over HTTP."""


@token.command()
@click.argument("name")
@click.option("--scope", type=_SCOPES, required=True, help="What it allows, each beside all before it.")
@click.option("--organisation", metavar="ORG", help="Whose records it is for.")
@click.option("--days", type=click.IntRange(1), help="After how many days it expires.  [default: never]")
@store_option
@click.pass_context
def create(context: click.Context, /, name: str, scope: str, store: str | None, **options: Any) -> None:
    """Print a new token; it cannot be shown again."""
    settings = settings_of(context, store=store)
    control = _control(settings)
    if control:
        click.echo(control.create_token(name, scope, organisation=options["organisation"], days=options["days"]))
        return
    with closing(_tokens(settings)) as tokens:
        click.echo(tokens.create(name, Scope(scope), organisation=options["organisation"], days=options["days"]))


@token.command(name="list")
@store_option
@click.pass_context
def list_tokens(context: click.Context, /, store: str | None) -> None:
    """List tokens: name, scope, organisation, made, expires."""
    settings = settings_of(context, store=store)
    control = _control(settings)
    if control:
        found = control.list_tokens()
    else:
        with closing(_tokens(settings)) as tokens:
            found = [{**vars(known), "scope": known.scope.value} for known in tokens.list()]
    for row in found:
        click.echo("\t".join(str(row[name] or "-") for name in ("name", "scope", "organisation", "created", "expires")))


@token.command()
@click.argument("name")
@store_option
@click.pass_context
def revoke(context: click.Context, /, name: str, store: str | None) -> None:
    """Let a token be worth nothing from now on."""
    settings = settings_of(context, store=store)
    control = _control(settings)
    if control:
        control.revoke_token(name)
        return
    with closing(_tokens(settings)) as tokens:
        tokens.revoke(name)


@click.command()
@click.argument("text", metavar="UPDATE", required=False)
@click.option("--file", "file", type=click.File(), help="Read the update from a file (- for standard input).")
@store_option
@click.pass_context
def update(context: click.Context, /, text: str | None, file: Any, store: str | None) -> None:
    """Run a SPARQL update in the running service; what it changes is judged first."""
    asked = text_of(text, file, what="update")
    settings = settings_of(context, store=store)
    control = _control(settings)
    if control is None:
        raise ServiceDown(
            "no service runs on this store", where=settings.store, expected="`fairmap serve` with the same --store"
        )
    report = control.update(asked)
    click.echo(f"fairmap: {len(report.records)} records changed", err=True)
