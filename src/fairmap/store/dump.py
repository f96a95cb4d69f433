"""Everything that a store holds, as text with literals as written, graph by graph: quick, since the engine writes most of it.

N-Triples lines are N-Triples, and Turtle; in TriG they stand in a block for each graph.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, RdfFormat, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FORMS: Final = ("trig", "nt", "nq")
"""TriG, N-Triples (without the graphs' names), N-Quads."""
_PIECE: Final = 1 << 20
_TYPED: Final = re.compile(rb'"\^\^<[^<>" ]*> \.\n')
"""The end of a statement whose literal the engine may have rewritten."""


def dumped(store: Store, form: str, forms_of: Callable[[bytes], Sequence[str]]) -> Iterator[bytes]:
    """The document, about a MiB at a time; the same bytes whenever the store holds the same.

    :param form: one of :data:`FORMS`.
    :param forms_of: the written forms of the literal in a statement, which comes without its point; none: it stands as it was written.
    """
    names = sorted(str(graph) for graph in store.named_graphs())
    graphs = {str(graph): graph for graph in store.named_graphs()}
    waiting: list[bytes] = []
    size = 0
    for name in ["", *names]:
        lines = store.dump(format=RdfFormat.N_TRIPLES, from_graph=graphs.get(name, DefaultGraph()))
        assert lines is not None  # noqa: S101 - there was no file to write to
        if lines:
            waiting.append(block(form, name, as_written_lines(lines, forms_of)))
            size += len(waiting[-1])
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


def as_written_lines(lines: bytes, forms_of: Callable[[bytes], Sequence[str]]) -> bytes:
    """Lines of N-Triples with their literals as written."""
    parts: list[bytes] = []
    done = 0
    for match in _TYPED.finditer(lines):
        start = lines.rfind(b"\n", 0, match.start()) + 1
        forms = forms_of(lines[start : match.end() - 3])
        if forms:
            subject, predicate, _ = lines[start : match.end()].split(b" ", 2)
            written = (b"%s %s %s .\n" % (subject, predicate, form.encode()) for form in dict.fromkeys(forms))
            parts += [lines[done:start], *written]
            done = match.end()
    return b"".join([*parts, lines[done:]]) if parts else lines
