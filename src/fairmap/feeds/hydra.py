"""A page of the whole map as DCAT. Source: Hydra Core Vocabulary, PartialCollectionView."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.namespaces import DCAT, DCT, RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairmap.export import Projected
    from fairmap.model import Reader

HYDRA: Final = "http://www.w3.org/ns/hydra/core#"
_TYPE: Final = NamedNode(f"{RDF}type")
_HOLDERS: Final = f"""SELECT ?holder ?link ?entry WHERE {{
  {{ VALUES ?entry {{ $entries }} ?holder <{DCAT}dataset> ?entry BIND (<{DCAT}dataset> AS ?link) }}
  UNION {{ VALUES ?entry {{ $entries }} ?holder <{DCAT}catalog> ?entry BIND (<{DCAT}catalog> AS ?link) }} }}"""
_TITLES: Final = f"SELECT ?holder ?title WHERE {{ VALUES ?holder {{ $holders }} ?holder <{DCT}title> ?title }}"


@dataclass(frozen=True)
class Place:
    """Where a page stands among all.

    :ivar collection: URL of the whole.
    :ivar here: URL of this page; ``following`` that of the next, ``None`` after the last.
    :ivar total: how many entries all pages have.
    """

    collection: str
    here: str
    first: str
    following: str | None
    total: int

    def triples(self, entries: Iterable[str]) -> Iterator[Triple]:
        """What is said of the page, which has these entries."""
        collection, here = NamedNode(self.collection), NamedNode(self.here)
        yield Triple(collection, _TYPE, _hydra("Collection"))
        yield Triple(collection, _hydra("totalItems"), Literal(str(self.total), datatype=NamedNode(f"{XSD}integer")))
        yield Triple(collection, _hydra("view"), here)
        yield Triple(here, _TYPE, _hydra("PartialCollectionView"))
        yield Triple(here, _hydra("first"), NamedNode(self.first))
        if self.following:
            yield Triple(here, _hydra("next"), NamedNode(self.following))
        for entry in entries:
            yield Triple(collection, _hydra("member"), NamedNode(entry))


def page_triples(place: Place, projected: Sequence[Projected], reader: Reader) -> Iterator[Triple]:
    """All triples of a page: its place, what is told of its entries, and which catalogues hold them, so that it stands alone."""
    entries = [record.iri for record in projected if record.triples]
    yield from place.triples(entries)
    for record in projected:
        yield from record.triples
    yield from _holders(reader, entries)


def _holders(reader: Reader, entries: Sequence[str]) -> Iterator[Triple]:
    query = _HOLDERS.replace("$entries", " ".join(str(NamedNode(entry)) for entry in entries))
    holders: dict[NamedNode, None] = {}
    for row in reader.select(query) if entries else ():
        holder, link, entry = row["holder"], row["link"], row["entry"]
        if isinstance(holder, NamedNode) and isinstance(link, NamedNode):
            holders[holder] = None
            yield Triple(holder, _TYPE, NamedNode(f"{DCAT}Catalog"))
            yield Triple(holder, link, entry)
    titles = _TITLES.replace("$holders", " ".join(map(str, holders)))
    for row in reader.select(titles) if holders else ():
        yield Triple(row["holder"], NamedNode(f"{DCT}title"), row["title"])  # type: ignore[arg-type] # it was an IRI


def _hydra(name: str) -> NamedNode:
    return NamedNode(HYDRA + name)
