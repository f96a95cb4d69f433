"""Which syntax a document without a name is written in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fairmap.rdf.formats import FORMATS, by_name

if TYPE_CHECKING:
    from fairmap.rdf.formats import Format

_HEAD: Final = 1 << 14
"""Bytes that are looked at."""
_XML: Final = re.compile(r"<\?xml|<!DOCTYPE|<!--|<[A-Za-z][\w.-]*:?RDF[\s>]")
_JSON: Final = re.compile(r"\{\s*[\"}]|\[\s*[{\]\[]")
_YAML: Final = re.compile(r"---\s|(?!@prefix|@base)[\"']?[@A-Za-z][\w@:.-]*[\"']?:(?:\s|$)")
_QUAD: Final = re.compile(
    r"(?:<[^<>\s]*>|_:\S+)\s+<[^<>\s]*>\s+\S.*\s(?:<[^<>\s]*>|_:\S+)\s*\.\s*(?:#.*)?$", re.MULTILINE
)
_GRAPH: Final = re.compile(r"(?:^|\s)GRAPH\s+\S+\s*\{|(?:^|[.}]\s+)(?:<[^<>\s]*>|[\w.-]*:[\w.-]*)?\s*\{", re.IGNORECASE)
_COMMENTS: Final = re.compile(r"(?:\s|#[^\n]*(?:\n|\Z))*")


def guess_format(data: bytes) -> Format:
    """The syntax that a document looks most like, by its beginning; Turtle when it looks like none.

    >>> guess_format(b'{"@id": "http://e/a"}').name, guess_format(b"<http://e/a> a <http://e/B> .").name
    ('jsonld', 'turtle')
    """
    text = data[:_HEAD].decode("utf-8", errors="replace").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return by_name(_name(text[_COMMENTS.match(text).end() :]), FORMATS)  # type: ignore[union-attr] # it matches nothing, too


def _name(text: str) -> str:
    if _XML.match(text):
        return "rdfxml"
    if _JSON.match(text):
        return "jsonld"
    if _YAML.match(text):
        return "yamlld"
    if _QUAD.match(text.partition("\n")[0]):
        return "nquads"
    return "trig" if _GRAPH.search(text) else "turtle"
