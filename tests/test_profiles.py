"""Profiles: shapes of our own for published profiles, and the tables they take terms from."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.namespace import RDF, RDFS, SH

import fairmap
from command import fairmap as fairmap_command
from fairmap.errors import UsageError
from fairmap.model import Finding, Severity, ValidationReport
from fairmap.namespaces import DCAT, DCT
from fairmap.profiles import Tables, judge, load_profile, profile, profile_names
from fairmap.resources import folder
from profiles.compare import page
from profiles.comparison import JUDGED, Comparison, compare, reasons, unexplained
from profiles.variants import moved, variants

ROOT = Path(__file__).parents[1]
COMPLETE = ROOT / "tests" / "profiles" / "complete"
AUTHORITY = "http://publications.europa.eu/resource/authority/"
FILES = sorted((folder("shapes") / "profiles").glob("*/*.ttl"))
PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix : <https://example.org/> .
"""
JARGON = re.compile(
    r"\b(SHACL|shapes?|nodes?|constraints?|cardinality|literals?|focus|predicates?|blank|datatypes?|nodeKind|minCount|maxCount|sh:\w+)\b",
    re.IGNORECASE,
)


def judged(name: str, text: str) -> ValidationReport:
    return judge(parse(PREFIXES + text, format=RdfFormat.TURTLE), profile(name))


def about(report: ValidationReport, path: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.path == path]


@cache
def compared(name: str) -> Comparison:
    return compare(name)


@pytest.mark.parametrize("path", sorted(COMPLETE.glob("*.ttl")), ids=lambda path: path.stem)
def test_a_complete_record_has_no_violation(path: Path) -> None:
    name = next(name for name in profile_names() if path.stem.startswith(name))
    assert judge(parse(path=str(path)), profile(name)).conforms


@pytest.mark.parametrize("name", JUDGED)
def test_verdicts_differ_from_the_official_shapes_only_with_a_listed_reason(name: str, shared: Path) -> None:
    found = compared(name)
    assert unexplained(found) == []
    assert found.same > 100


def test_more_than_300_records_were_compared_and_each_reason_is_needed(shared: Path) -> None:
    found = [compared(name) for name in JUDGED]
    assert sum(one.records for one in found) > 300
    idle = [
        reason
        for reason in reasons()
        if not any(reason.fits(one.name, *kind) for one in found for kind in one.differences)
    ]
    assert idle == []


def test_the_page_on_profiles_tells_what_was_found(shared: Path) -> None:
    told = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    assert told.startswith(page([compared(name) for name in JUDGED])), "write it anew: make profiles"


def _eucaim_rules(shared: Path) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Range, cardinality and requirement by class and property, from the specification."""
    with (shared / "standards" / "eucaim-dcat-ap-2.0" / "properties.csv").open(encoding="utf-8", newline="") as file:
        return {
            (
                "distribution" if row["group"] == "Distribution" else "dataset",
                row["property"].split()[0].split(":")[1],
            ): (
                row["range"],
                row["cardinality"],
                row["requirement"],
            )
            for row in csv.DictReader(file)
        }


def _expected(fault: str, rule: tuple[str, str, str]) -> str | None:
    """The severity that the specification gives a fault, or ``None`` where it says nothing."""
    kind, cardinality, requirement = rule
    if fault == "missing":
        return {"M": "Violation", "R": "Warning"}.get(requirement)
    if fault == "doubled" and cardinality.endswith("..1"):
        return "Violation"
    if fault in {"wrong datatype", "ill-formed"} and kind.startswith("xsd:"):
        return "Violation"
    return "Violation" if fault in {"text for IRI", "IRI for text"} and kind != "rdfs:Resource" else None


def test_eucaim_finds_each_fault_that_its_specification_names(shared: Path) -> None:
    rules, data, wanted = _eucaim_rules(shared), rdflib.Graph(), set()
    complete = rdflib.Graph().parse(COMPLETE / "eucaim.ttl")
    for number, variant in enumerate(variants(complete)):
        local = re.split(r"[/#]", variant.path)[-1]
        key = (variant.node.removeprefix("https://example.org/"), local)
        severity = _expected(variant.fault, rules[key]) if key in rules else None
        if severity:
            place = f"https://example.org/r{number}/"
            wanted.add((f"{place}{key[0]}", local, severity))
            for triple in moved(variant.graph, place):
                data.add(triple)
    report = judge(parse(data.serialize(format="nt"), format=RdfFormat.N_TRIPLES), profile("eucaim"))
    found = {
        (f.focus, local, f.severity.value)
        for f in report.findings
        for local in re.findall(r"[/#](\w+)(?=>|$)", f.path or "")
    }
    assert len(wanted) > 120
    assert wanted - found == set()


def test_the_level_of_a_dataset_follows_its_access_right() -> None:
    asked = {}
    for right in ("PUBLIC", "RESTRICTED", "NON_PUBLIC"):
        report = judged("healthdcat-ap", f":d a dcat:Dataset ; dct:accessRights <{AUTHORITY}access-right/{right}> .")
        assert about(report, f"{DCT}accessRights") == []
        asked[right] = {f.path for f in report.findings if f.severity is Severity.VIOLATION}
    assert asked["PUBLIC"] == asked["RESTRICTED"]
    assert f"{DCT}provenance" in asked["NON_PUBLIC"] - asked["PUBLIC"]


@pytest.mark.parametrize(
    "rights",
    [
        "",
        "dct:accessRights :any ;",
        f"dct:accessRights <{AUTHORITY}access-right/PUBLIC> , <{AUTHORITY}access-right/RESTRICTED> ;",
    ],
)
def test_without_one_access_right_a_dataset_is_judged_as_not_public_and_told_so(rights: str) -> None:
    report = judged("healthdcat-ap", f':d a dcat:Dataset ; {rights} dct:title "x" .')
    said = [f for f in about(report, f"{DCT}accessRights") if f.severity is Severity.INFO]
    assert ["judged as non-public" in f.message for f in said] == [True]
    assert any(f.severity is Severity.VIOLATION for f in about(report, f"{DCT}provenance"))


def test_datasets_of_all_levels_are_judged_in_one_file() -> None:
    rights = " ".join(
        f":{key} a dcat:Dataset ; dct:accessRights <{AUTHORITY}access-right/{key}> ."
        for key in ("PUBLIC", "NON_PUBLIC")
    )
    report = judged("healthdcat-ap", rights)
    missing = {f.focus for f in about(report, f"{DCT}provenance") if f.severity is Severity.VIOLATION}
    assert missing == {"https://example.org/NON_PUBLIC"}


def test_a_term_of_a_table_needs_no_class_in_the_data_and_is_not_judged_itself() -> None:
    report = judged(
        "dcat-ap", f':c a dcat:Catalog ; dct:title "x" ; dct:description "y" ; dct:language <{AUTHORITY}language/ENG> .'
    )
    assert about(report, f"{DCT}language") == []
    assert all(finding.record == "https://example.org/c" for finding in report.findings)


def test_a_term_that_a_table_does_not_list_is_accepted_and_told() -> None:
    report = judged("dcat-ap", f":c a dcat:Catalog ; dct:language <{AUTHORITY}language/XYZ> .")
    (finding,) = about(report, f"{DCT}language")
    assert finding.severity is Severity.INFO
    assert finding.message.startswith("Label not known here")


def test_a_term_outside_the_table_is_a_violation() -> None:
    report = judged("dcat-ap", ":c a dcat:Catalog ; dct:language <http://id.loc.gov/vocabulary/iso639-1/en> .")
    assert {f.severity for f in about(report, f"{DCT}language")} == {Severity.VIOLATION}


def test_a_term_that_the_data_describe_is_judged_as_they_describe_it() -> None:
    report = judged(
        "dcat-ap",
        f":c dct:language <{AUTHORITY}language/ENG> ; a dcat:Catalog . <{AUTHORITY}language/ENG> a foaf:Document .",
    )
    assert {f.severity for f in about(report, f"{DCT}language")} == {Severity.VIOLATION}


def test_a_fault_of_a_part_is_told_for_the_record_it_belongs_to() -> None:
    text = ":d a dcat:Dataset ; dcat:distribution :x . :x a dcat:Distribution ; dct:license [ a dct:LicenseDocument ; dct:type 5 ] ."
    report = judged("dcat-ap", text)
    assert report.records == ("https://example.org/d",)
    assert {f.record for f in report.findings} == {"https://example.org/d"}
    assert about(report, f"{DCAT}accessURL")[0].focus == "https://example.org/x"


def test_where_nothing_is_described_nothing_conforms() -> None:
    report = judged("dcat-ap", ':x dct:title "x" .')
    assert not report.conforms
    assert "nothing was judged" in report.findings[0].message


def test_terms_of_the_test_host_of_the_ehds_are_those_of_the_table() -> None:
    tables = Tables.shipped()
    host = "https://hdeu-dcat.acceptance.data.health.europa.eu/resource/authority/standard/"
    assert tables.unlisted(f"{host}DICOM") is None
    assert tables.unlisted(f"{host}NOT-THERE") is not None
    assert tables.unlisted("https://example.org/x") is None


def test_each_table_tells_its_source_and_licence() -> None:
    place = folder("shapes") / "tables"
    with (place / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["title"] and row["source"] and row["licence"] for row in rows)
    named = {row["name"] for row in rows} | {"index", "subclasses"}
    assert {path.stem for path in place.glob("*.csv")} <= named


def test_each_file_of_shapes_belongs_to_a_profile() -> None:
    used = {file for name in profile_names()[1:] for file in profile(name).files}
    used |= {file for name in profile_names()[1:] for level in profile(name).levels.values() for file in level}
    assert used == set(FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_each_rule_has_a_name_a_severity_and_a_message_without_jargon(path: Path) -> None:
    graph = rdflib.Graph().parse(path)
    for shape in graph.subjects(RDF.type, SH.PropertyShape):
        for link in (SH.name, SH.severity, SH.message, SH.path, RDFS.label, RDFS.comment):
            assert len(list(graph.objects(shape, link))) == 1, (shape, link)
    for message in graph.objects(None, SH.message):
        words, separator, _ = str(message).partition("; e.g. ")
        assert separator, message
        assert not JARGON.search(words), message
    for target in set(graph.objects(None, SH.targetClass)):
        parts = [part for shape in graph.subjects(SH.targetClass, target) for part in graph.objects(shape, SH.property)]
        paths = [graph.value(part, SH.path) for part in parts]
        assert len(set(paths)) == len(paths), target


@cache
def prefixes() -> str:
    """Those of all files of shapes, as Turtle."""
    named = {pair for file in FILES for pair in rdflib.Graph(bind_namespaces="none").parse(file).namespaces()}
    return "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in named)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_a_message_says_to_write_can_be_read(path: Path) -> None:
    for message in rdflib.Graph().parse(path).objects(None, SH.message):
        example = str(message).removesuffix(".").partition("; e.g. ")[2]
        for part in example.split(" together with "):
            text = part if part.startswith("<") else f"<x:this> {part}"
            assert list(parse(f"{prefixes()}{text} .", format=RdfFormat.TURTLE)), message


def test_unknown_profiles_and_levels_are_refused() -> None:
    with pytest.raises(UsageError, match=re.escape("healthdcat-ap?")):
        profile("healthdcatap")
    with pytest.raises(UsageError, match="has no level 'secret'"):
        load_profile("healthdcat-ap", "secret")


def test_the_catalogue_judges_by_a_profile() -> None:
    with fairmap.open("memory:") as catalogue:
        assert catalogue.validate(COMPLETE / "dcat-ap.ttl", profile="dcat-ap").conforms
        assert not catalogue.validate(COMPLETE / "dcat-ap.ttl", profile="eucaim").conforms


def test_the_command_line_judges_files_by_a_profile(tmp_path: Path) -> None:
    done = fairmap_command("validate", "--profile", "healthdcat-ap", COMPLETE / "healthdcat-ap-public.ttl")
    assert (done.returncode, done.stdout.splitlines()[0][:19]) == (0, "3 records: conforms")
    broken = tmp_path / "broken.ttl"
    broken.write_text(f'{PREFIXES}:d a dcat:Dataset ; dct:title "x" .')
    done = fairmap_command("validate", "--profile", "dcat-ap", broken)
    assert done.returncode == 1
    assert "must have at least one description" in done.stdout
    assert fairmap_command("validate", "--store", "memory:", "--profile", "eucaim").returncode == 1
    assert fairmap_command("validate", "--profile", "unknown", broken).returncode == 2
