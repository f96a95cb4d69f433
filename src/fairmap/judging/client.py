"""Asking for judgements, from any other process of this user."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

from fairmap import errors, wire
from fairmap.views.client import received
from fairmap.views.stats import read_stats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from fairmap.judging.task import Submission
    from fairmap.model import Answer

    Context = Callable[[Sequence[str]], Iterable[bytes]]
    """What a view says about these IRIs, as N-Triples in pieces."""

_START: Final = 20.0
"""Seconds that the process may take to start, or start again."""


class JudgeClient:
    """The judging process behind a socket. Safe in threads: each judgement has a connection for itself."""

    def __init__(self, path: Path, *, deadline: float = 30.0, answer_limit: int = 512 << 20) -> None:
        """``deadline``: seconds of a judgement, as the process knows them; ``answer_limit``: bytes of the largest report."""
        self._path = path
        self._patience = 2 * deadline + _START
        self._answer_limit = answer_limit

    def judge(self, submission: Submission, context: Context) -> Answer:
        """The report, which came to its end before its first byte.

        :param context: what the asker's view says about IRIs that are not among the data.
        :raises InputError: for what cannot be used.
        :raises QueryTimeout, QueryCrashed, Busy: as they are named.
        :raises ServiceDown: when the process is not up.
        """
        connection = wire.connect(self._path, "the judging process")
        connection.settimeout(self._patience)
        incoming = wire.Incoming(connection)
        try:
            with contextlib.suppress(ConnectionError):  # sent away before it was heard: the reason comes
                _send(incoming, submission)
            head = self._head(incoming, context)
        except (TimeoutError, ConnectionError) as error:
            connection.close()
            raise errors.ServiceDown("the judging process broke off", where=str(self._path)) from error
        except BaseException:
            connection.close()
            raise
        found = received(incoming, head, self._answer_limit)
        if found.size is not None:
            connection.close()
        return found

    def _head(self, incoming: wire.Incoming, context: Context) -> dict[str, Any]:
        while (found := incoming.next()) is not None:
            kind, payload = found
            told = json.loads(payload)
            if kind == wire.HEAD:
                head: dict[str, Any] = told
                return head
            if kind != wire.REQUEST:
                raise wire.error_of(told)
            _send_pieces(incoming, context(told))
        raise errors.ServiceDown("the judging process broke off", where=str(self._path))

    def stats(self) -> dict[str, Any]:
        """As :func:`fairmap.views.stats.read_stats`."""
        return read_stats(self._path)


def _send(incoming: wire.Incoming, submission: Submission) -> None:
    parts = [part for part, _ in submission.parts]
    wire.send_json(incoming.connection, wire.REQUEST, submission.task.as_json(parts))
    for _, body in submission.parts:
        _send_pieces(incoming, body)


def _send_pieces(incoming: wire.Incoming, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        wire.send(incoming.connection, wire.DATA, piece)
    wire.send(incoming.connection, wire.END)
