"""Answers of queries, kept in memory for the next who asks the same."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from cachetools import LRUCache

from fairmap.model import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

LARGEST: Final = 8 << 20
"""Bytes of the largest answer that is kept."""
_OVERHEAD: Final = 512
"""Bytes that an answer takes besides its body, about."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, or an HTTP response with one.

    :ivar kind: the media type of an answer; the headers of a response.
    :ivar extra: bytes that it takes besides ``body``.
    """

    revision: int
    kind: str | tuple[tuple[str, str], ...]
    body: bytes
    extra: int = _OVERHEAD

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.body) + self.extra


class AnswerCache:
    """The answers used last, as many as fit. Safe in threads; two that ask at once may both run the query."""

    def __init__(self, size: int) -> None:
        """``size``: bytes of all answers together; 0: none is kept."""
        self._kept: LRUCache[Hashable, Kept] = LRUCache(size, lambda kept: kept.size)
        self._room = size
        self._lock = Lock()

    def get(self, key: Hashable, revision: int) -> Kept | None:
        """What is kept under ``key``, when it is of ``revision``."""
        with self._lock:
            kept = self._kept.get(key)
        return kept if kept and kept.revision == revision else None

    def keep(self, key: Hashable, kept: Kept) -> None:
        """Keep it, when it is not too large, and drop what was not used for longest."""
        if kept.size > min(LARGEST + _OVERHEAD, self._room):
            return
        with self._lock:
            self._kept[key] = kept

    def made(self, key: Hashable, revision: int, kind: str, make: Callable[[], bytes]) -> bytes:
        """What is kept under ``key``, else what ``make`` gives, which is kept.

        :param key: differs with the revision, too.
        """
        kept = self.get(key, revision)
        if kept is None:
            kept = Kept(revision, kind, make())
            self.keep(key, kept)
        return kept.body

    def answer(self, key: str, revision: int, run: Callable[[], Answer]) -> Answer:
        """The answer kept under ``key``, else that of ``run``, which is kept when it is of ``revision``.

        :param key: differs with the query, the form and the revision.
        :param revision: of the view, read before this call.
        """
        kept = self.get(key, revision)
        if kept is None:
            answer = run()
            if answer.revision != revision or (answer.size or 0) + _OVERHEAD > self._room:
                return answer
            if answer.size is None:
                return Answer(answer.media_type, self._keeping(key, answer), None, revision)
            if answer.size > LARGEST:
                return answer
            kept = Kept(revision, answer.media_type, b"".join(answer.chunks))
            self.keep(key, kept)
        assert isinstance(kept.kind, str)  # noqa: S101 - under this key lies an answer
        return Answer(kept.kind, iter([kept.body]), len(kept.body), revision)

    def _keeping(self, key: str, answer: Answer) -> Iterator[bytes]:
        """The chunks of an answer of unknown size, which is kept at its end."""
        held, size = [], 0
        for chunk in answer.chunks:
            size += len(chunk)
            if size <= LARGEST:
                held.append(chunk)
            else:
                held.clear()
            yield chunk
        if size <= LARGEST:
            self.keep(key, Kept(answer.revision, answer.media_type, b"".join(held)))

    @property
    def size(self) -> int:
        """Bytes in use."""
        with self._lock:
            return int(self._kept.currsize)
