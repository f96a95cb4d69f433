"""The endpoint and its dataset in RDF: what the one can do, how much the other holds, queries to begin with.

Sources: SPARQL 1.1 Service Description; Describing Linked Datasets with the VoID Vocabulary; SHACL 5.2.1 (prefixes), and
`sh:SPARQLExecutable` with `schema:target` as editors of the SIB Swiss Institute of Bioinformatics read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.namespaces import DCT, FM, FOAF, PREFIXES, RDF, RDFS, SH, XSD, compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fairmap.describe import ClassUse, Statistics
    from fairmap.web.examples import Example

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
VOID: Final = "http://rdfs.org/ns/void#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "JSON-LD",
    "RDF_XML",
    "N-Triples",
)


@dataclass(frozen=True)
class Description:
    """What is described, and where.

    :ivar endpoint: address of the endpoint.
    :ivar document: address of the VoID description; the IRIs of the dataset and its parts begin with it.
    :ivar homepage: address of the home page.
    :ivar publisher: name of who publishes the deployment, empty when none is known.
    :ivar union: the default graph of a query is the union of all graphs.
    :ivar federated: SERVICE may name some endpoints.
    """

    endpoint: str
    document: str
    homepage: str
    publisher: str
    union: bool
    federated: bool

    def triples(self, statistics: Statistics, examples: Iterable[Example]) -> list[Triple]:
        """The whole description; the same at the endpoint and at the address of the document."""
        return [
            *self._service(),
            *self._dataset(statistics),
            *self._parts(statistics),
            *self._prefixes(),
            *(triple for example in examples for triple in self._example(example)),
        ]

    def _part(self, *names: str) -> str:
        """The IRI of a part, named by what it is of."""
        return f"{self.document}#{'-'.join(quote(compact(name).strip('<>'), safe=':') for name in names)}"

    def _service(self) -> Iterator[Triple]:
        yield _is(self.endpoint, f"{SD}Service")
        yield _link(self.endpoint, f"{SD}endpoint", self.endpoint)
        yield _link(self.endpoint, f"{SD}supportedLanguage", f"{SD}SPARQL11Query")
        if self.union:
            yield _link(self.endpoint, f"{SD}feature", f"{SD}UnionDefaultGraph")
        if self.federated:
            yield _link(self.endpoint, f"{SD}feature", f"{SD}BasicFederatedQuery")
        yield _link(self.endpoint, f"{SD}feature", f"{FM}FullTextSearch")
        for name in _RESULT_FORMATS:
            yield _link(self.endpoint, f"{SD}resultFormat", f"{_FORMATS}{name}")
        yield _link(self.endpoint, f"{SD}defaultDataset", self._part("dataset"))

    def _dataset(self, statistics: Statistics) -> Iterator[Triple]:
        dataset, graph = self._part("dataset"), self._part("default-graph")
        yield _is(self.document, f"{VOID}DatasetDescription")
        yield _link(self.document, f"{FOAF}primaryTopic", dataset)
        yield _is(dataset, f"{VOID}Dataset")
        yield _is(dataset, f"{SD}Dataset")
        yield _link(dataset, f"{SD}defaultGraph", graph)
        yield _is(graph, f"{SD}Graph")
        yield _link(dataset, f"{FOAF}homepage", self.homepage)
        yield _link(dataset, f"{VOID}sparqlEndpoint", self.endpoint)
        for form in ("trig", "nt"):
            yield _link(dataset, f"{VOID}dataDump", f"{self.homepage}dump.{form}.gz")
        if statistics.catalog:
            yield _link(dataset, f"{VOID}rootResource", statistics.catalog)
        if statistics.title:
            yield _text(dataset, f"{DCT}title", statistics.title)
        if statistics.license:
            yield _link(dataset, f"{DCT}license", statistics.license)
        if self.publisher:
            publisher = self._part("publisher")
            yield _link(dataset, f"{DCT}publisher", publisher)
            yield _is(publisher, f"{FOAF}Agent")
            yield _text(publisher, f"{FOAF}name", self.publisher)

    def _parts(self, statistics: Statistics) -> Iterator[Triple]:
        """Counts of the dataset, of each class, and of each property in the dataset and on each class."""
        dataset = self._part("dataset")
        yield _number(dataset, f"{VOID}triples", statistics.triples)
        yield _number(dataset, f"{VOID}distinctSubjects", statistics.subjects)
        yield _number(dataset, f"{VOID}distinctObjects", statistics.objects)
        yield _number(dataset, f"{VOID}classes", len(statistics.classes))
        yield _number(dataset, f"{VOID}properties", len(statistics.properties))
        for namespace in _vocabularies(statistics):
            yield _link(dataset, f"{VOID}vocabulary", namespace)
        for iri, number in statistics.properties:
            yield from self._property(dataset, self._part("property", iri), iri, number)
        for use in statistics.classes:
            yield from self._class(dataset, use)

    def _class(self, dataset: str, use: ClassUse) -> Iterator[Triple]:
        part = self._part("class", use.iri)
        yield _link(dataset, f"{VOID}classPartition", part)
        yield _link(part, f"{VOID}class", use.iri)
        yield _number(part, f"{VOID}entities", use.instances)
        for iri, number in use.properties:
            yield from self._property(part, self._part("class", use.iri, iri), iri, number)

    @staticmethod
    def _property(whole: str, part: str, iri: str, number: int) -> Iterator[Triple]:
        yield _link(whole, f"{VOID}propertyPartition", part)
        yield _link(part, f"{VOID}property", iri)
        yield _number(part, f"{VOID}triples", number)

    def _prefixes(self) -> Iterator[Triple]:
        for prefix, namespace in PREFIXES.items():
            declaration = self._part("prefix", prefix)
            yield _link(self._part("dataset"), f"{SH}declare", declaration)
            yield _text(declaration, f"{SH}prefix", prefix)
            yield Triple(
                NamedNode(declaration),
                NamedNode(f"{SH}namespace"),
                Literal(namespace, datatype=NamedNode(f"{XSD}anyURI")),
            )

    def _example(self, example: Example) -> Iterator[Triple]:
        executable = self._part("example", example.name)
        yield _is(executable, f"{SH}SPARQLExecutable")
        yield _is(executable, f"{SH}SPARQLSelectExecutable")
        yield Triple(NamedNode(executable), NamedNode(f"{RDFS}comment"), Literal(example.question, language="en"))
        yield _text(executable, f"{SH}select", example.query.strip())
        yield _link(executable, f"{SH}prefixes", self._part("dataset"))
        yield _link(executable, f"{PREFIXES['schema']}target", self.endpoint)


def _vocabularies(statistics: Statistics) -> list[str]:
    """Our prefixes' namespaces of which the map uses a class or a property."""
    used = [iri for iri, _ in statistics.properties] + [use.iri for use in statistics.classes]
    return [namespace for namespace in PREFIXES.values() if any(iri.startswith(namespace) for iri in used)]


def _link(subject: str, predicate: str, target: str) -> Triple:
    return Triple(NamedNode(subject), NamedNode(predicate), NamedNode(target))


def _is(subject: str, kind: str) -> Triple:
    return _link(subject, f"{RDF}type", kind)


def _text(subject: str, predicate: str, text: str) -> Triple:
    return Triple(NamedNode(subject), NamedNode(predicate), Literal(text))


def _number(subject: str, predicate: str, number: int) -> Triple:
    return Triple(NamedNode(subject), NamedNode(predicate), Literal(number))
