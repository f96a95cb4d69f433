"""What the SHACL processor finds, as the audit uses it: terms as they are, one message, and the name of the shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.model import Severity
from fairmap.namespaces import SH
from fairmap.shacl.paths import as_text

if TYPE_CHECKING:
    from fairmap.shacl import Result
    from fairmap.shacl.paths import Term

_SEVERITIES: Final = {NamedNode(f"{SH}{severity.value}"): severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class Found:
    """One result.

    :ivar shape: IRI of the shape or SPARQL constraint, or the label of a blank node.
    :ivar path: the property, or a SPARQL path; ``None``: the node itself.
    """

    focus: Term
    shape: str
    path: str | None
    value: Term | None
    message: str
    severity: Severity
    component: str

    @property
    def order(self) -> tuple[str, str, str]:
        """By path, message and value."""
        return self.path or "", self.message, str(self.value or "")


class Reading:
    """Reads results; the texts of paths are made once."""

    def __init__(self) -> None:
        self._paths: dict[int, str | None] = {}

    def found(self, result: Result) -> Found:
        """The result, with its message in English where there is one."""
        messages = result.messages
        best = min(messages, key=lambda text: (text.language != "en", text.value)) if len(messages) > 1 else messages[0]
        node = result.constraint or result.shape.node
        return Found(
            result.focus,
            node.value,
            self._path(result),
            result.value,
            best.value,
            _SEVERITIES.get(result.severity, Severity.VIOLATION),
            result.component,
        )

    def _path(self, result: Result) -> str | None:
        path = result.path
        if path is None or path is not result.shape.path:
            return None if path is None else as_text(path)
        name = id(result.shape)
        if name not in self._paths:
            self._paths[name] = as_text(path)
        return self._paths[name]
