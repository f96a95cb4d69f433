"""``fairmap config``, and the options that are settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from fairmap.config import Settings, configure, describe, is_secret

if TYPE_CHECKING:
    from collections.abc import Callable

_STORE: Callable[..., Any] = click.option("--store", metavar="URI", help=f"{describe('store').capitalize()}.")
_STATE: Callable[..., Any] = click.option(
    "--state",
    metavar="DIR",
    expose_value=False,
    callback=lambda context, _, value: _keep(context, value),
    help=f"{describe('state').capitalize()}.",
)


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--store`` and ``--state``; the latter is found by :func:`settings_of`."""
    found: Callable[..., Any] = _STORE(_STATE(command))
    return found


def _keep(context: click.Context, value: str | None) -> None:
    if value is not None:
        context.ensure_object(dict)["state"] = value


def settings_of(context: click.Context, **flags: Any) -> Settings:
    """The settings of a command; its own ``--store`` goes before the group's."""
    given = {"store": flags.get("store") or context.obj["store"], "state": context.obj.get("state")}
    return configure({**flags, **given}).settings


@click.group()
def config() -> None:
    """Show the settings."""


@config.command()
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@click.pass_context
def show(context: click.Context, *, origin: bool) -> None:
    """Show every setting: flag, then environment FAIRMAP_*, then fairmap.toml, then default."""
    found = configure({"store": context.obj["store"], "state": context.obj.get("state")})
    for name, value in asdict(found.settings).items():
        told = str(value).lower() if isinstance(value, bool) else value
        told = "(set, not shown)" if value and is_secret(name) else told
        click.echo(f"{name} = {told!r}" + (f"  # {found.origins[name]}; {describe(name)}" if origin else ""))
