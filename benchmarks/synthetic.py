"""A synthetic catalogue of any size: always the same for the same size and seed, about 27 triples a dataset."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Quad

from fairmap.namespaces import CONCEPT, DCAT, DCT, DEFAULT_BASE, FM, FOAF, RDF, SKOS, XSD
from fairmap.rdf import by_file_name, parse
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEED: Final = 20261124
HEALTH: Final = "http://healthdataportal.eu/ns/health#"
WORDS: Final = (
    "cohort",
    "lung",
    "brain",
    "heart",
    "imaging",
    "scan",
    "screening",
    "tumour",
    "stroke",
    "knee",
    "liver",
    "study",
)


def concepts() -> list[Quad]:
    """The real concept schemes."""
    paths = sorted(folder("ontology").glob("concepts-*.ttl"))
    graph = NamedNode(f"{CONCEPT}all")
    quads = [quad for path in paths for quad in parse(path.read_bytes(), by_file_name(path))]
    return [Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads]


class _Skewed:
    """Draws from values by Zipf's law: the first is drawn twice as often as the second, three times as often as the third."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, len(values) + 1)))

    def draw(self, chance: random.Random, count: int) -> list[str]:
        """``count`` values, one may come twice."""
        return chance.choices(self._values, cum_weights=self._weights, k=count)

    def nodes(self, chance: random.Random, count: int) -> list[NamedNode | Literal]:
        """Up to ``count`` different ones."""
        return [NamedNode(iri) for iri in dict.fromkeys(self.draw(chance, count))]


class _Vocabulary:
    """What descriptions draw from: the real concepts, in an order of their own for each scheme, and the words of their labels."""

    def __init__(self, chance: random.Random) -> None:
        schemes: dict[str, list[str]] = {}
        words = set(WORDS)
        for quad in concepts():
            if quad.predicate.value == f"{SKOS}inScheme" and isinstance(quad.subject, NamedNode):
                schemes.setdefault(str(quad.object.value).rpartition("/")[2], []).append(quad.subject.value)
            elif quad.predicate.value == f"{SKOS}prefLabel":
                words |= {word for word in quad.object.value.lower().split() if word.isalpha()}
        self.scheme = {name: _Skewed(chance.sample(sorted(iris), len(iris))) for name, iris in schemes.items()}
        common = sorted(words - set(WORDS))
        self.words = _Skewed([*WORDS, *chance.sample(common, len(common))])
        self.agents = _Skewed([f"{DEFAULT_BASE}agent/synthetic-{n}" for n in range(200)])
        self.repositories = _Skewed([f"{DEFAULT_BASE}repository/synthetic-{n}" for n in range(40)])

    def facets(self, chance: random.Random) -> dict[str, list[NamedNode | Literal]]:
        """What repositories and datasets have in common."""
        several = chance.choices((1, 2, 3, 4), weights=(60, 25, 10, 5), k=3)
        return {
            f"{DCT}title": [self.text(chance, chance.randrange(4, 10))],
            f"{DCT}description": [self.text(chance, chance.randrange(10, 50))],
            f"{DCT}publisher": self.agents.nodes(chance, 1),
            f"{FM}modality": self.scheme["modality"].nodes(chance, several[0]),
            f"{FM}bodyPart": self.scheme["body-part"].nodes(chance, several[1]),
            f"{FM}topic": self.scheme["topic"].nodes(chance, several[2]),
            f"{FM}accessCondition": self.scheme["access-condition"].nodes(chance, 1),
            f"{FM}species": [NamedNode(f"{CONCEPT}species/human")],
        }

    def text(self, chance: random.Random, words: int) -> Literal:
        """English text without sense."""
        return Literal(" ".join(self.words.draw(chance, words)), language="en")


def datasets(count: int, seed: int = SEED) -> Iterator[Quad]:
    """``count`` datasets, skewed as real ones are, of 40 repositories and 200 organisations; each record in its own graph."""
    chance = random.Random(seed)
    vocabulary = _Vocabulary(chance)
    for number in range(200):
        agent = NamedNode(f"{DEFAULT_BASE}agent/synthetic-{number}")
        name = Literal(f"Institute {number} of {vocabulary.text(chance, 2).value}")
        yield from _about(agent, agent, {f"{RDF}type": [NamedNode(f"{FOAF}Agent")], f"{FOAF}name": [name]})
    for number in range(40):
        repository = NamedNode(f"{DEFAULT_BASE}repository/synthetic-{number}")
        kinds: dict[str, list[NamedNode | Literal]] = {f"{RDF}type": [_fm("Repository"), NamedNode(f"{DCAT}Catalog")]}
        yield from _about(repository, repository, kinds | vocabulary.facets(chance))
    for number in range(count):
        dataset = NamedNode(f"{DEFAULT_BASE}dataset/synthetic-{number}")
        yield from _about(dataset, dataset, _dataset(chance, vocabulary))
        for part in range(chance.choices((1, 2, 3), weights=(85, 10, 5))[0]):
            distribution = NamedNode(f"{DEFAULT_BASE}distribution/synthetic-{number}-{part + 1}")
            yield Quad(dataset, NamedNode(f"{DCAT}distribution"), distribution, dataset)
            yield from _about(dataset, distribution, _distribution(chance))
        repository = vocabulary.repositories.draw(chance, 1)[0]
        yield Quad(NamedNode(repository), NamedNode(f"{DCAT}dataset"), dataset, NamedNode(repository))


def _dataset(chance: random.Random, vocabulary: _Vocabulary) -> dict[str, list[NamedNode | Literal]]:
    """Most datasets are small, a few are large; three in ten do not say how many people are in them."""
    values: dict[str, list[NamedNode | Literal]] = {
        f"{RDF}type": [NamedNode(f"{DCAT}Dataset")],
        f"{DCT}identifier": [Literal(f"10.9999/{chance.randrange(10**9)}")],
        f"{DCT}issued": [
            _typed(f"20{chance.randrange(10, 26)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}", "date")
        ],
        f"{DCAT}keyword": [Literal(word) for word in dict.fromkeys(vocabulary.words.draw(chance, chance.randrange(6)))],
        f"{DCAT}landingPage": [NamedNode(f"https://example.org/{chance.randrange(10**9)}")],
    }
    people = 1 + int(chance.lognormvariate(5, 1.6))
    if chance.choices((True, False), weights=(7, 3))[0]:
        values[f"{HEALTH}numberOfUniqueIndividuals"] = [_typed(str(people), "nonNegativeInteger")]
        values[f"{FM}numberOfStudies"] = [_typed(str(people + chance.randrange(people + 1)), "nonNegativeInteger")]
    return values | vocabulary.facets(chance)


def _distribution(chance: random.Random) -> dict[str, list[NamedNode | Literal]]:
    return {
        f"{RDF}type": [NamedNode(f"{DCAT}Distribution")],
        f"{DCAT}accessURL": [NamedNode(f"https://example.org/d/{chance.randrange(10**9)}")],
        f"{DCT}format": [NamedNode(f"{CONCEPT}format/dicom")],
        f"{DCAT}byteSize": [_typed(str(int(chance.lognormvariate(22, 3))), "nonNegativeInteger")],
    }


def _about(graph: NamedNode, subject: NamedNode, values: dict[str, list[NamedNode | Literal]]) -> Iterator[Quad]:
    for name, objects in values.items():
        for value in objects:
            yield Quad(subject, NamedNode(name), value, graph)


def _fm(name: str) -> NamedNode:
    return NamedNode(f"{FM}{name}")


def _typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(f"{XSD}{datatype}"))
