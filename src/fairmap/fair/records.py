"""Auditing records of a view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad

from fairmap.errors import Gone, NotFound, UsageError
from fairmap.fair.audit import Auditor
from fairmap.fair.criteria import ANSWERED, METRIC_SETS
from fairmap.fair.graph import Graph
from fairmap.fair.queries import load
from fairmap.namespaces import DCAT, FM, RDF
from fairmap.rdf import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Triple

    from fairmap.fair.assessment import Assessment
    from fairmap.fair.criteria import Criteria
    from fairmap.model import Reader

_TYPE: Final = NamedNode(f"{RDF}type")
_DATASET, _REPOSITORY = f"{DCAT}Dataset", f"{FM}Repository"


@dataclass(frozen=True)
class Gathered:
    """What an audit of a record needs.

    :ivar names: of the metric sets that judge it.
    :ivar own: the record's graph; of a repository without the datasets that it holds.
    :ivar near: what hangs together with it.
    """

    node: NamedNode
    names: tuple[str, ...]
    own: Sequence[Triple]
    near: Sequence[Triple]


class RecordAuditor:
    """Judges records of a view, one by one.

    :param names: of metric sets; none: all that fit, which is D3.1 alone for a repository.
    """

    def __init__(self, reader: Reader, criteria: Criteria, names: Sequence[str] = ()) -> None:
        self._reader = reader
        self._names = tuple(names)
        self._criteria = criteria
        self._of: dict[tuple[str, ...], Auditor] = {}

    def iris(self) -> list[str]:
        """The datasets and repositories that the metric sets can judge."""
        rows = self._reader.select(load("subjects"))
        iris = [row["record"].value for row in rows]
        if not self._names or ANSWERED in self._names:
            return iris
        return [iri for iri in iris if iri.startswith(f"{self._reader.base_iri}dataset/")]

    def gather(self, iri: str) -> Gathered:
        """What an audit of a record needs.

        :raises NotFound: when the view has no such record.
        :raises Gone: when it was withdrawn.
        :raises UsageError: when it is no dataset or repository, or a repository is to be judged as a dataset.
        """
        node = NamedNode(iri)
        is_repository = iri.startswith(f"{self._reader.base_iri}repository/")
        own = self._reader.construct(load("described" if is_repository else "record"), record=node)
        if not own:
            raise self._missing(iri)
        names = self._fitting(iri, set(Graph(_quads(own)).iris(node, _TYPE)))
        near = [] if names == (ANSWERED,) else neighbours(self._reader, node)
        return Gathered(node, names, own, near)

    def assess(self, iri: str) -> Assessment:
        """The assessment of a record; errors as :meth:`gather`."""
        found = self.gather(iri)
        if found.names not in self._of:
            self._of[found.names] = Auditor(self._criteria, found.names, self._reader.base_iri)
        own = _quads(found.own)
        (assessment,) = self._of[found.names].assess(
            [*own, *_quads(found.near)], [found.node], graph_digest=digest(own)
        )
        return assessment

    def _fitting(self, iri: str, types: set[str]) -> tuple[str, ...]:
        """The metric sets that judge a thing of these types."""
        if _DATASET in types:
            return self._names or METRIC_SETS
        if _REPOSITORY not in types:
            raise UsageError("this record is no dataset and no repository", where=iri)
        if self._names and ANSWERED not in self._names:
            what = "a repository is judged by the questions of D3.1 only; its datasets by all metric sets"
            raise UsageError(what, where=iri, expected=f"metric set {ANSWERED}")
        return (ANSWERED,)

    def _missing(self, iri: str) -> NotFound:
        since = self._reader.gone().get(iri)
        if since:
            return Gone(f"the record was withdrawn on {since[:10]}", where=iri)
        return NotFound("there is no such record", where=iri)


def neighbours(reader: Reader, record: NamedNode) -> list[Triple]:
    """What hangs together with a dataset: the graphs of what points to it, has its identifier, or is pointed to by it. Two queries."""
    graphs = [str(row["graph"]) for row in reader.select(load("neighbours"), record=record)]
    if not graphs:
        return []
    return reader.construct(load("graphs").replace("$graphs", " ".join(graphs)), record=record)


def _quads(triples: Iterable[Triple]) -> list[Quad]:
    return [Quad(triple.subject, triple.predicate, triple.object) for triple in triples]
