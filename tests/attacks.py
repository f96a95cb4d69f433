"""Ways to get at a record that only its organisation may see.

Each request asks about a name. It is sent once with the name of the private record and once with that of a record that has never
existed: nobody but the organisation may be able to tell the answers apart.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass, field

BASE = "https://w3id.org/fairmap/"
HIDDEN = "zz-hidden-7f3a"
GONE = "zz-hidden-gone"
"""A private record that its organisation has withdrawn."""
MARKER = "Quxmarker81"
"""Stands in the literals of private records and nowhere else."""
SHADOWED = "repository/tcia"
"""A public record of which the organisation has its own version."""
TWINS = {"hidden": "nobody", "HIDDEN": "NOBODY", MARKER: "Nothing0081", MARKER.lower(): "nothing0081"}
"""What makes the name of a private record that of one that has never existed, of the same length."""

PREFIXES = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX fm: <https://w3id.org/fairmap/ns#> PREFIX foaf: <http://xmlns.com/foaf/0.1/>
"""
PRIVATE = f"""@prefix d31: <{BASE}source/d31#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix fm: <https://w3id.org/fairmap/ns#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<{BASE}dataset/{HIDDEN}> a dcat:Dataset ; dct:title "zz {MARKER} title"@en ; dct:description "{MARKER} in words."@en ;
  dct:publisher <{BASE}agent/{HIDDEN}> ; fm:modality <{BASE}concept/modality/mri> ;
  fm:numberOfStudies "81"^^xsd:nonNegativeInteger ; dct:identifier "{MARKER}-id" ;
  dcat:distribution <{BASE}distribution/{HIDDEN}-1> ; prov:wasDerivedFrom d31:table-3.1-row-1 ; prov:wasGeneratedBy d31:reading .
<{BASE}distribution/{HIDDEN}-1> a dcat:Distribution ; dcat:accessURL <https://example.org/{MARKER}> .
<{BASE}agent/{HIDDEN}> a foaf:Agent ; foaf:name "{MARKER} hospital" ;
  prov:wasDerivedFrom d31:table-3.1-row-1 ; prov:wasGeneratedBy d31:reading .
"""


def never(text: str) -> str:
    """The text with the names of private records turned into those of records that have never existed."""
    for hidden, other in TWINS.items():
        text = text.replace(hidden, other)
    return text


@dataclass(frozen=True)
class Attack:
    """One request.

    :ivar owner_sees: what its organisation finds in the answer, where the answer is not the same for all.
    """

    name: str
    path: str
    owner_sees: str | None = MARKER
    method: str = "GET"
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def twin(self) -> Attack:
        """The same about a record that has never existed."""
        body = None if self.body is None else never(self.body)
        return Attack(self.name, never(self.path), None, self.method, body, self.headers)

    def __str__(self) -> str:
        return self.name


IRI = f"{BASE}dataset/{HIDDEN}"
AGENT = f"{BASE}agent/{HIDDEN}"
MRI = "<https://w3id.org/fairmap/concept/modality/mri>"


def ask(name: str, query: str, owner_sees: str | None = MARKER, accept: str = "text/csv", **more: str) -> Attack:
    """A query by GET."""
    fields = urllib.parse.urlencode({"query": PREFIXES + query, **{key.replace("_", "-"): more[key] for key in more}})
    return Attack(name, f"/sparql?{fields}", owner_sees, headers={"Accept": accept})


def construct(name: str, query: str, owner_sees: str | None = MARKER) -> Attack:
    return ask(name, query, owner_sees, "application/n-triples")


def posted(name: str, query: str, kind: str) -> Attack:
    body = query if kind.endswith("query") else urllib.parse.urlencode({"query": query})
    return Attack(name, "/sparql", MARKER, "POST", body, {"Content-Type": kind, "Accept": "text/csv"})


def got(name: str, path: str, owner_sees: str | None = MARKER, **headers: str) -> Attack:
    return Attack(name, path, owner_sees, headers={key.replace("_", "-"): value for key, value in headers.items()})


def graph(name: str, iri: str, method: str = "GET", owner_sees: str | None = MARKER, more: str = "") -> Attack:
    return Attack(name, f"/store?graph={urllib.parse.quote(iri, safe='')}{more}", owner_sees, method)


QUERIES = (
    ask("triples_of_it", f"SELECT * {{ <{IRI}> ?p ?o }}"),
    ask("triples_that_point_to_it", f"SELECT * {{ ?s ?p <{AGENT}> }}", HIDDEN),
    ask("its_graph", f"SELECT * {{ GRAPH <{IRI}> {{ ?s ?p ?o }} }}"),
    ask("any_graph_that_speaks_of_it", f"SELECT ?g {{ GRAPH ?g {{ <{IRI}> ?p ?o }} }}", HIDDEN),
    ask("whether_its_graph_is_there", f"ASK {{ GRAPH <{IRI}> {{ }} }}", "true", "application/sparql-results+json"),
    ask("from_it", f"SELECT * FROM <{IRI}> {{ ?s ?p ?o }}"),
    ask("from_named_it", f"SELECT * FROM NAMED <{IRI}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"),
    ask("from_it_and_a_public_one", f"SELECT ?o FROM <{IRI}> FROM <{BASE}repository/tcia> {{ ?s dct:title ?o }}"),
    ask("default_graph_uri", "SELECT * { ?s ?p ?o }", default_graph_uri=IRI),
    ask("named_graph_uri", "SELECT * { GRAPH ?g { ?s ?p ?o } }", named_graph_uri=IRI),
    ask("asked_whether", f"ASK {{ <{IRI}> ?p ?o }}", "true", "application/sparql-results+json"),
    ask("counted", f"SELECT (COUNT(*) AS ?n) {{ <{IRI}> ?p ?o }}", "10"),
    ask("counted_by_publisher", f"SELECT (COUNT(?d) AS ?n) {{ ?d dct:publisher <{AGENT}> }}", "1"),
    ask("found_by_text", f'SELECT ?s {{ ?s ?p ?o FILTER CONTAINS(STR(?o), "{MARKER}") }}', HIDDEN),
    ask("found_by_pattern", f'SELECT ?s {{ ?s ?p ?o FILTER REGEX(STR(?o), "{MARKER.lower()}", "i") }}', HIDDEN),
    ask("found_by_iri", f'SELECT ?s ?o {{ ?s ?p ?o FILTER STRSTARTS(STR(?s), "{IRI}") }}'),
    ask("found_by_title", f'SELECT ?s {{ ?s dct:title "zz {MARKER} title"@en }}', HIDDEN),
    ask("by_values", f"SELECT ?o {{ VALUES ?s {{ <{IRI}> <{AGENT}> }} ?s ?p ?o }}"),
    ask("filter_exists", f"SELECT (EXISTS {{ <{IRI}> ?p ?o }} AS ?e) {{ }}", "true"),
    ask("filter_not_exists", f"SELECT (1 AS ?x) {{ FILTER NOT EXISTS {{ <{IRI}> ?p ?o }} }}", ""),
    ask("minus", f"SELECT ?m {{ BIND({MRI} AS ?m) MINUS {{ <{IRI}> fm:modality ?m }} }}", ""),
    ask("optional", f"SELECT * {{ OPTIONAL {{ <{IRI}> dct:title ?t }} }}"),
    ask("property_path", f"SELECT ?t {{ <{AGENT}> ^dct:publisher/dct:title ?t }}"),
    ask("arbitrary_path", f"SELECT ?x {{ <{IRI}> (dct:publisher|dcat:distribution)+ ?x }}", HIDDEN),
    ask("negated_path", f"SELECT ?x {{ <{IRI}> !dct:title ?x }}", HIDDEN),
    ask("subquery", f"SELECT ?t {{ {{ SELECT ?s {{ ?s dct:publisher <{AGENT}> }} }} ?s dct:title ?t }}"),
    ask("bound_later", f"SELECT ?o {{ BIND(IRI(CONCAT('{BASE}dataset/', '{HIDDEN}')) AS ?s) ?s dct:title ?o }}"),
    ask("relative_iri", f"BASE <{BASE}dataset/> SELECT ?o {{ <{HIDDEN}> dct:title ?o }}"),
    ask("distribution_of_it", f"SELECT ?u {{ <{BASE}distribution/{HIDDEN}-1> dcat:accessURL ?u }}"),
    ask("in_xml", f"SELECT * {{ <{IRI}> ?p ?o }}", accept="application/sparql-results+xml"),
    ask("in_json", f"SELECT * {{ <{IRI}> ?p ?o }}", accept="application/sparql-results+json"),
    ask("as_a_page", f"SELECT * {{ <{IRI}> ?p ?o }}", accept="text/html"),
    ask("wrong_query", f"SELECT * {{ <{IRI}> ?p }}", None),
    ask("federated", f"SELECT * {{ SERVICE <http://127.0.0.1/{HIDDEN}> {{ ?s ?p ?o }} }}", None),
    construct("described", f"DESCRIBE <{IRI}>"),
    construct("constructed", f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{IRI}> {{ ?s ?p ?o }} }}"),
    construct("described_by_title", f'DESCRIBE ?s {{ ?s dct:title "zz {MARKER} title"@en }}'),
    posted("posted_query", f"SELECT * {{ <{IRI}> ?p ?o }}", "application/sparql-query"),
    posted("posted_form", f"SELECT * {{ <{IRI}> ?p ?o }}", "application/x-www-form-urlencoded"),
)
"""About the name of the record, to the endpoint."""

PAGES = (
    got("page", f"/dataset/{HIDDEN}", Accept="text/html"),
    got("page_of_agent", f"/agent/{HIDDEN}", Accept="text/html"),
    got("page_by_suffix", f"/dataset/{HIDDEN}.html"),
    got("turtle", f"/dataset/{HIDDEN}.ttl"),
    got("json_ld", f"/dataset/{HIDDEN}.jsonld"),
    got("rdf_xml", f"/dataset/{HIDDEN}.rdf"),
    got("n_triples", f"/dataset/{HIDDEN}.nt"),
    got("by_accept", f"/dataset/{HIDDEN}", Accept="text/turtle"),
    got("not_acceptable", f"/dataset/{HIDDEN}", None, Accept="image/png"),
    got("distribution_page", f"/distribution/{HIDDEN}-1", ""),
    got("distribution_turtle", f"/distribution/{HIDDEN}-1.ttl", ""),
    got("another_distribution", f"/distribution/{HIDDEN}-2", None),
    got("wrong_kind", f"/repository/{HIDDEN}", None),
    got("encoded_name", f"/dataset/%7A{HIDDEN[1:]}"),
    got("dotted_path", f"/agent/../dataset/{HIDDEN}", None),
    got("doubled_slash", f"//dataset/{HIDDEN}", None),
    got("capitals", f"/dataset/{HIDDEN.upper()}", None),
    got("any_tag", f"/dataset/{HIDDEN}", "", If_None_Match="*"),
    got("withdrawn_page", f"/dataset/{GONE}", "withdrawn"),
    got("withdrawn_turtle", f"/dataset/{GONE}.ttl", "withdrawn"),
    got("validated", f"/validate?record={IRI}&profile=dcat-ap&format=json"),
    got("validated_by_the_maps_own", f"/validate?record={IRI}&format=json", HIDDEN),
    got("audited", f"/audit/dataset/{HIDDEN}.json?metrics=access"),
    Attack(
        "validated_beside_it",
        "/validate?format=json",
        None,
        "POST",
        f"<{BASE}dataset/zz-mine> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/publisher> <{AGENT}> .",
        {"Content-Type": "text/turtle"},
    ),
    got("organisation_named", f"/dataset/{HIDDEN}?organisation=centre"),
    got("token_in_the_address", f"/dataset/{HIDDEN}?access_token=fm_x"),
    got("method_overridden", f"/dataset/{HIDDEN}", X_HTTP_Method_Override="DELETE"),
    got("linkset", f"/linkset/dataset/{HIDDEN}"),
    got("fair_data_point", f"/fdp/dataset/{HIDDEN}"),
    got("fair_data_point_distribution", f"/fdp/distribution/{HIDDEN}-1"),
    got("fair_data_point_children", f"/fdp/dataset/{HIDDEN}/page/distribution", HIDDEN),
    got("fair_data_point_meta", f"/fdp/dataset/{HIDDEN}/meta", "PUBLISHED"),
    got("withdrawn_in_fair_data_point", f"/fdp/dataset/{GONE}", "withdrawn"),
    Attack("head_of_page", f"/dataset/{HIDDEN}", "", "HEAD"),
    Attack("head_of_turtle", f"/dataset/{HIDDEN}.ttl", "", "HEAD"),
    Attack("options_of_page", f"/dataset/{HIDDEN}", None, "OPTIONS"),
    graph("graph_store", IRI),
    graph("graph_store_of_agent", AGENT),
    graph("graph_store_head", IRI, "HEAD", ""),
    graph("graph_store_with_organisation", IRI, more="&organisation=centre"),
    graph("graph_store_withdrawn", f"{BASE}dataset/{GONE}", owner_sees=None),
    graph("graph_store_two_graphs", IRI, owner_sees=None, more="&default"),
    got("graph_store_direct", f"/store/dataset/{HIDDEN}", None),
)
"""About the name of the record, to pages and the graph store."""

NOTE = f"<{BASE}repository/tcia> <http://www.w3.org/2004/02/skos/core#editorialNote>"
UPDATES = {
    "copy_its_title": f"INSERT {{ GRAPH <{BASE}repository/tcia> {{ {NOTE} ?t }} }} WHERE {{ GRAPH <{IRI}> {{ ?s dct:title ?t }} }}",
    "copy_its_graph": f"COPY GRAPH <{IRI}> TO GRAPH <{BASE}dataset/zz-copy>",
    "add_its_graph": f"ADD GRAPH <{IRI}> TO GRAPH <{BASE}dataset/zz-copy>",
    "move_its_graph": f"MOVE GRAPH <{IRI}> TO GRAPH <{BASE}dataset/zz-copy>",
    "clear_its_graph": f"CLEAR GRAPH <{IRI}>",
    "drop_its_graph": f"DROP GRAPH <{IRI}>",
    "create_its_graph": f"CREATE GRAPH <{IRI}>",
    "delete_its_triples": f"DELETE WHERE {{ GRAPH <{IRI}> {{ ?s ?p ?o }} }}",
    "delete_with": f"WITH <{IRI}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
    "insert_if_there": f"INSERT {{ GRAPH <http://e/g> {{ <http://e/s> <http://e/p> 1 }} }} WHERE {{ <{IRI}> ?p ?o }}",
    "insert_using": f"INSERT {{ GRAPH <http://e/g> {{ <http://e/s> <http://e/p> ?o }} }} USING <{IRI}> WHERE {{ ?s ?p ?o }}",
}
"""Each would show or change something of the record, if its writer saw it."""

EVERYTHING = (
    ask("number_of_triples", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
    ask("number_of_graphs", "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"),
    ask("number_of_datasets", "SELECT (COUNT(?d) AS ?n) { ?d a dcat:Dataset }"),
    ask("numbers_by_class", "SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY ?c"),
    ask("all_graphs", "SELECT DISTINCT ?g { GRAPH ?g { } } ORDER BY ?g"),
    ask("all_titles", "SELECT ?t { ?s dct:title ?t } ORDER BY ?t"),
    ask("last_title", "SELECT ?t { ?s dct:title ?t } ORDER BY DESC(STR(?t)) LIMIT 1"),
    ask("largest_subject", "SELECT (MAX(STR(?s)) AS ?m) { ?s a dcat:Dataset }"),
    ask(
        "titles_joined",
        "SELECT (GROUP_CONCAT(?t; SEPARATOR='|') AS ?all) { SELECT ?t { ?d a dcat:Dataset ; dct:title ?t } ORDER BY ?t }",
    ),
    ask("sum_of_studies", "SELECT (SUM(?n) AS ?sum) { ?s fm:numberOfStudies ?n }"),
    ask("all_with_a_modality", f"SELECT ?s {{ ?s fm:modality {MRI} }} ORDER BY ?s"),
    ask("all_of_a_public_record", f"SELECT * {{ GRAPH <{BASE}{SHADOWED}> {{ ?s ?p ?o }} }} ORDER BY ?s ?p ?o"),
    got("home_page", "/", Accept="text/html"),
    got("concept_page", "/concept/modality/mri", Accept="text/html"),
    got("scheme_page", "/concept/modality", Accept="text/html"),
    got("countries_page", "/vocabulary/eu", Accept="text/html"),
    got("void", "/.well-known/void", Accept="text/turtle"),
    got("service_description", "/sparql", Accept="text/turtle"),
    got("catalog_pages", "/catalog?kind=dataset&size=250"),
    got("map_in_fair_data_point", "/fdp/catalog/imaging-health-data-map", HIDDEN),
    got("sitemap", "/sitemap.xml", HIDDEN),
    got("feed", "/feed", ""),
    got("ready", "/ready"),
    got("shadowed_page", f"/{SHADOWED}", Accept="text/html"),
    got("shadowed_turtle", f"/{SHADOWED}.ttl"),
    graph("shadowed_graph", f"{BASE}{SHADOWED}"),
)
"""About all there is: the answers are those that were given before the private records came."""
