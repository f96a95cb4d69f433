"""The catalogue: one store, opened by this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

import rdflib
from oxrdflib import OxigraphStore

from fairmap import build
from fairmap.catalogue.documents import Document, documents
from fairmap.config import configure
from fairmap.export import export
from fairmap.publish import Publisher, upgrade
from fairmap.rdf import FORMATS, by_name, to_graph
from fairmap.shacl import load_shapes
from fairmap.store import address, open_level
from fairmap.views import LocalView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from pyoxigraph import BlankNode, Literal, NamedNode

    from fairmap.model import Answer, Change, ValidationReport
    from fairmap.publish import Upgrade

__all__ = ["Catalogue", "Document", "open_catalogue"]


def open_catalogue(store: str | None = None, *, base_iri: str | None = None) -> Catalogue:
    """Open a store for reading and writing; close it with ``close()`` or ``with``.

    :param store: ``oxigraph:PATH`` or ``memory:``; default: the setting ``store``.
    :param base_iri: base of record IRIs; default: the setting ``base_iri``.
    :raises StoreInUse: when another process, such as ``fairmap serve``, has it open.
    """
    settings = configure({"store": store, "base_iri": base_iri}).settings
    return Catalogue(settings.store, settings.base_iri)


class Catalogue:
    """The records of one store. Use it from one thread.

    >>> import fairmap
    >>> catalogue = fairmap.open("memory:")
    >>> report = catalogue.load(b'''
    ... @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix prov: <http://www.w3.org/ns/prov#> .
    ... <https://w3id.org/fairmap/agent/example> a foaf:Agent ; foaf:name "x" .
    ... ''', form="turtle")
    Traceback (most recent call last):
    ...
    fairmap.errors.NotConforming: ...
    >>> catalogue.records()
    {}
    >>> catalogue.close()
    """

    def __init__(self, store: str, base_iri: str, *, follow: Callable[[Change], None] | None = None) -> None:
        self.base_iri = base_iri
        self.level = open_level(address(store))
        self.publisher = Publisher(self.level, base_iri, follow)
        self.view = LocalView(self.level, base_iri)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Put everything on disk and let others open the store."""
        self.level.close()

    def records(self) -> Mapping[str, str]:
        """All records and vocabulary graphs: IRI to who wrote it last."""
        return self.level.ledger.records()

    def load_map(self) -> Upgrade:
        """Bring in the map that comes with this fairmap; records somebody has changed are left as they are, and told."""
        shipped = build.shipped(self.base_iri)
        return upgrade(self.publisher, shipped.records, shipped.version)

    def load(
        self, *sources: Path | str | bytes | Document, form: str = "turtle", graph: str | None = None
    ) -> ValidationReport:
        """Publish the records in files, folders, bytes or documents: all of them, or, when one does not conform, none.

        :param form: name of the format of bytes; files tell theirs by their suffix.
        :param graph: the record that triples without a graph must belong to.
        :raises UnreadableInput: with file, line and column; the store is as it was.
        :raises NotConforming: with the report; the store is as it was.
        """
        quads = [quad for document in self._documents(sources, form) for quad in document.quads()]
        return self.publisher.publish(quads, origin="load", graph=graph)

    def validate(
        self,
        *sources: Path | str | bytes | Document,
        form: str = "turtle",
        shapes: Sequence[Path] | None = None,
    ) -> ValidationReport:
        """Judge what would be loaded, or without sources all that the store holds. Writes nothing.

        :param shapes: files of other shapes than those of fairmap.
        """
        if sources:
            quads = [quad for document in self._documents(sources, form) for quad in document.quads()]
        else:
            quads = list(self.level.dump())
        _, report = self.publisher.judge(quads, shapes=None if shapes is None else load_shapes(shapes))
        return report

    def query(self, text: str, *, results: str = "json", graph: str = "turtle", union: bool = True) -> Answer:
        """The answer of a SPARQL query as bytes.

        :param results: name of the format for SELECT and ASK.
        :param graph: name of the format for CONSTRUCT and DESCRIBE.
        """
        return self.view.query(text, results=results, graph=graph, union=union)

    def select(self, text: str, **terms: NamedNode | Literal) -> list[Mapping[str, NamedNode | BlankNode | Literal]]:
        """The solutions of a SELECT query as pyoxigraph terms; ``$name`` in it stands for the term of that name."""
        return self.view.select(text, **terms)

    def export(self, *iris: str, form: str = "trig") -> bytes:
        """These records, or everything, as they were written.

        :raises NotFound: for an IRI that is no record.
        """
        return export(self.level, by_name(form, FORMATS), iris)

    def record(self, iri: str) -> rdflib.Graph:
        """One record as an rdflib graph in memory, literals as written; empty when there is none."""
        found = self.level.record(iri)
        return to_graph(found.quads if found else ())

    def withdraw(self, iri: str) -> None:
        """Take a record out.

        :raises NotFound: when there is none.
        """
        self.publisher.withdraw(iri)

    @property
    def graph(self) -> rdflib.Dataset:
        """The whole store as an rdflib dataset over the engine, for reading with rdflib's tools.

        The default graph is the union. Literals are as the engine stores them; changes made here are not judged: use :meth:`load`.
        """
        return rdflib.Dataset(store=OxigraphStore(store=self.level.engine), default_union=True)

    def _documents(self, sources: Iterable[Path | str | bytes | Document], form: str) -> Iterable[Document]:
        for source in sources:
            if isinstance(source, Document):
                yield source
            elif isinstance(source, bytes):
                yield Document(source, form, base_iri=self.base_iri)
            else:
                yield from documents((Path(source),), self.base_iri)
