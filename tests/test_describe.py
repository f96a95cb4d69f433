"""Page models over the real map: nothing dropped, everything with its source, unknown told as unknown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import NamedNode

import fairmap
from fairmap import describe
from fairmap.errors import Gone, NotFound
from fairmap.namespaces import CONCEPT, DCAT, DCT, DEFAULT_BASE, FM, ONTOLOGY_GRAPH, PROV, RDF, SKOS, VOCABULARY
from fairmap.views import LocalView
from texts import level_of, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairmap.catalogue import Catalogue
    from fairmap.describe import Claim, Fact, RecordPage

VALID = Path(__file__).parent / "shapes" / "valid"
PROVENANCE = f"""
    <{PROV}wasDerivedFrom> <{DEFAULT_BASE}source/d31> ; <{PROV}wasGeneratedBy> <{DEFAULT_BASE}source/d31#reading> .
"""


@pytest.fixture(scope="module")
def catalogue() -> Iterator[Catalogue]:
    with fairmap.open("memory:") as opened:
        opened.load_map()
        opened.load(VALID / "agent-rich.ttl", VALID / "dataset-rich.ttl")
        yield opened


def iris(catalogue: Catalogue, kind: str) -> list[str]:
    return sorted(iri for iri in catalogue.records() if iri.startswith(f"{DEFAULT_BASE}{kind}/"))


def page(catalogue: Catalogue, path: str) -> RecordPage:
    return describe.record(catalogue.view, DEFAULT_BASE + path)


def facts(found: RecordPage) -> dict[str, Fact]:
    sections = (*found.sections, *found.distributions)
    lead = [found.lead] if found.lead else []
    return {fact.property: fact for fact in [*lead, *(fact for section in sections for fact in section.facts)]}


def claims(found: RecordPage) -> list[Claim]:
    told = [claim for fact in facts(found).values() for claim in fact.claims]
    if found.fair:
        told += found.fair.unknown
        for dimension in found.fair.dimensions:
            told += [*dimension.unknown, *(answer.claim for answer in dimension.answers)]
    return told


def test_a_repository_tells_first_what_it_is_and_last_where_it_comes_from(catalogue: Catalogue) -> None:
    found = page(catalogue, "repository/tcia")
    assert [section.key for section in found.sections] == ["about", "holds", "access", "origin"]
    assert (found.kind, found.title) == ("repository", "The Cancer Imaging Archive")
    assert [(origin.source.iri, origin.as_of) for origin in found.origins] == [
        (f"{DEFAULT_BASE}source/d31", "2021-05-31")
    ]


def test_every_statement_of_every_record_is_told_with_its_source(catalogue: Catalogue) -> None:
    query = f"""SELECT ?record ?statement (COUNT(?cell) AS ?cells) WHERE {{ ?statement <{FM}about> ?record ; <{PROV}wasDerivedFrom> ?cell }}
        GROUP BY ?record ?statement"""
    expected: dict[str, dict[str, int]] = {}
    for row in catalogue.select(query):
        anchor = row["statement"].value.partition("#")[2]
        expected.setdefault(row["record"].value, {})[anchor] = int(row["cells"].value)
    assert len(expected) > 100
    for iri, statements in expected.items():
        told = {claim.anchor: len(claim.sources) for claim in claims(describe.record(catalogue.view, iri))}
        assert {anchor: told.get(anchor) for anchor in statements} == statements, iri


def test_every_property_of_every_record_is_told(catalogue: Catalogue) -> None:
    elsewhere = {f"{DCAT}distribution", f"{FM}inferred", "http://www.w3.org/ns/dqv#hasQualityMeasurement"}
    for iri in catalogue.records():
        if iri.startswith((CONCEPT, VOCABULARY, ONTOLOGY_GRAPH)):
            continue
        row = catalogue.select("SELECT DISTINCT ?p WHERE { GRAPH $r { $r ?p ?o } }", r=NamedNode(iri))
        told = facts(describe.record(catalogue.view, iri))
        assert {found["p"].value for found in row} - elsewhere <= set(told), iri


def test_nothing_of_the_map_is_left_for_the_section_more(catalogue: Catalogue) -> None:
    for kind in ("repository", "dataset", "agent", "criterion", "source", "catalog"):
        for iri in iris(catalogue, kind):
            sections = {section.key: section for section in describe.record(catalogue.view, iri).sections}
            assert "more" not in sections, iri


def test_a_property_that_no_section_knows_goes_to_more() -> None:
    odd = f"""<{DEFAULT_BASE}agent/odd> a <http://xmlns.com/foaf/0.1/Agent> ; <http://xmlns.com/foaf/0.1/name> "Odd" ;
        <https://example.org/motto> "still here" ; <https://example.org/address> [ <https://example.org/town> "Bonn" ] ; {PROVENANCE}"""
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        catalogue.load(odd.encode())
        more = page(catalogue, "agent/odd").sections[-1]
    assert more.key == "more"
    assert [(fact.label, fact.claims[0].values[0].text) for fact in more.facts] == [
        ("Address", "Town: Bonn"),
        ("Motto", "still here"),
    ]


def test_parts_that_hold_each_other_are_told_and_end() -> None:
    agent = f"{DEFAULT_BASE}agent/loop"
    loop = f"""PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX ex: <https://example.org/>
        <{agent}> a foaf:Agent ; foaf:name "Loop" ; ex:has <{agent}#a> ; {PROVENANCE}
        <{agent}#a> ex:has <{agent}#b> . <{agent}#b> ex:has <{agent}#a> ; ex:name "inside" ."""
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        catalogue.load(loop.encode())
        found = page(catalogue, "agent/loop")
    assert "inside" in found.sections[-1].facts[0].claims[0].values[0].text


def test_inferred_facts_are_marked_and_stand_beside_the_unknown(catalogue: Catalogue) -> None:
    country = facts(page(catalogue, "repository/popgen"))[f"{DCT}spatial"]
    inferred, unknown = country.claims
    assert (inferred.standing, inferred.values[0].text) == (describe.Standing.INFERRED, "Germany")
    assert inferred.basis
    assert inferred.sources
    assert unknown.standing is describe.Standing.UNKNOWN
    assert unknown.reason
    assert unknown.reason.text == "Not stated"


def test_an_unknown_tells_the_words_of_the_source(catalogue: Catalogue) -> None:
    claim = facts(page(catalogue, "repository/imagen"))[f"{DCT}format"].claims[0]
    assert claim.reason
    assert claim.reason.text == "Registration needed"
    assert claim.phrase == "No information available without registration"
    assert [source.label for source in claim.sources] == ["Table 3.2, row 17, Interoperable"]


def test_fair_answers_are_grouped_in_order(catalogue: Catalogue) -> None:
    fair = page(catalogue, "repository/tcia").fair
    assert fair
    assert [dimension.label for dimension in fair.dimensions] == ["Findable", "Accessible", "Interoperable", "Reusable"]
    assert [len(dimension.answers) for dimension in fair.dimensions] == [3, 3, 3, 3]
    answers = [answer for dimension in fair.dimensions for answer in dimension.answers]
    assert fair.answered == sum(answer.outcome != "cantTell" for answer in answers)
    assert all(bool(answer.options) != bool(answer.claim.reason) for answer in answers)
    assert answers[0].options[0].label == "only the required metadata"
    assert answers[0].words == "Yes, scores points"


def test_a_repository_that_was_not_assessed_says_so(catalogue: Catalogue) -> None:
    fair = page(catalogue, "repository/popgen").fair
    assert fair
    assert (fair.asked, fair.dimensions) == (0, ())
    assert fair.unknown[0].reason
    assert fair.unknown[0].reason.text == "Not assessed"


def test_a_column_that_withholds_its_answers_says_why(catalogue: Catalogue) -> None:
    fair = page(catalogue, "repository/imagen").fair
    assert fair
    assert [len(dimension.unknown) for dimension in fair.dimensions] == [1, 0, 1, 1]


def test_access_is_told_as_steps_in_the_order_they_are_met(catalogue: Catalogue) -> None:
    for iri in iris(catalogue, "repository"):
        found = describe.record(catalogue.view, iri)
        access = next(section for section in found.sections if section.key == "access")
        assert access.steps, iri
    steps = next(
        section for section in page(catalogue, "dataset/example-collection").sections if section.key == "access"
    ).steps
    assert steps == (
        "Whoever makes an account may get the data; no further approval is needed.",
        "Make an account and log in.",
    )


def test_a_dataset_without_a_word_on_access_says_so(catalogue: Catalogue) -> None:
    sections = {section.key: section for section in page(catalogue, "dataset/ria-lung1").sections}
    assert list(sections) == ["about", "holds", "access", "origin"]
    assert sections["access"].steps[0].startswith("This record says nothing about access")


def test_what_a_repository_holds_and_who_holds_a_dataset(catalogue: Catalogue) -> None:
    held = facts(page(catalogue, "repository/ria"))[f"{DCAT}dataset"].claims[0].values
    for value in held:
        assert value.iri
        mentions = describe.record(catalogue.view, value.iri).mentions
        assert [(group.label, [ref.iri for ref in group.things]) for group in mentions] == [
            ("Held by", [f"{DEFAULT_BASE}repository/ria"])
        ]


@pytest.mark.parametrize(
    ("path", "name", "text"),
    [
        ("repository/medpix", f"{FM}quantity", "patient case scenarios: at least 12,000"),
        ("repository/ria", f"{PROV}qualifiedAttribution", "Clinical partners and image analysts"),
        ("repository/tcia", f"{DCT}temporal", "since 2011"),
        ("repository/tcia", f"{FM}metadataAvailable", "Yes"),
        ("repository/tcia", f"{DCT}spatial", "United States"),
        ("repository/tcia", f"{RDF}type", "fm:Repository"),
        ("dataset/example-collection", f"{FM}numberOfInstances", "60,000"),
        ("dataset/example-collection", f"{DCAT}contactPoint", "data@example.org"),
        ("dataset/example-collection", f"{DCAT}byteSize", "1,048,576"),
        ("criterion/d31-F1", f"{FM}option", "rich metadata (26 points)"),
    ],
)
def test_a_value_reads_as_people_write_it(catalogue: Catalogue, path: str, name: str, text: str) -> None:
    values = [value for claim in facts(page(catalogue, path))[name].claims for value in claim.values]
    assert text in [value.text for value in values]


def test_concepts_show_the_radlex_term_and_how_near_it_is(catalogue: Catalogue) -> None:
    values = facts(page(catalogue, "repository/imagen"))[f"{FM}modality"].claims[0].values
    assert {value.text: value.code for value in values} == {
        "Brain MRI": "under RID10312",
        "Magnetic resonance imaging": "RID10312",
    }


def test_a_dataset_tells_its_distributions_by_number(catalogue: Catalogue) -> None:
    found = page(catalogue, "dataset/example-collection")
    assert [section.title for section in found.distributions] == ["Distribution 1", "Distribution 2"]
    checksum = next(fact for fact in found.distributions[1].facts if fact.label == "Checksum")
    assert checksum.claims[0].values[0].text.endswith(": D41D8CD98F00B204E9800998ECF8427E")


def test_a_source_tells_its_parts_and_the_records_drawn_from_them(catalogue: Catalogue) -> None:
    parts = {part.anchor: part for part in page(catalogue, "source/d31").parts}
    row = parts["table-3.1"].parts[2]
    assert row.anchor == "table-3.1-row-3"
    assert f"{DEFAULT_BASE}repository/tcia" in [ref.iri for ref in row.records]
    assert [cell.label for cell in row.parts] == ["Data inclusion control", "Data", "Description", "Name"]
    assert parts["reading"].values


def test_a_criterion_tells_who_answered_how(catalogue: Catalogue) -> None:
    mentions = page(catalogue, "criterion/d31-F1").mentions
    assert {group.label for group in mentions} <= {
        "Answers: Yes, scores points", "Answers: Stated, scores no points", "Answers: Answered, not scored", "Answers: Not known",
    }  # fmt: skip
    assert sum(len(group.things) for group in mentions) == 18


def test_a_concept_tells_its_matches_and_uses(catalogue: Catalogue) -> None:
    found = describe.concept(catalogue.view, f"{CONCEPT}topic/cancer")
    assert (found.title, found.scheme.label) == ("Cancer", "Topics")
    assert {group.label for group in found.used} >= {"Topic of", "Inferred as topic of"}
    exact = next(fact for fact in found.matches if fact.property == f"{SKOS}exactMatch")
    assert "RadLex RID34616" in [value.code for value in exact.claims[0].values]
    assert found.narrower


def test_a_concept_tells_each_way_down_to_it(catalogue: Catalogue) -> None:
    found = describe.concept(catalogue.view, f"{CONCEPT}body-part/brain")
    assert [[ref.label for ref in way] for way in found.above] == [
        ["Whole body", "Head"],
        ["Whole body", "Nervous system", "Central nervous system"],
    ]
    assert describe.concept(catalogue.view, f"{CONCEPT}body-part/whole-body").above == ()


def test_a_scheme_is_a_tree_with_every_concept_once(catalogue: Catalogue) -> None:
    found = describe.scheme(catalogue.view, f"{CONCEPT}modality")
    terms = found.groups[0][1]
    query = "SELECT ?c WHERE { ?c <http://www.w3.org/2004/02/skos/core#inScheme> $scheme }"
    assert sorted(term.iri for term in terms) == sorted(
        row["c"].value for row in catalogue.select(query, scheme=NamedNode(f"{CONCEPT}modality"))
    )
    levels = {term.label: term.level for term in terms}
    assert levels["Brain MRI"] > levels["Magnetic resonance imaging"]


def test_ordered_schemes_keep_their_order(catalogue: Catalogue) -> None:
    terms = describe.scheme(catalogue.view, f"{CONCEPT}curation-level").groups[0][1]
    assert [term.label for term in terms] == ["Not curated", "De-identified", "Organised", "Annotated", "Ready to use"]


def test_the_ontology_tells_its_terms(catalogue: Catalogue) -> None:
    groups = dict(describe.vocabulary(catalogue.view, ONTOLOGY_GRAPH).groups)
    assert "absence statement" in [term.label for term in groups["Classes"]]
    body_part = next(term for term in groups["Properties"] if term.iri == f"{FM}bodyPart")
    chains = next(fact for fact in body_part.facts if fact.property.endswith("propertyChainAxiom"))
    assert len(chains.claims[0].values) == 3


def test_the_overview_counts_what_the_graph_holds() -> None:
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        found = describe.overview(catalogue.view)
    assert dict(found.kinds)["repositories"] == 47 == len(found.repositories)
    assert [origin.as_of for origin in found.origins] == ["2021-05-31"]
    assert found.version
    assert found.license
    assert {row.asked for row in found.repositories} == {0, 12}
    assert all((row.answered is None) == (row.asked == 0) for row in found.repositories)


def test_an_empty_store_has_an_overview() -> None:
    with fairmap.open("memory:") as catalogue:
        found = describe.overview(catalogue.view)
    assert (found.catalog, found.repositories, found.origins) == (None, (), ())
    assert all(number == 0 for _, number in found.kinds)


@pytest.mark.parametrize(
    ("read", "iri"),
    [
        (describe.record, f"{DEFAULT_BASE}repository/nowhere"),
        (describe.concept, f"{CONCEPT}modality/nowhere"),
        (describe.scheme, f"{CONCEPT}nowhere"),
        (describe.vocabulary, f"{VOCABULARY}nowhere"),
        (describe.graph_triples, f"{DEFAULT_BASE}repository/nowhere"),
        (describe.concept_triples, f"{CONCEPT}modality/nowhere"),
    ],
)
def test_what_is_not_there_is_not_found(catalogue: Catalogue, read: Any, iri: str) -> None:
    with pytest.raises(NotFound):
        read(catalogue.view, iri)


def test_a_withdrawn_record_is_gone_with_its_date() -> None:
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        catalogue.load(VALID / "agent-rich.ttl")
        catalogue.withdraw(f"{DEFAULT_BASE}agent/example-hospital")
        with pytest.raises(Gone, match=r"withdrawn on \d{4}-\d\d-\d\d"):
            page(catalogue, "agent/example-hospital")


def test_of_many_datasets_some_are_told_and_all_are_counted() -> None:
    repository = f"{DEFAULT_BASE}repository/many"
    links = " ".join(f"<{repository}> dcat:dataset <{DEFAULT_BASE}dataset/many-{n:03}> ." for n in range(130))
    told = describe.record(LocalView(level_of(written(repository, links)), DEFAULT_BASE), repository)
    (fact,) = (fact for section in told.sections for fact in section.facts if fact.property == f"{DCAT}dataset")
    assert len([value for claim in fact.claims for value in claim.values]) == 20
    assert told.datasets == 130


def test_a_page_takes_few_queries_whatever_the_record_holds(catalogue: Catalogue) -> None:
    counting = CountingReader(catalogue)
    for path, most in (("repository/tcia", 4), ("catalog/imaging-health-data-map", 4), ("source/d31", 5)):
        counting.queries = 0
        describe.record(counting, DEFAULT_BASE + path)
        assert counting.queries <= most, path


class CountingReader:
    """A view that counts its queries."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._view = catalogue.view
        self.base_iri = self._view.base_iri
        self.gone = self._view.gone
        self.queries = 0

    def select(self, query: str, /, **terms: Any) -> Any:
        """Count and read."""
        self.queries += 1
        return self._view.select(query, **terms)

    def construct(self, query: str, /, **terms: Any) -> Any:
        """Count and read."""
        self.queries += 1
        return self._view.construct(query, **terms)
