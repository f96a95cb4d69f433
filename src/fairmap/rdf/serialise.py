"""Writing RDF with the engine's serialisers: terms as they are, prefixes of the graph."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pyoxigraph import Quad, RdfFormat
from pyoxigraph import serialize as engine_serialize

from fairmap.errors import UsageError
from fairmap.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Triple

    from fairmap.rdf.formats import Format


def serialise(statements: Iterable[Quad] | Iterable[Triple], form: Format) -> bytes:
    """The document of ``statements``, in their order.

    Quads lose their graph names in a form that has none (Turtle, N-Triples, RDF/XML).

    :raises UsageError: for a form that is only read (YAML-LD).
    """
    if not isinstance(form.engine, RdfFormat):
        raise UsageError(f"{form.name} is read, not written", expected="turtle, jsonld, rdfxml, ntriples, trig, nquads")
    items: Iterable[Quad] | Iterable[Triple] = statements
    if not form.holds_graphs:
        items = [item.triple if isinstance(item, Quad) else item for item in statements]
    buffer = io.BytesIO()
    engine_serialize(items, buffer, format=form.engine, prefixes=PREFIXES)
    return _sort_prefixes(buffer.getvalue()) if form.name in {"turtle", "trig"} else buffer.getvalue()


def _sort_prefixes(document: bytes) -> bytes:
    """The engine declares prefixes in an order that changes from run to run."""
    lines = document.split(b"\n")
    count = next((number for number, line in enumerate(lines) if not line.startswith(b"@prefix ")), len(lines))
    return b"\n".join([*sorted(lines[:count]), *lines[count:]])
