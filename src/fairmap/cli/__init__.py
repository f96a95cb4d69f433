"""The command line. Data on standard output, messages on standard error; exit codes as in :mod:`fairmap.cli.errors`."""

from fairmap.cli.main import main

__all__ = ["main"]
