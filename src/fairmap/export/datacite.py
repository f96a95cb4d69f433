"""DataCite metadata: what a dataset is cited by.

Source: DataCite Metadata Schema 4.5; its appendix 3 for ``(:unav)``; the JSON form is that of DataCite's REST API.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode

from fairmap.export.datacite_xml import written_xml
from fairmap.export.description import SCHEMA
from fairmap.export.documents import Documents, Made
from fairmap.export.writing import form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.export.description import Description, Node
    from fairmap.export.projection import Projected

SCHEMA_VERSION: Final = "http://datacite.org/schema/kernel-4"
UNAVAILABLE: Final = "(:unav)"
"""DataCite's own word for a value that is not there, possibly unknown."""

_DOI: Final = "https://doi.org/"
_RADLEX: Final = "http://www.radlex.org/"
_YEAR: Final = re.compile(r"[0-9]{4}(?=-|\Z)")
_LANGUAGES: Final = "http://publications.europa.eu/resource/authority/language/"


class DataCite(Documents):
    """Datasets with the metadata that DataCite registers DOIs with."""

    def write(self, projected: Iterable[Projected], form: str) -> Iterator[bytes]:
        """As :meth:`fairmap.export.Projection.write`."""
        if form_of(self.forms, form) == "json":
            return super().write(projected, form)
        return written_xml((told.iri, told.document) for told in projected if isinstance(told.document, dict))


def make(description: Description) -> Made:
    """The metadata of a dataset, in the JSON form."""
    made, root = Made(), description.root
    found: dict[str, Any] = {
        "schemaVersion": SCHEMA_VERSION,
        "types": {"resourceType": "Dataset", "resourceTypeGeneral": "Dataset"},
        **_identifiers(description),
        "creators": _agents(description, "creator"),
        "titles": [*_titles(description, "name"), *_titles(description, "alternateName", titleType="AlternativeTitle")],
        **_publisher(description, made),
        "publicationYear": _year(description),
        "subjects": _subjects(description),
        "contributors": [{**agent, "contributorType": "Other"} for agent in _agents(description, "contributor")],
        "dates": _dates(description),
        "language": _language(description, made),
        "sizes": _sizes(description),
        "formats": _unique(
            text.value for node in _files(description) for text in description.texts(node, "encodingFormat")
        ),
        "version": description.text(root, "version"),
        "rightsList": _rights(description),
        "descriptions": [
            {"description": text.value, "descriptionType": "Abstract", **_lang(text)}
            for text in description.texts(root, "description")
        ],
        "geoLocations": _unique(
            {"geoLocationPlace": description.text(place, "name")}
            for place in description.nodes(root, "spatialCoverage")
            if description.text(place, "name")
        ),
    }
    _tell(found, made)
    made.document = {name: value for name, value in found.items() if value}
    return made


def _tell(found: dict[str, Any], made: Made) -> None:
    """Remark what DataCite demands; give its own word for what is not there, where it has one."""
    if not found["creators"]:
        made.missing("creators", "who made the dataset")
        found["creators"] = [{"name": UNAVAILABLE}]
    if not found["titles"]:
        made.missing("titles", "the title of the dataset")
    if "publisher" not in found:
        made.missing("publisher", "who publishes the dataset")
        found["publisher"] = {"name": UNAVAILABLE}
    if not found["publicationYear"]:
        made.missing("publicationYear", "the year in which the dataset was published")
    if "doi" not in found:
        made.missing("doi", "the DOI of the dataset")


def _identifiers(description: Description) -> dict[str, Any]:
    """DOI, address, and all other identifiers: the record's IRI among them, and things that tell of the dataset or hold it."""
    root = description.root
    dois = [iri.removeprefix(_DOI) for iri in description.iris(root, "sameAs") if iri.startswith(_DOI)]
    other = [("DOI", doi) for doi in dois[1:]]
    texts = [*description.texts(root, "identifier")]
    texts += [text for node in description.nodes(root, "identifier") for text in description.texts(node, "value")]
    other += [("other", text.value) for text in texts if not any(doi in text.value for doi in dois)]
    pages = [iri for iri in description.iris(root, "url") if iri != root.value]
    holders = [node.value for node in description.nodes(root, "includedInDataCatalog") if isinstance(node, NamedNode)]
    related = [(page, "IsDescribedBy") for page in pages] + [(iri, "IsPartOf") for iri in holders]
    return {
        **({"doi": dois[0]} if dois else {}),
        "url": pages[0] if pages else root.value,
        "alternateIdentifiers": _unique(
            {"alternateIdentifier": value, "alternateIdentifierType": kind}
            for kind, value in [("URL", root.value), *other]
        ),
        "relatedIdentifiers": [
            {"relatedIdentifier": iri, "relatedIdentifierType": "URL", "relationType": relation}
            for iri, relation in related
        ],
    }


def _agents(description: Description, name: str) -> list[dict[str, Any]]:
    """Organisations and people by name; one without a name is left out."""
    found = [{"name": text.value} for text in description.texts(description.root, name)]
    for node in description.nodes(description.root, name):
        if called := description.text(node, "name"):
            person = "Person" in description.types(node)
            found.append({"name": called, "nameType": "Personal" if person else "Organizational"})
    return _unique(found)


def _publisher(description: Description, made: Made) -> dict[str, Any]:
    names = [agent["name"] for agent in _agents(description, "publisher")]
    if len(names) > 1:
        made.lost(f"{SCHEMA}publisher", "DataCite has one publisher; the others are left out.")
    return {"publisher": {"name": names[0]}} if names else {}


def _titles(description: Description, name: str, **more: str) -> list[dict[str, Any]]:
    found = sorted(description.texts(description.root, name), key=lambda text: (text.language or "en") != "en")
    return [{"title": text.value, **more, **_lang(text)} for text in found]


def _year(description: Description) -> str:
    match = _YEAR.match(description.text(description.root, "datePublished"))
    return match.group() if match else ""


def _subjects(description: Description) -> list[dict[str, Any]]:
    """Key words, concepts in every language, and the RadLex terms that mean the same."""
    root = description.root
    found = [{"subject": text.value, **_lang(text)} for text in description.texts(root, "keywords")]
    for node in description.nodes(root, "measurementTechnique", "about", "keywords"):
        if not isinstance(node, NamedNode):
            continue
        found += [
            {"subject": text.value, **_scheme(description, node), **_lang(text)}
            for text in description.texts(node, "name")
        ]
        found += [
            {
                "subject": description.text(node, "name"),
                "subjectScheme": "RadLex",
                "schemeUri": _RADLEX,
                "valueUri": same,
            }
            for same in description.iris(node, "sameAs")
            if same.startswith(_RADLEX) and description.text(node, "name")
        ]
    return _unique(found)


def _scheme(description: Description, node: NamedNode) -> dict[str, str]:
    schemes = description.iris(node, "inDefinedTermSet")
    return {**({"schemeUri": schemes[0]} if schemes else {}), "valueUri": node.value}


def _dates(description: Description) -> list[dict[str, str]]:
    root = description.root
    kinds = (("datePublished", "Issued"), ("dateModified", "Updated"))
    found = [{"date": text.value, "dateType": kind} for name, kind in kinds for text in description.texts(root, name)]
    periods = [text.value.replace("..", "") for text in description.texts(root, "temporalCoverage")]
    found += [{"date": text, "dateType": "Other", "dateInformation": "period that the data cover"} for text in periods]
    return found


def _language(description: Description, made: Made) -> str:
    """The first language, as its code."""
    root = description.root
    codes = [text.value for text in description.texts(root, "inLanguage")]
    codes += [
        iri.removeprefix(_LANGUAGES).lower()
        for iri in description.iris(root, "inLanguage")
        if iri.startswith(_LANGUAGES)
    ]
    if len(codes) < len(description.values(root, "inLanguage")) or len(codes) > 1:
        made.lost(f"{SCHEMA}inLanguage", "DataCite has one language, by its code; others are left out.")
    return codes[0] if codes else ""


def _sizes(description: Description) -> list[str]:
    told = [
        f"{description.text(node, 'value')} {description.text(node, 'unitText')}"
        for node in description.nodes(description.root, "size")
    ]
    told += [text.value for node in _files(description) for text in description.texts(node, "contentSize")]
    return _unique(told)


def _files(description: Description) -> Iterator[Node]:
    return description.nodes(description.root, "distribution")


def _rights(description: Description) -> list[dict[str, str]]:
    """Licences, and what a user has to do or be."""
    root = description.root
    found = [
        {"rights": value.value, **_lang(value)} if isinstance(value, Literal) else {"rightsUri": value.value}
        for value in description.values(root, "license")
        if isinstance(value, Literal | NamedNode)
    ]
    found += [{"rights": text.value, **_lang(text)} for text in description.texts(root, "conditionsOfAccess")]
    return _unique(found)


def _lang(text: Literal) -> dict[str, str]:
    return {"lang": text.language} if text.language else {}


def _unique(values: Iterable[Any]) -> list[Any]:
    """Each value once, in order; the schema wants lists without repetition."""
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found
