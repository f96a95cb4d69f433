"""What a query of the shapes looks at: read without rdflib, and far enough to know where the engine's answer is the right one."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad

from fairmap.resources import folder
from fairmap.shacl import DataGraph, load_shapes, model, read_shapes
from fairmap.shacl.forms import UNKNOWN, Form
from fairmap.shacl.grammar import read
from fairmap.shacl.queries import Queries
from fairmap.shacl.sight import sight_of
from fairmap.shacl.written import WrittenGraph
from validation.generated import NODES, PROPERTIES, ex, typed
from validation.test_processor import turtle
from validation.test_queries_on_written_literals import LITERALS, asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.shacl.model import Shape, Sparql
    from fairmap.shacl.sight import Sight

TESTS = Path(__file__).parents[1]
P, R = ex("p"), ex("r")


def of(pattern: str) -> tuple[Shape, Sparql]:
    (shape,) = read_shapes(turtle(asked(pattern))).targeted
    (constraint,) = shape.constraints
    assert isinstance(constraint, model.Sparql)
    return shape, constraint


def sight(pattern: str) -> Sight:
    return sight_of(*of(pattern))


def queries_of(shapes: Iterator[Shape]) -> Iterator[str]:
    for shape in shapes:
        yield from (one.query.text("") for one in shape.constraints if isinstance(one, model.Sparql | model.Custom))
        yield from queries_of(iter(shape.properties))


def test_every_query_of_the_shapes_of_fairmap_is_read() -> None:
    files = (folder("shapes"), folder("shapes") / "fair")
    targeted = [shape for place in files for shape in load_shapes(sorted(place.glob("*.ttl"))).parsed.targeted]
    found = [read(text) for text in queries_of(iter(targeted))]
    assert len(found) > 20
    assert all(query.group.parts for query in found)


@pytest.mark.parametrize(
    ("pattern", "level"),
    [
        ("$this ex:p ?any", Form.KIND),
        ("$this ?property ?any", Form.KIND),
        ("$this ex:p ?any FILTER (ISLITERAL(?any))", Form.KIND),
        ("$this ex:p ?any FILTER (?any > 5 && !(?any IN (7, 8)))", Form.VALUE),
        ("$this ex:q ?value BIND (IF(?any < 5, 1, 2) AS ?size) . $this ex:p ?any FILTER (?size > 1)", Form.VALUE),
        ("{ $this ex:p ?any } UNION { $this ex:q/ex:p ?any } FILTER (?any = 5)", Form.VALUE),
        ("$this ex:p ?any ; ex:r ?any", Form.TERM),
        ("$this ex:p 5", Form.TERM),
        ("$this ex:p/^ex:p ?value", Form.TERM),
        ("{ $this ex:p ?any } { $this ex:r ?any }", Form.TERM),
        ("$this ex:q ?near FILTER NOT EXISTS { $this ex:p 5 }", Form.WRITING),
        ("$this ex:r ?any OPTIONAL { $this ex:p ?any }", Form.WRITING),
        ("$this ex:r ?any FILTER EXISTS { $this ex:p ?any }", Form.WRITING),
        ("$this ex:p ?any FILTER (STR(?any) = '5')", Form.WRITING),
        ("$this ex:p ?any FILTER (STRLEN(STR(?any + 1)) = 1)", Form.WRITING),
        ("$this ex:p ?any BIND (?any AS ?same) FILTER (DATATYPE(?same) = xsd:integer)", Form.WRITING),
        ("$this ex:p ?any BIND (?any AS ?same) $this ex:r ?same", Form.WRITING),
        ("$this ex:p ?any FILTER (xsd:string(?any) = '5')", Form.WRITING),
        ("$this ex:p* ?any", Form.WRITING),
        ("{ SELECT $this (COUNT(?any) AS ?n) { $this ex:p ?any } GROUP BY $this } FILTER (?n > 1)", Form.KIND),
        ("{ SELECT $this (MAX(?any) AS ?n) { $this ex:p ?any } GROUP BY $this } FILTER (?n > 1)", Form.VALUE),
        ("{ SELECT $this (COUNT(DISTINCT ?any) AS ?n) { $this ex:p ?any } GROUP BY $this }", Form.WRITING),
        ("{ SELECT $this (COUNT(?near) AS ?n) { $this ex:p ?any } GROUP BY $this ?any }", Form.WRITING),
        ("{ SELECT DISTINCT $this ?any { $this ex:p ?any } }", Form.WRITING),
    ],
)
def test_a_query_looks_so_far_at_the_values_of_a_property(pattern: str, level: Form) -> None:
    assert sight(pattern).forms.level(P) is level


@pytest.mark.parametrize(
    "pattern",
    ["$this ex:q ?value", "$this ^ex:p ?value", "?value ex:p $this . ?value ex:p ex:b", "$this ?property ex:b"],
)
def test_a_query_that_meets_no_literal_of_a_property_does_not_look_at_them(pattern: str) -> None:
    forms = sight(f"{pattern} FILTER (STR(?value) != '5')").forms
    assert forms.level(P) in {None, Form.TERM}  # a focus node can be a literal
    assert not forms.tells(P)


def test_a_property_that_a_filter_lists_is_looked_at_and_no_other() -> None:
    seen = sight("$this ?property ?value FILTER (?property IN (ex:p, ex:q)) FILTER (STR(?value) = '5')")
    assert seen.looks is not None
    assert {look.property for look in seen.looks} == {P, ex("q")}
    assert seen.forms.level(P) is Form.WRITING
    assert seen.forms.level(R) is None
    anywhere = sight("$this ?property ?value FILTER (?property NOT IN (ex:p, ex:q)) FILTER (STR(?value) = '5')")
    assert anywhere.forms.level(P) is anywhere.forms.level(R) is Form.WRITING


@pytest.mark.parametrize(
    "pattern",
    [
        "{ SELECT $this { $this ex:p ?any } LIMIT 1 }",
        "$this !ex:p ?any",
        "GRAPH ?graph { $this ex:p ?any }",
    ],
)
def test_a_query_that_is_not_read_may_look_anywhere(pattern: str) -> None:
    assert sight(pattern).looks is None
    assert sight(pattern).forms is UNKNOWN


def test_what_is_optional_is_looked_for_from_what_is_known_before_it() -> None:
    before = sight("OPTIONAL { ?other ex:p ?near } $this ex:q ?near").looks
    after = sight("$this ex:q ?near OPTIONAL { ?other ex:p ?near }").looks
    assert before is not None
    assert after is not None
    assert {look.way for look in before if look.property == P} == {None}
    assert None not in {look.way for look in after}


def test_many_groups_in_groups_are_read_in_a_moment() -> None:
    pattern = "{ $this ex:q ?near . " * 60 + "$this ex:p ?value" + " }" * 60
    assert sight(pattern).forms.level(P) is Form.KIND


MATCHES = st.sampled_from(
    [
        "$this ex:p ?value",
        "$this ?property ?any . $this ex:q ?value",
        "$this ex:p ?value ; ex:r ?value",
        "$this ex:p ?any ; ex:r ?any",
        "$this ex:p 5",
        "$this ex:r 1.50",
        "{ $this ex:p ?value } UNION { $this ex:r ?value }",
        "$this ex:q ?value OPTIONAL { $this ex:p ?any }",
        "$this ex:p ?value OPTIONAL { $this ex:r ?value }",
        "{ SELECT $this (COUNT(?any) AS ?n) { $this ex:p ?any } GROUP BY $this } FILTER (?n > 1)",
        "{ SELECT $this (COUNT(DISTINCT ?any) AS ?n) { $this ex:p ?any } GROUP BY $this } FILTER (?n > 1)",
        "{ SELECT DISTINCT $this ?any { $this ex:p ?any } }",
        "$this ex:p ?any BIND (?any AS ?same) $this ex:r ?same",
        "$this ?property ?value FILTER (?property IN (ex:p, ex:q))",
        "$this ^ex:q ?value . $this ex:p/^ex:p ?other",
        "?value ex:p $this",
    ]
)
WHERE = st.sampled_from(
    [
        "true",
        "EXISTS { $this ex:p ?one }",
        "NOT EXISTS { $this ex:r ?one . FILTER (ISLITERAL(?one)) }",
        "NOT EXISTS { $this ex:r 5 }",
        "EXISTS { $this ex:p ?one ; ex:r ?one }",
        "NOT EXISTS { $this ex:p ?one FILTER (STR(?one) = '5') }",
        "EXISTS { $this ex:p ?one FILTER (ISLITERAL(?one) && DATATYPE(?one) = xsd:integer) }",
        "BOUND(?any)",
        "ISIRI($this) || STR($this) = '05'",
    ]
)


@st.composite
def data_graphs(draw: st.DrawFn) -> list[Quad]:
    values = st.sampled_from([*LITERALS, *LITERALS, typed("-5", "nonNegativeInteger"), *NODES])
    triples = st.builds(Quad, st.sampled_from(NODES), st.sampled_from(PROPERTIES), values)
    return draw(st.lists(triples, min_size=1, max_size=15))


def solutions(found: Any) -> Counter[frozenset[tuple[str, str]]]:
    return Counter(frozenset((name, str(term)) for name, term in solution.items()) for solution in found)


@settings(max_examples=120, deadline=None)
@given(data_graphs(), MATCHES, WHERE)
def test_the_answer_is_that_on_literals_as_written_whoever_gives_it(
    quads: list[Quad], pattern: str, condition: str
) -> None:
    shape, constraint = of(f"{pattern} FILTER ({condition})")
    data = DataGraph.of_quads(quads)
    queries, written = Queries(data), WrittenGraph.of(data)
    for node in (*NODES, typed("5", "integer"), typed("05", "integer")):
        bound = {"this": node}
        expected = solutions(written.run(constraint.query, bound))
        assert solutions(queries.answer(shape, constraint, bound)) == expected


SPARED = """
import sys
from fairmap.cli import main
try:
    main(sys.argv[1:])
finally:
    assert "rdflib" not in sys.modules
"""


@pytest.mark.parametrize(
    "arguments",
    [("validate", "shapes/valid/dataset-rich.ttl"), ("audit", "fair/complete.ttl")],
    ids=lambda arguments: arguments[0],
)
def test_a_record_with_counts_is_judged_without_rdflib(arguments: tuple[str, str]) -> None:
    command, file = arguments
    done = subprocess.run(
        [sys.executable, "-c", SPARED, command, str(TESTS / file)], capture_output=True, text=True, check=False
    )
    assert "AssertionError" not in done.stderr
    assert done.stdout
