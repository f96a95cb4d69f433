"""The shapes of ``shapes/`` against the examples of ``tests/shapes/``.

Each example in ``valid/`` conforms without a result. Each example in ``invalid/`` has one fault and says in its first
lines what the report must contain::

    # expect: record=IRI path=IRI shape=Name severity=Violation
    # fault: in plain words

``record`` is the focus node, or the nearest IRI above it when the focus node is blank; ``path`` is ``-`` for results
about the node as a whole and ``^IRI`` for an inverse path; ``shape`` is the source constraint, else the source shape.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyshacl
import pytest
import rdflib
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "tests" / "shapes"
VALID = sorted((EXAMPLES / "valid").glob("*.ttl"))
INVALID = sorted((EXAMPLES / "invalid").glob("*.ttl"))
KINDS = ("common", "catalog", "repository", "dataset", "agent", "criterion", "source", "statement")
NAMESPACE = "https://w3id.org/fairmap/shapes/"
EXPECTATION = re.compile(r"^# expect: record=(\S+) path=(\S+) shape=(\S+) severity=(\S+)$", re.MULTILINE)


class Result(NamedTuple):
    """What a user is told of one validation result; the value and the message are left out."""

    record: str
    path: str
    shape: str
    severity: str


@pytest.fixture(autouse=True, scope="module")
def _literals_as_written() -> Iterator[None]:
    """Keep lexical forms: ``"042"`` must not become ``"42"`` before the shapes see it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        yield


@pytest.fixture(autouse=True, scope="module")
def _queries_parsed_once() -> Iterator[None]:
    """Parse each query once: parsing is most of the time that pySHACL needs for a record."""
    run, prepare = Graph.query, cache(prepareQuery)

    def query(graph: Graph, text: str, *options: Any, **named: Any) -> rdflib.query.Result:
        return run(graph, prepare(text), *options, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Graph, "query", query)
        yield


@cache
def shapes() -> Graph:
    """Return all shapes that a record must pass; profiles have their own files."""
    graph = Graph()
    for kind in KINDS:
        graph.parse(ROOT / "shapes" / f"{kind}.ttl")
    return graph


@cache
def vocabulary() -> Graph:
    """Return the concept schemes."""
    graph = Graph()
    for path in sorted((ROOT / "ontology").glob("concepts-*.ttl")):
        graph.parse(path)
    return graph


@cache
def store() -> Graph:
    """Return the types of other records, which stand for a filled store."""
    return Graph().parse(EXAMPLES / "context.ttl")


def referred_types(record: Graph) -> Graph:
    """Return, of what the store has, the types of the nodes that ``record`` refers to and does not describe itself."""
    types = Graph()
    for node in set(record.objects()) - set(record.subjects()):
        types += store().triples((node, RDF.type, None))
    return types


def local_name(iri: Node) -> str:
    """Return the name of a shape, without the namespace."""
    return str(iri).removeprefix(NAMESPACE)


def record_of(node: Node, graph: Graph) -> str:
    """Return the IRI of ``node``, or of the nearest IRI that points to the blank node."""
    while isinstance(node, BNode):
        node = next(graph.subjects(None, node))
    return str(node)


def path_of(path: Node | None, report: Graph) -> str:
    """Return the path of a result as the examples write it."""
    inverse = path and report.value(path, SH.inversePath)
    return f"^{inverse}" if inverse else str(path or "-")


def validate(example: Path) -> set[Result]:
    """Validate one example; only results about what the example describes count."""
    record = Graph().parse(example)
    data = record + vocabulary() + referred_types(record)
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes(), advanced=False, inference="none", inplace=True)
    assert isinstance(report, Graph)
    results, described = set(), set(record.subjects())
    for result in report.objects(None, SH.result):
        focus = report.value(result, SH.focusNode)
        if focus is None or focus not in described:
            continue
        shape = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)
        severity = str(report.value(result, SH.resultSeverity)).removeprefix(str(SH))
        path = path_of(report.value(result, SH.resultPath), report)
        results.add(Result(record_of(focus, record), path, local_name(shape or BNode()), severity))
    return results


def expected(example: Path) -> set[Result]:
    """Return the results that an invalid example announces in its first lines."""
    return {Result(*fields) for fields in EXPECTATION.findall(example.read_text(encoding="utf-8"))}


def applied_shapes() -> set[Node]:
    """Return the shapes that can be the source of a result: those with a target, and their property shapes."""
    graph = shapes()
    targets = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
    nodes = {node for target in targets for node in graph.subjects(target, None)}
    return nodes | {shape for node in nodes for shape in graph.objects(node, SH.property)}


def own_constraints(shape: Node) -> set[Node]:
    """Return what ``shape`` itself can fail by, apart from its property shapes and SPARQL constraints."""
    plain = {SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.severity, SH.message, SH.name, SH.path}
    return {p for p in shapes().predicates(shape) if str(p).startswith(str(SH))} - plain - {SH.property, SH.sparql}


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_file_parses_and_names_its_source(kind: str) -> None:
    """Each file has shapes and says where its rules come from."""
    path = ROOT / "shapes" / f"{kind}.ttl"
    assert list(Graph().parse(path).subjects(RDF.type, SH.NodeShape)), f"{path} has no node shape"
    assert "Source: docs/model.md" in path.read_text(encoding="utf-8"), f"{path} does not name its source"


def test_shapes_are_well_formed() -> None:
    """The shapes pass the shapes of SHACL itself; pySHACL raises an error when they do not."""
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=shapes(), meta_shacl=True, inference="none")
    assert conforms, text


def test_each_name_is_defined_once() -> None:
    """Two definitions of one shape would be merged without a word."""
    text = "".join((ROOT / "shapes" / f"{kind}.ttl").read_text(encoding="utf-8") for kind in KINDS)
    names = re.findall(r"^shapes:(\w+) a ", text, re.MULTILINE)
    assert sorted(names) == sorted(set(names))


def test_each_shape_explains_itself() -> None:
    """Named shapes and constraints have a label, a purpose and a message; shapes have a severity too."""
    graph = shapes()
    kinds = (SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint)
    for shape in {s for kind in kinds for s in graph.subjects(RDF.type, kind)}:
        needed = [RDFS.label, RDFS.comment, SH.message]
        if (shape, RDF.type, SH.SPARQLConstraint) not in graph:
            needed.append(SH.severity)
        if (shape, RDF.type, SH.PropertyShape) in graph:
            needed += [SH.name, SH.path]
        missing = [p for p in needed if (shape, p, None) not in graph]
        assert not missing, f"{shape} has no {', '.join(missing)}"
        assert str(shape).startswith(NAMESPACE), f"{shape} is not in {NAMESPACE}"


def test_each_property_shape_and_constraint_has_an_english_message() -> None:
    """Also the unnamed ones: a result without a message helps nobody."""
    graph = shapes()
    used = set(graph.objects(None, SH.property)) | set(graph.objects(None, SH.sparql))
    for shape in used:
        messages = [m for m in graph.objects(shape, SH.message) if isinstance(m, Literal)]
        assert [m.language for m in messages] == ["en"], f"{shape}: write one sh:message@en"


def test_each_property_shape_says_what_to_write() -> None:
    """The message of a named property shape has an example, or lists the values there are."""
    graph = shapes()
    for shape in graph.subjects(RDF.type, SH.PropertyShape):
        message = str(graph.value(shape, SH.message))
        assert re.search(r'e\.g\.|true or false|"at least"|https?://|earl:', message), f"{shape}: give an example"


def test_references_between_shapes_lead_somewhere() -> None:
    """A misspelt name in sh:property, sh:node or sh:sparql would switch a rule off."""
    graph = shapes()
    for predicate in (SH.property, SH.node, SH.sparql):
        for shape in graph.objects(None, predicate):
            assert (shape, None, None) in graph, f"{shape} is used with {predicate}, but not defined"


def test_each_named_property_shape_and_constraint_is_used() -> None:
    """A rule that no node shape refers to is never applied."""
    graph = shapes()
    used = set(graph.objects(None, SH.property)) | set(graph.objects(None, SH.sparql))
    named = set(graph.subjects(RDF.type, SH.PropertyShape)) | set(graph.subjects(RDF.type, SH.SPARQLConstraint))
    assert named <= used, named - used


def test_sparql_constraints_keep_to_what_shacl_allows() -> None:
    """MINUS, VALUES and SERVICE are forbidden in constraints, and each query has the shared prefixes."""
    graph = shapes()
    for constraint in graph.subjects(RDF.type, SH.SPARQLConstraint):
        query = str(graph.value(constraint, SH.select))
        assert not re.search(r"\b(MINUS|VALUES|SERVICE|FROM)\b", query), constraint
        assert graph.value(constraint, SH.prefixes) == URIRef(NAMESPACE.rstrip("/")), constraint


def test_sparql_constraints_declare_the_prefixes_they_use() -> None:
    """The queries must parse with the declared prefixes alone, whatever the Turtle parser has bound."""
    graph = shapes()
    declarations = graph.objects(URIRef(NAMESPACE.rstrip("/")), SH.declare)
    declared = {str(graph.value(d, SH.prefix)) for d in declarations}
    for constraint in graph.subjects(RDF.type, SH.SPARQLConstraint):
        query = re.sub(r'"[^"]*"|<[^>]*>', "", str(graph.value(constraint, SH.select)))
        assert set(re.findall(r"\b([a-z][\w]*):\w", query)) <= declared, constraint


@pytest.mark.parametrize("example", VALID, ids=lambda path: path.stem)
def test_valid_example_conforms_without_a_result(example: Path) -> None:
    """No violations and no warnings."""
    assert validate(example) == set()


@pytest.mark.parametrize("example", INVALID, ids=lambda path: path.stem)
def test_invalid_example_has_exactly_the_announced_results(example: Path) -> None:
    """One fault, one finding: nothing else is reported."""
    text = example.read_text(encoding="utf-8")
    assert "\n# fault: " in text, f"{example.name}: say the fault in plain words"
    assert expected(example), f"{example.name}: announce the results with '# expect:'"
    assert validate(example) == expected(example)


def test_each_rule_has_an_invalid_example() -> None:
    """Each shape that can fail by itself and each SPARQL constraint is the source of an expected result."""
    covered = {result.shape for example in INVALID for result in expected(example)}
    rules = {shape for shape in applied_shapes() if own_constraints(shape)} | set(shapes().objects(None, SH.sparql))
    missing = {local_name(rule) for rule in rules} - covered
    assert not missing, f"no example in tests/shapes/invalid fails {sorted(missing)}"


def test_each_known_property_is_in_a_valid_example() -> None:
    """What the shapes know of a property is tried on a good value too."""
    used = {predicate for example in VALID for predicate in Graph().parse(example).predicates()}
    paths = {p for s in applied_shapes() for p in shapes().objects(s, SH.path) if isinstance(p, URIRef)}
    assert paths <= used, paths - used


def test_examples_are_enough() -> None:
    """Guards against a pattern that collects nothing."""
    assert len(VALID) >= 12
    assert len(INVALID) >= 200
