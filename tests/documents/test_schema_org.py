"""schema.org, as search engines take it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, RdfFormat
from pyoxigraph import parse as read
from rdflib import DCTERMS, URIRef

from fairmap.export import Source, projection

if TYPE_CHECKING:
    from fairmap.catalogue import Catalogue

BASE = "https://w3id.org/fairmap/"
SCHEMA = "https://schema.org/"
LUNG = f"{BASE}dataset/lung"
ADNI = f"{BASE}dataset/adni-imaging"
OWN = projection("schema-org")


def tree(catalogue: Catalogue, iri: str) -> Any:
    return json.loads(b"".join(OWN.write(OWN.project(Source(catalogue.view), [iri]), "jsonld")))


def test_a_dataset_is_told_as_search_engines_want_it(rich: Catalogue) -> None:
    found = tree(rich, LUNG)
    assert found["@type"] == "Dataset"
    assert found["name"] == [{"@language": "de", "@value": "Lungenaufnahmen"}, "Lung scans"]
    assert found["description"].startswith("CT of the lungs of 012 people")
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["identifier"] == ["LUNG-1", {"@type": "PropertyValue", "value": "10.5281/zenodo.1"}]
    assert found["sameAs"] == "https://doi.org/10.5281/zenodo.1"
    assert found["isAccessibleForFree"] is False
    assert found["datePublished"] == "1899-05-01"
    assert found["temporalCoverage"] == "2011/.."
    assert found["size"] == {"@type": "QuantitativeValue", "unitText": "individuals", "value": 12}
    assert found["spatialCoverage"]["name"] == "Spain"
    file, other = found["distribution"]
    assert file["contentUrl"] == "https://clinic.example.org/lung.zip"
    assert (file["contentSize"], file["encodingFormat"]) == ("1000 B", "application/zip")
    assert file["sha256"] == "abcdef0123456789" * 4
    assert other["encodingFormat"] == "NIfTI"


def test_the_tree_says_what_the_triples_say(rich: Catalogue) -> None:
    source = Source(rich.view)
    projected = list(OWN.project(source, source.iris(OWN.kinds)))
    body = b"".join(OWN.write(projected, "jsonld"))
    plain = b"".join(OWN.write(projected, "ntriples"))

    def named(document: bytes, form: RdfFormat) -> set[str]:
        triples = [quad.triple for quad in read(document, format=form)]
        return {str(it) for it in triples if isinstance(it.subject, NamedNode) and _is_fixed(it.object)}

    assert named(body, RdfFormat.JSON_LD) == named(plain, RdfFormat.N_TRIPLES)
    assert len(json.loads(body)) == 110


def _is_fixed(term: object) -> bool:
    """Numbers are numbers of JSON, whatever their datatype was."""
    return isinstance(term, NamedNode) or (
        isinstance(term, Literal) and not term.datatype.value.lower().endswith("integer")
    )


def test_what_search_engines_ask_for_and_nobody_told_is_remarked_and_not_made_up(rich: Catalogue) -> None:
    (told,) = OWN.project(Source(rich.view), [ADNI])
    asked = {remark.property.removeprefix(SCHEMA) for remark in told.remarks if remark.kind == "to tell"}
    assert asked == {"license", "identifier", "creator"}
    found = tree(rich, ADNI)
    assert not asked & found.keys()
    assert "isAccessibleForFree" not in found


def test_what_schema_org_has_no_place_for_is_named(rich: Catalogue) -> None:
    (told,) = OWN.project(Source(rich.view), [LUNG])
    left = {remark.property for remark in told.remarks if remark.kind == "left out"}
    assert left == {"http://www.w3.org/ns/dcat#contactPoint"}


def test_what_holds_a_record_is_named_however_many_records_are_told_together(rich: Catalogue) -> None:
    alone = OWN.project(Source(rich.view), [ADNI])
    together = OWN.project(Source(rich.view), [f"{BASE}repository/adni", ADNI])
    named = [frozenset(map(str, list(each)[-1].triples)) for each in (alone, together)]
    kept = [{line for line in triples if "_:" not in line} for triples in named]
    assert kept[0] == kept[1]
    assert tree(rich, ADNI)["includedInDataCatalog"]["name"] == {"@value": "ADNI"}


def test_a_short_description_is_remarked(rich: Catalogue) -> None:
    source = Source(rich.view)
    short = [
        told.iri
        for told in OWN.project(source, source.iris(OWN.kinds))
        if any("characters" in remark.text for remark in told.remarks)
    ]
    sizes = {
        iri: max(len(str(text)) for text in rich.record(iri).objects(URIRef(iri), DCTERMS.description)) for iri in short
    }
    assert sizes
    assert all(size < 50 for size in sizes.values())
