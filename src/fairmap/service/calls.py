"""One call to the writer: what is asked, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairmap.access import Principal
    from fairmap.catalogue import Document
    from fairmap.errors import FairmapError


@dataclass
class Call:
    """Made by a connection's thread, which waits; ended by the writer's thread.

    :ivar principal: who calls, when that is known.
    :ivar organisation: whose records are meant; ``None``: the public ones.
    :ivar value, body: the answer.
    """

    operation: str
    arguments: dict[str, Any]
    documents: list[Document]
    principal: Principal | None = None
    organisation: str | None = None
    value: Any = None
    body: bytes = b""
    error: FairmapError | None = None
    _over: Event = field(default_factory=Event)

    def end(self, error: FairmapError | None = None) -> None:
        """Let the caller have the answer, or the error."""
        self.error = error
        self._over.set()

    def wait(self) -> None:
        """Until the call has ended."""
        self._over.wait()
