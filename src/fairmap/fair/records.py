"""Auditing records of a view."""

from __future__ import annotations

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
    from collections.abc import Sequence

    from fairmap.fair.assessment import Assessment
    from fairmap.fair.criteria import Criteria
    from fairmap.model import Reader

_TYPE: Final = NamedNode(f"{RDF}type")
_DATASET, _REPOSITORY = f"{DCAT}Dataset", f"{FM}Repository"


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

    def assess(self, iri: str) -> Assessment:
        """The assessment of a record.

        :raises NotFound: when the view has no such record.
        :raises Gone: when it was withdrawn.
        :raises UsageError: when it is no dataset or repository, or a repository is to be judged as a dataset.
        """
        node = NamedNode(iri)
        own = [Quad(t.subject, t.predicate, t.object) for t in self._reader.construct(load("record"), record=node)]
        if not own:
            raise self._missing(iri)
        names = self._fitting(iri, set(Graph(own).iris(node, _TYPE)))
        if names not in self._of:
            self._of[names] = Auditor(self._criteria, names, self._reader.base_iri)
        near = [] if names == (ANSWERED,) else self._reader.construct(load("neighbours"), record=node)
        quads = [*own, *(Quad(triple.subject, triple.predicate, triple.object) for triple in near)]
        (assessment,) = self._of[names].assess(quads, [node], graph_digest=digest(own))
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
