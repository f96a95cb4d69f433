"""A query that the front ran, and whose answer or error Flask has to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fairmap.model import Answer

_KEY: Final = "fairmap.begun"


@dataclass(frozen=True)
class Begun:
    """How the query went.

    :ivar revision: of the view, read before it ran.
    """

    revision: int
    found: Answer | Exception

    def put(self, environ: dict[str, Any]) -> None:
        """Let :func:`of_environ` find it."""
        environ[_KEY] = self

    def answer(self) -> Answer:
        """:raises Exception: the one with which the query ended."""
        if isinstance(self.found, Answer):
            return self.found
        raise self.found


def of_environ(environ: dict[str, Any]) -> Begun | None:
    """The query of this request, when it has run."""
    found = environ.get(_KEY)
    return found if isinstance(found, Begun) else None
