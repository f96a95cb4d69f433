"""The map as a FAIR Data Point: a root, catalogues (the map and the repositories), datasets and distributions, each at its own address.

Sources: FAIR Data Point specification 1.2; reference implementation 4.1.0 (layout of addresses); Linked Data Platform 1.0, 5.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fairmap.errors import Gone, NotFound
from fairmap.export import projection
from fairmap.feeds.members import KINDS, iso, prefixes_of
from fairmap.namespaces import DCAT, DCT, FOAF, RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairmap.export import Source
    from fairmap.model import Dates, Reader

FDP: Final = "https://w3id.org/fdp/fdp-o#"
LDP: Final = "http://www.w3.org/ns/ldp#"
SPECIFICATION: Final = "https://specs.fairdatapoint.org/fdp-specs-v1.2.html"
CATALOGS: Final = ("catalog", "repository")
"""The kinds of record that are catalogues there."""
PLACES: Final = (*KINDS, "distribution")
_TYPE: Final = NamedNode(f"{RDF}type")
_PART_OF: Final = NamedNode(f"{DCT}isPartOf")
_LINKS: Final = {"catalog": f"{FDP}metadataCatalog", "dataset": f"{DCAT}dataset", "distribution": f"{DCAT}distribution"}
"""By the kind of child, the property that leads to it."""
CHILDREN: Final = {"": "catalog", "catalog": "dataset", "repository": "dataset", "dataset": "distribution"}
"""By the kind of parent, the kind of its children; the root has no kind."""
_DISTRIBUTION: Final = re.compile(r"(.+)-\d+\Z")
_WITHOUT_HOLDER: Final = f"""SELECT DISTINCT ?dataset WHERE {{
  GRAPH ?dataset {{ ?dataset a <{DCAT}Dataset> }} FILTER NOT EXISTS {{ ?holder <{DCAT}dataset> ?dataset }} }}"""
_LICENCES: Final = f"""SELECT DISTINCT ?licence WHERE {{ ?map a <{DCAT}Catalog> ; <{DCT}license> ?licence ; <{DCAT}catalog> ?other }}"""


@dataclass(frozen=True)
class Point:
    """A FAIR Data Point, as one reader sees it.

    :ivar url: of its root.
    :ivar publisher: who runs it; empty: not told.
    :ivar version: of the program.
    """

    url: str
    publisher: str
    version: str
    source: Source
    dates: Dates
    reader: Reader

    def root(self) -> list[Triple]:
        """What the point says of itself."""
        return [*self._about_itself(), *self._container("", self.url, self.children("", ""))]

    def resource(self, kind: str, slug: str) -> list[Triple]:
        """What is told of a catalogue, a dataset or a distribution.

        :raises NotFound: when there is none.
        """
        address = f"{self.url}/{kind}/{slug}"
        triples = self._told(kind, slug)
        if not any(triple.subject == NamedNode(address) and triple.predicate == _TYPE for triple in triples):
            raise NotFound("there is no such resource", where=address)
        parent = self._parent(kind, slug, triples)
        found = [triple for triple in triples if triple.subject != NamedNode(address) or triple.predicate != _PART_OF]
        if parent:
            found.append(Triple(NamedNode(address), _PART_OF, NamedNode(parent)))
        found += self._dated(kind, slug, found)
        if kind in CHILDREN:
            children = self._children(kind, slug, triples)
            link = NamedNode(_LINKS[CHILDREN[kind]])
            found += [Triple(NamedNode(address), link, NamedNode(child)) for child in children]
            found += self._container(kind, address, children)
        return list(dict.fromkeys(found))

    def children(self, kind: str, slug: str) -> list[str]:
        """The addresses of the children of a resource, or of the root, in an order that stays.

        :raises NotFound: when there is no such resource, or it has no children.
        """
        if kind:
            return self._children(kind, slug, self._told(kind, slug))
        entries = self.dates.entries(prefixes_of(self.source.base_iri, CATALOGS), limit=1 << 31, deleted=False)
        return sorted(f"{self.url}/{entry.iri[len(self.source.base_iri) :]}" for entry in entries)

    def page(self, kind: str, slug: str, children: Sequence[str]) -> list[Triple]:
        """Some children of a resource: what is told of each, and that they are its."""
        address = f"{self.url}/{kind}/{slug}" if kind else self.url
        link = NamedNode(_LINKS[CHILDREN[kind]])
        found = list(self._container(kind, address, children))
        for child in children:
            of, _, name = child.removeprefix(f"{self.url}/").partition("/")
            found.append(Triple(NamedNode(address), link, NamedNode(child)))
            found += (triple for triple in self._told(of, name) if triple.subject == NamedNode(child))
        return list(dict.fromkeys(found))

    def _told(self, kind: str, slug: str) -> list[Triple]:
        """What the profile tells, at addresses below the root.

        :raises Gone: when it was withdrawn.
        """
        match = _DISTRIBUTION.match(slug) if kind == "distribution" else None
        name = f"dataset/{match[1]}" if match else f"{kind}/{slug}"
        iri = f"{self.source.base_iri}{name}"
        (told,) = projection("fdp").project(self.source, [iri])
        if not told.triples:
            since = self.reader.gone().get(iri)
            if since:
                raise Gone(f"the record was withdrawn on {since[:10]}", where=iri)
            raise NotFound("there is no such record", where=iri)
        triples = [self._moved(triple) for triple in told.triples]
        return triples if match is None else _reachable(NamedNode(f"{self.url}/{kind}/{slug}"), triples)

    def _moved(self, triple: Triple) -> Triple:
        return Triple(self._at(triple.subject), triple.predicate, self._at(triple.object))

    def _at(self, term: Any) -> Any:
        """The address of a record or distribution below the root."""
        public = self.source.public_url
        if isinstance(term, NamedNode) and term.value.startswith(public):
            rest = term.value[len(public) :]
            if rest.partition("/")[0] in PLACES:
                return NamedNode(f"{self.url}/{rest}")
        return term

    def _parent(self, kind: str, slug: str, triples: Iterable[Triple]) -> str | None:
        if kind in CATALOGS:
            return self.url
        link = NamedNode(_LINKS[kind])
        here = NamedNode(f"{self.url}/{kind}/{slug}")
        parents = {triple.subject.value for triple in triples if triple.predicate == link and triple.object == here}  # type: ignore[union-attr]
        match = _DISTRIBUTION.match(slug)
        if kind == "distribution" and match:
            return f"{self.url}/dataset/{match[1]}"
        return min(parents, default=self._map())

    def _map(self) -> str | None:
        """The catalogue of the whole map, which has the datasets that no repository holds."""
        entries = self.dates.entries(prefixes_of(self.source.base_iri, ["catalog"]), limit=1, deleted=False)
        return f"{self.url}/{entries[0].iri[len(self.source.base_iri) :]}" if entries else None

    def _children(self, kind: str, slug: str, triples: Iterable[Triple]) -> list[str]:
        if kind not in CHILDREN:
            raise NotFound("it has no children", where=f"{self.url}/{kind}/{slug}")
        address = f"{self.url}/{kind}/{slug}"
        link = NamedNode(_LINKS[CHILDREN[kind]])
        found = {
            triple.object.value
            for triple in triples
            if triple.subject == NamedNode(address)
            and triple.predicate == link
            and isinstance(triple.object, NamedNode)
            and triple.object.value.startswith(f"{self.url}/{CHILDREN[kind]}/")
        }
        if address == self._map():
            base = self.source.base_iri
            rows = self.reader.select(_WITHOUT_HOLDER)
            found |= {
                f"{self.url}/{row['dataset'].value[len(base) :]}"
                for row in rows
                if row["dataset"].value.startswith(f"{base}dataset/")
            }
        return sorted(found)

    def _about_itself(self) -> Iterator[Triple]:
        here = NamedNode(self.url)
        for of in (f"{FDP}FAIRDataPoint", f"{FDP}MetadataService", f"{DCAT}DataService", f"{DCAT}Resource"):
            yield Triple(here, _TYPE, NamedNode(of))
        name = f"fairmap, {self.publisher}" if self.publisher else "fairmap"
        yield Triple(here, NamedNode(f"{DCT}title"), Literal(name, language="en"))
        text = "Repositories of medical images and their datasets."
        yield Triple(here, NamedNode(f"{DCT}description"), Literal(text, language="en"))
        yield Triple(here, NamedNode(f"{DCAT}version"), Literal(self.version))
        yield Triple(here, NamedNode(f"{DCAT}endpointURL"), here)
        yield Triple(here, NamedNode(f"{DCT}conformsTo"), NamedNode(f"{self.source.public_url}profile/fdp"))
        yield Triple(here, NamedNode(f"{FDP}conformsToFdpSpec"), NamedNode(SPECIFICATION))
        for row in self.reader.select(_LICENCES)[:1]:
            yield Triple(here, NamedNode(f"{DCT}license"), row["licence"])
        if self.publisher:
            agent = BlankNode("publisher")
            yield Triple(here, NamedNode(f"{DCT}publisher"), agent)
            yield Triple(agent, _TYPE, NamedNode(f"{FOAF}Agent"))
            yield Triple(agent, NamedNode(f"{FOAF}name"), Literal(self.publisher))
        entries = self.dates.entries(prefixes_of(self.source.base_iri, KINDS), limit=1)
        if entries:
            yield from _metadata(self.url, entries[0].created, self.dates.latest())
        for child in self.children("", ""):
            yield Triple(here, NamedNode(_LINKS["catalog"]), NamedNode(child))

    def _dated(self, kind: str, slug: str, triples: Iterable[Triple]) -> Iterator[Triple]:
        """When the metadata of a catalogue were first and last written, as far as the profile does not tell it."""
        here = NamedNode(f"{self.url}/{kind}/{slug}")
        iri = f"{self.source.base_iri}{kind}/{slug}"
        dated = self.dates.of([iri]).get(iri) if kind in CATALOGS else None
        told = {triple.predicate for triple in triples if triple.subject == here}
        if dated:
            made = _metadata(here.value, dated.created, dated.moment)
            yield from (triple for triple in made if triple.predicate not in told)

    def _container(self, kind: str, address: str, children: Iterable[str]) -> Iterator[Triple]:
        of = CHILDREN[kind]
        container = NamedNode(f"{address}#{of}s")
        yield Triple(container, _TYPE, NamedNode(f"{LDP}DirectContainer"))
        yield Triple(container, NamedNode(f"{DCT}title"), Literal(f"{of.capitalize()}s", language="en"))
        yield Triple(container, NamedNode(f"{LDP}membershipResource"), NamedNode(address))
        yield Triple(container, NamedNode(f"{LDP}hasMemberRelation"), NamedNode(_LINKS[of]))
        for child in children:
            yield Triple(container, NamedNode(f"{LDP}contains"), NamedNode(child))


def _metadata(address: str, created: int, moment: int) -> Iterator[Triple]:
    here = NamedNode(address)
    yield Triple(here, NamedNode(f"{FDP}metadataIdentifier"), here)
    for name, told in (("metadataIssued", created), ("metadataModified", moment)):
        yield Triple(here, NamedNode(FDP + name), Literal(iso(told), datatype=NamedNode(f"{XSD}dateTime")))


def _reachable(root: NamedNode, triples: Sequence[Triple]) -> list[Triple]:
    """What is said about a node and all that it leads to, but for datasets and catalogues."""
    about: dict[object, list[Triple]] = {}
    for triple in triples:
        about.setdefault(triple.subject, []).append(triple)
    seen: set[object] = {root}
    waiting: list[object] = [root]
    found: list[Triple] = []
    while waiting:
        for triple in about.get(waiting.pop(), ()):
            found.append(triple)
            if triple.object not in seen and triple.predicate != _PART_OF:
                seen.add(triple.object)
                waiting.append(triple.object)
    return found
