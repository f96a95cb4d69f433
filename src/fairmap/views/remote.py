"""The view of a store whose engine is elsewhere: queries go to that engine, behind the same guard, limits and errors."""

from __future__ import annotations

import contextlib
import re
import time
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore, Lock
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn

import urllib3
from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from pyoxigraph import serialize as engine_serialize

from fairmap import errors
from fairmap.model import Answer
from fairmap.namespaces import PREFIXES
from fairmap.rdf import FORMATS, RESULTS, by_name, named_node
from fairmap.sparql import Limits, guard, only_sparql, syntax_error
from fairmap.sparql.matches import matches_only
from fairmap.store.by_value import as_written
from fairmap.store.documents import LedgerReader
from fairmap.store.engine import Engine
from fairmap.text import refuse_matches
from fairmap.views.client import IN_MEMORY
from fairmap.views.dates import AskedDates, answer
from fairmap.views.lookups import LookUps
from fairmap.views.stats import QueryStats, SharedQueryStats

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from urllib3 import BaseHTTPResponse

    from fairmap.model import Dates, Search
    from fairmap.rdf import Format
    from fairmap.store import Remote
    from fairmap.views.client import Outcome

_RESULTS: Final = "application/sparql-results+json"
_TRIPLES: Final = "application/n-triples"
_GRAPH_FORMS: Final = frozenset({"CONSTRUCT", "DESCRIBE"})
_CUT: Final = "X-SPARQL-MaxRows"
"""How Virtuoso tells that its ResultSetMaxRows was reached; the answer may lack the rest."""
_BROKEN_OFF: Final = "X-SQL-State"
"""How Virtuoso tells that it gave up at the deadline and sends what it has."""
_PLACE: Final = re.compile(r"error at (\d+):(\d+): ")
_PIECE: Final = 1 << 16
_OTHER_SEARCH: Final = "FILTER with CONTAINS or REGEX, or --store oxigraph:PATH"
_BLANK: Final = re.compile(rb'("type": "bnode", "value": ")nodeID://')
_OUTCOME: Final = {
    errors.QuerySyntaxError: "syntax",
    errors.NotAcceptable: "not_acceptable",
    errors.InputError: "refused",
    errors.QueryTimeout: "timeout",
    errors.Busy: "busy",
    errors.FairmapError: "crashed",
}


class RemoteView(LookUps):
    """The view of one level on an engine elsewhere. Safe in threads."""

    def __init__(
        self,
        remote: Remote,
        ledger: Path,
        base_iri: str,
        *,
        deadline: float = 30.0,
        length: int = Limits.length,
        answer_limit: int = 512 << 20,
        workers: int = 4,
        queue: int = 32,
        figures: Path | None = None,
    ) -> None:
        """``ledger`` is the file in the state folder; ``workers`` queries run at the same time, ``queue`` more wait.

        :param figures: the file in which the processes of a service count together; ``None``: this view counts alone.
        """
        self._engine = Engine(remote, connections=workers)
        self._ledger = LedgerReader(ledger)
        self._deadline = deadline
        self._limits = Limits(length=length)
        self._answer_limit = answer_limit
        self._running = BoundedSemaphore(workers)
        self._admitted = BoundedSemaphore(workers + queue)
        self._queue = queue
        self._stats = SharedQueryStats(figures) if figures else QueryStats()
        self._waiting = 0
        self._counting = Lock()
        self.base_iri = base_iri

    def close(self) -> None:
        """Close connections and the ledger."""
        self._engine.close()
        self._ledger.close()

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
        """As :meth:`fairmap.views.ViewClient.query`.

        :raises ServiceDown: when the engine does not answer.
        :raises QueryStopped: when the engine cut the answer off at a limit of its own.
        """
        started, outcome = time.monotonic(), "crashed"
        try:
            answer = self._query(text, results, graph, union, default_graphs, named_graphs, started)
            outcome = "answered"
        except errors.FairmapError as error:
            outcome = next(_OUTCOME[kind] for kind in type(error).__mro__ if kind in _OUTCOME)
            raise
        else:
            return answer
        finally:
            with self._counting:
                self._stats.count(outcome, started)

    def check(self, text: str) -> NoReturn:
        """Let no update pass: the graph is not in memory, and the engine would carry it out unjudged.

        :raises QueryRefused: always, after the guard.
        """
        guard(text, self._limits)
        raise errors.QueryRefused(
            "SPARQL updates are not run on a sparql: store, where nothing could judge them before they are done",
            expected="whole records to /store (PUT, POST, DELETE), or `fairmap load`",
        )

    def updates(self, texts: Sequence[str]) -> Generator[Outcome, None, None]:
        """As :meth:`check`, which none passes."""
        yield from map(self.check, texts)

    def search(self, text: str, limit: int = 20) -> NoReturn:
        """Nothing is found by text here: there is no index of a graph that is elsewhere.

        :raises QueryRefused: always.
        """
        raise errors.QueryRefused(
            f"a sparql: store has no text index, in which {limit} records with {text[:80]!r} could be looked up",
            expected=_OTHER_SEARCH,
        )

    def find(self, search: Search) -> NoReturn:
        """As :meth:`search`."""
        self.search(search.text, search.limit)

    def suggest(self, text: str, limit: int = 8) -> NoReturn:
        """As :meth:`search`."""
        self.search(text, limit)

    def stats(self) -> dict[str, Any]:
        """As :func:`fairmap.views.stats.read_stats`; there are no worker processes, and ``waiting`` is of this process."""
        with self._counting:
            told = self._stats.as_json()
            waiting = self._waiting
        return {**told, "workers": {}, "waiting": waiting, "revision": self.revision()}

    def status(self) -> dict[str, Any]:
        """``revision`` and ``gone``.

        :raises ServiceDown: when the engine does not answer.
        """
        self._engine.check()
        return {"revision": self.revision(), "gone": dict(self.gone())}

    def gone(self) -> Mapping[str, str]:
        """Withdrawn records: IRI to the time of withdrawal."""
        return self._ledger.gone()

    def dump(self, form: str) -> Answer:
        """As :meth:`fairmap.views.ViewClient.dump`: the records as the ledger has them."""
        revision = self.revision()
        return Answer(form, self._ledger.dumped(form), None, revision)

    def graph_names(self) -> list[str]:
        """As :meth:`fairmap.views.ViewClient.graph_names`, as the ledger has them."""
        return self._ledger.graph_names()

    def graphs(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """As :meth:`fairmap.views.ViewClient.graphs`, as the ledger has them."""
        return self._ledger.graphs(names)

    @property
    def dates(self) -> Dates:
        """When the records changed."""
        return AskedDates(lambda question, told: self._ledger.dates(lambda dates: answer(dates, question, told)))

    def revision(self) -> int:
        """How many writes the engine has."""
        return self._ledger.revision()

    def _query(
        self,
        text: str,
        results: str | None,
        graph: str | None,
        union: bool,
        default_graphs: Sequence[str],
        named_graphs: Sequence[str],
        started: float,
    ) -> Answer:
        guard(text, self._limits)
        form = only_sparql(text)
        refuse_matches(text, self.base_iri, "on a sparql: store, which has no text index", _OTHER_SEARCH)
        is_graph = form in _GRAPH_FORMS
        wanted, formats = (graph, FORMATS) if is_graph else (results, RESULTS)
        if wanted is None:
            offered = ", ".join(f.media_type for f in formats)
            what = "the answer of this query does not come in a wanted form"
            raise errors.NotAcceptable(what, where="Accept", expected=offered)
        chosen = by_name(wanted, formats)
        graphs = [("default-graph-uri", named_node(iri, where="default-graph-uri").value) for iri in default_graphs]
        graphs += [("named-graph-uri", named_node(iri, where="named-graph-uri").value) for iri in named_graphs]
        with self._place(started):
            revision = self.revision()
            parameters = [*graphs, *self._union(union, bool(graphs))]
            if not is_graph:
                spool, size = self._results(self._run(text, _RESULTS, parameters, started), chosen, started)
            else:
                self._check_matches(text, parameters, started)
                described = self._engine.dialect.describe if form == "DESCRIBE" else ""
                spool, size = self._graph(self._run(text, _TRIPLES, parameters, started, described), chosen, started)
        return Answer(chosen.media_type, _chunks(spool), size, revision)

    def _check_matches(self, text: str, parameters: Sequence[tuple[str, str]], started: float) -> None:
        """:raises QueryStopped: when the engine would make a graph from a part of the matches and not say so."""
        matches = matches_only(text) if self._engine.dialect.cuts else None
        if matches:
            self._run(matches, _RESULTS, parameters, started).close()

    def _union(self, union: bool, has_dataset: bool) -> Sequence[tuple[str, str]]:
        dialect = self._engine.dialect
        if dialect.is_always_union and not union:
            what = f"the default graph of {dialect.name} is always the union of all graphs"
            raise errors.QueryRefused(what, expected="a service without --no-union")
        return dialect.union if union and not has_dataset else ()

    def _run(
        self, text: str, accept: str, parameters: Sequence[tuple[str, str]], started: float, before: str = ""
    ) -> BaseHTTPResponse:
        """The engine's answer, not yet read.

        :raises QueryTimeout, QueryStopped: when it says that it is not whole.
        """
        dialect = self._engine.dialect
        left = self._left(started)
        more = [(dialect.deadline, str(int(left * 1000)))] if dialect.deadline else []
        before = f"{before}BASE <{self.base_iri}> "
        try:
            response = self._engine.query(before + text, accept, parameters=[*parameters, *more], deadline=left)
        except errors.QuerySyntaxError as error:
            raise _in_text(error, len(before)) from error
        if response.headers.get(_BROKEN_OFF):
            response.close()
            raise errors.QueryTimeout(f"the query was ended after {self._deadline:g} s")
        if response.headers.get(_CUT):
            response.close()
            limit = response.headers[_CUT]
            what = f"the engine gives at most {limit} rows and may have cut this answer"
            raise errors.QueryStopped(what, expected="a LIMIT below that, or several queries")
        return response

    def _results(
        self, response: BaseHTTPResponse, form: Format, started: float
    ) -> tuple[SpooledTemporaryFile[bytes], int]:
        """SELECT and ASK in the wanted form; read whole, so that one that broke off is found out."""
        assert isinstance(form.engine, QueryResultsFormat)  # noqa: S101 - chosen from RESULTS
        with self._plain(self._gathered(response, started)) as raw, _output() as output:
            _write_results(raw, output, form.engine)
        return _rewound(output)

    def _graph(
        self, response: BaseHTTPResponse, form: Format, started: float
    ) -> tuple[SpooledTemporaryFile[bytes], int]:
        """CONSTRUCT and DESCRIBE in the wanted form, literals of records as written."""
        assert isinstance(form.engine, RdfFormat)  # noqa: S101 - chosen from FORMATS
        with self._gathered(response, started) as raw, _output() as output:
            triples = [quad.triple for quad in parse(raw, format=RdfFormat.N_TRIPLES)]
            written = as_written(triples, self._ledger.document, self.base_iri)
            engine_serialize(written, output, format=form.engine, prefixes=PREFIXES)
        return _rewound(output)

    def _gathered(self, response: BaseHTTPResponse, started: float) -> SpooledTemporaryFile[bytes]:
        """The whole body.

        :raises QueryTimeout, QueryStopped, QueryCrashed: when it takes too long, is too large, or breaks off.
        """
        spool, size = _spool(), 0
        try:
            for piece in response.stream(_PIECE, decode_content=True):
                size += len(piece)
                self._check_size(size)
                self._left(started)
                spool.write(piece)
        except BaseException as error:
            response.close()
            spool.close()
            if isinstance(error, urllib3.exceptions.HTTPError):
                raise errors.QueryCrashed(f"the engine's answer broke off: {type(error).__name__}") from error
            raise
        response.release_conn()
        spool.seek(0)
        return spool

    def _plain(self, raw: SpooledTemporaryFile[bytes]) -> SpooledTemporaryFile[bytes]:
        """JSON results with labels of blank nodes that SPARQL allows. Quotes inside a value are escaped, so no value is changed."""
        odd = self._engine.dialect.blank
        if not odd:
            return raw
        with raw:
            plain = _spool()
            for line in raw:
                plain.write(_BLANK.sub(rb"\1", line) if odd in line else line)
        plain.seek(0)
        return plain

    def _check_size(self, size: int) -> None:
        if size > self._answer_limit:
            what = f"the answer is larger than {self._answer_limit >> 20} MiB"
            raise errors.QueryStopped(what, expected="a LIMIT, or several queries")

    def _left(self, started: float) -> float:
        left = self._deadline - (time.monotonic() - started)
        if left <= 0:
            raise errors.QueryTimeout(f"the query was ended after {self._deadline:g} s")
        return left

    @contextlib.contextmanager
    def _place(self, started: float) -> Iterator[None]:
        """A place among the running queries, waited for until the deadline.

        :raises Busy: when too many wait.
        """
        if not self._admitted.acquire(blocking=False):
            raise errors.Busy(f"{self._queue} queries wait already", expected="another try in some seconds")
        try:
            left = self._left(started)
            with self._counting:
                self._waiting += 1
            got = self._running.acquire(timeout=left)
            with self._counting:
                self._waiting -= 1
            if not got:
                raise errors.QueryTimeout(f"the query waited for {self._deadline:g} s")
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._admitted.release()


def _spool() -> SpooledTemporaryFile[bytes]:
    return SpooledTemporaryFile(max_size=IN_MEMORY)


@contextlib.contextmanager
def _output() -> Iterator[SpooledTemporaryFile[bytes]]:
    """A file for what is written anew from the engine's answer; closed when that fails, else left open.

    :raises QueryCrashed: when the engine's answer cannot be read: some engines end a query in the middle of a 200.
    """
    output = _spool()
    try:
        yield output
    except BaseException as error:
        output.close()
        if isinstance(error, SyntaxError | ValueError):
            what = f"the engine's answer broke off or is not what it claims: {error}"
            raise errors.QueryCrashed(what) from error
        raise


def _chunks(spool: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    """What the file holds from where it stands; closed at the end."""
    with spool:
        while chunk := spool.read(IN_MEMORY):
            yield chunk


def _write_results(raw: IO[bytes], output: IO[bytes], form: QueryResultsFormat) -> None:
    """JSON results in another form. An error must not keep the solutions, which are to end in this thread."""
    found = None
    try:
        found = parse_query_results(raw, format=QueryResultsFormat.JSON)
        assert isinstance(found, QuerySolutions | QueryBoolean)  # noqa: S101 - no other is parsed
        found.serialize(output, format=form)
    finally:
        del found


def _rewound(spool: SpooledTemporaryFile[bytes]) -> tuple[SpooledTemporaryFile[bytes], int]:
    size = spool.tell()
    spool.seek(0)
    return spool, size


def _in_text(error: errors.QuerySyntaxError, before: int) -> errors.QuerySyntaxError:
    """The engine's error with the place in the query as it came, where the engine tells one that can be read.

    :param before: characters that were put before the first line.
    """
    match = _PLACE.search(error.what)
    if match is None:
        return error
    line, column = int(match[1]), int(match[2])
    column -= before if line == 1 else 0
    return syntax_error(f"error at {line}:{column}: {error.what[match.end() :]}")
