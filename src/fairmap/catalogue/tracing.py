"""Where findings come from: documents read with their lines, and the lines of a report's findings."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, NamedNode

from fairmap.model import Place, Source
from fairmap.namespaces import DCT, FM, PREFIXES, RDF
from fairmap.rdf import FORMATS, by_name, parse_with_lines
from fairmap.store.literals import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyoxigraph import Quad

    from fairmap.catalogue.documents import Document
    from fairmap.model import Finding, ValidationReport

_PREFIX: Final = re.compile(rb"^\s*@?prefix\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE | re.MULTILINE)
_XMLNS: Final = re.compile(rb"""\bxmlns:([\w.-]+)\s*=\s*["']([^"'<>]*)["']""")
_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?RDF\b[^>]*>")
_LONGEST: Final = 400
"""Letters of a line that are told."""
_NESTED: Final = ("jsonld", "yamlld")
_BACK: Final = 20
"""Lines before the one the parser tells that are looked at."""
_FEW: Final = 5
"""Things of one class that are told of a document."""
_TYPE: Final = NamedNode(f"{RDF}type")
_RENAMED: Final = ("/DistributionOwner",)
"""Rules by which a thing has to be called otherwise, wherever its name stands."""
_BESIDE: Final = {
    "/AgeRange": (f"{PREFIXES['healthdcatap']}maxTypicalAge",),
    "/DateOrder": (f"{DCT}issued",),
    "/ChecksumLength": (f"{PREFIXES['spdx']}algorithm",),
    "/AccessRightsFollow": (f"{FM}accessCondition",),
}
"""What a value is held against, by the rule."""
_MOST: Final = 10
"""Places that are told of one finding."""


@dataclass(frozen=True)
class _Read:
    source: Source
    text: bytes
    quads: list[Quad]
    lines: list[int]

    @cached_property
    def ends(self) -> array[int]:
        """Where each line ends."""
        return array("Q", [0, *(match.end() for match in re.finditer(rb"\n|.\Z", self.text, re.DOTALL))])

    def row(self, line: int) -> bytes:
        """A line, or nothing when there is none of that number."""
        return self.text[self.ends[line - 1] : self.ends[line]] if 0 < line < len(self.ends) else b""

    def line_of(self, value: str, line: int) -> int:
        """The line on which a value stands, when the parser took the end of it from a later one."""
        words = re.split(r"[/#]", value.strip("<>").rstrip("/"))[-1] if value.startswith("<") else _words(value)
        near = range(line, max(0, line - _BACK), -1)
        return next((number for number in near if words.encode() in self.row(number)), line)

    def opening(self, line: int) -> int:
        """The line with the bracket that a nested description of Turtle begins with, when it is just before its first statement."""
        for number in range(line, max(0, line - 3), -1):
            text = self.row(number)
            if text.rfind(b"[") > text.rfind(b"]") or (number == line and b"[" in text):
                return number
        return line

    def place(self, line: int, what: str, value: str | None = None) -> Place:
        text = self.row(line).decode(errors="replace")
        return Place(self.source.name, line, text.rstrip()[:_LONGEST], what, value)


class Traced:
    """Documents that were read with their lines.

    :param told: is called after each document with how many were read.
    :raises UnreadableInput: with name, line and column.
    """

    def __init__(self, documents: Iterable[Document], told: Callable[[int], None] = lambda _: None) -> None:
        self._read: list[_Read] = []
        for number, document in enumerate(documents, 1):
            self._read.append(_read(document))
            told(number)

    @property
    def quads(self) -> list[Quad]:
        """The quads of all of them, terms as written."""
        return [quad for read in self._read for quad in read.quads]

    def locate(self, report: ValidationReport) -> ValidationReport:
        """The same report with the places of its findings, as far as the documents tell them."""
        index = _Index(self._read, report.findings)
        sources = tuple(replace(read.source, things=_things(read.quads)) for read in self._read)
        return replace(report, findings=tuple(map(index.located, report.findings)), sources=sources)


def _read(document: Document) -> _Read:
    data = document.data.read_bytes() if isinstance(document.data, Path) else document.data
    form = by_name(document.form, FORMATS)
    quads, lines = parse_with_lines(data, form, base_iri=document.base_iri, name=document.name)
    declared = _declared(data, form.name)
    prefixes = tuple((name.decode(), space.decode(errors="replace")) for name, space in declared)
    return _Read(Source(document.name, document.form, prefixes), data, quads, lines)


def _declared(data: bytes, form: str) -> list[tuple[bytes, bytes]]:
    """The prefixes that a document declares for all of it, with their namespaces."""
    if form == "rdfxml":
        root = _ROOT.search(data)
        return _XMLNS.findall(root[0]) if root else []
    return _PREFIX.findall(data) if form in {"turtle", "trig"} else []


def _things(quads: Iterable[Quad]) -> tuple[tuple[str, str], ...]:
    """Things with IRIs by their classes, the first few of each."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for quad in quads:
        if quad.predicate == _TYPE and isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            own = found[quad.object.value]
            if len(own) < _FEW:
                own[quad.subject.value] = None
    return tuple((kind, iri) for kind, own in found.items() for iri in own)


class _Index:
    """The lines of the nodes that findings are about, and of their statements."""

    def __init__(self, documents: Sequence[_Read], findings: Iterable[Finding]) -> None:
        wanted = {name for finding in findings for name in _names(finding)}
        self._nodes: dict[str, tuple[_Read, int]] = {}
        self._statements: defaultdict[tuple[str, str], list[tuple[str, _Read, int]]] = defaultdict(list)
        for read in documents:
            for quad, line in zip(read.quads, read.lines, strict=False):
                name = _name(quad.subject)
                if name in wanted:
                    self._statements[name, quad.predicate.value].append((str(quad.object), read, line))
                if name in wanted or isinstance(quad.subject, BlankNode):
                    self._note(name, read, line)
                if isinstance(quad.object, BlankNode):
                    self._note(str(quad.object), read, line)

    def _note(self, name: str, read: _Read, line: int) -> None:
        first = self._nodes.setdefault(name, (read, line))
        if line < first[1] and read is first[0]:
            self._nodes[name] = (read, line)

    def located(self, finding: Finding) -> Finding:
        """A finding with its places, and its parts' findings with theirs."""
        parts = tuple(replace(part, findings=tuple(map(self.located, part.findings))) for part in finding.parts)
        places = dict.fromkeys((*self._places(finding), *self._beside(finding)))
        return replace(finding, parts=parts, places=tuple(places)[:_MOST])

    def _beside(self, finding: Finding) -> Iterator[Place]:
        """Where else the name stands that has to change, and what the value is held against."""
        if finding.shape.endswith(_RENAMED) and finding.value is not None:
            end = re.split(r"[/#]", finding.value.strip("<>"))[-1]
            whole = re.compile(rf"(?<![\w-]){re.escape(end)}(?![\w-])".encode())
            for read in {id(read): read for read, _ in self._nodes.values()}.values():
                rows = (number for number in range(1, len(read.ends)) if whole.search(read.row(number)))
                yield from (read.place(number, "value") for number in rows)
        for rule, paths in _BESIDE.items():
            if finding.shape.endswith(rule):
                for value, read, line in (
                    one for path in paths for one in self._statements.get((finding.focus, path), [])
                ):
                    yield read.place(self._begins(value, read, line), "beside", value)

    def _places(self, finding: Finding) -> Iterator[Place]:
        found = self._statements.get((finding.focus, finding.path or ""), [])
        exact = [statement for statement in found if statement[0] == finding.value]
        if exact or found:
            for value, read, line in exact[:1] or found:
                yield read.place(
                    self._begins(value, read, line), "value" if exact else "property", None if exact else value
                )
            return
        if finding.value is not None and finding.value != f"<{finding.focus}>":
            yield from self._elsewhere(finding)
            return
        yield from self._node(finding.focus) or self._node(finding.record or "")

    def _elsewhere(self, finding: Finding) -> Iterator[Place]:
        """The value under another property of the node, or what is said about it; else the node."""
        assert finding.value is not None  # noqa: S101 - asked before
        for (name, _), statements in self._statements.items():
            if name == finding.focus:
                for value, read, line in statements:
                    if value == finding.value:
                        yield read.place(self._begins(value, read, line), "value")
                        return
        yield from (
            self._node(finding.value.strip("<>")) or self._node(finding.focus) or self._node(finding.record or "")
        )

    def _begins(self, value: str, read: _Read, line: int) -> int:
        """The line of a value; a nested description is told when it ends, and begins where the first statement in it is."""
        if not value.startswith("_:"):
            return read.line_of(value, line)
        return min(line, self._nodes[value][1]) if value in self._nodes else line

    def _node(self, name: str) -> list[Place]:
        if name not in self._nodes:
            return []
        read, line = self._nodes[name]
        if name.startswith("_:"):
            nested = read.source.form in {"turtle", "trig"}
            return [read.place(read.opening(line) if nested else line, "node")]
        return [read.place(line if read.source.form in _NESTED else read.line_of(f"<{name}>", line), "node")]


def _words(value: str) -> str:
    """The first line of a text, as far as it is written without escapes."""
    return re.split(r"[\\\n\"]", literal(value).value)[0]


def _names(finding: Finding) -> Iterator[str]:
    yield finding.focus
    if finding.record:
        yield finding.record
    if finding.value is not None and not finding.value.startswith('"'):
        yield finding.value.strip("<>")
    for part in finding.parts:
        for inner in part.findings:
            yield from _names(inner)


def _name(node: object) -> str:
    return node.value if isinstance(node, NamedNode) else str(node)
