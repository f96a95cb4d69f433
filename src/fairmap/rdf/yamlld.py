"""YAML-LD: YAML that is read as JSON-LD. Source: YAML-LD 1.0, the JSON subset without anchors and tags of our own."""

from __future__ import annotations

from typing import Any

import yaml

from fairmap.errors import UnreadableInput


class JsonLoader(yaml.SafeLoader):
    """YAML with JSON's types only: a date stays a string, an alias (which can grow without bound) is refused."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The node that the next events make."""
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", event.start_mark)
        return super().compose_node(parent, index)


JsonLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str, *, name: str) -> Any:
    """The JSON value of a YAML document.

    :param name: where the text is from, for the message.
    :raises UnreadableInput: with line and column, when it is not YAML of JSON's types.
    """
    try:
        return yaml.load(text, Loader=JsonLoader)  # noqa: S506 - a SafeLoader with fewer types
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise UnreadableInput(f"not YAML: {error.problem}", where=place) from error
    except yaml.YAMLError as error:
        raise UnreadableInput(f"not YAML: {error}", where=name) from error
