"""DataCite, as JSON and as XML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from fairmap.export import Source, projection

if TYPE_CHECKING:
    from fairmap.catalogue import Catalogue

BASE = "https://w3id.org/fairmap/"
LUNG = f"{BASE}dataset/lung"
OWN = projection("datacite")
DATACITE = "{http://datacite.org/schema/kernel-4}"


def written(catalogue: Catalogue, form: str, *iris: str) -> bytes:
    source = Source(catalogue.view)
    return b"".join(OWN.write(OWN.project(source, iris or source.iris(OWN.kinds)), form))


def test_a_dataset_that_tells_all_is_cited(rich: Catalogue) -> None:
    found: Any = json.loads(written(rich, "json", LUNG))
    assert found["doi"] == "10.5281/zenodo.1"
    assert found["creators"] == [{"name": "Clinic", "nameType": "Organizational"}]
    assert found["publisher"] == {"name": "Clinic"}
    assert found["publicationYear"] == "1899"
    assert found["titles"] == [
        {"title": "Lung scans", "lang": "en"},
        {"title": "Lungenaufnahmen", "lang": "de"},
    ]
    assert {"subjectScheme", "valueUri"} <= found["subjects"][-1].keys()
    assert found["sizes"] == ["12 individuals", "1000 B"]
    assert found["rightsList"][0] == {"rightsUri": "https://creativecommons.org/licenses/by/4.0/"}


def test_what_is_not_told_has_the_word_of_datacite_or_is_left_out_and_both_are_remarked(rich: Catalogue) -> None:
    adni = f"{BASE}dataset/adni-imaging"
    (told,) = OWN.project(Source(rich.view), [adni])
    missing = {remark.property for remark in told.remarks if remark.kind == "to tell"}
    assert missing == {"creators", "publisher", "publicationYear", "doi"}
    found = json.loads(written(rich, "json", adni))
    assert found["creators"] == [{"name": "(:unav)"}]
    assert found["publisher"] == {"name": "(:unav)"}
    assert "publicationYear" not in found
    assert "doi" not in found


def test_xml_says_what_json_says(rich: Catalogue) -> None:
    documents = json.loads(written(rich, "json"))
    root = ET.fromstring(written(rich, "xml"))
    assert root.tag == "resources"
    assert len(root) == len(documents) == 62
    for document, resource in zip(documents, root, strict=True):
        assert resource.findtext(f"{DATACITE}publisher") == document["publisher"]["name"]
        texts = [element.text for element in resource.iter(f"{DATACITE}title")]
        assert texts == [title["title"] for title in document["titles"]]
        identifier = resource.find(f"{DATACITE}identifier")
        assert identifier is not None
        assert (identifier.get("identifierType") == "DOI") == ("doi" in document)
        subjects = [element.text for element in resource.iter(f"{DATACITE}subject")]
        assert subjects == [subject["subject"] for subject in document.get("subjects", [])]


def test_one_dataset_is_a_document_of_its_own_and_none_an_empty_list(rich: Catalogue) -> None:
    assert ET.fromstring(written(rich, "xml", LUNG)).tag == f"{DATACITE}resource"
    nothing = f"{BASE}repository/tcia"
    assert json.loads(written(rich, "json", nothing)) == []
    assert len(ET.fromstring(written(rich, "xml", nothing))) == 0
