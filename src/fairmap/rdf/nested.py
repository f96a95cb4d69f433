"""JSON-LD and YAML-LD written anew, one value on a line, with the line each value has in the document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import yaml

from fairmap.errors import UnreadableInput
from fairmap.rdf.parse import context_of, text_of
from fairmap.rdf.yamlld import JsonLoader

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST: Final = ("@context", "@type", "@id")
"""Keys that the engine's streaming parser wants before all others, in its order."""


class _Composer(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Makes the nodes of a document, with their lines."""


_Composer.yaml_implicit_resolvers = JsonLoader.yaml_implicit_resolvers


def rewritten(data: bytes, *, name: str, is_json: bool) -> tuple[list[bytes], list[int]]:
    """The lines of the same document as JSON, and for each the line of the original; contexts known here are put in.

    :raises UnreadableInput: when it cannot be read as YAML, which almost all of JSON is.
    """
    text = text_of(data, name)
    try:
        # A tab in JSON is white space, since texts have it as \t only; YAML has no tabs between values.
        root = yaml.compose(text.replace("\t", " ") if is_json else text, Loader=_Composer)
        rows = list(_Writer(name, is_json=is_json).rows(root, ""))
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableInput(f"its lines cannot be told: {error}", where=name) from error
    return [f"{text}\n".encode() for text, _ in rows], [line for _, line in rows]


class _Writer:
    def __init__(self, name: str, *, is_json: bool) -> None:
        self._name = name
        self._is_json = is_json
        self._constructor = JsonLoader("")
        self._aliases: dict[str, str] = {}

    def rows(self, node: Any, before: str, after: str = "") -> Iterator[tuple[str, int]]:
        """The lines of a value."""
        line = node.start_mark.line + 1 if node else 1
        if isinstance(node, yaml.MappingNode):
            yield before + "{", line
            for text, line in self._members(node):
                yield text, line
            yield "}" + after, line  # with the line of the last value, which the parser may tell only now
        elif isinstance(node, yaml.SequenceNode):
            yield before + "[", line
            for place, item in enumerate(node.value, 1):
                for text, line in self.rows(item, "", "," if place < len(node.value) else ""):
                    yield text, line
            yield "]" + after, line
        else:
            yield before + self._written(node) + after, line

    def _members(self, node: yaml.MappingNode) -> Iterator[tuple[str, int]]:
        members = [(str(self._value(key)), key, value) for key, value in node.value]
        for _, _, value in (member for member in members if member[0] == "@context"):
            self._note(context_of(self._value(value), self._name))
        members.sort(key=lambda member: self._rank(member[0]))
        for place, (name, key, value) in enumerate(members, 1):
            after = "," if place < len(members) else ""
            head = f"{json.dumps(name)}: "
            if name == "@context":
                context = context_of(self._value(value), self._name)
                yield head + json.dumps(context) + after, key.start_mark.line + 1
            elif isinstance(value, yaml.ScalarNode):
                yield head + self._written(value) + after, key.start_mark.line + 1
            else:
                yield from self.rows(value, head, after)

    def _rank(self, name: str) -> int:
        meant = self._aliases.get(name, name)
        return _FIRST.index(meant) if meant in _FIRST else len(_FIRST)

    def _note(self, context: Any) -> None:
        """The names that a context gives to keywords."""
        for part in context if isinstance(context, list) else [context]:
            for name, meant in part.items() if isinstance(part, dict) else ():
                iri = meant.get("@id") if isinstance(meant, dict) else meant
                if iri in _FIRST:
                    self._aliases[name] = iri

    def _value(self, node: Any) -> Any:
        return self._constructor.construct_object(node, deep=True)

    def _written(self, node: Any) -> str:
        """A text, number, true, false or null in JSON; of JSON as it stands there."""
        return str(node.value) if self._is_json and not node.style else json.dumps(self._value(node))
