"""Terms that stand as text in findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.rdf import FORMATS, by_name, parse

if TYPE_CHECKING:
    from fairmap.shacl.paths import Term

_TURTLE: Final = by_name("turtle", FORMATS)


def term_of(text: str) -> Term:
    """The term that a finding writes in Turtle or N-Triples form.

    :raises UnreadableInput: when it is none.
    """
    if text.startswith("_:"):
        return BlankNode(text.removeprefix("_:"))
    (quad,) = parse(f"<urn:x> <urn:x> {text} .".encode(), _TURTLE, name="value of a finding")
    assert isinstance(quad.object, NamedNode | Literal)  # noqa: S101 - blank nodes are told by their label
    return quad.object
