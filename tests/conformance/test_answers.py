"""That answers which differ are told apart, and those which do not are not."""

from __future__ import annotations

from typing import Final

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from conformance.answers import Graph, Solutions, by_value, same

_A, _B, _P = BlankNode("a"), BlankNode("b"), NamedNode("urn:p")
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"


def _rows(*rows: tuple[BlankNode | Literal | NamedNode | None, ...], ordered: bool = False) -> Solutions:
    return Solutions(("x", "y"), rows, ordered)


def test_blank_nodes_are_renamed_one_to_one() -> None:
    c, d = BlankNode("c"), BlankNode("d")
    assert same(_rows((_A, _B), (_B, _A)), _rows((c, d), (d, c)))
    assert not same(_rows((_A, _B), (_B, _A)), _rows((c, d), (c, d)))
    assert not same(_rows((_A, _B)), _rows((c, c)))
    assert not same(_rows((_A, _A)), _rows((c, d)))


def test_rows_count_as_often_as_they_come() -> None:
    assert not same(_rows((_P, None)), _rows((_P, None), (_P, None)))
    assert same(_rows((_P, None)), _rows((_P, None), (_P, None)), lax=True)
    assert not same(_rows((_P, None), (_P, None)), _rows((_P, None)), lax=True)


def test_order_counts_where_it_is_said_to() -> None:
    one, two = (_P, None), (None, _P)
    assert same(_rows(one, two), _rows(two, one))
    assert not same(_rows(one, two), _rows(two, one, ordered=True))


def test_the_graph_of_a_triple_counts() -> None:
    here, there = Quad(_P, _P, _A), Quad(_P, _P, _B, NamedNode("urn:g"))
    assert not same(Graph(frozenset({here})), Graph(frozenset({there})))
    assert same(Graph(frozenset({here})), Graph(frozenset({Quad(_P, _P, _B)})))


@pytest.mark.parametrize(
    ("written", "other", "datatype", "equal"),
    [
        ("01", "1", "integer", True),
        ("1", "2", "integer", False),
        ("1.50", "1.5", "decimal", True),
        ("1", "true", "boolean", True),
        ("01", "1", "string", False),
    ],
)
def test_by_value_only_what_the_engine_rewrites_is_one(written: str, other: str, datatype: str, equal: bool) -> None:
    literals = (Literal(text, datatype=NamedNode(f"{_XSD}{datatype}")) for text in (written, other))
    one, another = (_rows((literal, None)) for literal in literals)
    assert not same(one, another)
    assert same(by_value(one), by_value(another)) is equal


def test_by_value_a_datatype_stays() -> None:
    short, integer = (Literal("5", datatype=NamedNode(f"{_XSD}{name}")) for name in ("short", "integer"))
    assert not same(by_value(_rows((short, None))), by_value(_rows((integer, None))))
