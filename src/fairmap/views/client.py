"""Queries to a view process, from any other process of this user."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final

from pyoxigraph import RdfFormat
from pyoxigraph import parse as engine_parse

from fairmap import errors, wire
from fairmap.model import Answer, Found, Suggestion
from fairmap.sparql import Limits, Request, admit, guard
from fairmap.store import name_of
from fairmap.store.dump import unpacked
from fairmap.text import Hit, refuse_matches
from fairmap.views.channels import Channels
from fairmap.views.dates import AskedDates
from fairmap.views.federation import socket_path
from fairmap.views.gathering import Gathered, next_part
from fairmap.views.lookups import LookUps
from fairmap.views.revision import RevisionReader
from fairmap.views.stats import read_stats, refused_path
from fairmap.views.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Quad

    from fairmap.model import Dates, Search

FIRST_PART: Final = 1 << 17
"""Bytes up to which an answer is held back: until then it may fail with a status of its own."""

IN_MEMORY: Final = 1 << 18
"""Bytes up to which what an update changes is held in memory."""

PATIENCE: Final = 30.0
"""Seconds for which a view is waited for that takes over a change."""


@dataclass(frozen=True)
class Outcome:
    """What an update would leave in a view of a revision.

    :ivar graphs: each graph that it may change, with all that it holds then, as the engine stores it.
    """

    graphs: Mapping[str, Sequence[Quad]]
    revision: int


class ViewClient(LookUps):
    """The view behind a socket. Safe in threads: each query has a connection for itself."""

    def __init__(
        self,
        path: Path,
        base_iri: str,
        *,
        length: int = Limits.length,
        answer_limit: int = 512 << 20,
        endpoints: Collection[str] = (),
    ) -> None:
        """A client.

        :param length: of the longest query, in characters.
        :param answer_limit: bytes of the largest answer.
        :param endpoints: that SERVICE may name; the view has its own list, which must have them, too.
        """
        self._path = path
        self._answer_limit = answer_limit
        self._limits = Limits(length=length)
        self._endpoints = endpoints
        self._channels = Channels(path)
        self._revision = RevisionReader(path)
        self._refused = Tally(refused_path(path))
        self.base_iri = base_iri
        self.dates: Dates = AskedDates(self._ask_dates)

    def query(
        self,
        text: str,
        *,
        results: str | None = "json",
        graph: str | None = "turtle",
        union: bool = True,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        """The answer of a query: whole when it is small, else from its first part on, as it comes.

        A large one is taken into a temporary file meanwhile, so a slow reader holds no query worker (ADR 9).

        :param results: name of the format for SELECT and ASK; ``None``: not wanted.
        :param graph: name of the format for CONSTRUCT and DESCRIBE; ``None``: not wanted.
        :raises QueryRefused: before anything runs.
        :raises QuerySyntaxError, NotAcceptable, QueryTimeout, QueryCrashed, QueryStopped, Busy, EndpointFailed: as they are named; while
            ``chunks`` are read, too, when the answer is a large one.
        """
        is_federated = self._is_federated(text)
        channels = Channels(socket_path(self._path)) if is_federated else self._channels
        request = Request(text, results, graph, union, tuple(default_graphs), tuple(named_graphs), self.base_iri)
        incoming, head = channels.ask(request.as_json())
        found = received(incoming, head, self._answer_limit)
        if found.size is not None:
            channels.keep(incoming)
        return found

    def updates(self, texts: Sequence[str]) -> Generator[Outcome, None, None]:
        """What updates would come to, each after those before it; nothing is changed.

        They run in one worker, with one deadline and memory limit. Each must have passed :meth:`check`.

        :raises QueryRefused, QuerySyntaxError, QueryTimeout, QueryCrashed, Busy: at the first that fails; those behind it are not run.
        """
        incoming, head = self._channels.ask({"updates": list(texts), "base_iri": self.base_iri})
        with closing(incoming.connection):
            for place, _ in enumerate(texts):
                found = head if place == 0 else _next_head(incoming)
                with SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
                    size = 0
                    while (part := next_part(incoming)) is not None:
                        size += len(part)
                        if size > self._answer_limit:
                            what = f"the graphs that the update changes are larger than {self._answer_limit >> 20} MiB"
                            raise errors.QueryStopped(what, expected="several updates")
                        spool.write(part)
                    spool.seek(0)
                    yield Outcome(_by_graph(found["graphs"], spool), found["revision"])

    def check(self, text: str) -> None:
        """Let a query or update pass.

        :raises QueryRefused: with what it has and what is allowed.
        """
        guard(text, self._limits)
        refuse_matches(text, self.base_iri)

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """The records that have every word of ``text``, the best first, with what matched. ``limit``: 1 to 10000.

        :raises QueryRefused: when the text has too many words.
        """
        found = self._told({"search": text, "limit": limit})
        return [Hit.from_json(hit) for hit in found["hits"]]

    def find(self, search: Search) -> Found:
        """A page of what a search finds, with the counts of all facets.

        :raises UsageError: for a facet, value, order or page that there is not.
        :raises QueryRefused: when the text has too many words.
        """
        return Found.from_json(self._told({"find": search.as_json()}))

    def suggest(self, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What somebody who has typed ``text`` may mean.

        :raises QueryRefused: when the text has too many words.
        """
        found = self._told({"suggest": text, "limit": limit})
        return tuple(Suggestion(**suggestion) for suggestion in found["suggestions"])

    def _told(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to a question that has one in JSON."""
        incoming, found = self._channels.ask(question)
        next_part(incoming)
        self._channels.keep(incoming)
        return found

    def dump(self, form: str) -> Answer:
        """Everything that the view holds, literals as written; one of :data:`fairmap.store.dump.FORMS`.

        Take the chunks as fast as they come: a query worker waits for that.
        """
        incoming, head = self._channels.ask({"dump": form})
        return Answer(form, _parts(incoming), None, head["revision"])

    def graph_names(self) -> list[str]:
        """The names of all graphs in their order, first :data:`fairmap.namespaces.DEFAULT_GRAPH` where there is something in it."""
        return self._whole({"graphs": None}).decode().split("\n")[:-1]

    def graphs(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Those of these graphs that hold something, each with its lines of N-Triples, literals as written: some hundred, all in memory."""
        return unpacked(self._whole({"graphs": list(names)}))

    def _whole(self, question: dict[str, Any]) -> bytes:
        """The answer to a question that has one in bytes."""
        incoming, _ = self._channels.ask(question)
        try:
            body = b"".join(iter(partial(next_part, incoming), None))
        except BaseException:
            incoming.connection.close()
            raise
        self._channels.keep(incoming)
        return body

    def _ask_dates(self, question: str, arguments: dict[str, Any]) -> Any:
        return self._told({"dates": question, "arguments": arguments})["told"]

    def stats(self) -> dict[str, Any]:
        """As :func:`fairmap.views.stats.read_stats`; queries that clients refused are among its ``outcomes``."""
        found = read_stats(self._path)
        found["outcomes"]["refused"] += self._refused.number
        return found

    def _is_federated(self, text: str) -> bool:
        try:
            return admit(text, self._limits, self._endpoints)
        except errors.QueryRefused:
            self._refused.add_one()
            raise

    def status(self) -> dict[str, Any]:
        """``revision`` of the view and ``gone``, its withdrawn records.

        :raises ServiceDown: when the view is not up.
        """
        incoming, head = self._channels.ask(None)
        next_part(incoming)
        self._channels.keep(incoming)
        return head

    def gone(self) -> Mapping[str, str]:
        """Withdrawn records: IRI to the time of withdrawal."""
        gone: dict[str, str] = self.status()["gone"]
        return gone

    def revision(self) -> int:
        """How many writes the view has followed; no query worker need be free for that.

        :raises ServiceDown: when the view is not up.
        """
        found = self._revision.read()
        if found is not None:
            return found
        try:
            revision: int = read_stats(self._path, PATIENCE)["revision"]
        except OSError as error:
            raise errors.ServiceDown("the view does not answer", where=str(self._path)) from error
        return revision


def received(incoming: wire.Incoming, head: dict[str, Any], limit: int) -> Answer:
    """An answer of a worker: whole when it is small, else from its first part on, as it comes; its connection is then closed with it.

    :param limit: bytes of the largest answer.
    :raises FairmapError: what the worker or the process says instead; the connection is closed.
    """
    parts, size = [], 0
    try:
        while (part := next_part(incoming)) is not None:
            parts.append(part)
            size += len(part)
            if size > min(FIRST_PART, limit):
                return Answer(head["media_type"], Gathered(incoming, parts, limit), None, head["revision"])
    except BaseException:
        incoming.connection.close()
        raise
    return Answer(head["media_type"], iter(parts), size, head["revision"])


class OrganisationClient(ViewClient):
    """The view of an organisation, which is made when it is asked for and not there."""

    def __init__(
        self, path: Path, base_iri: str, make: Callable[[], object], *, length: int, answer_limit: int
    ) -> None:
        """``make`` lets the writer make the view."""
        super().__init__(path, base_iri, length=length, answer_limit=answer_limit)
        self._channels = Channels(path, make)
        self._make = make

    def revision(self) -> int:
        """As :meth:`ViewClient.revision`."""
        try:
            return super().revision()
        except errors.ServiceDown:
            self._make()
            return super().revision()


def _parts(incoming: wire.Incoming) -> Iterator[bytes]:
    with closing(incoming.connection):
        while (part := next_part(incoming)) is not None:
            yield part


def _next_head(incoming: wire.Incoming) -> dict[str, Any]:
    found = incoming.next_json()
    if found is None:
        raise errors.QueryCrashed("the answer broke off")
    if found[0] != wire.HEAD:
        raise wire.error_of(found[1])
    head: dict[str, Any] = found[1]
    return head


def _by_graph(names: Sequence[str], document: IO[bytes]) -> Mapping[str, Sequence[Quad]]:
    """The quads of an N-Quads document by graph; blank nodes keep their labels, which are the store's own."""
    graphs: dict[str, list[Quad]] = {name: [] for name in names}
    for quad in engine_parse(document, format=RdfFormat.N_QUADS):
        graphs[name_of(quad.graph_name)].append(quad)
    return graphs
