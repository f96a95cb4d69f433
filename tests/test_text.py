"""Full text: what is found and in which order, fm:textMatch wherever it may stand, and an index that holds what its view holds."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryBoolean, QuerySolutions, RdfFormat, Store, parse

import fairmap
from conftest import ROOT
from fairmap.config import Settings
from fairmap.errors import QueryRefused, QuerySyntaxError
from fairmap.model import Record
from fairmap.sparql import Request
from fairmap.store import Level, address, open_level
from fairmap.text import TextIndex, refuse_matches, with_matches
from fairmap.text.words import MOST_CLAUSES, clauses
from fairmap.views import LocalView, ViewClient, ViewProcess
from service import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fairmap import Catalogue

BASE = "https://w3id.org/fairmap/"
PREFIXES = """PREFIX fm: <https://w3id.org/fairmap/ns#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX prov: <http://www.w3.org/ns/prov#>
"""
TURTLE = """@prefix fm: <https://w3id.org/fairmap/ns#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix modality: <https://w3id.org/fairmap/concept/modality/> .
"""
MODALITIES = f"{BASE}concept/modality"


@pytest.fixture(scope="module")
def catalogue() -> Iterator[Catalogue]:
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened


@pytest.fixture(scope="module")
def index(catalogue: Catalogue) -> TextIndex:
    made = TextIndex()
    made.follow(catalogue.level.engine)
    return made


def found(catalogue: Catalogue, search: str) -> set[str]:
    """Keys of what is found, as ``repository/tcia``."""
    return {hit.record.removeprefix(BASE) for hit in catalogue.search(search, 1000)}


def written(graph: str, turtle: str) -> Record:
    node = NamedNode(graph)
    triples = parse(TURTLE + turtle, format=RdfFormat.TURTLE)
    return Record(graph, tuple(Quad(t.subject, t.predicate, t.object, node) for t in triples))


def dataset(name: str, said: str) -> Record:
    return written(f"{BASE}dataset/{name}", f"<{BASE}dataset/{name}> a dcat:Dataset ; {said} .")


def level_of(*records: Record) -> Level:
    level = open_level(address("memory:"))
    level.write({record.iri: record for record in records}, origin="test")
    return level


def names_in(level: Level, search: str) -> list[str]:
    view = LocalView(level, BASE)
    return [hit.record.rpartition("/")[2] for hit in view.search(search)]


# What is found


@pytest.mark.parametrize(
    ("search", "among", "not_among"),
    [
        ("fMRI", "repository/cimbi repository/osaka-twin dataset/cimbi-imaging", "repository/imagen repository/bimcv"),
        ("MRI", "repository/cimbi repository/osaka-twin repository/jhu-dti repository/imagen repository/oai", "repository/medpix"),
        ("DTI", "repository/jhu-dti dataset/jhu-dti-human-brain", "repository/imagen"),
        ("ultrasound", "repository/hepatitis-southwest dataset/stanford-aimi-cardiac-ultrasound", "repository/imagen"),
        ("US", "repository/hepatitis-southwest dataset/stanford-aimi-cardiac-ultrasound", "repository/imagen"),
        ("dementia brain", "repository/amsterdam-dementia repository/dpuk", "repository/oai"),
        ("brain", "repository/amsterdam-dementia repository/imagen repository/french-glioblastoma", "repository/robinsca"),
        ("Spain", "repository/awhs repository/bimcv", "repository/imagen"),
        ("RID10312", "repository/imagen repository/cimbi", "repository/robinsca"),
        ("RID38778", "repository/jhu-dti", "repository/cimbi"),
        ("magnetic resonance imaging", "repository/cimbi repository/jhu-dti repository/imagen", "repository/robinsca"),
        ("knee", "repository/oai dataset/stanford-aimi-knee-mri", "repository/french-glioblastoma repository/imagen"),
        ("lung cancer", "repository/nako repository/ria", "repository/french-glioblastoma repository/oai"),
        ("lung", "repository/scapis repository/ria", "repository/french-glioblastoma repository/oai"),
        ("heart", "dataset/ukbiobank-heart-mri repository/bioheart", "dataset/ukbiobank-carotid-ultrasound repository/siren"),
        ("D000544", "repository/adni", "repository/imagen"),
        ("knee X-rays", "dataset/oai-imaging", "dataset/stanford-aimi-chest-xray"),
    ],
)  # fmt: skip
def test_searches_find_what_the_report_states(catalogue: Catalogue, search: str, among: str, not_among: str) -> None:
    hits = found(catalogue, search)
    assert set(among.split()) <= hits
    assert not set(not_among.split()) & hits


@pytest.mark.parametrize(
    ("code", "concept"), [("RID10312", "modality/mri"), ("RID10321", "modality/ct"), ("816094009", "body-part/thorax")]
)
def test_a_code_finds_exactly_the_records_of_its_concept_and_those_below(
    catalogue: Catalogue, code: str, concept: str
) -> None:
    """Judged by the graph itself."""
    query = f"""{PREFIXES} SELECT DISTINCT ?r {{ VALUES ?kind {{ fm:Repository dcat:Dataset }} ?r a ?kind .
        ?r fm:modality|fm:bodyPart|fm:topic|fm:dataObject ?c . ?c (skos:broader|fm:bodyPart)* <{BASE}concept/{concept}> }}"""
    expected = {row["r"].value.removeprefix(BASE) for row in catalogue.select(query)}
    assert expected
    assert found(catalogue, code) == found(catalogue, code.lower()) == expected


def test_every_word_must_match(catalogue: Catalogue) -> None:
    assert found(catalogue, "lung MRI") == found(catalogue, "lung") & found(catalogue, "MRI") != set()
    assert found(catalogue, "MRI zebra") == set()


def test_words_in_quotes_and_words_that_hang_together_stand_beside_each_other() -> None:
    level = level_of(
        dataset("a", 'dct:title "Calcium score of hearts"@en'),
        dataset("b", 'dct:title "Score of calcium, X and ray"@en'),
    )
    assert sorted(names_in(level, "calcium score")) == ["a", "b"]
    assert names_in(level, '"calcium score"') == ["a"]
    assert names_in(level, "X-ray") == []
    assert names_in(level, '"calcium score') == ["a", "b"]


def test_two_capitals_are_a_word_of_their_own() -> None:
    level = level_of(
        Record(MODALITIES, tuple(quad_in(MODALITIES, ROOT / "ontology" / "concepts-modality.ttl"))),
        dataset("echo", 'dct:title "Scans"@en ; fm:modality modality:ultrasound'),
        dataset("english", 'dct:title "A study of us all"@en'),
        dataset("states", 'dct:title "A study with US national coverage"@en'),
        dataset("tomography", 'dct:title "CT of the chest"@en'),
    )
    assert names_in(level, "us") == ["english"]
    assert sorted(names_in(level, "US")) == ["echo", "states"]
    assert names_in(level, "ultrasound") == ["echo"]
    assert names_in(level, "ct") == names_in(level, "CT") == ["tomography"]


def quad_in(graph: str, path: Path) -> Iterator[Quad]:
    triples = parse(path.read_bytes(), format=RdfFormat.TURTLE)
    return (Quad(t.subject, t.predicate, t.object, NamedNode(graph)) for t in triples)


def test_labels_of_all_languages_and_hidden_ones_are_found_without_accents_and_endings() -> None:
    concept = "modality:mri a skos:Concept ; skos:prefLabel 'MRI'@en, 'Resonancia magnética'@es ; "
    concept += "skos:altLabel 'Kernspintomographie'@de, 'imagerie par résonance'@fr ; skos:hiddenLabel 'emarai' ."
    level = level_of(
        written(MODALITIES, concept),
        dataset("a", 'dct:title "x"@en ; fm:modality modality:mri'),
        dataset("b", 'dct:title "Größe der Lungen"@de ; dct:description "Studies of lungs"@en'),
    )
    for search in ("kernspintomographie", "resonancia magnetica", "Résonance", "emarai", "MRI"):
        assert names_in(level, search) == ["a"], search
    assert names_in(level, "study of the lung") == ["b"]
    assert names_in(level, "grosse") == ["b"]


def test_a_title_counts_more_than_a_description_and_a_concept_more_than_those_below() -> None:
    concepts = "modality:mri a skos:Concept ; skos:prefLabel 'MRI'@en . modality:fmri a skos:Concept ; skos:prefLabel 'x'@en ; "
    level = level_of(
        written(MODALITIES, concepts + "skos:broader modality:mri ."),
        dataset("described", 'dct:title "a"@en ; dct:description "knee"@en'),
        dataset("titled", 'dct:title "knee"@en ; dct:description "a"@en'),
        dataset("below", 'dct:title "a"@en ; fm:modality modality:fmri'),
        dataset("itself", 'dct:title "a"@en ; fm:modality modality:mri'),
    )
    assert names_in(level, "knee") == ["titled", "described"]
    assert names_in(level, "mri") == ["itself", "below"]


def test_inferred_values_are_not_searched() -> None:
    inferred = "fm:inferred <#i> . <#i> fm:value modality:mri".replace("<#i>", f"<{BASE}dataset/a#i>")
    concept = written(MODALITIES, "modality:mri a skos:Concept ; skos:prefLabel 'MRI'@en .")
    level = level_of(concept, dataset("a", f'dct:title "x"@en ; {inferred}'))
    assert names_in(level, "MRI") == []
    assert names_in(level, "x") == ["a"]


def test_only_repositories_and_datasets_are_found(catalogue: Catalogue) -> None:
    kinds = {hit.record.removeprefix(BASE).partition("/")[0] for hit in catalogue.search("the", 1000)}
    assert kinds == {"repository", "dataset"}
    assert found(catalogue, "registered users only criterion") == set()


def test_hits_say_what_matched(catalogue: Catalogue) -> None:
    first = catalogue.search("DTI human", 1)[0]
    assert first.record == f"{BASE}dataset/jhu-dti-human-brain"
    told = [
        (reason.field, reason.concept and reason.concept.removeprefix(f"{BASE}concept/")) for reason in first.reasons
    ]
    assert told[0] == ("title", None)
    assert ("concept", "modality/dti") in told
    assert ("concept", "species/human") in told
    by_broader = {reason.text for hit in catalogue.search("RID10312", 1000) for reason in hit.reasons}
    assert by_broader == {"RID10312"}


def test_a_search_without_words_finds_nothing_and_one_with_too_many_is_refused(catalogue: Catalogue) -> None:
    assert catalogue.search("") == catalogue.search(' " -- ?? " ') == []
    with pytest.raises(QueryRefused, match="33 words"):
        catalogue.search(" ".join(f"w{number}" for number in range(MOST_CLAUSES + 1)))
    for limit in (0, 10_001):
        with pytest.raises(QueryRefused, match="hits"):
            catalogue.search("MRI", limit)


def test_common_words_count_only_when_there_are_no_others() -> None:
    assert clauses("Imaging of the Heart") == clauses("imaging heart")
    assert clauses("THE AND OF") == (("the",), ("and",), ("0of0",))


# Where fm:textMatch may stand

HEART = "heart"
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


def values(index: TextIndex, search: str = HEART) -> str:
    return " ".join(f"<{hit.record}>" for hit in index.search(search, 1000))


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
    cimbi = f"{BASE}repository/cimbi"
    use = '{ ?r fm:textMatch "fMRI" }'
    (row,) = catalogue.select(f"{PREFIXES} SELECT ?r FROM <{cimbi}> FROM <{BASE}repository/tcia> {use}")
    assert row["r"] == NamedNode(cimbi)
    assert catalogue.select(f"{PREFIXES} SELECT ?r FROM NAMED <{cimbi}> {use}") == []
    (row,) = catalogue.select(
        f"{PREFIXES} SELECT ?r ?g FROM NAMED <{cimbi}> {{ GRAPH ?g {{ ?r fm:textMatch 'fMRI' . ?r a ?k }} }} LIMIT 1"
    )
    assert row["g"] == row["r"] == NamedNode(cimbi)
    rows = catalogue.select(f"{PREFIXES} SELECT ?g {{ GRAPH ?g {use} }}")
    assert {item["g"] for item in rows} == {NamedNode(hit.record) for hit in catalogue.search("fMRI")}
    for protocol in ({"union": False}, {"default_graphs": (f"{BASE}repository/tcia",)}, {"named_graphs": (cimbi,)}):
        answer = catalogue.view.query(f"{PREFIXES} ASK {use}", results="csv", **protocol)  # type: ignore[arg-type]
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


PARTS = st.sampled_from(
    ['?r fm:textMatch "heart"', '(?r ?s) fm:textMatch ("MRI" 5)', "?r dct:title ?t", "?r a [ dct:title ?x ]", ".", ";", "{", "}", "OPTIONAL",
     "UNION", "FILTER (?t > 1)", "FILTER EXISTS {", "BIND (1 AS ?z)", "VALUES ?r { fm:textMatch }", "GRAPH ?g", "SELECT *", "MINUS",
     "?r dct:title/dct:x* ?y", "?r ?p ( 1 2 [] )", "# comment\n", "?r fm:textMatch ?q", "fm:textMatch ?p ?o", "LIMIT 3", "<< ?a ?b ?c >> ?d ?e"]
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(PARTS, max_size=9).map(" ".join))
def test_what_the_engine_reads_it_reads_after_the_rewriting(index: TextIndex, where: str) -> None:
    request = Request(f"{PREFIXES} SELECT DISTINCT * WHERE {{ {where} }}")
    try:
        Store().query(request.query)
    except SyntaxError:
        return
    try:
        rewritten = with_matches(request, lambda: index)
    except QueryRefused:
        return
    found = Store().query(rewritten.query)
    assert isinstance(found, QuerySolutions | QueryBoolean)
    assert "VALUES ?r { fm:textMatch }" not in where or "fm:textMatch }" in rewritten.query


# An index holds what its view holds


class View:
    """A level, its view process and a client."""

    def __init__(self, path: Path) -> None:
        concept = written(MODALITIES, "modality:mri a skos:Concept ; skos:prefLabel 'MRI'@en .")
        self.level = level_of(
            concept, dataset("a", 'dct:title "First knee"@en ; fm:modality modality:mri, modality:new')
        )
        self.process = ViewProcess(self.level, Settings(query_workers=1, query_deadline=10), path)
        self.client = ViewClient(path, BASE)

    def write(self, record: Record | str) -> None:
        """Write a record, or withdraw the one of that name."""
        changes = {record: None} if isinstance(record, str) else {record.iri: record}
        self.process.follow(self.level.write(changes, origin="test"))

    def names(self, search: str) -> set[str]:
        """What a query in a worker finds."""
        rows = self.client.select(f"{PREFIXES} SELECT ?r {{ ?r fm:textMatch '{search}' }}")
        return {row["r"].value.rpartition("/")[2] for row in rows}


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    opened = View(tmp_path / "view.sock")
    yield opened
    opened.process.close()


def test_a_change_is_found_by_the_next_query(view: View) -> None:
    assert view.names("knee") == {"a"}
    for number in range(12):  # the index merges what it has in parts meanwhile
        view.write(dataset(f"b{number}", 'dct:title "Another knee"@en'))
        assert view.names("knee") == {"a", *(f"b{n}" for n in range(number + 1))}
    view.write(dataset("a", 'dct:title "Now a hip"@en'))
    assert "a" not in view.names("knee")
    assert view.names("hip") == {"a"}


def test_a_withdrawn_record_is_gone_from_the_index(view: View) -> None:
    view.write(dataset("secret", 'dct:title "Unheard of"@en'))
    assert view.names("unheard") == {"secret"}
    view.write(f"{BASE}dataset/secret")
    assert view.names("unheard") == set()
    assert view.client.search("unheard") == []
    index = TextIndex()
    index.follow(view.level.engine)
    assert index.search("unheard", 10) == []


def test_names_and_places_of_concepts_count_as_soon_as_they_are_written(view: View) -> None:
    assert view.names("MRI") == {"a"}
    assert view.names("tomography") == view.names("novel") == set()
    labels = "modality:mri a skos:Concept ; skos:prefLabel 'Spin tomography'@en ; skos:broader modality:top . "
    labels += "modality:top a skos:Concept ; skos:prefLabel 'Radiology'@en . modality:new a skos:Concept ; skos:prefLabel 'Novel'@en ."
    view.write(written(MODALITIES, labels))
    assert view.names("MRI") == set()
    assert view.names("tomography") == view.names("radiology") == {"a"}
    assert view.names("novel") == {"a"}, "the record pointed to it before it was a concept"


def test_an_index_of_one_view_knows_nothing_of_another() -> None:
    one = level_of(dataset("open", 'dct:title "Open knee"@en'))
    other = level_of(dataset("open", 'dct:title "Open knee"@en'), dataset("hidden", 'dct:title "Hidden knee"@en'))
    assert names_in(one, "knee") == ["open"]
    assert sorted(names_in(other, "knee")) == ["hidden", "open"]
    alone, scores = (
        LocalView(one, BASE).search("knee"),
        LocalView(level_of(dataset("open", 'dct:title "Open knee"@en')), BASE),
    )
    assert alone == scores.search("knee")


def test_many_changes_leave_the_index_as_if_it_were_new() -> None:
    store = Store()
    index = TextIndex()
    for turn in range(30):
        record = dataset(f"d{turn % 5}", f'dct:title "Knee {"x" * (turn % 3)}"@en ; dct:description "turn {turn}"@en')
        for quad in list(store.quads_for_pattern(None, None, None, NamedNode(record.iri))):
            store.remove(quad)
        store.extend(record.quads)
        index.follow(store, [record.iri])
        anew = TextIndex()
        anew.follow(store)
        assert {hit.record for hit in index.search("knee", 10)} == {hit.record for hit in anew.search("knee", 10)}
        assert [hit.record for hit in index.search(f'"turn {turn}"', 10)] == [record.iri]


def test_a_search_in_the_view_process_gives_reasons_and_refuses_like_here(view: View) -> None:
    (hit,) = view.client.search("MRI knee", 5)
    assert hit == LocalView(view.level, BASE).search("MRI knee", 5)[0]
    assert [(reason.field, reason.text) for reason in hit.reasons] == [("title", "First knee"), ("concept", "MRI")]
    with pytest.raises(QueryRefused, match="words"):
        view.client.search("a-b " + " ".join(f"w{number}" for number in range(40)))
    with pytest.raises(QueryRefused, match="cannot look for"):
        view.client.select(f"{PREFIXES} SELECT * {{ ?r fm:textMatch ?x }}")
    with pytest.raises(QueryRefused, match="in an update"):
        view.client.update(f"{PREFIXES} INSERT DATA {{ <x:a> fm:textMatch 'x' }}")


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
