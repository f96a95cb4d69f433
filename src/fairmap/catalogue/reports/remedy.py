"""A remedy: what to do about a finding."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remedy:
    """What to do.

    :ivar lead: in words, what to do with ``text``.
    :ivar text: what to write, or empty.
    :ivar form: what ``text`` is written in.
    :ivar is_pattern: ``text`` is an example: the reader's own value goes in its place.
    :ivar hint: what to know of it: where it was taken from, what else there is.
    """

    lead: str
    text: str = ""
    form: str = "Turtle"
    is_pattern: bool = True
    hint: str = ""
