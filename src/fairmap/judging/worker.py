"""A worker of the judging process. It may be killed at any moment.

What it reads was written by somebody else: it has no more memory than it may have, and opens no socket. After a submission it ends; one
that audited a record of a view, by our own criteria, takes the next request.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final, NoReturn

from fairmap import wire
from fairmap.errors import FairmapError, QueryCrashed, ServiceDown, StoreError, UnreadableInput
from fairmap.judging.task import Task
from fairmap.judging.verdict import verdict
from fairmap.sparql import engine_error
from fairmap.views.disk import refuse_sockets
from fairmap.views.stats import ANSWERED
from fairmap.views.worker import Frames, die_with_parent, fail, limit, next_connection

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

    from fairmap.judging.bench import Bench
    from fairmap.judging.task import Part
    from fairmap.views.worker import Outcome

_DONE: Final = bytes([1])
"""Tells the process that the worker is free, and copied nothing worth counting; see :func:`fairmap.views.worker.copied_of`."""


def work(bench: Bench, control: socket.socket, outcome: Outcome, memory_mib: int, *_: object) -> NoReturn:
    """Serve who asks until that was a submission, or went wrong, and end."""
    die_with_parent()
    limit(memory_mib, None if _refuses_sockets() else 1)
    goes_on = True
    while goes_on:
        with next_connection(control) as connection:
            try:
                goes_on = _serve(bench, connection, outcome)
            except (OSError, ServiceDown):
                os._exit(0)  # who asked has left
        if goes_on:
            control.send(_DONE)
    os._exit(0)


def _refuses_sockets() -> bool:
    """Whether the kernel refuses sockets from now on; where it cannot, there is to be no descriptor for one."""
    try:
        refuse_sockets()
    except StoreError:
        return False
    return True


def _serve(bench: Bench, connection: socket.socket, outcome: Outcome) -> bool:
    """Whether it was an audit, and answered."""
    incoming = wire.Incoming(connection)
    found = incoming.next_json()
    if found is None:
        return False
    try:
        task, parts = Task.of_json(found[1])
        documents = list(_documents(incoming, parts))
        body = verdict(bench, task, documents, _Asker(incoming))
    except FairmapError as error:
        fail(connection, outcome, wire.error_as_json(error))
    except RecursionError:
        fail(connection, outcome, wire.error_as_json(UnreadableInput("it is nested too deep")))
    except MemoryError:
        what = "the judgement needs more memory than it may have"
        fail(connection, outcome, wire.error_as_json(QueryCrashed(what, expected="less at a time")))
    except RuntimeError as error:
        fail(connection, outcome, wire.error_as_json(engine_error(error)))
    else:
        frames = Frames(connection, {"media_type": task.report, "revision": bench.revision})
        frames.write(body)
        outcome.tell(ANSWERED)
        frames.end()
        return task.metrics is not None
    return False


def _documents(incoming: wire.Incoming, parts: Sequence[Part]) -> Iterator[tuple[Part, bytes]]:
    """Each document came as frames, with an end."""
    for part in parts:
        yield part, _whole(incoming)


def _whole(incoming: wire.Incoming) -> bytes:
    pieces: list[bytes] = []
    while (found := incoming.next()) is not None:
        kind, payload = found
        if kind == wire.END:
            return b"".join(pieces)
        pieces.append(payload)
    raise ServiceDown("who asked has left")


class _Asker:
    """Asks the asker back."""

    def __init__(self, incoming: wire.Incoming) -> None:
        self._incoming = incoming

    def __call__(self, iris: Sequence[str]) -> bytes:
        """What the asker's view says about these IRIs."""
        told: Any = json.dumps(iris).encode()
        wire.send(self._incoming.connection, wire.REQUEST, told)
        return _whole(self._incoming)
