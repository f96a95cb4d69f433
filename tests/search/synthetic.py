"""A small made-up catalogue with every facet, the same each time."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from conftest import ROOT
from fairmap.model import Record
from fairmap.namespaces import CONCEPT, DCAT, DCT, FM, PREFIXES, RDF, SKOS
from fairmap.rdf import by_file_name, parse
from fairmap.search.facets import EU, PROPERTIES
from texts import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = 7
_WORDS: Final = ("lung", "brain", "imaging", "study", "cohort", "knee", "MRI", "data", "X-ray")
_SCHEMES: Final = {
    f"{FM}modality": "modality",
    f"{FM}bodyPart": "body-part",
    f"{FM}topic": "topic",
    f"{FM}accessCondition": "access-condition",
    f"{FM}curationLevel": "curation-level",
    f"{DCT}format": "format",
}
_LICENCES: Final = (f"{EU}licence/CC_BY", "https://example.org/own-terms")
_IDENTIFIERS: Final = ("10.9999/a", "https://doi.org/10.9999/b", "DOI:10.1234/c", "n-17", "doi:11.1/x")


def records(count: int) -> dict[str, Record]:
    """The vocabularies, and ``count`` records of both kinds."""
    made = {record.iri: record for record in _vocabularies()}
    chance = random.Random(SEED)  # noqa: S311 - the same each time
    concepts = _concepts(made)
    for number in range(count):
        kind = "repository" if number % 5 == 0 else "dataset"
        iri = f"{BASE}{kind}/made-{number}"
        made[iri] = Record(iri, tuple(dict.fromkeys([*_record(iri, kind, chance, concepts), *_held(iri, number)])))
    return made


def _held(iri: str, number: int) -> Iterator[Quad]:
    """A repository holds what comes behind it and, with the one before it, one dataset more; the last holds one that is not there."""
    if number % 5 == 0:
        for other in (number - 2, *range(number + 1, number + 6)):
            dataset = NamedNode(f"{BASE}dataset/made-{other}")
            yield Quad(NamedNode(iri), NamedNode(f"{DCAT}dataset"), dataset, NamedNode(iri))


def _vocabularies() -> Iterator[Record]:
    for path in sorted((ROOT / "ontology").glob("concepts-*.ttl")):
        graph = f"{CONCEPT}{path.stem.removeprefix('concepts-')}"
        yield Record(
            graph,
            tuple(
                Quad(q.subject, q.predicate, q.object, NamedNode(graph))
                for q in parse(path.read_bytes(), by_file_name(path))
            ),
        )


def _concepts(made: dict[str, Record]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for record in made.values():
        for quad in record.quads:
            if quad.predicate.value == f"{SKOS}inScheme" and isinstance(quad.subject, NamedNode):
                found[record.iri.rpartition("/")[2]].append(quad.subject.value)
    return {scheme: sorted(iris) for scheme, iris in found.items()}


def _record(iri: str, kind: str, chance: random.Random, concepts: dict[str, list[str]]) -> Iterator[Quad]:
    node = NamedNode(iri)
    for type_ in {"repository": (f"{FM}Repository", f"{DCAT}Catalog"), "dataset": (f"{DCAT}Dataset",)}[kind]:
        yield Quad(node, NamedNode(f"{RDF}type"), NamedNode(type_), node)
    for name in ("title", "description"):
        text = " ".join(chance.choices(_WORDS, k=4))
        yield Quad(node, NamedNode(f"{DCT}{name}"), Literal(text, language="en"), node)
    for link, scheme in _SCHEMES.items():
        for value in chance.sample(concepts[scheme], chance.choice((0, 1, 1, 2))):
            yield Quad(node, NamedNode(link), NamedNode(value), node)
    yield Quad(node, NamedNode(f"{DCT}spatial"), NamedNode(f"{EU}country/{chance.choice(('ESP', 'NLD', 'DEU'))}"), node)
    yield Quad(
        node,
        NamedNode(f"{DCT}accessRights"),
        NamedNode(f"{EU}access-right/{chance.choice(('PUBLIC', 'RESTRICTED'))}"),
        node,
    )
    yield from _identified(node, chance)
    yield from _distributed(node, chance, concepts)
    for name in chance.sample(sorted(PROPERTIES), 2):
        absence = NamedNode(f"{iri}#unknown-{sorted(PROPERTIES).index(name)}")
        reason = chance.choice(concepts["unknown-reason"])
        told = {f"{RDF}type": f"{FM}AbsenceStatement", f"{FM}about": iri, f"{FM}property": name, f"{FM}reason": reason}
        for predicate, value in told.items():
            yield Quad(absence, NamedNode(predicate), NamedNode(value), node)


def _identified(node: NamedNode, chance: random.Random) -> Iterator[Quad]:
    identifier = chance.choice((*_IDENTIFIERS, None))
    if identifier and chance.random() < 0.5:
        yield Quad(node, NamedNode(f"{DCT}identifier"), Literal(identifier), node)
    elif identifier:
        part = BlankNode(f"i{node.value.rpartition('-')[2]}")
        yield Quad(node, NamedNode(f"{PREFIXES['adms']}identifier"), part, node)
        yield Quad(part, NamedNode(f"{SKOS}notation"), Literal(identifier), node)


def _distributed(node: NamedNode, chance: random.Random, concepts: dict[str, list[str]]) -> Iterator[Quad]:
    if "/dataset/" not in node.value or chance.random() < 0.3:
        return
    part = NamedNode(f"{BASE}distribution/{node.value.rpartition('/')[2]}-1")
    yield Quad(node, NamedNode(f"{DCAT}distribution"), part, node)
    yield Quad(part, NamedNode(f"{DCT}format"), NamedNode(chance.choice(concepts["format"])), node)
    yield Quad(part, NamedNode(f"{DCT}license"), NamedNode(chance.choice(_LICENCES)), node)
