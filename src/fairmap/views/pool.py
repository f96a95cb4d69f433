"""The query workers seen from the view process: forked, watched, killed."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from fairmap.views.worker import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW: Final = 0.5
"""Seconds after which a query has to stand back behind those that just came."""
_NICE: Final = 15


class Held(Protocol):
    """What a process holds for its workers."""

    @property
    def revision(self) -> int:
        """How many changes it has followed."""
        ...

    def take(self, kind: bytes, payload: bytes) -> Held | None:
        """Take over one frame of a change: what is held from then on, ``None`` before the last."""
        ...


@dataclass(eq=False)
class Reader:
    """One kept connection of a process that asks; one query at a time runs on it.

    :ivar came: when the query that waits or runs arrived (monotonic).
    :ivar asks_again: the next query arrived before the worker said that it is done with the last.
    :ivar is_refused: it was told the last that it will hear on this connection.
    """

    connection: socket.socket
    came: float = 0.0
    worker: Worker | None = None
    waits: bool = False
    asks_again: bool = False
    has_left: bool = False
    is_refused: bool = False

    @property
    def has_data(self) -> bool:
        """Whether something waits to be read."""
        try:
            return bool(self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:
            return False


@dataclass(eq=False)
class Worker:
    """One fork.

    :ivar held: what it reads, which is kept as long.
    :ivar began: when its query left the queue (monotonic).
    :ivar broker: the process that sends the requests of its federated query.
    :ivar is_known: how its query ends was counted.
    :ivar is_slow: it was set back, and does not have its full share of the processor.
    :ivar copied: bytes of the graph's pages that it has copied by reading them, and reads faster now.
    """

    pid: int
    control: socket.socket
    outcome: Outcome
    held: Held
    reader: Reader | None = None
    began: float = 0.0
    is_known: bool = False
    is_slow: bool = False
    is_stale: bool = False
    copied: int = 0
    broker: int | None = None

    def give(self, reader: Reader) -> None:
        """Let it run the query that waits on the reader's connection. A worker that is dead says so on ``control``."""
        self.outcome.tell(b"\0")
        self.reader, reader.worker, reader.waits = reader, self, False
        self.began, self.is_known = time.monotonic(), False
        with suppress(OSError):
            socket.send_fds(self.control, [b"."], [reader.connection.fileno()])

    def set_back(self) -> None:
        """Give it little of the processor while others want it. Source: setpriority(2)."""
        self.is_slow = True
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, self.pid, _NICE)

    def bring_forward(self) -> None:
        """Give it its full share again, where this user may do that; if not, only a new fork has it."""
        if self.is_slow:
            with suppress(ProcessLookupError, PermissionError):
                os.setpriority(os.PRIO_PROCESS, self.pid, 0)
                self.is_slow = False


@dataclass
class Pool:
    """The workers by the number of their control socket, those that are free, and those that were killed and still end."""

    workers: dict[int, Worker] = field(default_factory=dict)
    free: list[Worker] = field(default_factory=list)
    ending: set[int] = field(default_factory=set)

    def fork(
        self,
        become: Callable[[socket.socket, socket.socket, Outcome], None],
        held: Held,
        *,
        broker: int | None = None,
    ) -> Worker:
        """A new worker, free unless it has a broker; ``become`` is what the fork does, and does not return there."""
        ours, theirs = socket.socketpair()
        outcome = Outcome()
        pid = os.fork()
        if pid == 0:
            become(ours, theirs, outcome)
        theirs.close()
        worker = Worker(pid, ours, outcome, held, broker=broker, is_stale=broker is not None)
        self.workers[ours.fileno()] = worker
        if broker is None:
            self.free.append(worker)
        return worker

    def take(self) -> Worker:
        """A free worker, the one that has copied most: it answers first."""
        worker = max(self.free, key=lambda free: free.copied)
        self.free.remove(worker)
        return worker

    def kill(self, worker: Worker) -> None:
        """End it without waiting for that: a large process takes its time."""
        for pid in filter(None, (worker.pid, worker.broker)):
            os.kill(pid, signal.SIGKILL)
            self.ending.add(pid)
        del self.workers[worker.control.fileno()]
        if worker in self.free:
            self.free.remove(worker)
        worker.control.close()
        worker.outcome.close()

    def reap(self) -> None:
        """Let the kernel forget those that have ended."""
        self.ending -= {pid for pid in self.ending if os.waitpid(pid, os.WNOHANG)[0]}

    @property
    def copied(self) -> int:
        """Bytes that all workers together have copied."""
        return sum(worker.copied for worker in self.workers.values())

    @property
    def busy(self) -> list[Worker]:
        """Those that run a query."""
        return [worker for worker in self.workers.values() if worker.reader]

    @property
    def current(self) -> int:
        """How many hold the newest graph and their full share of the processor."""
        return sum(not worker.is_stale for worker in self.workers.values())
