"""The description of the dataset and the endpoint says what the endpoint answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

import fairmap
from fairmap.config import Settings
from fairmap.namespaces import DCT, DEFAULT_BASE, PREFIXES, SH, XSD
from fairmap.web import create_app
from fairmap.web.service_description import SD, VOID
from service import serving

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue

PATH: Final = "/.well-known/void"
PROLOGUE: Final = f"""PREFIX void: <{VOID}> PREFIX sd: <{SD}> PREFIX sh: <{SH}> PREFIX dct: <{DCT}>
PREFIX schema: <https://schema.org/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX foaf: <http://xmlns.com/foaf/0.1/> """
FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/n-triples": RdfFormat.N_TRIPLES,
}


@pytest.fixture(scope="module")
def client(catalogue: Catalogue) -> FlaskClient:
    return client_of(catalogue)


@pytest.fixture(scope="module")
def void(client: FlaskClient) -> Store:
    return described(client)


def client_of(catalogue: Catalogue, **settings: Any) -> FlaskClient:
    return create_app(Settings(**settings), catalogue.view, ready=lambda: True).test_client()


def described(client: FlaskClient, path: str = PATH, accept: str = "text/turtle") -> Store:
    response = client.get(path, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, accept)
    store = Store()
    store.load(response.data, format=FORMATS[accept])
    return store


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    found: Any = store.query(PROLOGUE + query)
    return [tuple(term.value for term in solution) for solution in found]


def counted(client: FlaskClient, query: str) -> list[tuple[str, ...]]:
    answer = client.get("/sparql", query_string={"query": query, "format": "json"}).get_json(force=True)
    names = answer["head"]["vars"]
    return [tuple(row[name]["value"] for name in names) for row in answer["results"]["bindings"]]


@pytest.mark.parametrize("accept", FORMATS)
def test_every_form_says_the_same_at_both_addresses(client: FlaskClient, void: Store, accept: str) -> None:
    expected = {str(quad) for quad in void}
    assert len(expected) > 1000
    for path in (PATH, "/sparql"):
        assert {str(quad) for quad in described(client, path, accept)} == expected


def test_who_names_no_form_gets_turtle_and_who_wants_another_is_told(client: FlaskClient) -> None:
    for accept in ("*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"):
        assert client.get(PATH, headers={"Accept": accept}).mimetype == "text/turtle"
    assert client.get(PATH).mimetype == "text/turtle"
    assert client.get(PATH, headers={"Accept": "image/png"}).status_code == 406


def test_the_totals_are_what_the_endpoint_counts(client: FlaskClient, void: Store) -> None:
    ((dataset, *told),) = rows(
        void,
        """SELECT ?dataset ?triples ?subjects ?objects ?classes ?properties { ?dataset a void:Dataset ; void:triples ?triples ;
        void:distinctSubjects ?subjects ; void:distinctObjects ?objects ; void:classes ?classes ; void:properties ?properties }""",
    )
    assert dataset == f"http://localhost{PATH}#dataset"
    everything = "SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }"
    (sizes,) = counted(
        client,
        f"""SELECT (COUNT(*) AS ?t) (COUNT(DISTINCT ?s) AS ?a) (COUNT(DISTINCT ?o) AS ?b) (COUNT(DISTINCT ?p) AS ?c)
        {{ {everything} }}""",
    )
    ((classes,),) = counted(client, "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }")
    triples, subjects, objects, properties = sizes
    assert tuple(told) == (triples, subjects, objects, classes, properties)


def test_the_partitions_are_what_the_endpoint_counts(client: FlaskClient, void: Store) -> None:
    classes = rows(void, "SELECT ?c ?n { ?d void:classPartition ?p . ?p void:class ?c ; void:entities ?n }")
    expected = counted(client, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c")
    assert sorted(classes) == sorted(expected)
    properties = rows(
        void, "SELECT ?r ?n { ?d a void:Dataset ; void:propertyPartition ?p . ?p void:property ?r ; void:triples ?n }"
    )
    expected = counted(client, "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")
    assert sorted(properties) == sorted(expected)
    both = rows(
        void,
        "SELECT ?c ?r ?n { ?k void:class ?c ; void:propertyPartition ?p . ?p void:property ?r ; void:triples ?n }",
    )
    expected = counted(client, "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p")
    assert sorted(both) == sorted(expected)


def test_the_dataset_has_title_and_licence_of_the_map_and_says_where_to_ask(client: FlaskClient, void: Store) -> None:
    catalog = f"{DEFAULT_BASE}catalog/imaging-health-data-map"
    ((title, licence),) = counted(client, f"SELECT ?t ?l {{ <{catalog}> <{DCT}title> ?t ; <{DCT}license> ?l }}")
    found = rows(
        void,
        """SELECT ?title ?licence ?endpoint ?root ?service { ?d a void:Dataset ; dct:title ?title ; dct:license ?licence ;
        void:sparqlEndpoint ?endpoint ; void:rootResource ?root . ?service sd:defaultDataset ?d ; sd:endpoint ?endpoint }""",
    )
    assert found == [(title, licence, "http://localhost/sparql", catalog, "http://localhost/sparql")]
    assert rows(void, "SELECT ?d { ?d dct:modified|dct:publisher ?x }") == []


def test_every_vocabulary_in_use_is_named(client: FlaskClient, void: Store) -> None:
    told = {row[0] for row in rows(void, "SELECT ?v { ?d void:vocabulary ?v }")}
    used = counted(client, "SELECT DISTINCT ?p { { ?s ?p ?o } UNION { ?s a ?p } }")
    assert told == {space for space in PREFIXES.values() if any(row[0].startswith(space) for row in used)}
    assert PREFIXES["dcat"] in told


def test_a_publisher_is_told_when_there_is_one(catalogue: Catalogue) -> None:
    named = described(client_of(catalogue, publisher="Example Institute"))
    assert rows(named, "SELECT ?n { ?d a void:Dataset ; dct:publisher/foaf:name ?n }") == [("Example Institute",)]


def test_addresses_are_those_of_the_deployment(catalogue: Catalogue) -> None:
    client = client_of(catalogue, public_url="https://map.example.org/data", union=False)
    found = described(client)
    assert rows(found, "SELECT ?d ?e { ?d a void:Dataset ; void:sparqlEndpoint ?e }") == [
        (f"https://map.example.org/data{PATH}#dataset", "https://map.example.org/data/sparql")
    ]
    assert rows(found, "SELECT ?s { ?s sd:feature sd:UnionDefaultGraph }") == []


def test_a_store_without_the_map_has_a_description_too() -> None:
    with fairmap.open("memory:") as opened:
        found = described(client_of(opened))
    assert rows(found, "SELECT ?n { ?d a void:Dataset ; void:triples ?n }") == [("0",)]
    assert rows(found, "SELECT ?t { ?d dct:title|dct:license|void:rootResource|void:classPartition ?t }") == []


def test_prefixes_are_declared_for_the_examples(void: Store) -> None:
    declared = rows(
        void,
        """SELECT DISTINCT ?p ?n { ?example sh:prefixes ?dataset . ?dataset a void:Dataset ; sh:declare ?d .
        ?d sh:prefix ?p ; sh:namespace ?n }""",
    )
    assert dict(declared) == PREFIXES  # type: ignore[arg-type]
    kinds = {quad.object.datatype for quad in void.quads_for_pattern(None, NamedNode(f"{SH}namespace"), None)
             if isinstance(quad.object, Literal)}  # fmt: skip
    assert kinds == {NamedNode(f"{XSD}anyURI")}


def test_every_example_runs_and_has_an_answer(client: FlaskClient, void: Store) -> None:
    """Read as editors read them: SIB sparql-editor asks for a comment and a query."""
    found = rows(
        void,
        """SELECT DISTINCT ?sq ?comment ?query ?target { ?sq a sh:SPARQLExecutable, sh:SPARQLSelectExecutable ;
        rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query ; schema:target ?target } ORDER BY ?sq""",
    )
    assert len(found) >= 5
    for name, comment, query, target in found:
        assert (comment.endswith(("?", ")")), target) == (True, "http://localhost/sparql")
        assert counted(client, query), name


def test_a_write_is_counted(catalogue: Catalogue) -> None:
    with fairmap.open("memory:") as opened:
        opened.load_map()
        client = client_of(opened)
        query = "SELECT ?n { ?d a void:Dataset ; void:triples ?n }"
        ((before,),) = rows(described(client), query)
        assert rows(described(client, "/sparql"), query) == [(before,)]
        opened.withdraw(f"{DEFAULT_BASE}repository/tcia")
        ((after,),) = rows(described(client), query)
        assert int(after) < int(before)
        assert counted(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == [(after,)]


@pytest.mark.server
def test_the_running_service_describes_itself(tmp_path: Path) -> None:
    with serving(f"oxigraph:{tmp_path / 'store'}", log=tmp_path / "log") as service:
        got = service.get(PATH, Accept="text/turtle")
        store = Store()
        store.load(got.body, format=RdfFormat.TURTLE)
        count = service.get("/sparql?query=SELECT(COUNT(*)AS?n)%7B?s?p?o%7D").json()
        assert service.get("/sparql", Accept="text/turtle").body == got.body
    told = rows(store, "SELECT ?n ?e { ?d a void:Dataset ; void:triples ?n ; void:sparqlEndpoint ?e }")
    assert told == [(count["results"]["bindings"][0]["n"]["value"], f"{service.url}/sparql")]
