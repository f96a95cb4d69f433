"""Single cases of fairmap's SHACL processor: literals as written, refused shapes, SPARQL on blank nodes, stores."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from fairmap.errors import IllFormedShapes, UsageError
from fairmap.model import Severity
from fairmap.namespaces import SH
from fairmap.rdf import by_name, parse
from fairmap.rdf.formats import FORMATS
from fairmap.shacl import DataGraph, Shapes, affected, judge, read_shapes, validate
from fairmap.store.literals import as_stored, stored_forms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fairmap.shacl import Result

HEAD = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
"""
WAYS: tuple[Any, ...] = ("exact", "compiled")
TARGET = "ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ; "


def turtle(text: str) -> list[Quad]:
    return parse((HEAD + text).encode(), by_name("turtle", FORMATS))


def results(data: str, shapes: str, way: Any = "auto") -> list[Result]:
    return list(judge(DataGraph.of_quads(turtle(data)), read_shapes(turtle(shapes)), strategy=way))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("value", "constraint", "conforms"),
    [
        ('"5"^^xsd:nonNegativeInteger', "sh:datatype xsd:nonNegativeInteger", True),
        ('"5"^^xsd:integer', "sh:datatype xsd:nonNegativeInteger", False),
        ('"5"^^xsd:nonNegativeInteger', "sh:datatype xsd:integer", False),
        ('"300"^^xsd:byte', "sh:datatype xsd:byte", False),
        ('"abc"^^xsd:integer', "sh:datatype xsd:integer", False),
        ('"99999999999999999999"^^xsd:integer', "sh:datatype xsd:integer", True),
        ('"2020-02-31"^^xsd:date', "sh:datatype xsd:date", False),
        ('"2020-02-29"^^xsd:date', "sh:datatype xsd:date", True),
        ('"x"@en-GB', "sh:datatype rdf:langString", True),
        ('"042"^^xsd:integer', 'sh:pattern "^0"', True),
        ('"42"^^xsd:integer', 'sh:pattern "^0"', False),
        ('"1.50"^^xsd:decimal', "sh:minLength 4", True),
        ('"1.5"^^xsd:decimal', "sh:minLength 4", False),
        ('"1.50"^^xsd:decimal', "sh:hasValue 1.50", True),
        ('"1.50"^^xsd:decimal', "sh:hasValue 1.5", False),
        ('"01"^^xsd:integer', "sh:in ( 1 2 )", False),
        ('"1"^^xsd:integer', "sh:in ( 1 2 )", True),
        ('"x"@en-GB', 'sh:languageIn ( "en" )', True),
        ('"1"^^xsd:integer , "01"^^xsd:integer', "sh:maxCount 1", False),
        ('"1"^^xsd:integer , "01"^^xsd:integer', "sh:minCount 2", True),
        ('"5"^^xsd:nonNegativeInteger', "sh:minInclusive 5", True),
        ('"-5"^^xsd:nonNegativeInteger', "sh:maxInclusive 0", False),
        ('"2020-01-01"^^xsd:date', 'sh:minInclusive "2020-06-01"^^xsd:date', False),
        ('"12 MB"^^xsd:nonNegativeInteger', "sh:minInclusive 0", False),
        (
            '"5"^^xsd:nonNegativeInteger',
            "sh:or ( [ sh:datatype xsd:nonNegativeInteger ] [ sh:datatype xsd:date ] )",
            True,
        ),
        ('"5"^^xsd:integer', "sh:or ( [ sh:datatype xsd:nonNegativeInteger ] [ sh:datatype xsd:date ] )", False),
    ],
)
def test_literals_are_judged_as_written(value: str, constraint: str, conforms: bool, way: Any) -> None:
    shapes = f"{TARGET} sh:property [ sh:path ex:p ; {constraint} ] ."
    assert (not results(f"ex:a a ex:Thing ; ex:p {value} .", shapes, way)) is conforms


@pytest.mark.parametrize("way", WAYS)
def test_values_are_told_as_written(way: Any) -> None:
    shapes = f"{TARGET} sh:property [ sh:path ex:p ; sh:nodeKind sh:IRI ] ."
    (found,) = results('ex:a a ex:Thing ; ex:p "007"^^xsd:integer .', shapes, way)
    assert str(found.value) == '"007"^^<http://www.w3.org/2001/XMLSchema#integer>'


@pytest.mark.parametrize(
    ("shapes", "clause"),
    [
        ("sh:datatype xsd:date , xsd:string", "4.1.2"),
        ('sh:class "x"', "4.1.1"),
        ("sh:nodeKind ex:Some", "4.1.3"),
        ('sh:property [ sh:path ex:p ; sh:minCount "1" ]', "4.2.1"),
        ("sh:minCount 1", "4.2.1"),
        ('sh:pattern "("', "4.4.3"),
        ("sh:in 5", "1.1"),
        ("sh:property ex:Other . ex:Other sh:nodeKind sh:IRI", "2.3"),
        ("sh:property [ sh:path ex:p , ex:q ]", "2.3"),
        ("sh:property [ sh:path [ sh:alternativePath ( ex:p ) ] ]", "2.3.1"),
        ("sh:property [ sh:path ex:loop ] . ex:loop rdf:first ex:p ; rdf:rest ex:loop", "1.1"),
        ("sh:node ex:Shape", "3.4.3"),
        ("sh:path ex:p", "2.2"),
        ("sh:severity 5", "2.1.4"),
        ("sh:closed 1", "4.8.1"),
        ("sh:message 5", "2.1.5"),
        ('sh:sparql [ sh:message "no query" ]', "5.2.1"),
        ('sh:sparql [ sh:select "SELECT $this { MINUS { $this ?p ?o } }" ]', "5.2.1"),
        ('sh:sparql [ sh:select "SELECT $this { FILTER ( }" ]', "5.2"),
        ('sh:sparql [ sh:select "SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }" ]', "5.2.1"),
        ('sh:sparql [ sh:select "SELECT $this { # <\\nSERVICE<http://127.0.0.1:9/#> { $this ?p ?o } }" ]', "5.2.1"),
        ('sh:sparql [ sh:select "SELECT $this FROM <http://127.0.0.1:9/> { $this ?p ?o }" ]', "5.2.1"),
        ('sh:sparql [ sh:select "SELECT (1 AS ?x) { $this ?p ?o }" ]', "5.2"),
        (f'sh:sparql [ sh:select "SELECT $this {{ FILTER ({"(" * 5000}1{")" * 5000}) }}" ]', "5.2.1"),
    ],
)
def test_ill_formed_shapes_are_refused_with_the_clause(shapes: str, clause: str) -> None:
    with pytest.raises(IllFormedShapes, match=rf"SHACL {clause}\b"):
        read_shapes(turtle(f"{TARGET} {shapes} ."))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(IllFormedShapes) as raised:
        read_shapes(turtle(f"{TARGET} sh:class 1 ; sh:property [ sh:path ex:p ; sh:maxCount 1.5 ] ."))
    assert "4.1.1" in str(raised.value)
    assert "4.2.2" in str(raised.value)


def test_deep_shapes_and_paths_are_refused_not_followed_into_the_ground() -> None:
    nested = "".join(f"ex:n{n} sh:not ex:n{n + 1} . " for n in range(5000)) + "ex:n5000 sh:nodeKind sh:IRI ."
    with pytest.raises(IllFormedShapes, match="deep"):
        read_shapes(turtle(f"{TARGET} sh:not ex:n0 . {nested}"))
    path = "".join(f"_:b{n} sh:inversePath _:b{n + 1} . " for n in range(5000))
    with pytest.raises(IllFormedShapes, match="deeper"):
        read_shapes(turtle(f"{TARGET} sh:property [ sh:path _:b0 ] . {path}"))


@pytest.mark.parametrize("way", WAYS)
def test_large_shapes_are_judged_and_do_not_exhaust_the_engine(way: Any) -> None:
    steps = " ".join(["ex:p"] * 3000)
    many = " ".join("[ sh:hasValue 0 ]" for _ in range(6000))
    nested = "".join(f"ex:n{n} sh:not ex:n{n + 1} . " for n in range(44)) + "ex:n44 sh:nodeKind sh:Literal ."
    properties = " ".join(f"sh:property [ sh:path ex:p ; sh:not [ sh:hasValue {n} ] ] ;" for n in range(3000))
    shapes = f"{TARGET} {properties} sh:property [ sh:path ({steps}) ; sh:class ex:B ] ; sh:or ({many}) ; sh:not ex:n0 . {nested}"
    found = results("ex:a a ex:Thing ; ex:p 7 . ", shapes, way)
    components = sorted(r.component.removeprefix(SH) for r in found)
    assert components == ["NotConstraintComponent", "OrConstraintComponent"]


def test_imports_are_not_followed() -> None:
    assert read_shapes(
        turtle(f"<http://127.0.0.1:9/x> owl:imports <http://127.0.0.1:9/y> . {TARGET} sh:nodeKind sh:IRI .")
    )


@pytest.mark.parametrize("way", WAYS)
def test_evil_patterns_end(way: Any) -> None:
    shapes = f'{TARGET} sh:property [ sh:path ex:p ; sh:pattern "^(a+)+$" ] .'
    assert len(results(f'ex:a a ex:Thing ; ex:p "{"a" * 40}!" .', shapes, way)) == 1


SPARQL = """ sh:sparql [ sh:message "{$this} has {?value}, not {?other}"@en ; sh:prefixes ex: ; sh:select \"\"\"
    SELECT $this ?value ?other WHERE {
        { $this ex:p ?value } UNION { FILTER (false) }
        OPTIONAL { { FILTER (bound($this)) } $this ex:q ?other }
        FILTER NOT EXISTS { $this ex:r ?value }
    } \"\"\" ] ."""


@pytest.mark.parametrize("way", WAYS)
def test_queries_judge_blank_nodes(way: Any) -> None:
    data = '[] a ex:Thing ; ex:p 1 , 2 ; ex:r 2 ; ex:q "x" . ex:a a ex:Thing ; ex:p 3 ; ex:r 3 .'
    (found,) = results(data, TARGET + SPARQL, way)
    assert isinstance(found.focus, BlankNode)
    assert [message.value for message in found.messages] == [f"{found.focus.value} has 1, not x"]


@pytest.mark.parametrize("way", WAYS)
def test_queries_with_limits_and_groups_are_asked_for_each_focus_node(way: Any) -> None:
    data = "ex:a a ex:Thing ; ex:p 1 , 2 . ex:b a ex:Thing ; ex:p 1 , 2 , 3 . ex:c a ex:Thing ; ex:p 1 ."
    for query in (
        "SELECT $this (COUNT(?v) AS ?n) WHERE { $this ex:p ?v } GROUP BY $this HAVING (COUNT(?v) > 1)",
        "SELECT $this WHERE { $this ex:p ?v , ?w FILTER (?v < ?w) } LIMIT 1",
    ):
        shapes = f'{TARGET} sh:sparql [ sh:prefixes ex: ; sh:select "{query}" ] .'
        assert {r.focus.value for r in results(data, shapes, way)} == {"http://example.org/a", "http://example.org/b"}


def test_parts_say_which_inner_shape_a_value_does_not_conform_to_and_why() -> None:
    shapes = f"""{TARGET} sh:property [ sh:path ex:p ; sh:name "thing"@en ;
        sh:or ( [ rdfs:label "A number" ; sh:datatype xsd:integer ] [ rdfs:label "A link" ; sh:nodeKind sh:IRI ] ) ] ,
        [ sh:path ex:q ; sh:not [ rdfs:label "Text" ; sh:nodeKind sh:Literal ] ] ,
        [ sh:path ex:r ; sh:xone ( [ sh:nodeKind sh:Literal ] [ sh:datatype xsd:string ] ) ] ,
        [ sh:path ex:s ; sh:qualifiedValueShape [ sh:datatype xsd:integer ] ; sh:qualifiedMinCount 1 ] ."""
    data = turtle('ex:a a ex:Thing ; ex:p "x" ; ex:q "x" ; ex:r "x" ; ex:s "x" .')
    found = {finding.path: finding for finding in validate(data, own(shapes), lambda iri: iri).findings}
    either = found["http://example.org/p"]
    assert [(part.name, part.conforms, part.value) for part in either.parts] == [
        ("A number", False, '"x"'),
        ("A link", False, '"x"'),
    ]
    assert [why.component.split("#")[1] for part in either.parts for why in part.findings] == [
        "DatatypeConstraintComponent",
        "NodeKindConstraintComponent",
    ]
    assert [(part.name, part.conforms) for part in found["http://example.org/q"].parts] == [("Text", True)]
    assert [part.conforms for part in found["http://example.org/r"].parts] == [True, True]
    assert [part.conforms for part in found["http://example.org/s"].parts] == [False]


def test_details_say_why_a_value_does_not_conform() -> None:
    shapes = f"{TARGET} sh:property [ sh:path ex:p ; sh:node [ sh:property [ sh:path ex:q ; sh:minCount 1 ] ] ] ."
    (found,) = results("ex:a a ex:Thing ; ex:p ex:b .", shapes)
    assert [detail.component.split("#")[1] for detail in found.details] == ["MinCountConstraintComponent"]


@pytest.mark.parametrize("way", WAYS)
def test_a_store_is_judged_where_it_is_over_all_its_graphs(way: Any) -> None:
    text = 'ex:a a ex:Thing ; ex:size "5"^^xsd:nonNegativeInteger . ex:b a ex:Thing ; ex:size 6 .'
    quads = [
        Quad(q.subject, q.predicate, q.object, NamedNode(f"http://example.org/g{n}"))
        for n, q in enumerate(turtle(text))
    ]
    forms = stored_forms(quads)
    stored, rows = as_stored(quads, forms, frozenset(forms.values()))
    written: dict[Any, list[Literal]] = defaultdict(list)
    for key, literal in rows:
        written[key].append(literal)
    store = Store()
    store.extend(stored)
    shapes = f"{TARGET} sh:property [ sh:path ex:size ; sh:datatype xsd:nonNegativeInteger ] ."
    found = list(judge(DataGraph(store, written, union=True), read_shapes(turtle(shapes)), strategy=way))
    assert [str(r.focus) for r in found] == ["<http://example.org/b>"]


def own(shapes: str) -> Shapes:
    return Shapes(tuple(turtle(shapes)), ("own.ttl",))


def test_engines_tell_the_same_findings() -> None:
    data = turtle('ex:a a ex:Thing ; ex:p "x" ; ex:q [ ex:r "y" ] .')
    shapes = own(
        f'{TARGET} sh:severity sh:Warning ; sh:property [ sh:path ex:p ; sh:nodeKind sh:IRI ; sh:message "An IRI."@en , "IRI"@de ] ;'
        ' sh:property [ sh:path ( ex:q ex:r ) ; sh:maxLength 0 ; sh:message "Short." ] .'
    )
    ours, theirs = (validate(data, shapes, lambda iri: iri, engine=engine) for engine in ("fairmap", "pyshacl"))
    assert [replace(found, example=None) for found in ours.findings] == list(theirs.findings)
    assert [found.example for found in ours.findings] == [None, "<https://example.org/>"]
    assert [found.message for found in ours.findings] == ["Short.", "An IRI."]
    assert {found.severity for found in ours.findings} == {Severity.VIOLATION}


def test_unknown_engine_is_refused() -> None:
    with pytest.raises(UsageError, match="no SHACL engine"):
        validate([], own(f"{TARGET} sh:nodeKind sh:IRI ."), lambda iri: iri, engine="other")


def focus_of(found: Iterable[Result]) -> set[str]:
    return {result.focus.value for result in found}


def test_chosen_focus_nodes_only() -> None:
    data = DataGraph.of_quads(turtle("ex:a a ex:Thing . ex:b a ex:Thing . ex:c a ex:Other ."))
    shapes = read_shapes(turtle(f"{TARGET} sh:property [ sh:path ex:p ; sh:minCount 1 ] ."))
    chosen = frozenset({NamedNode("http://example.org/b"), NamedNode("http://example.org/c")})
    for way in WAYS:
        assert focus_of(judge(data, shapes, focus=chosen, strategy=way)) == {"http://example.org/b"}


@pytest.mark.parametrize(
    ("constraint", "change", "touched"),
    [
        ("sh:property [ sh:path ex:p ; sh:class ex:B ]", "ex:b a ex:B", True),
        ("sh:property [ sh:path ex:p ; sh:class ex:B ]", "ex:b ex:q 1", False),
        ("sh:property [ sh:path ex:p ; sh:class ex:B ]", "ex:C rdfs:subClassOf ex:B", True),
        (
            "sh:property [ sh:path ex:p ; sh:node [ sh:property [ sh:path ex:q ; sh:minCount 1 ] ] ]",
            "ex:b ex:q 1",
            True,
        ),
        ("sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ]", "ex:b ex:q 1", True),
        ("sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ]", "ex:b ex:r 1", False),
        ("sh:property [ sh:path [ sh:zeroOrMorePath ex:p ] ; sh:nodeKind sh:IRI ]", "ex:b ex:p 1", True),
        ("sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:closed true ]", "ex:above ex:r 1", True),
        ("sh:property [ sh:path ex:p ; sh:or ( [ sh:class ex:B ] [ sh:nodeKind sh:Literal ] ) ]", "ex:b a ex:B", True),
        (
            "sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:B ] ; sh:qualifiedMinCount 1 ]",
            "ex:b a ex:B",
            True,
        ),
        ('sh:sparql [ sh:select "SELECT $this { $this ?p ?x . ?x ?q 1 }" ]', "ex:far ex:q 1", True),
    ],
)
def test_a_change_touches_the_focus_nodes_whose_results_it_can_alter(
    constraint: str, change: str, touched: bool
) -> None:
    changes = turtle(f"{change} .")[-1:]
    text = f"ex:a a ex:Thing ; ex:p ex:b . ex:above ex:p ex:a . {change} ."
    found = affected(DataGraph.of_quads(turtle(text)), read_shapes(turtle(f"{TARGET} {constraint} .")), changes)
    assert (NamedNode("http://example.org/a") in found) is touched
