"""The catalogue: one store, opened by this process."""

from __future__ import annotations

from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pyoxigraph import Quad

from fairmap import build, profiles
from fairmap.catalogue.documents import Document, documents
from fairmap.config import configure
from fairmap.errors import AccessDenied, NotFound, UsageError
from fairmap.export import export
from fairmap.proposals import Desk
from fairmap.publish import Publisher, upgrade
from fairmap.rdf import FORMATS, by_name, to_graph
from fairmap.shacl import load_shapes
from fairmap.store import (
    Level,
    Levels,
    RemoteLevels,
    address,
    address_of,
    as_written,
    node_of,
    open_levels,
    open_remote,
)
from fairmap.store.backup import write_backup
from fairmap.views import LocalView, RemoteView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    import rdflib
    from pyoxigraph import BlankNode, Literal, NamedNode

    from fairmap.model import Answer, Change, Record, ValidationReport
    from fairmap.publish import Upgrade
    from fairmap.store import Address, Store
    from fairmap.store.backup import Manifest
    from fairmap.text import Hit

__all__ = ["Catalogue", "Document", "open_catalogue"]


def open_catalogue(store: str | None = None, *, base_iri: str | None = None) -> Catalogue:
    """Open a store for reading and writing; close it with ``close()`` or ``with``.

    :param store: ``oxigraph:PATH``, ``memory:`` or ``sparql:URL`` (with the settings it needs); default: the setting ``store``.
    :param base_iri: base of record IRIs; default: the setting ``base_iri``.
    :raises StoreInUse: when another process, such as ``fairmap serve``, has it open.
    """
    settings = configure({"store": store, "base_iri": base_iri}).settings
    return Catalogue(address_of(settings), settings.base_iri, rewriting=settings.rewrite)


def _open(where: Address) -> Levels | RemoteLevels:
    return RemoteLevels(open_remote(where), where) if where.remote else open_levels(where)


def _view(level: Store, where: Address, base_iri: str, *, rewriting: bool) -> LocalView | RemoteView:
    if isinstance(level, Level):
        return LocalView(level, base_iri, rewriting=rewriting)
    assert where.remote is not None and where.state is not None  # noqa: PT018, S101 - a level elsewhere has both
    return RemoteView(where.remote, where.state / "ledger.sqlite", base_iri)


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

    def __init__(
        self,
        store: str | Address,
        base_iri: str,
        *,
        follow: Callable[[str | None, Change], None] | None = None,
        judging: bool = True,
        rewriting: bool = True,
    ) -> None:
        """``follow`` is told of each change, with the organisation whose level it is in (``None``: the public one)."""
        self.base_iri = base_iri
        where = address(store)
        self.levels = _open(where)
        self.level: Store = self.levels.public
        self._judging = judging
        self._follow = follow or (lambda *_: None)
        self._publishers: dict[str, Publisher] = {}
        self.publisher = Publisher(self.level, base_iri, partial(self._follow, None), judging=judging)
        self.view = _view(self.level, where, base_iri, rewriting=rewriting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Put everything on disk and let others open the store."""
        self.view.close()
        self.levels.close()

    def records(self) -> Mapping[str, str]:
        """All records and vocabulary graphs: IRI to who wrote it last."""
        return self.level.ledger.records()

    def load_map(self) -> Upgrade:
        """Bring in the map that comes with this fairmap; records somebody has changed are left as they are, and told."""
        shipped = build.shipped(self.base_iri)
        return upgrade(self.publisher, shipped.records, shipped.version)

    def load(
        self,
        *sources: Path | str | bytes | Document,
        form: str = "turtle",
        graph: str | None = None,
        organisation: str | None = None,
    ) -> ValidationReport:
        """Publish the records in files, folders, bytes or documents: all of them, or, when one does not conform, none.

        :param form: name of the format of bytes; files tell theirs by their suffix.
        :param graph: the record that triples without a graph must belong to.
        :param organisation: whose level they go to, which only it sees; ``None``: the public one.
        :raises UnreadableInput: with file, line and column; the store is as it was.
        :raises NotConforming: with the report; the store is as it was.
        """
        quads = chain.from_iterable(document.stream() for document in self._documents(sources, form))
        return self._publisher(organisation).publish(quads, origin="load", graph=graph)

    def validate(
        self,
        *sources: Path | str | bytes | Document,
        form: str = "turtle",
        shapes: Sequence[Path] | None = None,
        profile: str = profiles.OWN,
        iris: Sequence[str] = (),
        organisation: str | None = None,
    ) -> ValidationReport:
        """Judge what would be loaded, or without sources these records, or all that the level holds. Writes nothing.

        :param shapes: files of other shapes than those of fairmap.
        :param profile: name of a published profile, to judge others' descriptions as a plain graph.
        :param organisation: for whose level; ``None``: the public one.
        :raises NotFound: when one of ``iris`` is no record.
        """
        if sources:
            quads = [quad for document in self._documents(sources, form) for quad in document.quads()]
        elif iris:
            quads = [quad for iri in iris for quad in self._record(iri, organisation).quads]
        else:
            quads = list(self.levels.of(organisation).dump())
        if profile != profiles.OWN:
            return profiles.judge(quads, profiles.profile(profile))
        _, report = self._publisher(organisation).judge(quads, shapes=None if shapes is None else load_shapes(shapes))
        return report

    def replace(self, graph: str, *documents: Document, keep: bool = False, organisation: str | None = None) -> bool:
        """Give one graph new contents (Graph Store Protocol PUT), or with ``keep`` add to what is seen of it (POST).

        :param organisation: in whose level; a public record stays as it is, and the organisation sees its own version of it.
        :return: whether the graph is new to who sees that level.
        :raises NotConforming, UnreadableInput: the store is as it was.
        """
        holder = self.levels.holder(graph, organisation)
        before = holder.record(graph) if holder and keep else None
        quads = list(before.quads) if before else []
        node = node_of(graph)
        for document in documents:
            quads += [Quad(quad.subject, quad.predicate, quad.object, node) for quad in document.quads()]
        self._publisher(organisation).replace({graph: quads}, origin="graph store")
        return holder is None

    def remove(self, graph: str, *, organisation: str | None = None) -> None:
        """Take one graph out (Graph Store Protocol DELETE); of an organisation's own version, the public one is seen again.

        :raises NotFound: when there is none.
        :raises AccessDenied: when there is only a public one, and an organisation's is meant.
        """
        holder = self.levels.holder(graph, organisation)
        if holder is None:
            raise NotFound("there is no such graph", where=graph)
        self._check_own(graph, organisation)
        self._publisher(organisation).replace({graph: None}, origin="graph store")

    def change(self, after: Mapping[str, Sequence[Quad]], *, organisation: str | None = None) -> ValidationReport:
        """Carry out what an update came to; literals that stay keep their written form.

        :param after: the graphs it may have changed and all that they hold then, as the engine stores it.
        :param organisation: whose view it was worked out on, and whose level it goes to.
        :raises NotConforming: the store is as it was.
        :raises AccessDenied: when an organisation's update takes out a public record.
        """
        graphs: dict[str, list[Quad] | None] = {}
        for name, quads in after.items():
            level: Store = self.levels.holder(name, organisation) or self.level
            before, now = set(level.stored(name)), set(quads)
            if now != before:
                kept = as_written(now & before, level.ledger.literals(name))
                graphs[name] = [*kept, *(now - before)] or None
                if graphs[name] is None:
                    self._check_own(name, organisation)
        return self._publisher(organisation).replace(graphs, origin="update")

    def group(self, organisation: str | None = None) -> AbstractContextManager[None]:
        """As :meth:`fairmap.publish.Publisher.group`, for an organisation's level or the public one."""
        return self._publisher(organisation).group()

    def query(self, text: str, *, results: str = "json", graph: str = "turtle", union: bool = True) -> Answer:
        """The answer of a SPARQL query as bytes.

        :param results: name of the format for SELECT and ASK.
        :param graph: name of the format for CONSTRUCT and DESCRIBE.
        """
        return self.view.query(text, results=results, graph=graph, union=union)

    def select(self, text: str, **terms: NamedNode | Literal) -> list[Mapping[str, NamedNode | BlankNode | Literal]]:
        """The solutions of a SELECT query as pyoxigraph terms; ``$name`` in it stands for the term of that name."""
        return self.view.select(text, **terms)

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """Repositories and datasets that have every word of ``text``, the best first, with what matched.

        >>> import fairmap
        >>> with fairmap.open("memory:") as catalogue:
        ...     report = catalogue.load_map()
        ...     [hit.record.rpartition("/")[2] for hit in catalogue.search("DTI of the brain", 1)]
        ['jhu-dti-human-brain']
        """
        return self.view.search(text, limit)

    def export(self, *iris: str, form: str = "trig", organisation: str | None = None) -> bytes:
        """These records, or everything, as they were written.

        :param organisation: its own records; ``None``: the public ones.
        :raises NotFound: for an IRI that is no record.
        """
        return export(self.levels.of(organisation), by_name(form, FORMATS), iris)

    def record(self, iri: str) -> rdflib.Graph:
        """One record as an rdflib graph in memory, literals as written; empty when there is none."""
        found = self.level.record(iri)
        return to_graph(found.quads if found else ())

    def backup(self, folder: Path) -> Manifest:
        """Back up the store with all its levels to ``folder``, which must not exist or be empty.

        :raises UsageError: for a store whose engine is elsewhere.
        """
        if not isinstance(self.levels, Levels):
            what = "a sparql: store is backed up with its engine's own tool, and its state folder by a copy"
            raise UsageError(what, expected="--store oxigraph:PATH")
        return write_backup(self.levels, folder)

    def withdraw(self, iri: str) -> None:
        """Take a record out.

        :raises NotFound: when there is none.
        """
        self.publisher.withdraw(iri)

    @cached_property
    def proposals(self) -> Desk:
        """What was proposed by the questionnaire; no view shows it.

        :raises UsageError: for a store whose engine is elsewhere.
        """
        drafts = Publisher(self.levels.proposals, self.base_iri, judging=self._judging, public=self.publisher)
        return Desk(drafts, self.publisher, self.base_iri)

    @property
    def graph(self) -> rdflib.Dataset:
        """The whole store as an rdflib dataset over the engine, for reading with rdflib's tools.

        The default graph is the union. Literals are as the engine stores them; changes made here are not judged: use :meth:`load`.
        """
        if not isinstance(self.level, Level):
            raise UsageError(
                "the engine is elsewhere", where="Catalogue.graph", expected="record(), select() or export()"
            )
        import rdflib  # noqa: PLC0415 - takes as long to load as all the rest
        from oxrdflib import OxigraphStore  # noqa: PLC0415

        return rdflib.Dataset(store=OxigraphStore(store=self.level.engine), default_union=True)

    def _record(self, iri: str, organisation: str | None) -> Record:
        """A record of an organisation's level, or a public one that it sees."""
        holder = self.levels.holder(iri, organisation)
        found = holder.record(iri) if holder else None
        if found is None:
            raise NotFound("there is no such record", where=iri)
        return found

    def _publisher(self, organisation: str | None) -> Publisher:
        """The publisher of an organisation's level or of the public one."""
        if organisation is None:
            return self.publisher
        level = self.levels.of(organisation)
        if organisation not in self._publishers:
            follow = partial(self._follow, organisation)
            made = Publisher(level, self.base_iri, follow, judging=self._judging, public=self.publisher)
            self._publishers[organisation] = made
        return self._publishers[organisation]

    def _check_own(self, graph: str, organisation: str | None) -> None:
        """A public record is not an organisation's to take out."""
        if organisation is not None and self.levels.holder(graph, organisation) is self.level:
            what = "this record is public: an organisation can have its own version of it, not take it out"
            raise AccessDenied(what, where=graph, expected="scope curate")

    def _documents(self, sources: Iterable[Path | str | bytes | Document], form: str) -> Iterable[Document]:
        for source in sources:
            if isinstance(source, Document):
                yield source
            elif isinstance(source, bytes):
                yield Document(source, form, base_iri=self.base_iri)
            else:
                yield from documents((Path(source),), self.base_iri)
