"""The view process: holds the snapshot, hands each query to a forked worker, kills the worker at the deadline.

One thread, one loop over epoll. Standard input brings frames from the writer (a delta as JSON); each is acknowledged on
standard output when the next query will see it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fairmap import wire
from fairmap.views.snapshot import Snapshot
from fairmap.views.stats import OUTCOME_OF, QueryStats, stats_path
from fairmap.views.worker import die_with_parent, run

_LEFT: Final = select.EPOLLRDHUP | select.EPOLLHUP


@dataclass
class _Job:
    connection: socket.socket
    started: float
    deadline: float
    is_known: bool = False  # how it ends
    has_left: bool = False


class _Worker:
    """One worker seen from the view process."""

    def __init__(self, pid: int, control: socket.socket) -> None:
        self.pid = pid
        self.control = control
        self.job: _Job | None = None
        self.stale = False


class Server:
    """The loop of the view process."""

    def __init__(self, options: dict[str, Any], writer: socket.socket) -> None:
        self._deadline = float(options["deadline"])
        self._memory = int(options["memory"])
        self._count = int(options["workers"])
        self._queue_limit = int(options["queue"])
        self._snapshot = Snapshot()
        self._writer = writer
        self._listener = wire.listen(Path(options["socket"]))
        self._stats_listener = wire.listen(stats_path(Path(options["socket"])))
        self._stats = QueryStats()
        self._workers: dict[int, _Worker] = {}
        self._queue: deque[_Job] = deque()
        self._refused: dict[int, socket.socket] = {}
        self._poll = select.epoll()

    def run(self) -> None:
        """Serve until the writer closes its side."""
        self._poll.register(self._writer, select.EPOLLIN)
        self._poll.register(self._listener, select.EPOLLIN)
        self._poll.register(self._stats_listener, select.EPOLLIN)
        while True:
            for descriptor, _ in self._poll.poll(self._next_deadline()):
                if descriptor == self._writer.fileno():
                    if not self._take_delta():
                        return
                elif descriptor == self._listener.fileno():
                    self._accept()
                elif descriptor == self._stats_listener.fileno():
                    self._tell_stats()
                elif descriptor in self._refused:
                    self._drain(descriptor)
                elif descriptor in self._workers:
                    self._worker_said(self._workers[descriptor])
                else:
                    self._reader_left(descriptor)
            self._end_late()
            self._hand_out()

    def _take_delta(self) -> bool:
        frame = wire.receive_json(self._writer)
        if frame is None:
            return False
        self._snapshot.apply(frame[1])
        for worker in list(self._workers.values()):
            worker.stale = True
            if worker.job is None:
                self._drop(worker)
        self._fill()
        wire.send(self._writer, wire.END)
        return True

    def _fill(self) -> None:
        while sum(not worker.stale for worker in self._workers.values()) < self._count:
            ours, theirs = socket.socketpair()
            pid = os.fork()
            if pid == 0:
                self._become_worker(ours, theirs)
            theirs.close()
            self._workers[ours.fileno()] = _Worker(pid, ours)
            self._poll.register(ours, select.EPOLLIN)

    def _become_worker(self, ours: socket.socket, theirs: socket.socket) -> None:
        """In the fork: keep nothing of the parent's but the snapshot."""
        try:
            ours.close()
            for worker in self._workers.values():
                worker.control.close()
                if worker.job:
                    worker.job.connection.close()
            for connection in [job.connection for job in self._queue] + list(self._refused.values()):
                connection.close()
            self._poll.close()
            self._listener.close()
            self._stats_listener.close()
            self._writer.close()
            run(self._snapshot, theirs, self._memory)
        finally:
            os._exit(1)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        now = time.monotonic()
        if len(self._queue) >= self._queue_limit:
            self._stats.count("busy", now)
            self._refuse(connection, f"{len(self._queue)} queries wait already")
            return
        self._queue.append(_Job(connection, now, now + self._deadline))

    def _tell_stats(self) -> None:
        """A frame fits into the socket's buffer, so nobody is waited for."""
        connection, _ = self._stats_listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.setblocking(False)
            told = {
                **self._stats.as_json(),
                "workers": {str(worker.pid): worker.job is not None for worker in self._workers.values()},
                "waiting": len(self._queue),
                "revision": self._snapshot.revision,
            }
            wire.send_json(connection, wire.HEAD, told)

    def _refuse(self, connection: socket.socket, what: str) -> None:
        """Tell a reader that it is too much; its request is read to the end, or the answer would be lost with it."""
        _tell(connection, {"kind": "Busy", "what": what})
        self._refused[connection.fileno()] = connection
        self._poll.register(connection, select.EPOLLIN)

    def _drain(self, descriptor: int) -> None:
        connection = self._refused[descriptor]
        with contextlib.suppress(BlockingIOError):
            try:
                left = not connection.recv(wire.PIECE, socket.MSG_DONTWAIT)
            except ConnectionError:
                left = True
            if left:
                self._poll.unregister(connection)
                del self._refused[descriptor]
                connection.close()

    def _hand_out(self) -> None:
        for worker in self._workers.values():
            if not self._queue:
                return
            if worker.job is None and not worker.stale:
                job = self._queue.popleft()
                worker.job = job
                self._poll.register(job.connection, _LEFT)
                socket.send_fds(worker.control, [b"."], [job.connection.fileno()])

    def _worker_said(self, worker: _Worker) -> None:
        """The worker is done with its query, or dead."""
        try:
            told = worker.control.recv(1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return  # an event of a worker that is gone, whose number this one has
        except OSError:
            told = b""
        if told in OUTCOME_OF:
            self._note(worker, OUTCOME_OF[told])
            return
        if told and not worker.stale:
            self._end_job(worker)
            return
        if not told and worker.job:
            self._note(worker, "crashed")
            what = "the query's worker died: it needed more memory than it may have, or hit a fault of the engine"
            _tell(worker.job.connection, {"kind": "QueryCrashed", "what": what})
        self._drop(worker)
        self._fill()

    def _note(self, worker: _Worker, outcome: str | None) -> None:
        """Count the worker's query by the first thing that is known of its end."""
        if worker.job and not worker.job.is_known:
            worker.job.is_known = True
            if outcome:
                self._stats.count(outcome, worker.job.started)

    def _reader_left(self, descriptor: int) -> None:
        for worker in list(self._workers.values()):
            if worker.job and worker.job.connection.fileno() == descriptor:
                self._worker_said(worker)  # what it said before comes first
                if worker.job and worker.job.is_known:  # a reader who has all goes a moment before the worker is free
                    self._poll.unregister(worker.job.connection)
                    worker.job.has_left = True
                elif worker.job:
                    self._note(worker, "left")
                    self._drop(worker)
                    self._fill()
                return

    def _end_late(self) -> None:
        now = time.monotonic()
        fault = {"kind": "QueryTimeout", "what": f"the query was ended after {self._deadline:g} s"}
        while self._queue and self._queue[0].deadline <= now:
            job = self._queue.popleft()
            self._stats.count("busy", job.started)
            self._refuse(job.connection, f"no worker was free for {self._deadline:g} s")
        late = [worker for worker in self._workers.values() if worker.job and worker.job.deadline <= now]
        for worker in late:
            os.kill(worker.pid, signal.SIGKILL)
            self._note(worker, "timeout")
            if worker.job:
                _tell(worker.job.connection, fault)
            self._drop(worker)
        if late:
            self._fill()

    def _drop(self, worker: _Worker) -> None:
        self._end_job(worker)
        self._poll.unregister(worker.control)
        del self._workers[worker.control.fileno()]
        worker.control.close()
        os.kill(worker.pid, signal.SIGKILL)
        os.waitpid(worker.pid, 0)

    def _end_job(self, worker: _Worker) -> None:
        if worker.job:
            if not worker.job.has_left:
                self._poll.unregister(worker.job.connection)
            worker.job.connection.close()
            worker.job = None

    def _next_deadline(self) -> float | None:
        deadlines = [worker.job.deadline for worker in self._workers.values() if worker.job]
        deadlines += [self._queue[0].deadline] if self._queue else []
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None


def _tell(connection: socket.socket, fault: dict[str, str]) -> None:
    """Say why there is no (more) answer; never waits for the reader."""
    with contextlib.suppress(OSError):
        connection.setblocking(False)
        wire.send_json(connection, wire.ERROR, fault)


def main() -> None:
    """Entry of the process: options as JSON in the first argument, the writer on standard input."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service's own process decides when to stop
    Server(json.loads(sys.argv[1]), socket.socket(fileno=0)).run()


if __name__ == "__main__":
    main()
