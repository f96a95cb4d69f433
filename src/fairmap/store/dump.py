"""Everything that a store holds, or some of its graphs, as text with literals as written: quick, since the engine writes most of it.

N-Triples lines are N-Triples, and Turtle; in TriG they stand in a block for each graph.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from fairmap.namespaces import DEFAULT_GRAPH
from fairmap.store.literals import node_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Forms = Callable[[bytes], Sequence[str]]
    """The written forms of the literal in a statement of N-Triples, which comes without its point; none: it stands as it was written.

    A form is a literal of N-Triples or, where nothing but the datatype differs, the IRI of that.
    """

FORMS: Final = ("trig", "nt", "nq")
"""TriG, N-Triples (without the graphs' names), N-Quads."""
_PIECE: Final = 1 << 20
_TYPED: Final = re.compile(rb'"\^\^<[^<>" ]*> \.\n')
"""The end of a statement whose literal the engine may have rewritten."""


def dumped(store: Store, form: str, forms_of: Forms) -> Iterator[bytes]:
    """The document, about a MiB at a time, graph by graph in the order of their names, the default graph first.

    :param form: one of :data:`FORMS`.
    """
    return _gathered(
        block(form, "" if name == DEFAULT_GRAPH else f"<{name}>", lines)
        for name, lines in graphs(store, graph_names(store), forms_of)
    )


def graph_names(store: Store) -> list[str]:
    """The names of all graphs in their order, first :data:`fairmap.namespaces.DEFAULT_GRAPH` where there is something in it."""
    names = sorted(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))
    has_default = any(store.quads_for_pattern(None, None, None, DefaultGraph()))
    return [DEFAULT_GRAPH, *names] if has_default else names


def graphs(store: Store, names: Iterable[str], forms_of: Forms) -> Iterator[tuple[str, bytes]]:
    """Those of these graphs that hold something, each with its lines of N-Triples."""
    for name in names:
        lines = store.dump(format=RdfFormat.N_TRIPLES, from_graph=node_of(name))
        if lines:
            yield name, as_written_lines(lines, forms_of)


def packed(found: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Graphs for the way between processes, about a MiB at a time: TriG, the default graph in a block with its name, too."""
    return _gathered(block("trig", f"<{name}>", lines) for name, lines in found)


def unpacked(document: bytes) -> Iterator[tuple[str, bytes]]:
    """The graphs of what :func:`packed` gave. No line of N-Triples is a bracket only."""
    for graph in document.split(b"\n}\n")[:-1]:
        name, _, lines = graph.partition(b"> {\n")
        yield name[1:].decode(), lines + b"\n"


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def block(form: str, graph: str, lines: bytes) -> bytes:
    """One graph's lines of N-Triples as they stand in a document.

    :param graph: its name as in N-Triples; empty: the default graph.
    """
    if form == "nt" or not graph:
        return lines
    if form == "trig":
        return b"%s {\n%s}\n" % (graph.encode(), lines)
    return lines.replace(b" .\n", b" %s .\n" % graph.encode())


def as_written_lines(lines: bytes, forms_of: Forms) -> bytes:
    """Lines of N-Triples with their literals as written."""
    parts: list[bytes] = []
    done = 0
    for match in _TYPED.finditer(lines):
        end = match.end()
        start = lines.rfind(b"\n", 0, match.start()) + 1
        forms = forms_of(lines[start : end - 3])
        if len(forms) == 1 and forms[0][0] != '"':
            parts += (lines[done : match.start() + 4], forms[0].encode())
            done = end - 4
        elif forms:
            parts += (lines[done:start], *_in_each_form(lines[start : end - 3], forms))
            done = end
    return b"".join([*parts, lines[done:]]) if parts else lines


def _in_each_form(statement: bytes, forms: Sequence[str]) -> Iterator[bytes]:
    subject, predicate, stored = statement.split(b" ", 2)
    text = stored[: stored.rindex(b"^^") + 2]
    for form in dict.fromkeys(forms):
        value = form.encode() if form[0] == '"' else b"%s<%s>" % (text, form.encode())
        yield b"%s %s %s .\n" % (subject, predicate, value)
