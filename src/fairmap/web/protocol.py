"""A query operation as it comes over HTTP. Source: SPARQL 1.1 Protocol 2.1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

QUERY: Final = "application/sparql-query"
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Operation:
    """A query and what the request says about its dataset and the form of its answer."""

    query: str
    format: str | None = None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def plain_operation(query_string: str, content_type: str | None, body: bytes) -> Operation | None:
    """The operation of a request that is written as most programs write it; ``None``: it needs a closer look.

    :param content_type: ``None``: the operation stands in the query string.
    """
    kind = None if content_type is None else content_type.partition(";")[0].strip().lower()
    try:
        fields = _fields(query_string if kind != FORM else body.decode("ascii"))
        text = body.decode() if kind == QUERY else None
    except UnicodeDecodeError:
        return None
    if kind not in {None, FORM, QUERY}:
        return None
    queries = [value for name, value in fields if name == "query"] if text is None else [text]
    if len(queries) != 1:
        return None
    formats = [value for name, value in fields if name == "format"]
    return Operation(
        queries[0],
        (formats[0] if formats else None) or None,
        tuple(value for name, value in fields if name == "default-graph-uri"),
        tuple(value for name, value in fields if name == "named-graph-uri"),
    )


def _fields(text: str) -> list[tuple[str, str]]:
    """:raises UnicodeDecodeError: when a value is not UTF-8, or the text itself not ASCII."""
    if not text:
        return []
    text.encode("latin-1").decode("ascii")
    return parse_qsl(text, keep_blank_values=True, errors="strict")
