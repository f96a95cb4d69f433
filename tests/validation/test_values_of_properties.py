"""Faults at the values of a property are found whether it has a few values or many, and whatever kinds of nodes have them."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from fairmap.shacl import DataGraph, judge, read_shapes
from validation.generated import ex, typed
from validation.test_processor import TARGET, turtle

FEW, MANY = 3, 300
BAD = {"an IRI": "ex:stranger", "a literal": "'text'", "a blank node": "[ ex:q 1 ]"}


@pytest.mark.parametrize("values", [FEW, MANY])
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_value_without_the_class_is_found_among_few_and_among_many(values: int, bad: str) -> None:
    lines = [f"ex:k{n} a ex:Kind . ex:a{n} a ex:Thing ; ex:p ex:k{n} ." for n in range(values)]
    lines += [f"ex:bad a ex:Thing ; ex:p {bad} , ex:k0 .", f"ex:other ex:p {bad} ."]
    shapes = read_shapes(
        turtle(f"{TARGET} sh:property [ sh:path ex:p ; sh:class ex:Kind ; sh:nodeKind sh:BlankNodeOrIRI ] .")
    )
    data = DataGraph.of_quads(turtle("\n".join(lines)))
    found = [(result.focus, result.component) for result in judge(data, shapes, strategy="compiled")]
    assert sorted(found, key=str) == sorted(
        ((result.focus, result.component) for result in judge(data, shapes, strategy="exact")), key=str
    )
    assert {focus for focus, _ in found} == {ex("bad")}


@pytest.mark.parametrize("bad", ["ex:k1", "_:one"])
def test_a_node_with_too_many_values_is_found_among_iris_and_blank_nodes(bad: str) -> None:
    lines = [f"ex:a{n} a ex:Thing ; ex:p {n} ." for n in range(5)]
    data = DataGraph.of_quads(turtle("\n".join([*lines, f"{bad} a ex:Thing ; ex:p 1 , 2 , '01'^^xsd:integer ."])))
    shapes = read_shapes(turtle(f"{TARGET} sh:property [ sh:path ex:p ; sh:maxCount 2 ] ."))
    (result,) = judge(data, shapes, strategy="compiled")
    assert type(result.focus) is (BlankNode if bad.startswith("_:") else NamedNode)


def test_values_are_counted_as_the_engine_holds_them() -> None:
    data = DataGraph.of_quads(turtle("ex:a ex:p 1 , '01'^^xsd:integer , 2 . ex:b ex:p 3 ."))
    assert data.counts(ex("p")) == {"http://example.org/a": 2, "http://example.org/b": 1}
    assert data.counts(ex("q")) == {}
    assert DataGraph.of_quads(turtle("ex:a ex:p 1 . [] ex:p 2 .")).counts(ex("p")) is None


@pytest.mark.parametrize("node", ["ex:held", "[]"])
def test_what_the_engine_did_not_rewrite_is_known_by_its_node(node: str) -> None:
    data = DataGraph.of_quads(turtle(f"ex:a ex:p '5'^^xsd:nonNegativeInteger . {node} ex:p 5 , 'text' ."))
    assert data.rewritten[ex("p")] == {
        ("<http://example.org/a>", str(typed("5", "integer"))): [typed("5", "nonNegativeInteger")]
    }
    (held,) = set(data.as_held(ex("p")))
    assert set(data.objects(held, ex("p"))) == {typed("5", "integer"), Literal("text")}
