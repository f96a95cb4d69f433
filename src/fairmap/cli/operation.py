"""Commands for those who run a service: ``backup restore doctor``."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fairmap.cli.errors import REMOTE
from fairmap.cli.settings import settings_of, store_option
from fairmap.cli.target import target
from fairmap.config import describe
from fairmap.errors import StoreError, UsageError
from fairmap.service.doctor import State, examine
from fairmap.store import address_of
from fairmap.store.backup import restore_backup

if TYPE_CHECKING:
    from fairmap.config import Settings
    from fairmap.service.doctor import Diagnosis

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@store_option
@click.pass_context
def backup(context: click.Context, /, folder: Path, store: str | None) -> None:
    """Back up the store to DIR, which must not exist or be empty; also beside a running service."""
    settings = settings_of(context, store=store)
    _check_store(settings, folder.absolute())
    with closing(target(settings)) as opened:
        manifest = opened.backup(folder.absolute())
    click.echo(f"fairmap: {_told(manifest)} backed up to {folder}", err=True)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@store_option
@click.pass_context
def restore(context: click.Context, /, folder: Path, store: str | None) -> None:
    """Make the store, which must not exist or be empty, from the backup in DIR."""
    settings = settings_of(context, store=store)
    manifest = restore_backup(folder.absolute(), address_of(settings))
    click.echo(f"fairmap: {_told(manifest.as_json())} restored to {settings.store}", err=True)


@click.command()
@store_option
@click.option("--host", help=f"{describe('host').capitalize()}.")
@click.option("--port", type=click.IntRange(1, 65535), help=f"{describe('port').capitalize()}.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def doctor(context: click.Context, /, form: str, **flags: Any) -> None:
    """Look for what may be wrong: installation, store, service, settings. Exit code 3: there is a fault."""
    found = list(examine(settings_of(context, **flags)))
    if form == "json":
        click.echo(json.dumps([{**vars(one), "state": one.state.value} for one in found], indent=1))
    else:
        for one in found:
            click.echo(_line(one))
    if any(one.state is State.FAULT for one in found):
        sys.exit(REMOTE)


def _line(one: Diagnosis) -> str:
    remedy = f" - remedy: {one.remedy}" if one.remedy else ""
    return f"{one.state.value:<8} {one.subject:<9} {one.text}{remedy}"


def _told(manifest: dict[str, Any]) -> str:
    return f"{manifest['records']} records, revision {manifest['revision']},"


def _check_store(settings: Settings, folder: Path) -> None:
    """A store that is not there is not made, and a backup does not lie in what it backs up."""
    where = address_of(settings)
    path = where.path
    if where.remote:
        what = "a sparql: store is backed up with its engine's own tool, and its state folder by a copy"
        raise UsageError(what, where=str(where), expected="--store oxigraph:PATH")
    if path is None:
        raise UsageError("a store in memory has no backup: use export", expected="--store oxigraph:PATH")
    if not (path / "state" / "ledger.sqlite").exists():
        raise StoreError("there is no store", where=settings.store)
    if folder.resolve().is_relative_to(path.resolve()):
        raise UsageError("a backup cannot lie in its own store", where=str(folder), expected="a folder elsewhere")
