"""Running one query on one engine and writing its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Store
from pyoxigraph import serialize as engine_serialize

from fairmap.errors import EndpointFailed, NotAcceptable, QueryCrashed, QueryRefused, QuerySyntaxError
from fairmap.namespaces import PREFIXES
from fairmap.rdf import FORMATS, RESULTS, by_name, named_node
from fairmap.sparql.guard import names_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO

    from pyoxigraph import Triple

    from fairmap.errors import FairmapError
    from fairmap.rdf import Format

_PLACE: Final = re.compile(r"error at (\d+):(\d+): ")


@dataclass(frozen=True)
class Request:
    """One query and how its answer is wanted. Source: SPARQL 1.1 Protocol 2.1.

    :ivar results: name of the format for SELECT and ASK, ``None``: not wanted.
    :ivar graph: name of the format for CONSTRUCT and DESCRIBE, ``None``: not wanted.
    :ivar union: the default graph is the union of all graphs, unless the query or the next two say otherwise.
    """

    query: str
    results: str | None = "json"
    graph: str | None = "turtle"
    union: bool = True
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    base_iri: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For the wire."""
        return {name: getattr(self, name) for name in _FIELDS}


_FIELDS: Final = tuple(field.name for field in fields(Request))


def evaluate(store: Store, request: Request, restore: Callable[[Iterable[Triple]], Iterator[Triple]]) -> Prepared:
    """Start the query; its answer is written by :meth:`Prepared.write`.

    :param restore: puts literals of stored triples back as they were written.
    :raises QuerySyntaxError: with line and column.
    :raises NotAcceptable: when the answer's kind has no wanted format.
    """
    dataset: dict[str, Any] = {"use_default_graph_as_union": request.union and not names_dataset(request.query)}
    if request.default_graphs or request.named_graphs:
        dataset = {
            "default_graph": [named_node(iri, where="default-graph-uri") for iri in request.default_graphs],
            "named_graphs": [named_node(iri, where="named-graph-uri") for iri in request.named_graphs],
        }
    try:
        found = store.query(request.query, base_iri=request.base_iri, **dataset)
    except (RuntimeError, OSError) as error:
        raise engine_error(error) from error
    except SyntaxError as error:
        raise syntax_error(str(error.msg)) from error
    except ValueError as error:
        raise QuerySyntaxError(str(error)) from error
    wanted, formats = (request.graph, FORMATS) if isinstance(found, QueryTriples) else (request.results, RESULTS)
    if wanted is None:
        offered = ", ".join(f.media_type for f in formats)
        raise NotAcceptable("the answer of this query does not come in a wanted form", where="Accept", expected=offered)
    return Prepared(found, by_name(wanted, formats), restore)


class Prepared:
    """A started query. Use it in the thread that made it."""

    def __init__(
        self,
        found: QuerySolutions | QueryBoolean | QueryTriples,
        form: Format,
        restore: Callable[[Iterable[Triple]], Iterator[Triple]],
    ) -> None:
        self._found = found
        self._restore = restore
        self.format = form

    def write(self, output: IO[bytes]) -> None:
        """Write the whole answer; evaluation goes on as ``output`` takes it.

        :raises QueryRefused: for a function that the engine does not have.
        :raises QueryCrashed: when the engine gives up.
        :raises EndpointFailed: when an endpoint does that SERVICE names.
        :raises OSError: as ``output`` does.
        """
        try:
            self._write(output)
        except RuntimeError as error:
            raise engine_error(error) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise engine_error(error) from error

    def _write(self, output: IO[bytes]) -> None:
        form = self.format.engine
        if isinstance(self._found, QueryTriples):
            assert isinstance(form, RdfFormat)  # noqa: S101 - chosen from FORMATS
            engine_serialize(self._restore(self._found), output, format=form, prefixes=PREFIXES)
        else:
            assert isinstance(form, QueryResultsFormat)  # noqa: S101 - chosen from RESULTS
            self._found.serialize(output, format=form)


def engine_error(error: Exception) -> FairmapError:
    """What the engine raised while it ran, as one of our errors."""
    message = str(error)
    if isinstance(error, OSError):
        return EndpointFailed(f"an endpoint that SERVICE names could not be asked: {message}")
    if "custom function" in message.lower():
        return QueryRefused(message, expected="the functions of SPARQL 1.1")
    if "does not exist" in message or "already exists" in message:
        return QueryRefused(message, expected="SILENT, or a graph that is there")
    return QueryCrashed(f"the engine gave up: {message}")


def syntax_error(message: str) -> QuerySyntaxError:
    """The engine's message about wrong SPARQL, with its place, for people."""
    place = _PLACE.match(message)
    where = f"line {place[1]}, column {place[2]}" if place else None
    if "Prefix not found" in message:
        return QuerySyntaxError(
            "a prefix is used here that is not declared", where=where, expected="PREFIX name: <IRI>"
        )
    expected = _PLACE.sub("", message).removeprefix("expected ").removeprefix("one of ")
    return QuerySyntaxError("not SPARQL 1.1 from here on", where=where, expected=expected[:200])
