"""fm:textMatch: wherever it may stand it is the values that are found, elsewhere it is refused."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from conftest import ROOT
from fairmap.errors import QueryRefused, QuerySyntaxError
from fairmap.sparql import Request
from fairmap.store import Level
from fairmap.text import TextIndex, refuse_matches, with_matches
from service import serving
from texts import BASE, HEART, PREFIXES, dataset, values

if TYPE_CHECKING:
    from pathlib import Path

    from fairmap import Catalogue


@pytest.fixture(scope="module")
def index(catalogue: Catalogue) -> TextIndex:
    level = catalogue.level
    assert isinstance(level, Level)
    made = TextIndex()
    made.follow(level.engine)
    return made


# Where fm:textMatch may stand

PLACES = {
    "first of a list": ('?r fm:textMatch "heart" ; dct:title ?t', "?r dct:title ?t"),
    "amid a list": ('?r a dcat:Dataset ; fm:textMatch "heart" ; dct:title ?t', "?r a dcat:Dataset ; dct:title ?t"),
    "last of a list": ('?r dct:title ?t ; fm:textMatch "heart"', "?r dct:title ?t"),
    "last of a list with an end": ('?r dct:title ?t ;; fm:textMatch "heart" ; .', "?r dct:title ?t"),
    "twice": ('?r fm:textMatch "heart" ; fm:textMatch "heart" ; dct:title ?t ; fm:textMatch "heart"', "?r dct:title ?t"),
    "alone": ('?r fm:textMatch "heart"', ""),
    "with an end": ('?r fm:textMatch "heart"@en.', ""),
    "after triples": ('?r dct:title ?t . ?r fm:textMatch "heart" . ?r a ?k', "?r dct:title ?t . ?r a ?k"),
    "after a name and a full stop": ('?r a dcat:Dataset.?r fm:textMatch "heart"', "?r a dcat:Dataset"),
    "beside a filter": (
        '?r dct:title ?t FILTER (STRLEN(?t) > 20) ?r fm:textMatch "heart" . ?r a ?k',
        "?r dct:title ?t . ?r a ?k FILTER (STRLEN(?t) > 20)",
    ),
    "one blank node on both sides": (
        '?r prov:wasGeneratedBy _:b . ?r fm:textMatch "heart" . _:b ?p ?v',
        "?r prov:wasGeneratedBy ?b . ?b ?p ?v",
    ),
    "full IRI": ("?r <https://w3id.org/fairmap/ns#textMatch> '''heart'''", ""),
    "with a list": ('?r fm:textMatch ("heart")', ""),
    "in an escape": (r'?r fm:textMatch "he\u0061rt"', ""),
    "beside comments and strings": ('?r dct:title ?t ; # fm:textMatch "x"\n fm:textMatch "heart" FILTER (?t != "fm:textMatch")',
                                    "?r dct:title ?t"),
}  # fmt: skip


def solutions(catalogue: Catalogue, where: str) -> list[str]:
    return sorted(map(str, map(dict, catalogue.select(f"{PREFIXES} SELECT * {{ {where} }}"))))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("around", ["{}", "{{ {} }} UNION {{ ?r a fm:Source }}", "GRAPH ?g {{ {} }}", "?r dct:title ?u OPTIONAL {{ {} }}",
                                    "{{ SELECT * {{ {} }} }}", "?r a ?x MINUS {{ {} }}"])  # fmt: skip
def test_a_use_is_the_values_that_are_found(catalogue: Catalogue, index: TextIndex, place: str, around: str) -> None:
    use, rest = PLACES[place]
    hits = f"VALUES ?r {{ {values(index)} }} " + ("?r ?any ?thing . " if "GRAPH" in around else "")
    expected = f"SELECT DISTINCT * {{ {around.format(hits + rest)} }}"
    pairs = []
    for query in (f"SELECT DISTINCT * {{ {around.format(use)} }}", expected):
        rows = catalogue.select(PREFIXES + query)
        ours = [{k: v for k, v in row.items() if k not in {"any", "thing", "b"}} for row in rows]
        pairs.append({str(sorted(row.items(), key=lambda item: item[0])) for row in ours})
    assert pairs[0] == pairs[1]
    assert pairs[0] or ("GRAPH" in around and "_:b" in use), "only the graphs of sources say what generated records"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('ASK { <%srepository/cimbi> fm:textMatch "fMRI" }', True),
        ('ASK { <%srepository/tcia> fm:textMatch "fMRI" }', False),
        ('ASK { <%srepository/cimbi> fm:textMatch ("MRI" 1) }', False),
        ('ASK { GRAPH <%srepository/cimbi> { ?r fm:textMatch "fMRI" } }', True),
        ('ASK { GRAPH <%srepository/tcia> { ?r fm:textMatch "fMRI" } }', False),
        ('ASK { GRAPH <x:other> { <%srepository/cimbi> fm:textMatch "fMRI" } }', False),
        ('ASK { <%srepository/cimbi> a ?k FILTER NOT EXISTS { <%srepository/cimbi> fm:textMatch "fMRI" } }', False),
        ('ASK { ?r fm:textMatch "" }', False),
        ("ASK { fm:textMatch a <http://www.w3.org/2002/07/owl#DatatypeProperty> }", True),
        ("ASK { ?term a ?kind FILTER (?term = fm:textMatch) }", True),
    ],
)
def test_records_that_are_named_match_or_do_not(catalogue: Catalogue, query: str, expected: bool) -> None:
    answer = catalogue.query(PREFIXES + query.replace("%s", BASE), results="csv")
    assert b"".join(answer.chunks) == (b"true" if expected else b"false")


def test_filters_on_matches(catalogue: Catalogue, index: TextIndex) -> None:
    wanted = values(index)
    for exists in ("EXISTS", "NOT EXISTS"):
        ours = solutions(catalogue, f'?r a fm:Repository FILTER {exists} {{ ?r fm:textMatch "heart" }}')
        theirs = solutions(
            catalogue,
            f"?r a fm:Repository FILTER (?r {exists.replace('EXISTS', 'IN')} ({wanted.replace('> <', '>, <')}))",
        )
        assert ours == theirs != []
    counted = (
        'SELECT (COUNT(?r) AS ?n) { ?r a fm:Repository BIND (EXISTS { ?r fm:textMatch "heart" } AS ?is) FILTER (?is) }'
    )
    (row,) = catalogue.select(PREFIXES + counted)
    assert int(row["n"].value) == sum("/repository/" in hit.record for hit in index.search(HEART, 1000))


def test_scores_limit_and_order(catalogue: Catalogue, index: TextIndex) -> None:
    hits = index.search("brain MRI", 7)
    query = '{ (?r ?score) fm:textMatch ("brain MRI" 7) . ?r dct:title ?t }'
    rows = catalogue.select(f"{PREFIXES} SELECT ?r ?score {query} ORDER BY DESC(?score) ?r")
    assert [(row["r"].value, float(row["score"].value)) for row in rows] == [(h.record, h.score) for h in hits]
    plain = catalogue.select(PREFIXES + 'SELECT ?r ?t { ?r dct:title ?t ; fm:textMatch "brain MRI" }')
    order = [row["r"].value for row in plain]
    assert list(dict.fromkeys(order)) == [hit.record for hit in index.search("brain MRI", 1000)]


def test_other_forms_of_query(catalogue: Catalogue, index: TextIndex) -> None:
    where = '{ ?r fm:textMatch "fMRI" }'
    described = catalogue.query(f"{PREFIXES} DESCRIBE ?r {where}", graph="ntriples")
    assert b"cimbi" in b"".join(described.chunks)
    triples = catalogue.view.construct(
        f"{PREFIXES} CONSTRUCT {{ ?r dct:title ?t }} {{ ?r fm:textMatch 'fMRI' ; dct:title ?t }}"
    )
    assert {str(triple.subject) for triple in triples} == {f"<{hit.record}>" for hit in index.search("fMRI", 1000)}
    relative = catalogue.select("BASE <https://w3id.org/fairmap/> PREFIX : <ns#> SELECT ?r { ?r :textMatch 'fMRI' }")
    assert len(relative) == len(triples)


def test_a_match_lies_in_the_graph_of_its_record(catalogue: Catalogue) -> None:
    cimbi, tcia = NamedNode(f"{BASE}repository/cimbi"), NamedNode(f"{BASE}repository/tcia")
    use = '{ ?r fm:textMatch "fMRI" }'
    froms, named_only = "FROM $one FROM $other", "FROM NAMED $one"
    (row,) = catalogue.select(f"{PREFIXES} SELECT ?r {froms} {use}", one=cimbi, other=tcia)
    assert row["r"] == cimbi
    assert catalogue.select(f"{PREFIXES} SELECT ?r {named_only} {use}", one=cimbi) == []
    named = 'SELECT ?r ?g FROM NAMED $one { GRAPH ?g { ?r fm:textMatch "fMRI" ; dct:description ?d } }'
    (row,) = catalogue.select(PREFIXES + named, one=cimbi)
    assert row["g"] == row["r"] == cimbi
    rows = catalogue.select(f"{PREFIXES} SELECT ?g {{ GRAPH ?g {use} }}")
    assert {item["g"] for item in rows} == {NamedNode(hit.record) for hit in catalogue.search("fMRI")}
    for protocol in ({"union": False}, {"default_graphs": (tcia.value,)}, {"named_graphs": (cimbi.value,)}):
        answer = catalogue.view.query(f"{PREFIXES} ASK {use}", results="csv", **protocol)
        assert b"".join(answer.chunks) == b"false"


@pytest.mark.parametrize(
    ("query", "what", "place"),
    [
        ("SELECT * { ?r fm:textMatch ?words }", r"cannot look for \?words", (1, 28)),
        ("SELECT * { ?r a ?k ;\n fm:textMatch 5 }", "cannot look for 5", (2, 15)),
        ('SELECT * { ?r fm:textMatch "a"^^dct:x }', "cannot look for", (1, 28)),
        ('SELECT * { ?r fm:textMatch "a", "b" }', "one object", (1, 31)),
        ('SELECT * { ?r fm:textMatch/dct:title "a" }', "property path", (1, 15)),
        ('SELECT * { ?r ^fm:textMatch "a" }', "property path", (1, 16)),
        ('SELECT * { ?r (dct:title|fm:textMatch)+ "a" }', "property path", (1, 26)),
        ('SELECT * { [] fm:textMatch "a" }', "a record is a variable or an IRI", (1, 12)),
        ('SELECT * { ?r dct:relation [ fm:textMatch "a" ] }', "blank node", (1, 30)),
        ('SELECT * { ?r fm:textMatch ("a" 0) }', "cannot give 0 hits", (1, 33)),
        ('SELECT * { ?r fm:textMatch ("a" 10001) }', "cannot give 10001 hits", (1, 33)),
        ('SELECT * { ?r fm:textMatch ("a" 1.5) }', "cannot give 1.5 hits", (1, 33)),
        ('SELECT * { ?r fm:textMatch ("a" 5 5) }', "too long", (1, 35)),
        ('SELECT * { (?r ?s ?x) fm:textMatch "a" }', r"not \(\?record \?score\)", (1, 16)),
        ('SELECT * { (?r ?s) fm:textMatch "a" ; dct:title ?t }', "stands alone", (1, 12)),
        ('CONSTRUCT { ?r fm:textMatch "a" } { ?r a ?k }', "in a template", (1, 16)),
        ('CONSTRUCT WHERE { ?r fm:textMatch "a" }', "its template", (1, 22)),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_place(
    catalogue: Catalogue, query: str, what: str, place: tuple[int, int]
) -> None:
    prologue = "PREFIX fm: <https://w3id.org/fairmap/ns#> PREFIX dct: <http://purl.org/dc/terms/>\n"
    with pytest.raises(QueryRefused, match=what) as refused:
        catalogue.query(prologue + query)
    assert refused.value.where == f"line {place[0] + 1}, column {place[1]}"
    assert refused.value.expected


def test_wrong_sparql_is_told_with_its_own_place(catalogue: Catalogue) -> None:
    with pytest.raises(QuerySyntaxError) as wrong:
        catalogue.query('PREFIX fm: <https://w3id.org/fairmap/ns#>\nSELECT * { ?r fm:textMatch "heart" . ?r ?p }')
    assert wrong.value.where == "line 2, column 45"


@pytest.mark.parametrize(
    ("update", "passes"),
    [
        ('INSERT DATA { <x:r> fm:textMatch "a" }', False),
        ('INSERT { ?r a <x:k> } WHERE { ?r fm:textMatch "a" }', False),
        (
            'DELETE DATA { <x:r> a <x:k> } ; DELETE { ?r ?p ?o } WHERE { GRAPH ?g { ?r ?p ?o ; fm:textMatch "a" } }',
            False,
        ),
        ("INSERT DATA { fm:textMatch a <x:k> . <x:r> <x:p> fm:textMatch, 'fm:textMatch' }", True),
    ],
)
def test_updates_do_not_use_it(update: str, passes: bool) -> None:
    if passes:
        refuse_matches(PREFIXES + update, None)
    else:
        with pytest.raises(QueryRefused, match="in an update"):
            refuse_matches(PREFIXES + update, None)


def test_a_query_without_it_is_left_alone() -> None:
    def never() -> TextIndex:
        raise AssertionError("the index was asked for")

    request = Request("SELECT * { ?s ?p 'text' }")
    assert with_matches(request, never) is request
    mentioned = Request("SELECT * { ?s ?p 'textMatch' } # textMatch")
    assert with_matches(mentioned, never) is mentioned


# Texts from anybody

PIECES = st.sampled_from(
    [
        '"',
        "'",
        "\\",
        "{",
        "}",
        ")",
        "\n",
        "\r",
        "\0",
        "?r",
        "#",
        "<",
        ">",
        "MRI",
        "US",
        " ",
        "-",
        "ß",
        "\U0001f600",
        '"""',
        "heart",
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join)))
def test_no_search_text_breaks_out(catalogue: Catalogue, index: TextIndex, text: str) -> None:
    """The text goes through SPARQL and gives what the index gives for it."""
    literal = str(Literal(text.encode("utf-8", "ignore").decode()))
    expected = {hit.record for hit in index.search(text.encode("utf-8", "ignore").decode(), 1000)}
    rows = catalogue.select(f"{PREFIXES} SELECT ?r {{ ?r fm:textMatch {literal} }}")
    assert {row["r"].value for row in rows} == expected


LEAVES = st.sampled_from(
    [
        '?r fm:textMatch "heart"',
        '?r fm:textMatch "heart" ; dct:title ?t',
        '?r a dcat:Dataset ; fm:textMatch "heart" ; dct:title ?t',
        '?r dct:title ?t ; fm:textMatch "knee"',
        '?r a [] . ?r fm:textMatch "heart" . ?r dct:title ?t',
        '?x dcat:dataset ?r . ?x fm:textMatch "knee"',
        "?r dct:title ?t",
        "?x dcat:dataset ?r",
        "?x dcat:dataset/dct:title ?t # fm:textMatch\n",
        "FILTER (BOUND(?t))",
        'BIND ("fm:textMatch" AS ?b)',
        "VALUES ?p { fm:textMatch }",
        f'<{BASE}dataset/d1> fm:textMatch "heart" ; dct:title ?t',
    ]
)
FORMS = st.sampled_from(
    ["{{ {} }}", "OPTIONAL {{ {} }}", "GRAPH ?g {{ {} }}", "GRAPH ?r {{ {} }}", "MINUS {{ {} }}", "FILTER EXISTS {{ {} }}",
     "FILTER (NOT EXISTS {{ {} }} || BOUND(?t))", "{{ SELECT ?r {{ {} }} }}", "{{ {} }} UNION {{ ?r a dcat:Dataset }}"]
)  # fmt: skip
PATTERNS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(FORMS, inner).map(lambda pair: pair[0].format(pair[1])), st.tuples(inner, inner).map(" . ".join)
    ),
    max_leaves=5,
)


def tried() -> tuple[Store, Store, TextIndex]:
    """A few records; the same with each match as a triple in its record's graph; their index."""
    plain, matching, index = Store(), Store(), TextIndex()
    for number, title in enumerate(("heart", "knee", "heart and knee", "hip")):
        plain.extend(dataset(f"d{number}", f'dct:title "{title}", "x"@en ; dcat:dataset <{BASE}dataset/d1>').quads)
    index.follow(plain)
    matching.extend(plain)
    for search in ("heart", "knee"):
        for hit in index.search(search, 10):
            node = NamedNode(hit.record)
            matching.add(Quad(node, NamedNode("https://w3id.org/fairmap/ns#textMatch"), Literal(search), node))
    return plain, matching, index


TRIED = tried()


def rows_of(store: Store, query: str) -> list[str]:
    found = store.query(query, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    return sorted(str([solution[name] for name in sorted(names)]) for solution in found)


@settings(deadline=None, max_examples=600)
@given(PATTERNS)
def test_the_answer_is_that_of_a_graph_which_holds_the_matches(where: str) -> None:
    plain, matching, index = TRIED
    query = f"{PREFIXES} SELECT * WHERE {{ {where} }}"
    try:
        expected = rows_of(matching, query)
    except SyntaxError:
        return  # a variable is bound twice
    rewritten = with_matches(Request(query), lambda: index).query
    assert rows_of(plain, rewritten) == expected, rewritten


@pytest.mark.server
def test_the_example_of_the_reference_works(tmp_path: Path) -> None:
    section = (ROOT / "docs" / "reference.md").read_text().partition("## Full text")[2]
    (block, *_) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    with serving(f"oxigraph:{tmp_path / 'store'}", log=tmp_path / "log") as service:
        script = block.replace("http://localhost:8080", service.url)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, check=True)
    lines = done.stdout.split()
    assert lines[0] == "score,title,record"
    assert len(done.stdout.splitlines()) == 21
    assert "repository/imagen" in done.stdout
