"""What a constraint finds wrong, before a shape gives it severity and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import Literal

    from fairmap.shacl.paths import Path, Term
    from fairmap.shacl.results import Part


@dataclass(frozen=True)
class Fault:
    """One fault of a focus node.

    :ivar path: in place of the shape's.
    :ivar component: in place of the constraint's.
    :ivar messages: in place of all others.
    :ivar bindings: what variables in messages stand for.
    :ivar parts: the inner shapes that say why.
    """

    value: Term | None = None
    path: Path | None = None
    component: str | None = None
    messages: tuple[Literal, ...] = ()
    bindings: Mapping[str, Term] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
