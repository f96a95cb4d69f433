"""``fairmap config``, and the options that are settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from fairmap.config import Settings, configure, describe

if TYPE_CHECKING:
    from collections.abc import Callable

store_option: Callable[..., Any] = click.option("--store", metavar="URI", help=f"{describe('store').capitalize()}.")


def settings_of(context: click.Context, **flags: Any) -> Settings:
    """The settings of a command; its own ``--store`` goes before the group's."""
    return configure({**flags, "store": flags.get("store") or context.obj["store"]}).settings


@click.group()
def config() -> None:
    """Show the settings."""


@config.command()
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@click.pass_context
def show(context: click.Context, *, origin: bool) -> None:
    """Show every setting: flag, then environment FAIRMAP_*, then fairmap.toml, then default."""
    found = configure({"store": context.obj["store"]})
    for name, value in asdict(found.settings).items():
        told = str(value).lower() if isinstance(value, bool) else value
        click.echo(f"{name} = {told!r}" + (f"  # {found.origins[name]}; {describe(name)}" if origin else ""))
