"""A synthetic catalogue of any size: always the same for the same size and seed, about 27 triples a dataset."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Quad

from fairmap.namespaces import CONCEPT, DCAT, DCT, DEFAULT_BASE, FM, FOAF, RDF, SKOS, XSD
from fairmap.rdf import by_file_name, parse
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def datasets(count: int, seed: int = SEED) -> Iterator[Quad]:
    """``count`` datasets of 40 repositories and their organisations; each record in its own graph."""
    chance = random.Random(seed)
    keys: dict[str, list[NamedNode]] = {}
    for quad in concepts():
        if quad.predicate.value == f"{SKOS}inScheme" and isinstance(quad.subject, NamedNode):
            keys.setdefault(str(quad.object.value).rpartition("/")[2], []).append(quad.subject)
    for values in keys.values():
        values.sort(key=str)
    repositories = [NamedNode(f"{DEFAULT_BASE}repository/synthetic-{n}") for n in range(40)]
    for repository in repositories:
        yield from _about(
            repository, repository, {f"{RDF}type": [_fm("Repository")], f"{DCT}title": [_text(chance, 3)]}
        )
    for number in range(count):
        dataset = NamedNode(f"{DEFAULT_BASE}dataset/synthetic-{number}")
        yield from _about(dataset, dataset, _dataset(chance, keys))
        yield from _about(dataset, NamedNode(f"{DEFAULT_BASE}distribution/synthetic-{number}-1"), _distribution(chance))
        repository = chance.choice(repositories)
        yield Quad(repository, NamedNode(f"{DCAT}dataset"), dataset, repository)


def _dataset(chance: random.Random, keys: dict[str, list[NamedNode]]) -> dict[str, list[NamedNode | Literal]]:
    people = chance.randrange(10, 20_000)
    return {
        f"{RDF}type": [NamedNode(f"{DCAT}Dataset")],
        f"{DCT}title": [_text(chance, 6)],
        f"{DCT}description": [_text(chance, 30)],
        f"{DCT}identifier": [Literal(f"10.9999/{chance.randrange(10**9)}")],
        f"{DCT}publisher": [NamedNode(f"{DEFAULT_BASE}agent/synthetic-{chance.randrange(200)}")],
        f"{DCT}issued": [
            _typed(f"20{chance.randrange(10, 26)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}", "date")
        ],
        f"{DCAT}keyword": [Literal(word) for word in chance.sample(WORDS, 3)],
        f"{FM}modality": chance.sample(keys["modality"], 2),
        f"{FM}bodyPart": [chance.choice(keys["body-part"])],
        f"{FM}topic": chance.sample(keys["topic"], 2),
        f"{FM}accessCondition": [chance.choice(keys["access-condition"])],
        f"{FM}species": [NamedNode(f"{CONCEPT}species/human")],
        f"{HEALTH}numberOfUniqueIndividuals": [_typed(str(people), "nonNegativeInteger")],
        f"{FM}numberOfStudies": [_typed(str(people * 2), "nonNegativeInteger")],
        f"{DCAT}landingPage": [NamedNode(f"https://example.org/{chance.randrange(10**9)}")],
    }


def _distribution(chance: random.Random) -> dict[str, list[NamedNode | Literal]]:
    return {
        f"{RDF}type": [NamedNode(f"{DCAT}Distribution")],
        f"{DCAT}accessURL": [NamedNode(f"https://example.org/d/{chance.randrange(10**9)}")],
        f"{DCT}format": [NamedNode(f"{CONCEPT}format/dicom")],
        f"{DCAT}byteSize": [_typed(str(chance.randrange(10**6, 10**12)), "nonNegativeInteger")],
        f"{FOAF}page": [NamedNode("https://example.org/")],
    }


def _about(graph: NamedNode, subject: NamedNode, values: dict[str, list[NamedNode | Literal]]) -> Iterator[Quad]:
    for name, objects in values.items():
        for value in objects:
            yield Quad(subject, NamedNode(name), value, graph)


def _fm(name: str) -> NamedNode:
    return NamedNode(f"{FM}{name}")


def _text(chance: random.Random, words: int) -> Literal:
    return Literal(" ".join(chance.choices(WORDS, k=words)), language="en")


def _typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(f"{XSD}{datatype}"))
