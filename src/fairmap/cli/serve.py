"""``fairmap serve``."""

from __future__ import annotations

import sys
from typing import Any

import click

from fairmap.cli.settings import settings_of, store_option
from fairmap.config import describe
from fairmap.errors import UsageError
from fairmap.service import supervise
from fairmap.store import address_of


@click.command()
@store_option
@click.option("--host", help=f"{describe('host').capitalize()}.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help=f"{describe('port').capitalize()}.  [default: 8080]")
@click.option("--public-url", metavar="URL", help=f"{describe('public_url').capitalize()}.")
@click.option("--empty", is_flag=True, help="Do not load the map.")
@click.option(
    "--no-shapes", is_flag=True, help="Scratch mode: any triple may be written to any graph, nothing is judged."
)
@click.option("--no-union", is_flag=True, help="The default graph is itself, not the union of all graphs.")
@click.pass_context
def serve(context: click.Context, /, *, empty: bool, no_shapes: bool, no_union: bool, **flags: Any) -> None:
    """Load the map (at the first start) and serve it: pages, linked data, SPARQL."""
    settings = settings_of(context, union=False if no_union else None, shapes=False if no_shapes else None, **flags)
    if settings.audit_keep and address_of(settings).state is None:
        raise UsageError("a store in memory keeps no audits", where="audit_keep", expected="--store oxigraph:PATH")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host

    def ready() -> None:
        click.echo(f"fairmap: serving {settings.store} at http://{host}:{settings.port}/ (stop with Ctrl-C)", err=True)

    if not settings.shapes:
        click.secho(
            "fairmap: NO SHAPES: whatever is written is kept unjudged; do not publish this store", fg="red", err=True
        )
    click.echo(f"fairmap: opening {settings.store}{'' if empty else ', with the map'} ...", err=True)
    code = supervise(settings, load_map=not empty, web="fairmap.web.serve", on_ready=ready)
    click.echo("fairmap: stopped" if code == 0 else "fairmap: stopped, because one of its processes ended", err=True)
    sys.exit(code)
