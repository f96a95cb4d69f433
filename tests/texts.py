"""What tests of full text write and ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from fairmap.model import Record
from fairmap.store import Level, address, open_level
from fairmap.views import LocalView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fairmap import Catalogue
    from fairmap.text import TextIndex

BASE = "https://w3id.org/fairmap/"
PREFIXES = """PREFIX fm: <https://w3id.org/fairmap/ns#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX prov: <http://www.w3.org/ns/prov#>
"""
TURTLE = """@prefix fm: <https://w3id.org/fairmap/ns#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix modality: <https://w3id.org/fairmap/concept/modality/> .
"""
MODALITIES = f"{BASE}concept/modality"
HEART = "heart"


def found(catalogue: Catalogue, search: str) -> set[str]:
    """Keys of what is found, as ``repository/tcia``."""
    return {hit.record.removeprefix(BASE) for hit in catalogue.search(search, 1000)}


def written(graph: str, turtle: str) -> Record:
    node = NamedNode(graph)
    triples = parse(TURTLE + turtle, format=RdfFormat.TURTLE)
    return Record(graph, tuple(Quad(t.subject, t.predicate, t.object, node) for t in triples))


def dataset(name: str, said: str) -> Record:
    return written(f"{BASE}dataset/{name}", f"<{BASE}dataset/{name}> a dcat:Dataset ; {said} .")


def level_of(*records: Record) -> Level:
    level = open_level(address("memory:"))
    level.write({record.iri: record for record in records}, origin="test")
    return level


def names_in(level: Level, search: str) -> list[str]:
    view = LocalView(level, BASE)
    return [hit.record.rpartition("/")[2] for hit in view.search(search)]


def quad_in(graph: str, path: Path) -> Iterator[Quad]:
    triples = parse(path.read_bytes(), format=RdfFormat.TURTLE)
    return (Quad(t.subject, t.predicate, t.object, NamedNode(graph)) for t in triples)


def values(index: TextIndex, search: str = HEART) -> str:
    return " ".join(f"<{hit.record}>" for hit in index.search(search, 1000))
