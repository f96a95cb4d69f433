"""The FAIR audit: what it sees, what it does not blame, what its remedies do, what its results look like."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pyshacl
import pytest
import rdflib
from pyoxigraph import BlankNode
from rdflib.namespace import RDF, SH

from fair.variants import (
    COMPLETE,
    PREFIXES,
    TURTLE,
    Fault,
    Variant,
    assess,
    auditor,
    bare,
    complete,
    faults,
    fixes,
    outcomes,
)
from fairmap.errors import UsageError
from fairmap.fair import METRIC_SETS, Auditor, Check, Criteria, Outcome, datasets
from fairmap.fair.documents import write_assessments
from fairmap.namespaces import DEFAULT_BASE, FM
from fairmap.rdf import FORMATS, by_name, parse, to_graph

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyoxigraph import Quad

    from fairmap.fair import Assessment, Criterion, Judgement

PROFILE = "RDA-R1.3-02M"
FTR = "https://w3id.org/ftr#"
FAULTS = faults()


def criteria() -> Criteria:
    return Criteria(DEFAULT_BASE)


@cache
def automatic() -> list[Criterion]:
    found = [c for metric_set in criteria().sets(METRIC_SETS) for c in metric_set.criteria if c.has_shape or c.profile]
    return list({criterion.iri: criterion for criterion in found}.values())


@cache
def complete_assessment() -> Assessment:
    return assess([complete(0)])[0]


@cache
def faulty() -> list[Assessment]:
    """The assessment of each faulty record."""
    return assess([with_fault(fault, number) for number, fault in enumerate(FAULTS)])


def with_fault(fault: Fault, number: int) -> Variant:
    variant = complete(number)
    variant.update(fault.update)
    return variant


# The criteria


def test_metric_sets_have_their_criteria_and_points() -> None:
    found = {s.name: (len(s.criteria), sum(c.weight for c in s.criteria)) for s in criteria().sets(METRIC_SETS)}
    assert found == {"d31": (12, 12), "rda": (41, 95), "mqa": (23, 405), "mqa-imaging": (23, 405), "access": (7, 18)}


def test_another_metric_set_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UsageError, match="expected: d31, rda, mqa"):
        criteria().sets(["fuji"])


def test_indicators_are_those_of_rda_with_their_priorities(shared: Path) -> None:
    with (shared / "fair" / "rda_indicators_rules.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (rda,) = criteria().sets(["rda"])
    (kind,) = [name for name in rows[0] if name.startswith("check")]
    checks = {"A": Check.AUTOMATIC, "F": Check.WITH_MANIFEST, "N": Check.WITHOUT_NETWORK, "M": Check.MANUAL}
    expected = {row["indicator"]: (row["text"], int(row["weight"]), checks[row[kind]]) for row in rows}
    assert {c.notation: (c.title, c.weight, c.check) for c in rda.criteria} == expected


def test_points_are_those_of_the_score_of_data_europa_eu(shared: Path) -> None:
    with (shared / "fair" / "mqa_weights.csv").open(encoding="utf-8", newline="") as file:
        expected = Counter(int(row["points"]) for row in csv.DictReader(file))
    for metric_set in criteria().sets(["mqa", "mqa-imaging"]):
        assert Counter(c.weight for c in metric_set.criteria) == expected
        assert sum(c.weight for c in metric_set.criteria if c.check is Check.NEEDS_NETWORK) == 80


def test_format_lists_are_those_of_the_score(shared: Path) -> None:
    with (shared / "fair" / "mqa_format_lists.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    text = "\n".join(" ".join(row) for row in rows)
    shapes = (COMPLETE.parents[2] / "shapes" / "fair" / "common.ttl").read_text(encoding="utf-8")
    codes = set(re.findall(r"filetype:([A-Z0-9_]+)", shapes))
    assert len(codes) > 25
    assert {code for code in codes if code not in text} == set()


def test_each_failure_that_can_happen_has_a_message_and_a_remedy() -> None:
    for assessment in (*assess([bare(0)]), *faulty()):
        for judgement in assessment.judgements:
            for failure in judgement.failures:
                assert failure.fix, (judgement.criterion.notation, failure.message)
                assert judgement.criterion.why


# What it sees


def test_no_criterion_fails_on_the_complete_record() -> None:
    failed = {j.criterion.notation: j.failures for j in complete_assessment().judgements if j.outcome is Outcome.FAILED}
    assert failed == {}
    scores = {score.metric_set.name: (score.points, score.testable) for score in complete_assessment().scores}
    assert scores == {"d31": (0, 0), "rda": (88, 88), "mqa": (325, 325), "mqa-imaging": (325, 325), "access": (6, 6)}


def test_each_automatic_criterion_has_a_fault_that_it_should_see() -> None:
    named = {notation for fault in FAULTS for notation in fault.criteria}
    assert {c.notation for c in automatic()} - named == set()


def test_single_faults_are_seen_by_the_right_criterion() -> None:
    unseen = []
    for fault, assessment in zip(FAULTS, faulty(), strict=True):
        found = outcomes(assessment)
        if any(found[notation] != "failed" for notation in fault.criteria):
            unseen.append(fault.name)
    assert len(FAULTS) >= 60
    assert unseen == []


def test_a_fault_is_told_with_its_place_and_value() -> None:
    variant = complete(1)
    variant.update(
        'DELETE { :lung-ct-images dct:format ?f } INSERT { :lung-ct-images dct:format "DICOM" } WHERE { :lung-ct-images dct:format ?f }'
    )
    (assessment,) = assess([variant])
    (failure,) = next(j for j in assessment.judgements if j.criterion.notation == "RDA-I1-01D").failures
    assert failure.value == '"DICOM"'
    assert failure.path is not None
    assert failure.path.endswith("<http://purl.org/dc/terms/format>")
    assert "file-type" in failure.message


def test_another_dataset_in_the_file_lends_no_points() -> None:
    (poor, rich) = assess([bare(0), complete(1)])
    assert outcomes(poor) == outcomes(assess([bare(0)])[0])
    assert outcomes(rich) == outcomes(complete_assessment())


def test_a_point_names_the_triples_it_rests_on() -> None:
    by_notation = {j.criterion.notation: j for j in complete_assessment().judgements}
    keywords = {str(triple.object) for triple in by_notation["mqa-keyword"].evidence}
    assert keywords == {'"lung nodule"@en', '"screening"@en'}
    steps = [re.split("[#/]", triple.predicate.value)[-1] for triple in by_notation["RDA-F4-01M"].evidence]
    assert {"dataset", "service", "endpointURL", "primaryTopic", "record"} == set(steps)
    passed = [j for j in by_notation.values() if j.outcome is Outcome.PASSED]
    assert [j.criterion.notation for j in passed if not j.evidence] == ["RDA-I1-01M"], "it rests on what is not there"


def test_what_needs_network_manifest_or_person_is_not_tested_and_not_counted() -> None:
    (mqa,) = [score for score in complete_assessment().scores if score.metric_set.name == "mqa"]
    assert (mqa.points, mqa.testable, mqa.total) == (325, 325, 405)
    notes = {j.criterion.notation: j.note for j in complete_assessment().judgements if j.outcome is Outcome.UNTESTED}
    assert "network" in (notes["mqa-access-url-status"] or "")
    for name in ("RDA-I3-01D", "RDA-I3-02D", "RDA-R1.3-02D"):
        assert re.match("it needs a manifest of the files that says .*(series|format)", notes[name] or ""), name


# Profiles


def official(shared: Path) -> rdflib.Graph:
    """The official shapes for restricted data; one property shape without a path is made the node shape it means to be."""
    shapes = rdflib.Graph()
    shapes.parse(shared / "standards" / "healthdcat-ap-r8" / "validator" / "shapes" / "restricted-shapes.ttl")
    for holder, shape in list(shapes.subject_objects(SH.property)):
        if (shape, SH.path, None) not in shapes:
            shapes.remove((holder, SH.property, shape))
            shapes.add((holder, SH.node, shape))
            shapes.add((shape, RDF.type, SH.NodeShape))
    return shapes


def conforms(data: rdflib.Graph, shapes: rdflib.Graph) -> bool:
    return bool(pyshacl.validate(data, shacl_graph=shapes, inference="none", do_owl_imports=False)[0])


def as_written(fault: Fault | None = None) -> list[Quad]:
    """The complete record with a fault, changed by rdflib: the engine would rewrite ``xsd:nonNegativeInteger``."""
    graph = rdflib.Graph().parse(COMPLETE)
    if fault:
        graph.update(f"{PREFIXES}\n{fault.update}")
    return parse(graph.serialize(format="nt", encoding="utf-8"), by_name("ntriples", FORMATS))


def test_the_complete_record_conforms_to_healthdcat_ap(shared: Path) -> None:
    assert conforms(to_graph(as_written()), official(shared))


def test_the_claimed_profile_is_judged_as_by_its_official_shapes(shared: Path) -> None:
    shapes = official(shared)
    cases = [fault for fault in FAULTS if PROFILE in fault.criteria]
    assert len(cases) >= 10
    by_profile = Auditor(criteria(), ["rda"], DEFAULT_BASE)
    for fault in (*cases, None):
        quads = as_written(fault)
        (assessment,) = by_profile.assess(quads, datasets(quads))
        assert outcomes(assessment)[PROFILE] == ("passed" if conforms(to_graph(quads), shapes) else "failed"), fault
        assert (outcomes(assessment)[PROFILE] == "passed") == (fault is None)


def judgement(variant: Variant, notation: str) -> Judgement:
    (found,) = [j for j in assess([variant])[0].judgements if j.criterion.notation == notation]
    return found


@pytest.mark.parametrize(
    ("claim", "outcome", "note"),
    [
        ("<http://data.europa.eu/r5r>", "passed", "judged by DCAT-AP 3.0.1"),
        ("<https://w3id.org/fairmap/profile/healthdcat-ap>", "passed", "judged by HealthDCAT-AP Release 8"),
        ("<https://example.org/my-profile>", "untested", "there are no shapes for <https://example.org/my-profile>"),
        (None, "passed", "judged by DCAT-AP 3.0.1"),
    ],
)
def test_a_record_is_judged_by_the_profile_it_claims(claim: str | None, outcome: str, note: str) -> None:
    variant = complete(0)
    new = f"INSERT {{ :record-lung-ct dct:conformsTo {claim} }}" if claim else ""
    variant.update(
        f"DELETE {{ :record-lung-ct dct:conformsTo ?o }} {new} WHERE {{ :record-lung-ct dct:conformsTo ?o }}"
    )
    found = judgement(variant, PROFILE)
    assert (found.outcome.value, found.note) == (outcome, note)


def test_a_fault_of_another_record_is_not_blamed_on_the_dataset() -> None:
    variant = complete(0)
    variant.update(
        'INSERT DATA { :catalogue dct:issued "soon" . :lung-ct dct:relation :other . :other a dcat:Dataset }'
    )
    assert outcomes(assess([variant])[0])["RDA-I1-02M"] == "passed"
    variant.update(
        'INSERT DATA { :office vcard:hasEmail "data@hospital.example.org" . :lung-ct-table dct:issued "soon" }'
    )
    parts = {failure.part for failure in judgement(variant, PROFILE).failures}
    assert parts == {"<https://data0.example.org/lung-ct-table>", "<https://data0.example.org/office>"}


# Remedies


def mended(variants: Sequence[Variant], before: Sequence[Assessment], notations: Sequence[str]) -> list[str]:
    """What is wrong after each variant was mended by the remedies of one criterion."""
    for variant, assessment, notation in zip(variants, before, notations, strict=True):
        for fix in fixes(assessment, notation):
            assert fix is not None
            variant.mend(fix)
    wrong = []
    for assessment, after, notation in zip(before, assess(variants), notations, strict=True):
        old, new = outcomes(assessment), outcomes(after)
        if new[notation] not in {"passed", "inapplicable"}:
            wrong.append(f"{notation} is still {new[notation]}")
        wrong += [f"{notation}: {n} fell" for n, was in old.items() if was == "passed" and new[n] == "failed"]
    return wrong


def test_the_remedy_of_each_criterion_mends_it_and_breaks_no_other() -> None:
    cases = [
        (fault, notation)
        for fault, assessment in zip(FAULTS, faulty(), strict=True)
        for notation, outcome in outcomes(assessment).items()
        if outcome == "failed"
    ]
    assert {notation for _, notation in cases} == {c.notation for c in automatic()}
    variants = [with_fault(fault, number) for number, (fault, _) in enumerate(cases)]
    assert mended(variants, assess(variants), [notation for _, notation in cases]) == []


def test_the_remedy_of_each_criterion_mends_a_dataset_of_which_nothing_is_said() -> None:
    (assessment,) = assess([bare(0)])
    failed = [j.criterion.notation for j in assessment.judgements if j.outcome is Outcome.FAILED]
    assert len(failed) > 50
    variants = [bare(number) for number, _ in enumerate(failed)]
    assert mended(variants, assess(variants), failed) == []


def test_remedies_reach_distributions_and_values_without_an_iri() -> None:
    variant = bare(0)
    variant.update(
        'INSERT DATA { :bare dcat:distribution [ a dcat:Distribution ; dct:format [ rdfs:label "DICOM" ] ] }'
    )
    (before,) = assess([variant])
    for notation in ("RDA-I1-01D", "mqa-byte-size", "RDA-I1-02D"):
        for fix in fixes(before, notation):
            assert fix is not None
            variant.mend(fix)
    after = outcomes(assess([variant])[0])
    assert (after["RDA-I1-01D"], after["mqa-byte-size"], after["RDA-I1-02D"]) == ("passed", "passed", "passed")
    assert len([q for q in variant.quads if q.predicate.value.endswith("#distribution")]) == 1, "none was added"


def test_text_of_a_record_cannot_become_part_of_an_update() -> None:
    evil = '"x } ; DROP ALL ; INSERT DATA { <urn:a> <urn:b> \\"c\\" #"'
    variant = complete(0)
    variant.update(f"INSERT DATA {{ :lung-ct-images dct:format {evil} }}")
    (before,) = assess([variant])
    others = {quad for quad in variant.store if "DROP ALL" not in str(quad.object)}
    for fix in fixes(before, "RDA-I1-01D"):
        assert fix is not None
        variant.mend(fix)
    assert set(variant.store) == others
    assert outcomes(assess([variant])[0])["RDA-I1-01D"] == "passed"


def test_a_dataset_without_an_iri_is_judged_and_has_no_update() -> None:
    quads = parse(b"[] a <http://www.w3.org/ns/dcat#Dataset> .", TURTLE)
    (node,) = datasets(quads)
    (assessment,) = auditor().assess(quads, [node])
    assert isinstance(node, BlankNode)
    found = next(j for j in assessment.judgements if j.criterion.notation == "RDA-F1-02D")
    assert "The dataset is a blank node: give it an IRI." in [failure.message for failure in found.failures]
    assert {failure.fix for failure in found.failures} == {None}


# What people answered


def test_unknown_with_its_reason_is_no_answer_and_not_counted_as_no() -> None:
    asked = f"{DEFAULT_BASE}criterion/d31-"
    text = f"""@prefix dqv: <http://www.w3.org/ns/dqv#> . @prefix earl: <http://www.w3.org/ns/earl#> . @prefix fm: <{FM}> .
        @prefix : <https://data.example.org/> .
        :d a <http://www.w3.org/ns/dcat#Dataset> .
        :1 dqv:computedOn :d ; dqv:isMeasurementOf <{asked}F1> ; earl:outcome earl:passed ; dqv:value <{asked}F1#rich> .
        :2 dqv:computedOn :d ; dqv:isMeasurementOf <{asked}F2> ; earl:outcome earl:cantTell ;
            fm:reason <https://w3id.org/fairmap/concept/unknown-reason/registration-needed> .
        :3 dqv:computedOn :d ; dqv:isMeasurementOf <{asked}A1> ; earl:outcome earl:failed ."""
    quads = parse(text.encode(), TURTLE)
    (assessment,) = Auditor(criteria(), ["d31"], DEFAULT_BASE).assess(quads, datasets(quads))
    (score,) = assessment.scores
    assert (score.points, score.testable, score.known, score.asked) == (1, 2, 2, 12)
    by_notation = {j.criterion.notation: j for j in assessment.judgements}
    assert by_notation["d31-F1"].note == "rich metadata"
    assert by_notation["d31-F2"].outcome is Outcome.CANT_TELL
    assert by_notation["d31-F2"].note == "unknown: registration needed"
    assert by_notation["d31-R3"].outcome is Outcome.UNTESTED
    assert "2 of 12 answered" in write_assessments([assessment], "text")
