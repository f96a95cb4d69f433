"""What may run, and how it is run."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from fairmap.errors import NotAcceptable, QueryRefused, QuerySyntaxError
from fairmap.sparql import Limits, Request, bind, evaluate, guard

REQUESTS = [
    "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "SELECT * { service SILENT <http://127.0.0.1/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p 1SERVICE<http://127.0.0.1/>{?a ?b ?c} }",
    "PREFIX : <http://127.0.0.1/> SELECT * { SERVICE:x { ?s ?p ?o } }",
    "SELECT * { SERVICESILENT<http://127.0.0.1/> { ?s ?p ?o } }",
    "SELECT * { ?s <http://a/\\u0041#b> ?o . SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p '#' . SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    'SELECT * { ?s ?p """a"b""" # \'\n SERVICE ?x { ?s ?p ?o } }',
    "SELECT * { ?s ?p ?o FILTER(?s<1)SERVICE<http://127.0.0.1/>{?a ?b ?c}FILTER(?s>2) }",
    "PREFIX x: <http://e/> SELECT * { ?s ?p x:.SERVICE<http://127.0.0.1/>{ ?a ?b ?c } }",
    "LOAD <http://127.0.0.1/> INTO GRAPH <http://e/>",
]


@pytest.mark.parametrize("query", REQUESTS)
def test_no_spelling_of_a_request_passes(query: str) -> None:
    with pytest.raises(QueryRefused, match="no requests"):
        guard(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?service ?load 'SERVICE' }",
        'SELECT * { ?s <http://e/SERVICE#LOAD> "LOAD <x>" # SERVICE <x> {}\n }',
        "PREFIX s: <http://e/> SELECT * { ?s s:SERVICE _:service . ?s s:load ?o }",
    ],
)
def test_the_words_pass_where_they_are_no_keywords(query: str) -> None:
    guard(query)


@given(st.text(max_size=200))
def test_any_text_is_judged_without_a_fault(text: str) -> None:
    with contextlib.suppress(QueryRefused):
        guard(text)


@pytest.mark.parametrize(
    "query",
    [
        "ASK { FILTER(" + "(" * 500 + "1" + ")" * 500 + ") }",
        "ASK " + "{" * 500 + "}" * 500,
        "ASK { FILTER(" + " && ".join(["1"] * 20000) + ") }",
        "ASK { FILTER(" + "!" * 20000 + "1) }",
        "ASK { " + " UNION ".join(["{}"] * 20000) + " }",
        "ASK { } #" + "x" * Limits.length,
    ],
)
def test_what_would_overflow_the_engine_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused, match="at most"):
        guard(query)


def test_a_term_cannot_break_out_of_its_place() -> None:
    text = bind("ASK { ?s ?p $value }", {"value": NamedNode("http://e/%3E")})
    assert text == "ASK { ?s ?p <http://e/%3E> }"
    with pytest.raises(KeyError):
        bind("ASK { $missing ?p ?o }", {})


def test_a_wrong_query_is_told_with_line_and_column() -> None:
    with pytest.raises(QuerySyntaxError) as told:
        evaluate(Store(), Request("SELECT *\n{ ?s ?p }"), iter)
    assert told.value.where == "line 2, column 10"
    with pytest.raises(QuerySyntaxError, match="not declared"):
        evaluate(Store(), Request("SELECT * { ?s dcat:title ?o }"), iter)


def test_an_answer_of_an_unwanted_kind_is_refused() -> None:
    with pytest.raises(NotAcceptable, match="text/turtle"):
        evaluate(Store(), Request("DESCRIBE <http://e/>", graph=None), iter)
    with pytest.raises(NotAcceptable, match="text/csv"):
        evaluate(Store(), Request("ASK {}", results=None), iter)


@pytest.mark.parametrize("union", [True, False])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?o FROM <urn:one> { ?s ?p ?o }", {"1"}),
        ("SELECT ?o from<urn:one>FROM <urn:two>{ ?s ?p ?o }", {"1", "2"}),
        ("SELECT ?o FROM NAMED <urn:one> { ?s ?p ?o }", set()),
        ("SELECT ?o FROM NAMED <urn:one> { GRAPH ?g { ?s ?p ?o } }", {"1"}),
    ],
)
def test_a_dataset_in_the_query_goes_before_the_union(query: str, expected: set[str], *, union: bool) -> None:
    store = Store()
    for name, value in (("one", "1"), ("two", "2"), ("three", "3")):
        store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(value), NamedNode(f"urn:{name}")))
    answer = io.BytesIO()
    evaluate(store, Request(query, "csv", union=union), iter).write(answer)
    assert set(answer.getvalue().decode().split()[1:]) == expected
