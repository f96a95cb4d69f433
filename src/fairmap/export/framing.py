"""JSON-LD as people and search engines read it: a tree from the record down, with its context inside; nothing is fetched to read it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode

from fairmap.export.description import SCHEMA, TYPE, in_order
from fairmap.namespaces import XSD, compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairmap.export.description import Description, Node, Term

ADDRESSES: Final = ("contentUrl", "inDefinedTermSet", "license", "sameAs", "url")
"""Properties of schema.org whose IRIs are written as text."""

_INTEGER: Final = re.compile(r"(0|-?[1-9][0-9]{0,14})\Z")
_NUMBERS: Final = frozenset(
    f"{XSD}{name}" for name in ("integer", "nonNegativeInteger", "positiveInteger", "int", "long")
)
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


class Frame:
    """A description as a tree of JSON-LD objects.

    :ivar english: properties whose English text is plain JSON text, as the context says: those with English text at the record, or without
        text that has no language.
    """

    def __init__(self, description: Description) -> None:
        self.description = description
        self._other: set[str] = set()
        self._tagged: set[str] = set()
        self.tree = self._node(description.root, ())
        at_root = {name for name, values in self.tree.items() if any(map(_is_english, listed(values)))}
        self.english = sorted(self._tagged - self._other | at_root)

    def document(self) -> dict[str, Any]:
        """The tree with its context."""
        return {"@context": self._context(), **self.plain()}

    def plain(self) -> dict[str, Any]:
        """The tree alone; English text of :attr:`english` is plain JSON text."""
        found: dict[str, Any] = _plain(self.tree, frozenset(self.english))
        return found

    def _context(self) -> dict[str, Any]:
        addresses = {name: {"@type": "@id"} for name in ADDRESSES}
        return {"@vocab": SCHEMA, **addresses, **{name: {"@language": "en"} for name in self.english}}

    def _node(self, node: Node, above: tuple[Node, ...]) -> dict[str, Any]:
        """A node with all that is told of it; where it stands in itself, it is only named."""
        made: dict[str, Any] = {"@id": node.value} if isinstance(node, NamedNode) else {}
        if node in above:
            return made
        if types := self.description.types(node):
            made = {"@type": types[0] if len(types) == 1 else types, **made}
        for name, values in sorted(self.description.properties(node).items(), key=_place):
            if name != TYPE:
                found = self.property(_local(name), in_order(values), (*above, node))
                made |= {_local(name): found} if found is not None else {}
        return made

    def property(self, name: str, values: Sequence[Term], above: tuple[Node, ...]) -> object:
        """The values of a property of the last node of ``above``: one as it is, several as a list; ``None`` where it is not told."""
        found = [self.value(name, value, above) for value in values]
        return found[0] if len(found) == 1 else found or None

    def value(self, name: str, value: Term, above: tuple[Node, ...]) -> object:
        """One value."""
        if not isinstance(value, Literal):
            named = isinstance(value, NamedNode) and (value in above or not self.description.properties(value))
            return value.value if named and name in ADDRESSES else self._node(value, above)
        if value.language == "en":
            self._tagged.add(name)
            return {"@language": "en", "@value": value.value}
        if not value.language:
            self._other.add(name)
        return literal(value)


def literal(value: Literal) -> object:
    """A literal in JSON-LD: as JSON's own text, number or boolean where that keeps it as it is.

    >>> literal(Literal(12)), literal(Literal("012", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")))["@value"]
    (12, '012')
    """
    if value.language:
        return {"@language": value.language, "@value": value.value}
    kind = value.datatype.value
    if kind == f"{XSD}string":
        return value.value
    if kind in _NUMBERS and _INTEGER.match(value.value):
        return int(value.value)
    if kind == f"{XSD}boolean" and value.value in _TRUTH:
        return _TRUTH[value.value]
    return {"@type": kind, "@value": value.value}


def written(documents: Iterable[object]) -> Iterator[bytes]:
    """One document as itself, none or many as an array; piece by piece."""
    waiting = iter(documents)
    first, second = next(waiting, None), next(waiting, None)
    if second is None:
        yield _json(first) if first is not None else b"[]\n"
        return
    yield b"[\n" + _json(first) + b",\n" + _json(second)
    for document in waiting:
        yield b",\n" + _json(document)
    yield b"]\n"


def _json(document: object) -> bytes:
    # A lone half of a surrogate pair cannot be UTF-8; no RDF document that was read has one.
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _plain(value: Any, english: frozenset[str], name: str = "") -> Any:
    """The tree with English as plain JSON text where the context says so; text without a language then says that it has none."""
    if isinstance(value, list):
        return [_plain(item, english, name) for item in value]
    if isinstance(value, str):
        return {"@value": value} if name in english else value
    if not isinstance(value, dict):
        return value
    if name in english and _is_english(value):
        return value["@value"]
    return value if "@value" in value else {key: _plain(item, english, key) for key, item in value.items()}


def _is_english(value: Any) -> bool:
    return isinstance(value, dict) and value.get("@language") == "en"


def listed(value: Any) -> list[Any]:
    """The values of a property, which is one value or a list."""
    return value if isinstance(value, list) else [value]


def _place(item: tuple[str, object]) -> tuple[bool, bool, str]:
    """Name and description go before the other properties."""
    return item[0] != f"{SCHEMA}name", item[0] != f"{SCHEMA}description", item[0]


def _local(iri: str) -> str:
    """A property's name in the tree.

    >>> _local("https://schema.org/name")
    'name'
    """
    return iri.removeprefix(SCHEMA) if iri.startswith(SCHEMA) else compact(iri).strip("<>")
