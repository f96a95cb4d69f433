"""Making the map from the ontology and the seeds, and reading the made map."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Quad

from fairmap.errors import InputError, NotConforming
from fairmap.model import Record
from fairmap.namespaces import CONCEPT, DCAT, DEFAULT_BASE, KINDS, RDF, SEARCH_WORDS, SKOS, record_of
from fairmap.publish import Publisher
from fairmap.rdf import FORMATS, by_file_name, by_name, canonical, parse, serialise
from fairmap.resources import folder
from fairmap.store import address, open_level

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from pathlib import Path

    from fairmap.model import ValidationReport

NAME: Final = "imaging-health-data-map"
_OURS: Final = "fairmap"
_TYPE: Final = NamedNode(f"{RDF}type")
_HEADS: Final = (NamedNode("http://www.w3.org/2002/07/owl#Ontology"), NamedNode(f"{SKOS}ConceptScheme"))


@dataclass(frozen=True)
class Map:
    """The whole map.

    :ivar version: the data version of its catalogue record.
    :ivar records: all records and vocabulary graphs by IRI.
    """

    version: str
    records: Mapping[str, Record]


def build(base_iri: str = DEFAULT_BASE) -> tuple[Map, ValidationReport]:
    """The map made anew from ``ontology/`` and ``seeds/``, judged by the shapes.

    :raises UnreadableInput: with file, line and column.
    :raises NotConforming: with the report.
    """
    vocabularies = list(_vocabularies())
    quads = [*vocabularies, *_search_words({quad.subject for quad in vocabularies}), *_seeds(base_iri)]
    publisher = Publisher(open_level(address("memory:")), base_iri)
    records, report = publisher.judge(quads)
    if not report.conforms:
        raise NotConforming("the seeds do not conform", report)
    return Map(_version(records, base_iri), records), report


def write(made: Map, target: Path) -> list[Path]:
    """Write the map as TriG (with its graphs) and Turtle (without) in canonical order.

    :return: the files.
    """
    quads = canonical(quad for record in made.records.values() for quad in record.quads)
    target.mkdir(parents=True, exist_ok=True)
    files = []
    for name in ("trig", "turtle"):
        form = by_name(name, FORMATS)
        ordered = quads if form.holds_graphs else canonical(Quad(q.subject, q.predicate, q.object) for q in quads)
        path = target / f"{NAME}{form.suffix}"
        path.write_bytes(serialise(ordered, form))
        files.append(path)
    return files


def shipped(base_iri: str = DEFAULT_BASE) -> Map:
    """The made map that comes with this fairmap, its records moved to ``base_iri``."""
    path = folder("data") / f"{NAME}.trig"
    records: dict[str, list[Quad]] = defaultdict(list)
    for quad in parse(path.read_bytes(), by_file_name(path), name=str(path)):
        moved = quad if base_iri == DEFAULT_BASE else _move(quad, base_iri)
        records[_name(moved)].append(moved)
    made = {iri: Record(iri, tuple(quads)) for iri, quads in records.items()}
    return Map(_version(made, base_iri), made)


def _name(quad: Quad) -> str:
    if not isinstance(quad.graph_name, NamedNode):
        raise InputError("a triple without a graph", where=str(quad), expected="TriG with the graphs of records")
    return quad.graph_name.value


def _vocabularies() -> Iterator[Quad]:
    for path in sorted(folder("ontology").glob("*.ttl")):
        quads = parse(path.read_bytes(), by_file_name(path), name=str(path))
        typed = [quad.subject for quad in quads if quad.predicate == _TYPE and quad.object in _HEADS]
        heads = [subject for subject in typed if isinstance(subject, NamedNode)]
        if len(heads) != 1:
            raise InputError(
                f"{len(heads)} ontologies or concept schemes", where=str(path), expected="one, which names the graph"
            )
        for quad in quads:
            yield Quad(quad.subject, quad.predicate, quad.object, heads[0])


def _search_words(known: Container[object]) -> Iterator[Quad]:
    """What concepts are called in other languages, out of ``seeds/search-words.csv``, as hidden labels in a graph of their own.

    :param known: the concepts that there are.
    :raises InputError: for a concept that there is not, or for words of somebody else, which that graph does not hold.
    """
    path = folder("seeds") / "search-words.csv"
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            concept = NamedNode(f"{CONCEPT}{row['concept']}")
            if concept not in known:
                raise InputError(f"there is no concept {row['concept']!r}", where=f"{path}, line {number}")
            if row["source"] != _OURS:
                what = f"the words are said to be of {row['source']!r}"
                raise InputError(what, where=f"{path}, line {number}", expected=f"{_OURS}, our own translations")
            words = Literal(row["words"], language=row["language"])
            yield Quad(concept, NamedNode(f"{SKOS}hiddenLabel"), words, NamedNode(SEARCH_WORDS))


def _seeds(base_iri: str) -> Iterator[Quad]:
    """The quads of all seeds; the base of a file is the IRI that its folder (a kind) and name make."""
    for kind in KINDS:
        for path in sorted((folder("seeds") / kind).glob("*.yaml")):
            base = f"{base_iri}{kind}/{path.stem}"
            yield from parse(path.read_bytes(), by_file_name(path), base_iri=base, name=str(path))


def _version(records: Mapping[str, Record], base_iri: str) -> str:
    iri = f"{base_iri}catalog/{NAME}"
    quads: Iterable[Quad] = records[iri].quads if iri in records else ()
    for quad in quads:
        if quad.subject == NamedNode(iri) and quad.predicate == NamedNode(f"{DCAT}version"):
            return quad.object.value if isinstance(quad.object, Literal) else str(quad.object)
    raise InputError("the map has no data version", where=iri, expected="a dcat:version")


def _move(quad: Quad, base_iri: str) -> Quad:
    def moved(term: object) -> object:
        if isinstance(term, NamedNode) and record_of(term.value, DEFAULT_BASE) is not None:
            return NamedNode(base_iri + term.value.removeprefix(DEFAULT_BASE))
        return term

    return Quad(moved(quad.subject), quad.predicate, moved(quad.object), moved(quad.graph_name))  # type: ignore[arg-type]
