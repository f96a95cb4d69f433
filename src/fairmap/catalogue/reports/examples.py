"""The example that a message ends with, as a statement that can be filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from fairmap.catalogue.reports.words import SHORT, property_name
from fairmap.namespaces import SH

if TYPE_CHECKING:
    from pyoxigraph import Quad

    from fairmap.model import Finding

_EXAMPLE: Final = re.compile(r"[;:,.]? *e\.g\. (?P<text>.*)\Z", re.DOTALL)
_END: Final = re.compile(r"\.(?=\s|\Z)")
_PATTERN: Final = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")
_BESIDE: Final = " together with "
_SUBJECT: Final = "urn:fairmap:focus"
_HEAD: Final = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in SHORT.items())


@dataclass(frozen=True)
class Example:
    """An example of what to write.

    :ivar predicate: in Turtle.
    :ivar value: in Turtle, with the prefixes of :data:`SHORT`.
    :ivar quads: the same; the subject of the statement is :attr:`node`.
    :ivar more: a description of what the value leads to, in Turtle, without the dot at its end; it is in the quads, too.
    """

    predicate: str
    value: str
    quads: tuple[Quad, ...]
    more: str = ""

    node: ClassVar[NamedNode] = NamedNode(_SUBJECT)

    @property
    def texts(self) -> int:
        """How many texts and numbers it holds."""
        return sum(isinstance(quad.object, Literal) for quad in self.quads)

    @property
    def statement(self) -> Quad:
        """The statement about the node that is to be mended."""
        return next(quad for quad in self.quads if quad.subject == self.node)


def rule(finding: Finding) -> str:
    """A message without its example, when that is shown in another place."""
    message = with_name(finding)
    match = _EXAMPLE.search(message)
    found = _found(finding)
    if match is None or found is None:
        return message
    text = message[: match.start()].rstrip()
    rest = match["text"][found[1] :].strip()
    return " ".join(filter(None, (text if text.endswith(".") else f"{text}.", rest)))


def with_name(finding: Finding) -> str:
    """The message with the property's name where it begins with its IRI."""
    path = finding.path or ""
    if not path or not finding.message.startswith(path):
        return finding.message
    return f"{property_name(finding)}{finding.message.removeprefix(path)}"


def example(finding: Finding) -> Example | None:
    """What to write in place of the value, or to add: the message's example, else one that the shape tells."""
    if finding.component == f"{SH}ClosedConstraintComponent":
        return None
    if found := _found(finding):
        return found[0]
    simple = finding.path is not None and _PATTERN.match(finding.path) and not re.search(r"[<(^|]", finding.path)
    return _read(finding.example, finding.path) if simple and finding.example else None


def from_text(text: str) -> Example | None:
    """The example that this is, in Turtle without its subject."""
    return _read(text, None)


def _found(finding: Finding) -> tuple[Example, int] | None:
    """The example in a message, and where it ends; sentences may follow it."""
    match = _EXAMPLE.search(finding.message)
    if match is None:
        return None
    text, _, beside = match["text"].partition(_BESIDE)
    if beside:
        found = _read(text, finding.path)
        return (found, len(match["text"])) if found else None
    for end in (len(text), *(stop.start() for stop in reversed(list(_END.finditer(text))))):
        if found := _read(text[:end], finding.path):
            return found, min(end + 1, len(text))
    return None


def _read(text: str, path: str | None) -> Example | None:
    """A property with a value, or a value alone; bare addresses count as links."""
    head, _, rest = text.partition(" ")
    if rest and (quads := _parsed(text)):
        return Example(head, rest, quads)
    if path is None:
        return None
    value = f"<{text}>" if _PATTERN.match(text) and "://" in text else text
    quads = _parsed(f"<{path}> {value}")
    return Example(f"<{path}>", value, quads) if quads else None


def _parsed(text: str) -> tuple[Quad, ...]:
    """The statements that this says of the subject, or none when it is not Turtle."""
    try:
        quads = tuple(parse(f"{_HEAD}<{_SUBJECT}> {text} .", format=RdfFormat.TURTLE))
    except SyntaxError:
        return ()
    own = [quad for quad in quads if quad.subject == Example.node]
    return quads if len({quad.predicate for quad in own}) == 1 else ()
