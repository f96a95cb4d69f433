"""Queries of shapes judge literals as they were written, whatever the engine made of them; pySHACL on rdflib is the witness."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad

from fairmap.namespaces import RDF
from fairmap.shacl import DataGraph, affected, judge, read_shapes
from validation.generated import NODES, PROPERTIES, ex, typed
from validation.test_agreement import by_pyshacl, key
from validation.test_processor import TARGET, results, turtle

if TYPE_CHECKING:
    from fairmap.shacl import ShapeSet

WAYS: tuple[Any, ...] = ("exact", "compiled")
HEAD = "PREFIX ex: <http://example.org/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "


def asked(pattern: str) -> str:
    return f"{TARGET} sh:sparql [ sh:select '''{HEAD}SELECT $this ?value {{ {pattern} }}''' ] ."


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("value", "condition", "found"),
    [
        ('"5"^^xsd:nonNegativeInteger', "DATATYPE(?value) = xsd:nonNegativeInteger", True),
        ('"5"^^xsd:integer', "DATATYPE(?value) = xsd:nonNegativeInteger", False),
        ('"5"^^xsd:nonNegativeInteger', "DATATYPE(?value) = xsd:integer", False),
        ('"042"^^xsd:integer', 'STR(?value) = "042"', True),
        ('"042"^^xsd:integer', 'STR(?value) = "42"', False),
        ('"1.50"^^xsd:decimal', "STRLEN(STR(?value)) = 4", True),
        ('"1.50"^^xsd:decimal', "sameTerm(?value, 1.50)", True),
        ('"1.50"^^xsd:decimal', "sameTerm(?value, 1.5)", False),
        ('"1.5"^^xsd:decimal', "sameTerm(?value, 1.50)", False),
        ('"1.5"^^xsd:decimal', "EXISTS { $this ex:p 1.50 }", False),
        ('"1.5"^^xsd:decimal', "NOT EXISTS { $this ex:p 1.50 }", True),
        ('"1"^^xsd:boolean', 'STR(?value) = "1"', True),
        ('"2020-01-01T00:00:00.000Z"^^xsd:dateTime', 'CONTAINS(STR(?value), ".000")', True),
        ('"5"^^xsd:nonNegativeInteger', "?value < 6", True),
        ('"5"^^xsd:nonNegativeInteger', "?value > 6", False),
        ('"5"^^xsd:nonNegativeInteger', 'STR(?value) = "5" && ! EXISTS { ?value ex:p ?other }', True),
    ],
)
def test_a_query_sees_the_literal_as_written(value: str, condition: str, found: bool, way: Any) -> None:
    data = f"ex:a a ex:Thing ; ex:p {value} ."
    shapes = asked(f"$this ex:p ?value FILTER ({condition})")
    assert bool(results(data, shapes, way)) is found
    assert bool(by_pyshacl(turtle(data), turtle(shapes))) is found


@pytest.mark.parametrize("way", WAYS)
def test_what_sparql_does_not_compare_is_no_result(way: Any) -> None:
    data = 'ex:a a ex:Thing ; ex:p "2021-01-02T00:00:00.000Z"^^xsd:dateTime .'
    assert not results(data, asked("$this ex:p ?value FILTER (?value < 5 || ?value >= 5)"), way)
    assert results(data, asked("$this ex:p ?value FILTER (?value < '2022-01-01T00:00:00Z'^^xsd:dateTime)"), way)


@pytest.mark.parametrize("way", WAYS)
def test_the_value_of_another_node_is_told_as_written(way: Any) -> None:
    data = 'ex:a a ex:Thing ; ex:q ex:b . ex:b ex:p "007"^^xsd:integer .'
    (found,) = results(data, asked("$this ex:q/ex:p ?value FILTER (?value > 6)"), way)
    assert str(found.value) == str(typed("007", "integer"))


@pytest.mark.parametrize("way", WAYS)
def test_a_validator_of_a_component_sees_the_literal_as_written(way: Any) -> None:
    component = """
        ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:form ] ;
            sh:validator [ sh:ask "ASK { FILTER (STR($value) = $form) }" ] ."""
    shapes = f'{TARGET} sh:property [ sh:path ex:p ; ex:form "042" ] . {component}'
    assert not results('ex:a a ex:Thing ; ex:p "042"^^xsd:integer .', shapes, way)
    assert results('ex:a a ex:Thing ; ex:p "42"^^xsd:integer .', shapes, way)


def in_shapes(pattern: str, *facts: str) -> str:
    """A query with this pattern, in shapes that state these facts, too."""
    is_shape = "GRAPH $shapesGraph { $currentShape a <http://www.w3.org/ns/shacl#NodeShape> }"
    return f"{asked(f'{pattern} FILTER EXISTS {{ {is_shape} }}')} {' '.join(facts)}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("value", "least", "pattern", "found"),
    [
        ('"5"^^xsd:nonNegativeInteger', "1", "FILTER (DATATYPE(?value) = xsd:nonNegativeInteger)", True),
        ('"5"^^xsd:integer', "1", "FILTER (DATATYPE(?value) = xsd:nonNegativeInteger)", False),
        ('"x"', '"042"^^xsd:integer', 'GRAPH $shapesGraph { ex:rule ex:least ?l FILTER (STR(?l) = "042") }', True),
        ('"x"', '"42"^^xsd:integer', 'GRAPH $shapesGraph { ex:rule ex:least ?l FILTER (STR(?l) = "042") }', False),
        ('"042"^^xsd:integer', '"042"^^xsd:integer', "GRAPH $shapesGraph { ex:rule ex:least ?value }", True),
        ('"42"^^xsd:integer', '"042"^^xsd:integer', "GRAPH $shapesGraph { ex:rule ex:least ?value }", False),
        ("7", "5", "GRAPH $shapesGraph { ex:rule ex:least ?l } FILTER (?value > ?l)", True),
        ('"4"^^xsd:int', "5", "GRAPH $shapesGraph { ex:rule ex:least ?l } FILTER (?value > ?l)", False),
        ('"5"^^xsd:int', "1", "FILTER NOT EXISTS { GRAPH $shapesGraph { ?this a ex:Thing } }", True),
        ('"5"^^xsd:int', "1", "FILTER EXISTS { ex:rule ex:least ?l }", False),
    ],
)
def test_a_query_into_the_shapes_graph_sees_literals_as_written(
    value: str, least: str, pattern: str, found: bool, way: Any
) -> None:
    shapes = in_shapes(f"$this ex:p ?value {pattern}", f"ex:rule ex:least {least} .")
    told = results(f"ex:a a ex:Thing ; ex:p {value} .", shapes, way)
    assert bool(told) is found
    as_written = [quad.object for quad in turtle(f"ex:a ex:p {value} .") if quad.predicate == ex("p")]
    assert [one.value for one in told] == as_written * found


LITERALS = [
    typed("5", "nonNegativeInteger"),
    typed("5", "integer"),
    typed("05", "integer"),
    typed("007", "integer"),
    typed("7", "long"),
    typed("1.50", "decimal"),
    typed("1.5", "decimal"),
    typed("2021-01-02T00:00:00Z", "dateTime"),
    typed("2021-01-02T00:00:00.000Z", "dateTime"),
]
NUMBER = "isNumeric(?value)"
"""rdflib compares a time with a number; SPARQL does not."""
PATTERNS = st.sampled_from(
    [
        "$this ex:p ?value",
        "$this ex:q/ex:p ?value",
        "$this ^ex:q ?near . ?near ex:p ?value",
        "$this ex:p|ex:r ?value",
        "$this ex:q* ?near . ?near ex:r ?value",
        "$this ex:q ?near OPTIONAL { ?near ex:p ?value }",
        "{ $this ex:p ?value } UNION { $this ex:q/ex:r ?value }",
        "$this ?property ?value",
    ]
)
CONDITIONS = st.sampled_from(
    [
        "DATATYPE(?value) = xsd:nonNegativeInteger",
        "DATATYPE(?value) != xsd:integer",
        'STR(?value) = "05"',
        "STRLEN(STR(?value)) = 3",
        "sameTerm(?value, 1.5)",
        f"{NUMBER} && ?value > 5",
        f"{NUMBER} && ?value <= 5",
        "EXISTS { $this ex:r ?value }",
        "NOT EXISTS { $this ex:r ?value }",
        "true || EXISTS { ?value ex:p ?other }",
    ]
)


@st.composite
def data_graphs(draw: st.DrawFn) -> list[Quad]:
    values = st.sampled_from([*LITERALS, *LITERALS, *NODES])
    triples = st.builds(Quad, st.sampled_from(NODES), st.sampled_from(PROPERTIES), values)
    kinds = st.builds(Quad, st.sampled_from(NODES), st.just(NamedNode(f"{RDF}type")), st.just(ex("Thing")))
    return [*draw(st.lists(triples, max_size=15)), *draw(st.lists(kinds, min_size=1, max_size=4))]


def found(shapes: ShapeSet, data: list[Quad], **how: Any) -> Counter[Any]:
    return Counter(map(key, judge(DataGraph.of_quads(data), shapes, **how)))


@settings(max_examples=80, deadline=None)
@given(data_graphs(), PATTERNS, CONDITIONS)
def test_pyshacl_finds_the_same_by_queries(data: list[Quad], pattern: str, condition: str) -> None:
    quads = turtle(asked(f"{pattern} FILTER ({condition})"))
    shapes = read_shapes(quads)
    exact = found(shapes, data, strategy="exact")
    assert exact == found(shapes, data, strategy="compiled")
    assert exact.keys() == by_pyshacl(data, quads).keys()  # it tells solutions that look the same as one result


@settings(max_examples=120, deadline=None)
@given(data_graphs(), st.data(), PATTERNS, CONDITIONS)
def test_only_what_a_query_can_see_of_a_change_is_affected(
    data: list[Quad], chance: st.DataObject, pattern: str, condition: str
) -> None:
    shapes = read_shapes(turtle(asked(f"{pattern} FILTER ({condition})")))
    data = list(dict.fromkeys(data))
    change = chance.draw(st.sampled_from(data))
    after = [quad for quad in data if quad != change]
    for new in (data, after):
        others = frozenset(NODES) - affected(DataGraph.of_quads(new), shapes, [change])
        assert found(shapes, data, focus=others) == found(shapes, after, focus=others)


def test_a_change_elsewhere_leaves_a_query_unasked() -> None:
    shapes = read_shapes(turtle(asked("$this ex:q/ex:p ?value FILTER (?value > 6)")))
    data = DataGraph.of_quads(
        turtle("ex:a a ex:Thing ; ex:q ex:b . ex:b ex:p 5 . ex:c a ex:Thing ; ex:q ex:d . ex:d ex:p 7 .")
    )
    change = Quad(ex("b"), ex("p"), typed("5", "integer"))
    assert ex("a") in affected(data, shapes, [change])
    assert ex("c") not in affected(data, shapes, [change])
