"""Reading and writing RDF."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from fairmap.errors import NotAcceptable, UnreadableInput
from fairmap.namespaces import CONTEXT, RDF, XSD
from fairmap.rdf import FORMATS, Statements, by_name, canonical, digest, negotiate, parse, serialise, to_graph

TURTLE = by_name("turtle", FORMATS)

_iris = st.integers(0, 5).map(lambda n: NamedNode(f"https://example.org/{n}"))
_blanks = st.integers(0, 3).map(lambda n: BlankNode(f"b{n}"))
_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
_literals = st.one_of(
    _texts.map(Literal),
    _texts.map(lambda text: Literal(text, language="de")),
    st.tuples(_texts, st.sampled_from(["nonNegativeInteger", "decimal", "date"])).map(
        lambda pair: Literal(pair[0], datatype=NamedNode(XSD + pair[1]))
    ),
)
_quads = st.builds(Quad, st.one_of(_iris, _blanks), _iris, st.one_of(_iris, _blanks, _literals), _iris)


@given(st.lists(_quads, max_size=8), st.sampled_from(["trig", "nquads", "jsonld"]))
def test_what_is_written_and_read_again_is_the_same_graph(quads: list[Quad], name: str) -> None:
    form = by_name(name, FORMATS)
    assert canonical(parse(serialise(quads, form), form)) == canonical(quads)


@given(st.lists(_quads, max_size=8), st.randoms())
def test_order_and_labels_do_not_change_the_digest(quads: list[Quad], random: object) -> None:
    renamed = {BlankNode(f"b{n}"): BlankNode(f"other{7 - n}") for n in range(4)}
    other = [
        Quad(renamed.get(q.subject, q.subject), q.predicate, renamed.get(q.object, q.object), q.graph_name)  # type: ignore[arg-type]
        for q in reversed(quads)
    ]
    assert digest(other) == digest(quads)


_NEAR = (
    "https://example.org/a",
    "https://example.org/a-b",
    "https://example.org/a#b",
    "https://example.org/aé",
    f"{RDF}type",
)
_near = st.sampled_from(_NEAR).map(NamedNode)
_marked = st.text(st.sampled_from(' _:b.<>"\\\n\r\t\x7f\x0bé\u2028'), max_size=12)
_awkward = st.one_of(_literals, _marked.map(Literal), _marked.map(lambda text: Literal(text, language="en-gb")))


@given(st.lists(st.builds(Triple, _near, _near, st.one_of(_near, _awkward)), unique=True, max_size=12))
def test_lines_are_put_in_the_same_order_as_terms(triples: list[Triple]) -> None:
    found = Statements("".join(f"{triple} .\n" for triple in triples).encode()).in_order()
    expected = [quad.triple for quad in canonical(Quad(*triple) for triple in triples)]
    assert (len(found), list(found)) == (len(expected), expected)


@given(st.lists(st.builds(Triple, st.one_of(_near, _blanks), _near, st.one_of(_near, _blanks, _awkward)), max_size=2))
def test_blank_nodes_are_seen_in_lines(triples: list[Triple]) -> None:
    found = Statements("".join(f"{triple} .\n" for triple in triples).encode())
    nodes = [node for triple in triples for node in (triple.subject, triple.object)]
    assert found.has_blank_nodes == any(isinstance(node, BlankNode) for node in nodes)


def test_lexical_forms_stay_as_written() -> None:
    text = b'<http://e/s> <http://e/p> 007 , 1.50 , "5"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> .'
    (graph,) = [to_graph(parse(text, TURTLE))]
    assert sorted(str(o) for o in graph.objects()) == ["007", "1.50", "5"]


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("turtle", b"@prefix : <http://e/> .\n:a :b .\n", "x:2:7"),
        ("trig", b"{ <http://e/a>\n<http://e/b> }", "x:2:"),
        ("nquads", b"<http://e/a> <http://e/b> <http://e/c> .\nrubbish\n", "x:2:1"),
        ("jsonld", b'{"@id":\n}', "x:2:1"),
        ("yamlld", b"a: [1,\nb: 2", "x:2:5"),
        ("rdfxml", b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<x></rdf:RDF>', "x:2:"),
        ("turtle", b'<http://e/a> <http://e/b> "\xff" .', "x:1:"),
    ],
)
def test_a_document_that_is_not_in_its_form_is_refused_with_line_and_column(name: str, text: bytes, place: str) -> None:
    with pytest.raises(UnreadableInput) as told:
        parse(text, by_name(name, FORMATS), name="x")
    assert str(told.value.where).startswith(place)


def test_entities_that_grow_are_refused() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r>&b;</r>'
    with pytest.raises(UnreadableInput, match="entities"):
        parse(bomb, by_name("rdfxml", FORMATS))


@pytest.mark.parametrize("depth", [300, 100_000])
def test_json_nested_too_deep_is_refused(depth: int) -> None:
    with pytest.raises(UnreadableInput, match="deep"):
        parse(b'{"http://e/p":' * depth + b"1" + b"}" * depth, by_name("jsonld", FORMATS))


def test_yaml_aliases_are_refused() -> None:
    with pytest.raises(UnreadableInput, match="aliases"):
        parse(b"a: &x [1]\nb: *x\n", by_name("yamlld", FORMATS))


def test_only_the_published_context_is_known_and_none_is_fetched() -> None:
    jsonld = by_name("jsonld", FORMATS)
    text = b'{"@context":"%s","id":"https://w3id.org/fairmap/repository/x","title":"T"}'
    assert parse(text % CONTEXT.encode(), jsonld)
    with pytest.raises(UnreadableInput, match="not fetched"):
        parse(text % b"https://example.org/context", jsonld)


def test_turtle_of_one_graph_has_one_form() -> None:
    quads = parse(b"@prefix dct: <http://purl.org/dc/terms/> . <http://e/a> dct:title 'x' .", TURTLE)
    assert len({serialise(canonical(quads), TURTLE) for _ in range(5)}) == 1


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        ("text/turtle", "text/turtle"),
        ("text/turtle;q=0.5, text/html;q=0.4", "text/turtle"),
        ("text/*;q=0.1, text/turtle;q=0", "text/html"),
        ("text/turtle; charset=utf-8", "text/turtle"),
        ("text/turtle;q=0.3;charset=utf-8, text/html;q=0.2", "text/turtle"),
    ],
)
def test_the_best_wanted_media_type_is_taken(accept: str | None, wanted: str) -> None:
    assert negotiate(accept, ["text/html", "text/turtle"]) == wanted


def test_nothing_wanted_is_told_with_what_there_is() -> None:
    with pytest.raises(NotAcceptable, match="text/turtle"):
        negotiate("image/png", ["text/html", "text/turtle"])
