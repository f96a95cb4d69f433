"""Answers of queries, kept in memory for the next who asks the same."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from cachetools import LRUCache

from fairmap.model import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST: Final = 8 << 20
"""Bytes of the largest answer that is kept."""
_OVERHEAD: Final = 512
"""Bytes that an answer takes besides its body, about."""


@dataclass(frozen=True)
class _Held:
    media_type: str
    body: bytes


class AnswerCache:
    """The answers used last, as many as fit. Safe in threads; two that ask at once may both run the query."""

    def __init__(self, size: int) -> None:
        """``size``: bytes of all answers together; 0: none is kept."""
        self._held: LRUCache[str, _Held] = LRUCache(size, lambda held: len(held.body) + _OVERHEAD)
        self._largest = min(LARGEST, size - _OVERHEAD)
        self._lock = Lock()

    def answer(self, key: str, revision: int, run: Callable[[], Answer]) -> Answer:
        """The answer kept under ``key``, else that of ``run``, which is kept when it is of ``revision``.

        :param key: differs with the query, the form and the revision.
        :param revision: of the view, read before this call.
        """
        with self._lock:
            held = self._held.get(key)
        if held is None:
            answer = run()
            if answer.revision != revision or answer.size > self._largest:
                return answer
            held = _Held(answer.media_type, b"".join(answer.chunks))
            with self._lock:
                self._held[key] = held
        return Answer(held.media_type, iter([held.body]), len(held.body), revision)

    @property
    def size(self) -> int:
        """Bytes in use."""
        with self._lock:
            return int(self._held.currsize)
