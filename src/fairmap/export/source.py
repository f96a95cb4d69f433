"""What projections read: records of a view, batch by batch, with what is needed to tell of them."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from pyoxigraph import Literal, NamedNode, Triple

from fairmap.errors import Gone, NotFound, UsageError
from fairmap.export.batch import Batch, values_of
from fairmap.model import Reader
from fairmap.namespaces import CONCEPT, DCAT, DCT, DQV, FM, FOAF, RDF, SKOS
from fairmap.profiles import Tables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from fairmap.model import Answer

BATCH: Final = 250
"""Records that are worked on together."""

CLASSES: Final = {
    "catalog": f"{DCAT}Catalog",
    "repository": f"{FM}Repository",
    "dataset": f"{DCAT}Dataset",
    "agent": f"{FOAF}Agent",
    "criterion": f"{DQV}Metric",
    "source": f"{FM}Source",
}
"""The class that tells records of a kind, in the order in which kinds are exported."""

_AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
_HELD: Final = 20_000
"""Concepts, agents and sources whose triples are kept for the batches to come."""
_ADDED: Final = (f"{_AUTHORITY}data-theme/HEAL", f"{_AUTHORITY}data-theme")
"""Terms that projections add to each record, and tell the labels of."""
_VALUE: Final = re.compile(rb"<([^<>]*)> \.$", re.MULTILINE)
_RECORDS_BUT: Final = """CONSTRUCT { ?subject ?property ?value } WHERE {
  VALUES ?record { $things } GRAPH ?record { ?subject ?property ?value } FILTER (?property != $but) }"""
_LINKED: Final = "CONSTRUCT { ?thing ?property ?value } WHERE { VALUES ?thing { $things } ?thing ?property ?value }"
_HOLDERS: Final = f"""CONSTRUCT {{ ?holder ?link ?thing }} WHERE {{
  {{ VALUES ?thing {{ $things }} ?holder <{DCAT}dataset> ?thing BIND (<{DCAT}dataset> AS ?link) }}
  UNION {{ VALUES ?thing {{ $things }} ?holder <{DCAT}catalog> ?thing BIND (<{DCAT}catalog> AS ?link) }} }}"""
_HOLDER: Final = f"""CONSTRUCT {{ ?thing ?property ?value }} WHERE {{
  VALUES ?thing {{ $things }}
  OPTIONAL {{ VALUES ?property {{ <{DCT}title> <{RDF}type> <{FOAF}homepage> }} ?thing ?property ?value }} }}"""
"""As an OPTIONAL it is looked up for each holder; joined, the engine would go through all that each of them holds, for each property."""


class View(Reader, Protocol):
    """The view that a source reads: any of :mod:`fairmap.views`."""

    def query(
        self, text: str, *, results: str | None = "json", graph: str | None = "turtle", union: bool = True
    ) -> Answer:
        """The answer of a query."""
        ...

    def graph_names(self) -> Iterable[str]:
        """The names of all graphs in their order, first :data:`fairmap.namespaces.DEFAULT_GRAPH` where there is something in it."""
        ...

    def graphs(self, names: Sequence[str]) -> Iterable[tuple[str, bytes]]:
        """Those of these graphs that hold something, each with its lines of N-Triples, literals as written."""
        ...


class Source:
    """The records of one view. Use it in one thread.

    :ivar base_iri: base of the records' IRIs.
    :ivar public_url: where the service shows them, with a slash at its end; the base when it is not known.
    :ivar but: a property of which nothing is read; empty: everything is.
    """

    def __init__(self, view: View, *, public_url: str = "", batch: int = BATCH, but: str = "") -> None:
        self._view = view
        self._batch = batch
        self._held: dict[str, bytes] = {}
        self._tables = Tables.shipped()
        self._terms: dict[str, bytes] = {}
        self.base_iri = view.base_iri
        self.public_url = public_url or view.base_iri
        self.but = but

    def iris(self, kinds: Collection[str]) -> Iterator[str]:
        """All records of these kinds: kind by kind as in :data:`CLASSES`, each in the order of IRIs."""
        for kind, of in CLASSES.items():
            if kind in kinds:
                query = f"SELECT DISTINCT ?record WHERE {{ GRAPH ?record {{ ?record a <{of}> }} }}"
                start = f"{self.base_iri}{kind}/"
                yield from sorted(iri for iri in self._column(query) if iri.startswith(start))

    def everything(self) -> Iterator[str]:
        """The names of all graphs, records and vocabularies, in their order; first the default graph, where there is one."""
        yield from self._view.graph_names()

    def selected(self, query: str) -> list[str]:
        """The IRIs in the first column of a SELECT query, each once, in its order."""
        return list(dict.fromkeys(self._column(query)))

    def require(self, iris: Iterable[str]) -> None:
        """Let pass what the view has.

        :raises NotFound, Gone: for the first that it has not.
        """
        for iri, lines in self.graphs(iris):
            if not lines:
                since = self._view.gone().get(iri)
                if since:
                    raise Gone(f"the record was withdrawn on {since[:10]}", where=iri)
                raise NotFound("there is no such record", where=iri)

    def batches(self, iris: Iterable[str]) -> Iterator[Batch]:
        """The records of these IRIs, some at a time."""
        waiting = iter(iris)
        while chunk := list(islice(waiting, self._batch)):
            yield self.batch(chunk)

    def _own(self, iris: Sequence[str]) -> bytes:
        """The records' graphs, without what is not to be read."""
        if self.but:
            return self._ask(_RECORDS_BUT.replace("$but", str(NamedNode(self.but))), iris)
        return b"".join(lines for _, lines in self._view.graphs(iris))

    def batch(self, iris: Sequence[str]) -> Batch:
        """These records together."""
        own = self._own(iris)
        links = self._ask(_HOLDERS, iris)
        holders = dict.fromkeys(line[1 : line.index(b">")].decode() for line in links.splitlines())
        told = self._hold([iri for iri in holders if iri not in iris], _HOLDER)
        return Batch(iris, b"".join([own, links, *told, *self._linked(own)]))

    def graphs(self, iris: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The whole graph of each record or vocabulary as lines of N-Triples, literals as written; empty for one that the view has not."""
        waiting = iter(iris)
        while chunk := list(islice(waiting, self._batch)):
            found = dict(self._view.graphs(chunk))
            yield from ((iri, found.get(iri, b"")) for iri in chunk)

    def _linked(self, lines: bytes) -> Iterator[bytes]:
        """What the view knows of concepts, agents and sources that ``lines`` lead to, and labels of authority tables."""
        values = dict.fromkeys([*(found.decode() for found in _VALUE.findall(lines)), *_ADDED])
        spaces = (CONCEPT, _AUTHORITY, f"{self.base_iri}agent/", f"{self.base_iri}source/")
        linked = [iri for iri in values if iri.startswith(spaces)]
        known = dict(zip(linked, self._hold(linked, _LINKED), strict=True))
        yield from known.values()
        for iri in values:
            if not iri.startswith(self.base_iri):
                yield self._term(iri, is_labelled=bool(known.get(iri)))

    def _hold(self, iris: Sequence[str], query: str) -> list[bytes]:
        """The triples about things that many records lead to, which are asked for once."""
        if len(self._held) > _HELD:
            self._held.clear()
        fresh = [iri for iri in iris if iri not in self._held]
        found: defaultdict[str, list[bytes]] = defaultdict(list)
        for line in self._ask(query, fresh).splitlines(keepends=True):
            found[line[1 : line.index(b">")].decode()].append(line)
        for iri in fresh:
            self._held[iri] = b"".join(found.get(iri, ()))
        return [self._held[iri] for iri in iris]

    def _term(self, iri: str, *, is_labelled: bool) -> bytes:
        """The kinds of a term of an authority table and, when the view has no label for it, its label."""
        if iri not in self._terms:
            if len(self._terms) > _HELD:
                self._terms.clear()
            self._terms[iri] = b"".join(self._of_tables(iri, is_labelled=is_labelled))
        return self._terms[iri]

    def _of_tables(self, iri: str, *, is_labelled: bool) -> Iterator[bytes]:
        node = NamedNode(iri)
        for table in self._tables.of(iri):
            label = table.label(iri)
            if label and not is_labelled:
                yield f"{Triple(node, NamedNode(f'{SKOS}prefLabel'), Literal(label, language='en'))} .\n".encode()
            for kind in table.types:
                if label or is_labelled or kind != f"{SKOS}Concept":  # a concept without a label conforms to no profile
                    yield f"{Triple(node, NamedNode(f'{RDF}type'), NamedNode(kind))} .\n".encode()
            if table.scheme:
                yield f"{Triple(node, NamedNode(f'{SKOS}inScheme'), NamedNode(table.scheme))} .\n".encode()

    def _ask(self, query: str, iris: Sequence[str]) -> bytes:
        """The answer of a CONSTRUCT about these things, as N-Triples."""
        if not iris:
            return b""
        answer = self._view.query(query.replace("$things", values_of(iris)), graph="ntriples")
        return b"".join(answer.chunks)

    def _column(self, query: str) -> Iterator[str]:
        """The first column of a SELECT query, which must hold IRIs.

        :raises UsageError: when it is another kind of query, or for a value that is no IRI.
        """
        answer = self._view.query(query, results="tsv", graph=None)
        rows = _lines(answer.chunks)
        if not next(rows, "").startswith("?"):
            raise UsageError(
                "this query selects no records", expected="a SELECT query with records in its first column"
            )
        for row in rows:
            value = row.rstrip("\n").partition("\t")[0]
            if value and not value.startswith("<"):
                raise UsageError(f"{value} is no IRI", expected="a SELECT query with records in its first column")
            if value:
                yield value[1:-1]


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of an answer, as its chunks come."""
    left = b""
    for chunk in chunks:
        *lines, left = (left + chunk).split(b"\n")
        yield from (f"{line.decode()}\n" for line in lines)
    if left:
        yield left.decode()
