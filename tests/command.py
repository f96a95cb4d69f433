"""The command line, run in this process: a process of its own takes most of a second to start, and is seldom what a test is about."""

from __future__ import annotations

from subprocess import CompletedProcess
from typing import TYPE_CHECKING

from click.testing import CliRunner

from fairmap.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping


def fairmap(
    *arguments: object, stdin: str | None = None, environment: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """What ``fairmap`` does with these arguments; not for use in threads.

    :raises Exception: whatever the program does not turn into a message and an exit code.
    """
    words = [str(argument) for argument in arguments]
    result = CliRunner(env=environment).invoke(main, words, input=stdin, catch_exceptions=False)
    return CompletedProcess(words, result.exit_code, result.stdout, result.stderr)
