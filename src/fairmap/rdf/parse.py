"""Reading RDF documents: terms stay as written, blank nodes become unique, nothing is fetched."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from pyoxigraph import RdfFormat, Triple
from pyoxigraph import parse as engine_parse

from fairmap.errors import UnreadableInput
from fairmap.namespaces import CONTEXT
from fairmap.rdf.yamlld import read_yaml
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import RawIOBase

    from pyoxigraph import Quad

    from fairmap.rdf.formats import Format

_MAX_DEPTH: Final = 200
"""Nesting of JSON-LD; the engine's parser overflows its stack at some thousands."""

_IN_PIECES: Final = frozenset({"turtle", "ntriples", "trig", "nquads"})

_SCHEMA_ORG: Final = re.compile(r"https?://schema\.org/?(docs/jsonldcontext\.jsonl?d?)?\Z")
_SCHEMA_ORG_CONTEXT: Final = {
    "@vocab": "https://schema.org/",
    **{key: {"@type": "@id"} for key in ("contentUrl", "license", "sameAs", "url", "usageInfo")},
}
"""In place of the context of schema.org, which has 3,000 terms: all its names, and those whose values are read here as addresses."""

_ENTITY: Final = re.compile(rb"<!ENTITY\s+(?:%\s+)?\S+\s+(\"[^\"]*\"|'[^']*'|\S+)")


def parse(data: bytes, form: Format, *, base_iri: str | None = None, name: str = "input") -> list[Quad]:
    """The quads of a document, in its order, terms exactly as written.

    :param form: what ``data`` is written in.
    :param base_iri: what relative IRIs are resolved against.
    :param name: where ``data`` is from, for the message.
    :raises UnreadableInput: with ``name:line:column`` where the syntax tells it.
    """
    return list(stream(data, form, base_iri=base_iri, name=name))


def stream(data: bytes | Path, form: Format, *, base_iri: str | None = None, name: str = "input") -> Iterator[Quad]:
    """As :func:`parse`, one quad after another; a file of Turtle, TriG, N-Triples or N-Quads is read piece by piece.

    :raises UnreadableInput: perhaps after some quads.
    """
    if form.name not in _IN_PIECES and not isinstance(data, bytes):
        data = data.read_bytes()
    if form.name == "yamlld":
        assert isinstance(data, bytes)  # noqa: S101 - read above
        document = read_yaml(text_of(data, name), name=name)
        return quads_of(_with_context(document, name), RdfFormat.JSON_LD, base_iri, name)
    if isinstance(data, bytes) and form.name == "jsonld":
        data = _json_ld(data, name)
    if isinstance(data, bytes) and form.name == "rdfxml":
        refuse_entity_growth(data, name)
    assert isinstance(form.engine, RdfFormat)  # noqa: S101 - the table of formats says so
    return quads_of(data, form.engine, base_iri, name)


def quads_of(data: bytes | Path | RawIOBase, form: RdfFormat, base_iri: str | None, name: str) -> Iterator[Quad]:
    """The quads as the engine reads them, without what goes before: contexts, and what is not read at all.

    :raises UnreadableInput: perhaps after some quads.
    """
    source: dict[str, Any] = {"path": str(data)} if isinstance(data, Path) else {"input": data}
    try:
        for quad in engine_parse(**source, format=form, base_iri=base_iri, rename_blank_nodes=True):
            if isinstance(quad.object, Triple):
                raise UnreadableInput(f"a triple term: {quad.object}", where=name, expected="RDF 1.1")
            yield quad
    except SyntaxError as error:
        told = error.lineno or not isinstance(data, bytes)
        line, column = (error.lineno, error.offset) if told else _xml_place(data)  # type: ignore[arg-type]
        place = f"{name}:{line}:{column}"
        raise UnreadableInput(f"not {form.name}: {error.msg}", where=place) from error
    except ValueError as error:
        raise UnreadableInput(f"not {form.name}: {error}", where=name) from error


def _xml_place(data: bytes) -> tuple[int, int]:
    """Where an XML document breaks, since the engine does not tell; of one that is well-formed but no RDF, its first element."""
    parser = expat.ParserCreate()
    place = [1, 1]

    def first(*_: object) -> None:
        place[:] = [parser.CurrentLineNumber, parser.CurrentColumnNumber + 1]
        parser.StartElementHandler = None

    parser.StartElementHandler = first
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        return error.lineno, error.offset + 1
    return place[0], place[1]


def text_of(data: bytes, name: str) -> str:
    """A document as text, without a byte order mark.

    :raises UnreadableInput: with line and column.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise UnreadableInput("not UTF-8", where=f"{name}:{line}:{column}") from error


def _json_ld(data: bytes, name: str) -> bytes:
    """The document as it is, or with our own published context, or schema.org's, put in place of its IRI."""
    try:
        document = json.loads(text_of(data, name))
    except json.JSONDecodeError as error:
        raise UnreadableInput(f"not JSON: {error.msg}", where=f"{name}:{error.lineno}:{error.colno}") from error
    except RecursionError as error:
        raise UnreadableInput("JSON nested too deep", where=name, expected=f"at most {_MAX_DEPTH} levels") from error
    with_context = _with_context(document, name)
    return with_context if CONTEXT.encode() in data or b"schema.org" in data else data


def _with_context(document: Any, name: str) -> bytes:
    return json.dumps(_replace_contexts(document, name, 0), ensure_ascii=False).encode()


def _replace_contexts(value: Any, name: str, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise UnreadableInput("nested too deep", where=name, expected=f"at most {_MAX_DEPTH} levels")
    if isinstance(value, list):
        return [_replace_contexts(item, name, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: context_of(item, name) if key == "@context" else _replace_contexts(item, name, depth + 1)
        for key, item in value.items()
    }


def context_of(value: Any, name: str) -> Any:
    """A context with ours in place of its IRI.

    :raises UnreadableInput: for the IRI of another one.
    """
    if isinstance(value, list):
        return [context_of(item, name) for item in value]
    if value == CONTEXT:
        return json.loads((folder("seeds") / "context.jsonld").read_text())["@context"]
    if isinstance(value, str) and _SCHEMA_ORG.match(value):
        return _SCHEMA_ORG_CONTEXT
    if isinstance(value, str):
        expected = f"{CONTEXT}, https://schema.org/ or one written out"
        raise UnreadableInput(f"the context {value!r} is not fetched", where=name, expected=expected)
    return value


def refuse_entity_growth(data: bytes, name: str) -> None:
    """Entities that hold entities, or large ones, can grow a small file without bound."""
    values = [match[1] for match in _ENTITY.finditer(data)]
    if any(b"&" in value.strip(b"\"'") for value in values) or sum(map(len, values)) > 1 << 16:
        raise UnreadableInput("entities that grow are not read", where=name, expected="RDF/XML with plain prefixes")
