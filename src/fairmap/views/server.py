"""The loop of a process that holds what workers need, hands each request to a forked worker, kills the worker at the deadline.

The view process is one: it holds the snapshot, and its workers answer queries. One thread, one loop over epoll. Standard input
brings frames from the writer (a delta as JSON); each is acknowledged there when the next query will see it. Readers keep their
connections; the request on one is read by the worker that gets it, so the loop is woken twice for a query: when it comes, and when
its worker is done.
"""

from __future__ import annotations

import contextlib
import gc
import math
import os
import select
import socket
import sys
import time
from collections import deque
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fairmap import wire
from fairmap.views.doors import doors
from fairmap.views.federation import Broker, socket_path
from fairmap.views.pool import SLOW, Pool, Reader, Worker
from fairmap.views.stats import OUTCOME_OF, QueryStats
from fairmap.views.worker import copied_of, die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairmap.views.pool import Held
    from fairmap.views.worker import Outcome

    Work = Callable[[Any, socket.socket, Outcome, int, Broker | None], object]
    """What a worker does with what is held; it ends its process."""

_LEFT: Final = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
_ASKED: Final = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET
"""Told once for each request that comes: nobody reads it here, so it would be told for ever."""
_COPIES: Final = 1 << 30
"""Bytes of copied pages that workers may keep together; one that has finished a query above that makes room for a fresh one."""
_LONGER: Final = 40
"""How many times as long as a query a dump of everything may take."""
_REAPING: Final = 0.05


class Server:
    """The loop."""

    def __init__(self, options: dict[str, Any], writer: socket.socket, held: Held, work: Work) -> None:
        self._deadline = float(options["deadline"])
        self._memory = int(options["memory"])
        self._count = int(options["workers"])
        self._queue_limit = int(options["queue"])
        self._what, self._whats = options.get("what", ("query", "queries"))
        self._held = held
        self._work = work
        self._writer = writer
        self._listener, self._stats_listener, self._revision = doors(options)
        self._federation: dict[str, Any] | None = options.get("federation")
        self._federated = wire.listen(socket_path(Path(options["socket"]))) if self._federation else None
        self._idle: float | None = options.get("idle")
        self._last_asked = time.monotonic()
        self._is_leaving = False
        self._stats = QueryStats()
        self._pool = Pool()
        self._readers: dict[int, Reader] = {}
        self._queue: deque[Reader] = deque()
        self._poll = select.epoll()
        self._has_graph = False
        self._is_told = False

    def run(self) -> None:
        """Serve until the writer closes its side.

        What opens descriptors comes last in each round: none of its events is then about another bearer of the same number.
        """
        doors: list[tuple[socket.socket, Callable[[], object]]]
        doors = [(self._stats_listener, self._tell_stats), (self._listener, self._accept)]
        doors += [(self._federated, self._accept_federated)] if self._federated else []
        takers = {door.fileno(): take for door, take in [*doors, (self._writer, self._take_delta)]}
        for descriptor in takers.keys() - {self._stats_listener.fileno()}:  # its figures are of a graph
            self._poll.register(descriptor, select.EPOLLIN)
        while True:
            opening = []
            for descriptor, what in self._poll.poll(self._patience()):
                if reader := self._readers.get(descriptor):
                    self._reader_said(reader, what)
                elif worker := self._pool.workers.get(descriptor):
                    self._worker_said(worker)
                else:
                    opening.append(descriptor)
            self._end_late()
            for descriptor, take in takers.items():
                if descriptor in opening:
                    take()
            self._hand_out()
            self._fill()
            self._end_waiting()
            if self._is_leaving and not self._is_busy():
                return
            self._tell_idle()

    def _take_delta(self) -> None:
        frame = wire.receive(self._writer)
        if frame is None:
            self._leave()
            return
        held = self._held.take(*frame)
        self._has_graph = held is not None
        if held is None:
            return
        self._held = held
        if not self._is_told:
            self._is_told = True
            self._poll.register(self._stats_listener, select.EPOLLIN)
        for worker in list(self._pool.workers.values()):
            worker.is_stale = True
            if worker.reader is None:
                self._drop(worker)
        if self._revision:
            self._revision.tell(self._held.revision)
        self._acknowledge(wire.END)

    def _leave(self) -> None:
        """The writer has closed its side. A view made on demand answers what has come so far: another one takes its place."""
        if self._idle is None:
            sys.exit(0)
        self._is_leaving = True
        for listener in (self._writer, self._listener, self._stats_listener):
            with contextlib.suppress(FileNotFoundError):
                self._poll.unregister(listener)
        for listener, take in ((self._listener, self._accept), (self._stats_listener, self._tell_stats)):
            listener.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    take()
            listener.close()
        for reader in list(self._readers.values()):
            if not reader.worker and not reader.waits:
                self._asked(reader)

    def _is_busy(self) -> bool:
        return bool(self._queue or self._pool.busy)

    def _idle_from(self) -> float:
        """When this view will not have been asked for too long a while; never for the public one, and not while it is."""
        if self._idle is None or self._is_leaving or self._is_busy():
            return math.inf
        return self._last_asked + self._idle

    def _tell_idle(self) -> None:
        """Let the writer know, once."""
        if self._idle_from() <= time.monotonic():
            self._last_asked = math.inf
            self._acknowledge(wire.REQUEST)

    def _acknowledge(self, kind: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # the writer has ended
            wire.send(self._writer, kind)

    def _fill(self) -> None:
        """Have a free worker, as far as there may be more: a fork costs time and page tables, and a change makes it old."""
        while self._has_graph and not self._pool.free and self._pool.current < self._count:
            gc.freeze()  # or the fork's collector would copy every page that holds an object
            worker = self._pool.fork(self._become_worker, self._held)
            self._poll.register(worker.control, select.EPOLLIN)
            self._hand_out()
        self._pool.reap()

    def _become_worker(
        self, ours: socket.socket, theirs: socket.socket, outcome: Outcome, broker: Broker | None = None
    ) -> None:
        """In the fork: keep nothing of the parent's but the snapshot."""
        try:
            ours.close()
            self._let_go()
            self._work(self._held, theirs, outcome, self._memory, broker)
        finally:
            os._exit(1)

    def _fork_broker(self, broker: Broker) -> int:
        pid = os.fork()
        if pid == 0:
            try:
                die_with_parent()
                self._let_go()
                broker.serve()
            finally:
                os._exit(1)
        return pid

    def _let_go(self) -> None:
        for worker in self._pool.workers.values():
            worker.control.close()
        for reader in self._readers.values():
            reader.connection.close()
        for mine in (self._poll, self._listener, self._stats_listener, self._writer, self._federated):
            if mine:
                mine.close()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setblocking(True)
        self._last_asked = time.monotonic()
        self._readers[connection.fileno()] = Reader(connection)
        self._poll.register(connection, _ASKED)

    def _accept_federated(self) -> None:
        """A federated query has a worker of its own from the start, beside the others, which may open sockets."""
        assert self._federated is not None  # noqa: S101 - it was accepted there
        assert self._federation is not None  # noqa: S101
        connection, _ = self._federated.accept()
        reader = self._readers[connection.fileno()] = Reader(connection, came=time.monotonic())
        self._poll.register(connection, _ASKED)
        running = sum(worker.broker is not None for worker in self._pool.workers.values())
        if running >= self._count:
            self._stats.count("busy", reader.came)
            self._refuse(reader, "Busy", f"{running} queries with SERVICE run already")
            return
        broker = Broker.of(self._federation)
        become = partial(self._become_worker, broker=broker)
        worker = self._pool.fork(become, self._held, broker=self._fork_broker(broker))
        broker.close()
        self._poll.register(worker.control, select.EPOLLIN)
        worker.give(reader)

    def _tell_stats(self) -> None:
        """A frame fits into the socket's buffer, so nobody is waited for."""
        connection, _ = self._stats_listener.accept()
        self._last_asked = time.monotonic()
        with connection, contextlib.suppress(OSError):
            connection.setblocking(False)
            told = {
                **self._stats.as_json(),
                "workers": {str(worker.pid): worker.reader is not None for worker in self._pool.workers.values()},
                "waiting": len(self._queue),
                "revision": self._held.revision,
            }
            wire.send_json(connection, wire.HEAD, told)

    def _reader_said(self, reader: Reader, what: int) -> None:
        """It has asked, or has left."""
        if reader.worker:
            self._worker_said(reader.worker)  # what it said before comes first
        if what & _LEFT:
            self._reader_left(reader)
        elif reader.is_refused:
            self._drain(reader)
        elif reader.worker:
            reader.asks_again = reader.worker.outcome.told != b"\0"  # else it is the rest of a long request
        elif not reader.waits:
            self._asked(reader)

    def _asked(self, reader: Reader) -> None:
        reader.asks_again = False
        if not reader.has_data:
            return  # the rest of a long request that its worker has read by now
        reader.came = self._last_asked = time.monotonic()
        if self._pool.free:
            self._pool.take().give(reader)
        elif len(self._queue) < self._queue_limit + self._count - min(self._count, self._pool.current):
            reader.waits = True
            self._queue.append(reader)
        else:
            self._stats.count("busy", reader.came)
            self._refuse(reader, "Busy", f"{len(self._queue)} {self._whats} wait already")

    def _reader_left(self, reader: Reader) -> None:
        worker = reader.worker
        if worker is None:
            self._close(reader)
        elif worker.outcome.told != b"\0":  # a reader who has all goes a moment before the worker is free
            reader.has_left = True
        else:
            self._note(worker, "left")
            self._drop(worker)
            self._close(reader)

    def _refuse(self, reader: Reader, kind: str, what: str) -> None:
        """Tell a reader why there is no (more) answer, without waiting for it.

        It gets the end behind that. Its request is read to the end, or the answer would be lost with it.
        """
        reader.is_refused = True
        with contextlib.suppress(OSError):
            reader.connection.setblocking(False)
            wire.send_json(reader.connection, wire.LAST, {"kind": kind, "what": what})
        with contextlib.suppress(OSError):
            reader.connection.shutdown(socket.SHUT_WR)
        self._drain(reader)

    def _drain(self, reader: Reader) -> None:
        try:
            while reader.connection.recv(wire.PIECE, socket.MSG_DONTWAIT):
                pass
        except BlockingIOError:
            return
        except OSError:
            pass
        self._close(reader)

    def _close(self, reader: Reader) -> None:
        if reader.connection.fileno() < 0:
            return  # closed already, since its worker's word came before its own
        if reader.waits:
            self._queue.remove(reader)
        self._poll.unregister(reader.connection)
        del self._readers[reader.connection.fileno()]
        reader.connection.close()

    def _hand_out(self) -> None:
        while self._queue and self._pool.free:
            self._pool.take().give(self._queue.popleft())

    def _worker_said(self, worker: Worker) -> None:
        """The worker is done with its query, or dead."""
        try:
            told = worker.control.recv(1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            told = b""
        reader, ended = worker.reader, worker.outcome.told
        if reader and ended != b"\0":
            self._note(worker, OUTCOME_OF[ended])
        elif reader:
            self._note(worker, "left" if told else "crashed")
            what = (
                f"the {self._what}'s worker died: it needed more memory than it may have, or hit a fault of the engine"
            )
            self._refuse(reader, "QueryCrashed", what)
        self._end_query(worker)
        if told:
            worker.copied = copied_of(told)
            worker.bring_forward()
        if not told or worker.is_stale or worker.is_slow or self._pool.copied > _COPIES:
            self._drop(worker)
        else:
            self._pool.free.append(worker)
        if reader and reader.has_left:
            self._close(reader)
        elif reader and reader.asks_again:
            self._asked(reader)

    def _note(self, worker: Worker, outcome: str | None) -> None:
        """Count the worker's query."""
        if worker.reader and outcome:
            self._stats.count(outcome, worker.reader.came)
            self._stats.ran(time.monotonic() - worker.began)

    def _end_late(self) -> None:
        """End queries at their deadline, which counts from when they left the queue; set back those that take long."""
        now = time.monotonic()
        for worker in self._pool.busy:
            allowed = self._allowed(worker)
            if worker.began + allowed <= now:
                reader = worker.reader
                self._note(worker, "timeout")
                self._drop(worker)
                if reader:
                    self._refuse(reader, "QueryTimeout", f"the {self._what} was ended after {allowed:g} s")
            elif not worker.is_slow and worker.began + SLOW <= now:
                worker.set_back()

    def _allowed(self, worker: Worker) -> float:
        """Seconds that its work may take."""
        return self._deadline * (_LONGER if worker.outcome.takes_time else 1)

    def _end_waiting(self) -> None:
        """Send those away who wait as long as a query may run, and for whom no worker was free now either."""
        while self._queue and self._queue[0].came + self._deadline <= time.monotonic():
            reader = self._queue.popleft()
            reader.waits = False
            self._stats.count("busy", reader.came)
            self._refuse(reader, "Busy", f"no worker was free for {self._deadline:g} s")

    def _drop(self, worker: Worker) -> None:
        self._end_query(worker)
        self._poll.unregister(worker.control)
        self._pool.kill(worker)

    def _end_query(self, worker: Worker) -> None:
        if worker.reader:
            worker.reader.worker = None
            worker.reader = None

    def _patience(self) -> float | None:
        """Seconds until something has to be done by itself."""
        times = [
            worker.began + (self._allowed(worker) if worker.is_slow else min(SLOW, self._deadline))
            for worker in self._pool.busy
        ]
        times += [self._queue[0].came + self._deadline] if self._queue else []
        first = min([*times, self._idle_from()])
        wait = max(0.0, first - time.monotonic()) if first < math.inf else None
        return wait if not self._pool.ending else min(_REAPING, _REAPING if wait is None else wait)
