"""The command group: settings common to all commands, and errors turned into messages and exit codes."""

from __future__ import annotations

import sys
from typing import Any

import click

from fairmap.catalogue.reports import write_report
from fairmap.cli import access, audit, data, export, operation, proposals, serve, settings, validate
from fairmap.cli.errors import USAGE, exit_code
from fairmap.errors import FairmapError, NotConforming

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class _Group(click.Group):
    """Shows fairmap's errors as messages."""

    def main(self, *args: Any, **extra: Any) -> Any:
        extra["standalone_mode"] = False
        try:
            code = super().main(*args, **extra)
        except FairmapError as error:
            _tell(error)
            code = exit_code(type(error))
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            code = USAGE
        except click.ClickException as error:
            error.show()
            code = USAGE
        except (click.Abort, KeyboardInterrupt):
            click.echo("fairmap: stopped", err=True)
            code = 130
        except BrokenPipeError:
            sys.stderr.close()
            code = 141
        sys.exit(code or 0)


def _tell(error: FairmapError) -> None:
    if isinstance(error, NotConforming):
        click.echo(write_report(error.report, "text"), err=True, nl=False)
    click.echo(f"fairmap: {error}", err=True)


@click.group(cls=_Group, context_settings=CONTEXT)
@click.option("--store", metavar="URI", help="oxigraph:PATH, memory: or sparql:URL (also after the command's name).")
@click.option("--state", metavar="DIR", help="State folder of a sparql: store (also after the command's name).")
@click.version_option(package_name="fairmap")
@click.pass_context
def main(context: click.Context, store: str | None, state: str | None) -> None:
    """A semantic knowledge graph of medical-imaging repositories.

    Exit codes: 0 done, 1 findings (does not conform), 2 wrong usage or unreadable input, 3 remote or disk.
    """
    context.obj = {"store": store, "state": state}


for command in (
    serve.serve,
    data.build,
    data.load,
    data.query,
    access.update,
    validate.validate,
    audit.audit,
    export.export,
    access.token,
    proposals.proposals,
    operation.backup,
    operation.restore,
    operation.doctor,
    settings.config,
):
    main.add_command(command)
