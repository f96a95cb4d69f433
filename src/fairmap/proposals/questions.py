"""The questions of D3.1's questionnaire, made from the shapes: property, cardinality, values, messages. Source: D3.1, section 2.1.

Only the wording of a question and the order are ours; what may be answered is what the shapes accept.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from fairmap.namespaces import CONCEPT, DCT, FM, FOAF, PROV, RDF, SH, SHAPES, SKOS, XSD
from fairmap.rdf import by_file_name, parse
from fairmap.resources import folder

COUNTRY: Final = "http://publications.europa.eu/resource/authority/country"
_FIRST: Final = f"{RDF}first"
_REST: Final = f"{RDF}rest"
_ASKED: Final = (
    ("title", "CatalogTitle", "Name of the repository", "As it calls itself."),
    ("homepage", "Homepage", "Link", "Its home page, or another source of information on the web."),
    ("description", "CatalogDescription", "What is it?", "In English and in your own words: what it holds, for whom."),
    ("dataObject", "DataObject", "Which types of data are included?", "All that apply."),
    ("modality", "Modality", "Which imaging modalities?", "The most exact ones that you know."),
    ("bodyPart", "BodyPart", "Which body parts?", "The most exact ones that you know."),
    ("topic", "Topic", "Which diseases or other topics?", "All that apply."),
    ("format", "Format", "Which file formats?", "In which the data are offered."),
    ("spatial", "Spatial", "In which countries?", "Where the data come from or are held."),
    ("repositoryKind", "RepositoryKind", "What kind of repository is it?", "All that apply."),
    ("metadataAvailable", "MetadataAvailable", "Is the metadata available?", "Can one see what is there?"),
    ("downloadable", "Downloadable", "Is the data available for download as is?", "Without asking anybody."),
    ("accessCondition", "AccessCondition", "Access: how does one get at the data?", "The one that fits best."),
    ("accessRequirement", "AccessRequirement", "What is asked before access is given?", "All that apply."),
    (
        "qualifiedAttribution",
        "QualifiedAttribution",
        "Data inclusion control: who decides which data is included?",
        "The persons or bodies, not by their private names.",
    ),
)
"""Name in the form, shape, D3.1's question or ours in its manner, and what helps to answer it."""
_WORDS: Final = (
    (
        re.compile(r"must be (?:one IRI, )?(?:a concept of|an IRI of the)[^;,.]*(?:\.org[^;,\s]*)?"),
        "must be one of the choices",
    ),
    (re.compile(r"\(xsd:boolean\)|\b[a-z]+:[A-Za-z]+ (?=\")|(?<=\")@[a-z]+|(?<=\")\^\^xsd:[A-Za-z]+"), ""),
    (re.compile(r"true or false"), "yes or no"),
)
_NAME: Final = re.compile(
    r"<?(https?://(?:w3id\.org/fairmap/concept|publications\.europa\.eu/resource/authority)/[^\s<>;,.]+)>?"
)
_TECHNICAL: Final = re.compile(r"\b(?:fm|dct|dcat|prov|foaf|sh|xsd):|RadLex|\bIRI\b|#unknown|prov:")


_SAID: Final = {"qualifiedAttribution": "AgentName"}
"""Whose message is told of a question that asks for the name of what its shape is about."""


@dataclass(frozen=True)
class Option:
    """A value that can be chosen.

    :ivar key: as it stands in the form.
    :ivar note: what it means.
    """

    key: str
    iri: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Question:
    """One question.

    :ivar name: of the field.
    :ivar iri: the property that it is about.
    :ivar text: the question.
    :ivar hint: what helps to answer it.
    :ivar message: what the shape says of a wrong answer, for who knows no RDF.
    :ivar kind: ``text``, ``long``, ``address``, ``truth``, ``choice`` or ``choices``.
    :ivar least: letters of the shortest text.
    :ivar is_required: it cannot be unknown.
    """

    name: str
    iri: str
    text: str
    hint: str
    message: str
    kind: str
    options: tuple[Option, ...] = ()
    least: int = 2
    is_required: bool = False
    has_reason: bool = False


@cache
def questions() -> tuple[Question, ...]:
    """All of them, in their order."""
    known = _read()
    allowed = _may_be_unknown(known)
    return tuple(_question(known, allowed, *asked) for asked in _ASKED)


@cache
def reasons() -> tuple[Option, ...]:
    """Why something can be unknown."""
    return _concepts(_read(), f"{CONCEPT}unknown-reason")


@cache
def countries() -> frozenset[str]:
    """The IRIs of the EU table of countries."""
    with (folder("shapes") / "tables" / "country.csv").open(newline="") as file:
        return frozenset(row["iri"] for row in csv.DictReader(file))


@cache
def implied_rights() -> dict[str, tuple[str, ...]]:
    """Which access rights follow from each access condition."""
    known, found = _read(), {}
    for option in _concepts(known, f"{CONCEPT}access-condition"):
        found[option.iri] = tuple(sorted(_iris(known, option.iri, f"{DCT}accessRights")))
    return found


def plain(message: str) -> str:
    """A shape's message for who fills in a form: concepts by their names, no RDF; sentences that tell of nothing else are left out.

    >>> plain("A country must be an IRI of the EU country table; e.g. <http://publications.europa.eu/resource/authority/country/ESP>.")
    'A country must be one of the choices; e.g. Spain.'
    """
    known = _read()
    for pattern, words in _WORDS:
        message = pattern.sub(words, message)
    message = _NAME.sub(lambda match: next(iter(_texts(known, match[1], f"{SKOS}prefLabel", "en")), match[1]), message)
    sentences = re.split(r"(?<=[.!?]) (?=[A-Z])", re.sub(r"<(https?://[^>]*)>", r"\1", message))
    kept = [sentence for sentence in sentences if not _TECHNICAL.search(sentence)]
    return " ".join(" ".join(kept or sentences).split()).replace(" ;", ";").replace(" .", ".")


@cache
def _read() -> Store:
    """The shapes, our concepts and the EU's names of countries."""
    store = Store()
    files = [*folder("shapes").glob("*.ttl"), *folder("ontology").glob("concepts-*.ttl")]
    for path in (*sorted(files), folder("ontology") / "eu-tables.ttl"):
        store.extend(parse(path.read_bytes(), by_file_name(path), name=path.name))
    return store


def _question(known: Store, allowed: frozenset[str], name: str, shape: str, text: str, hint: str) -> Question:
    node = f"{SHAPES}{shape}"
    iri = _iris(known, node, f"{SH}path")[0]
    options = _options(known, node, iri)
    least = int(next(iter(_texts(known, node, f"{SH}minLength")), "2"))
    return Question(
        name,
        iri,
        text,
        hint,
        plain(next(iter(_texts(known, f"{SHAPES}{_SAID.get(name, shape)}", f"{SH}message")), "")),
        _kind(known, node, iri, has_options=bool(options)),
        options,
        least,
        is_required=bool(_texts(known, node, f"{SH}minCount")),
        has_reason=iri in allowed,
    )


def _kind(known: Store, node: str, iri: str, *, has_options: bool) -> str:
    if has_options:
        return "choice" if "1" in _texts(known, node, f"{SH}maxCount") else "choices"
    if f"{XSD}boolean" in _iris(known, node, f"{SH}datatype"):
        return "truth"
    if iri == f"{FOAF}homepage":
        return "address"
    return "long" if iri in {f"{DCT}description", f"{PROV}qualifiedAttribution"} else "text"


def _options(known: Store, node: str, iri: str) -> tuple[Option, ...]:
    """The concepts of the scheme that the shape, or one of its alternatives, asks for."""
    if iri == f"{DCT}spatial":
        return _concepts(known, COUNTRY)
    for inner in [*_iris(known, node, f"{SH}node"), *_members(known, node, f"{SH}or")]:
        for link in _objects(known, NamedNode(inner), f"{SH}property"):
            for scheme in _objects(known, link, f"{SH}hasValue"):
                if isinstance(scheme, NamedNode):
                    return _concepts(known, scheme.value)
    return ()


def _may_be_unknown(known: Store) -> frozenset[str]:
    return frozenset(_members(known, f"{SHAPES}AbsenceProperty", f"{SH}in"))


def _members(known: Store, node: str, link: str) -> list[str]:
    """The IRIs in the list that a link leads to."""
    found = []
    rest = _objects(known, NamedNode(node), link)
    while rest and rest[0] != NamedNode(f"{RDF}nil"):
        found += [first.value for first in _objects(known, rest[0], _FIRST) if isinstance(first, NamedNode)]
        rest = _objects(known, rest[0], _REST)
    return found


def _concepts(known: Store, scheme: str) -> tuple[Option, ...]:
    found = []
    for quad in known.quads_for_pattern(None, NamedNode(f"{SKOS}inScheme"), NamedNode(scheme)):
        iri = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        if iri.startswith(f"{scheme}/"):
            label = next(iter(_texts(known, iri, f"{SKOS}prefLabel", "en")), iri)
            note = next(iter(_texts(known, iri, f"{SKOS}definition", "en")), "")
            found.append(Option(iri.rpartition("/")[2], iri, label, note))
    return tuple(sorted(found, key=lambda option: (_rank(known, option.iri), option.label.casefold())))


def _rank(known: Store, iri: str) -> int:
    return int(next(iter(_texts(known, iri, f"{FM}rank")), "0"))


def _objects(known: Store, node: NamedNode | BlankNode, link: str) -> list[NamedNode | BlankNode]:
    quads = known.quads_for_pattern(node, NamedNode(link), None)
    return [quad.object for quad in quads if isinstance(quad.object, NamedNode | BlankNode)]


def _iris(known: Store, node: str, link: str) -> list[str]:
    quads = known.quads_for_pattern(NamedNode(node), NamedNode(link), None)
    return [quad.object.value for quad in quads if isinstance(quad.object, NamedNode)]


def _texts(known: Store, node: str, link: str, language: str | None = None) -> list[str]:
    quads = known.quads_for_pattern(NamedNode(node), NamedNode(link), None)
    terms = [quad.object for quad in quads if isinstance(quad.object, Literal)]
    return sorted(term.value for term in terms if language is None or term.language == language)
