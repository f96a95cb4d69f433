"""The results of an audit: as RDF that FTR, DQV and EARL know, and as documents."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pyshacl
import pytest
import rdflib
from pyoxigraph import NamedNode, Quad, Store
from rdflib.namespace import RDF

from fair.variants import TURTLE, assess, auditor, bare, complete, faults, outcomes
from fairmap.fair.documents import AUDIT_FORMATS, write_assessments
from fairmap.fair.results import triples
from fairmap.namespaces import EARL
from fairmap.rdf import parse, to_graph
from fairmap.shacl import Shapes, validate

if TYPE_CHECKING:
    from pathlib import Path

FTR = "https://w3id.org/ftr#"
FAILED = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dqv: <http://www.w3.org/ns/dqv#> PREFIX earl: <http://www.w3.org/ns/earl#>
PREFIX fm: <https://w3id.org/fairmap/ns#> PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX spdx: <http://spdx.org/rdf/terms#>
SELECT ?criterion ?fix ?mode ?sha WHERE {
  ?result a dqv:QualityMeasurement , earl:Assertion ; dqv:isMeasurementOf ?criterion ; earl:result/earl:outcome earl:failed ;
    earl:mode ?mode ; fm:fix ?fix ; prov:wasGeneratedBy ?activity .
  ?activity prov:used/spdx:checksum/spdx:checksumValue ?sha ; prov:endedAtTime ?when ; prov:wasAssociatedWith/dcat:version ?version }"""


@pytest.fixture(scope="module")
def results() -> rdflib.Graph:
    variant = complete(1)
    variant.update("DELETE WHERE { :lung-ct dct:title ?t }")
    return to_graph(triples(assess([complete(0), variant, bare(2)])))


@pytest.mark.parametrize("name", ["ftr-testResult.shacl", "ftr-metric.shacl"])
def test_results_conform_to_ftr(shared: Path, results: rdflib.Graph, name: str) -> None:
    shapes = rdflib.Graph().parse(shared / "fair" / name, format="turtle")
    verdict, _, text = pyshacl.validate(results, shacl_graph=shapes, inference="none", do_owl_imports=False)
    assert verdict, text
    kind = rdflib.URIRef(f"{FTR}TestResult")
    targets = list(results.subjects(RDF.type, kind))
    told = {str(outcome) for outcome in results.objects(None, rdflib.URIRef(f"{EARL}outcome"))}
    assert told == {f"{EARL}{name}" for name in ("passed", "failed", "inapplicable", "untested")}
    assert len(targets) > 250
    for result in targets[:5]:
        results.remove((result, rdflib.DCTERMS.license, None))
    assert not pyshacl.validate(results, shacl_graph=shapes, inference="none")[0] or name == "ftr-metric.shacl"


def test_results_of_many_faulty_records_conform_to_ftr(shared: Path) -> None:
    """Judged by our own processor; ``sh:datatype rdfs:Literal``, which no literal has, is read as any literal, as pySHACL does."""
    chosen = faults()[::4]
    variants = [complete(number) for number, _ in enumerate(chosen)]
    for variant, fault in zip(variants, chosen, strict=True):
        variant.update(fault.update)
    found = triples(assess([*variants, bare(len(variants))]))
    quads = [Quad(triple.subject, triple.predicate, triple.object) for triple in found]
    assert sum(quad.object == NamedNode(f"{FTR}TestResult") for quad in quads) > 2000
    for name in ("ftr-testResult.shacl", "ftr-metric.shacl"):
        text = (
            (shared / "fair" / name)
            .read_text(encoding="utf-8")
            .replace("sh:datatype rdfs:Literal", "sh:nodeKind sh:Literal")
        )
        shapes = Shapes(tuple(parse(text.encode(), TURTLE)), (name,))
        assert validate(quads, shapes, lambda iri: iri).findings == (), name


def test_results_tell_outcome_mode_origin_and_remedy() -> None:
    store = Store()
    variant = complete(1)
    variant.update("DELETE WHERE { :lung-ct dct:publisher ?t }")
    assessments = assess([variant])
    store.extend(parse(write_assessments(assessments, "turtle").encode(), TURTLE))
    found = list(store.query(FAILED))  # type: ignore[arg-type]
    told = {name: {row[name].value for row in found} for name in ("criterion", "mode", "sha")}
    assert told["criterion"] == {
        f"https://w3id.org/fairmap/criterion/{name}" for name in ("RDA-F2-01M", "mqa-publisher")
    }
    assert told["mode"] == {"http://www.w3.org/ns/earl#automatic"}
    assert told["sha"] == {assessments[0].graph, assessments[0].shapes}
    variant.store.update(found[0]["fix"].value)
    assert outcomes(assess([variant])[0])["RDA-F2-01M"] == "passed"


def test_the_digest_is_of_the_graph_that_was_judged() -> None:
    one, other = complete(0), complete(0)
    first, again = (auditor().assess(v.quads, [v.node])[0].graph for v in (one, other))
    other.update("DELETE WHERE { :lung-ct dct:title ?t }")
    changed = auditor().assess(other.quads, [other.node])[0].graph
    assert first == again != changed
    assert re.fullmatch(r"[0-9a-f]{64}", first)


@pytest.mark.parametrize("form", AUDIT_FORMATS)
def test_documents_tell_each_failure_and_its_remedy(form: str) -> None:
    (assessment,) = assess([bare(3)])
    text = write_assessments([assessment], form)
    told = [failure.message for j in assessment.judgements for failure in j.failures]
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        assert Counter(row["message"] for row in rows if row["message"]) == Counter(told)
        assert {row["fix"] for row in rows if row["outcome"] == "failed"} - {""}
    elif form == "json":
        (only,) = json.loads(text)["assessments"]
        assert only["scores"]["mqa"] == {
            "points": 0,
            "testable": 325,
            "total": 405,
            "percent": 0.0,
            "known": 21,
            "asked": 23,
        }
        assert [f["message"] for c in only["criteria"] for f in c["failures"]] == told
    else:
        assert "There is no dcat:keyword." in text
        assert "medical imaging" in text


def test_markup_in_a_record_stays_text_on_the_page() -> None:
    variant = complete(0)
    variant.update(
        'DELETE { :lung-ct dct:title ?t } INSERT { :lung-ct dct:title "<script>alert(1)</script>" } WHERE { :lung-ct dct:title ?t }'
    )
    page = write_assessments(assess([variant]), "html")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
