"""Going on in a child process with limits: whatever it judges, it ends."""

from __future__ import annotations

import os
import select
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from fairmap.errors import QueryCrashed, QueryTimeout
from fairmap.views.worker import die_with_parent, limit

if TYPE_CHECKING:
    from collections.abc import Callable


def limits_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that :func:`go_on_within` takes."""
    seconds, mib = click.FloatRange(0, min_open=True), click.IntRange(1)
    memory = click.option("--memory", type=mib, metavar="MIB", help="MiB that may be used beyond the program itself.")
    deadline = click.option("--deadline", type=seconds, metavar="SECONDS", help="Seconds after which it is ended.")
    return deadline(memory(command))


def go_on_within(deadline: float | None, memory: int | None) -> None:
    """Come back in a child that has so many seconds and MiB; this process waits for it and ends as it does.

    Without limits nothing happens.

    :raises QueryTimeout: here, when the child was ended at its deadline.
    :raises QueryCrashed: here, when it died.
    """
    if deadline is None and memory is None:
        return
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        _wait(pid, deadline)
    die_with_parent()
    if memory is not None:
        limit(memory, None)


def _wait(pid: int, deadline: float | None) -> None:
    with os.fdopen(os.pidfd_open(pid)) as child:
        ready = select.poll()
        ready.register(child, select.POLLIN)
        in_time = ready.poll(None if deadline is None else deadline * 1000)
    if not in_time:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if not in_time:
        raise QueryTimeout(f"the judgement was ended after {deadline:g} s")
    if code < 0:
        raise QueryCrashed("the judgement died: it needed more memory than it may have, or hit a fault of the engine")
    sys.exit(code)
