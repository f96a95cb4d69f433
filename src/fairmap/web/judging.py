"""Having things judged: what a request's view knows goes along, and nothing else of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fairmap.errors import ServiceDown
from fairmap.rdf import FORMATS, by_name, serialise
from fairmap.web.audience import audience
from fairmap.web.deployment import deployment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyoxigraph import Triple

    from fairmap.judging import Submission
    from fairmap.model import Answer

_BATCH: Final = 500
"""IRIs in one query."""
_NTRIPLES: Final = by_name("ntriples", FORMATS)


def judged(submission: Submission) -> Answer:
    """The report.

    :raises ServiceDown: when nothing is judged here.
    :raises FairmapError: as :meth:`fairmap.judging.JudgeClient.judge`.
    """
    judge = deployment().judge
    if judge is None:
        raise ServiceDown("this service does not judge")
    return judge.judge(submission, known)


def known(iris: Sequence[str]) -> Iterator[bytes]:
    """What the request's view says about these IRIs, as N-Triples."""
    view = audience().view
    for start in range(0, len(iris), _BATCH):
        named = " ".join(str(NamedNode(iri)) for iri in iris[start : start + _BATCH])
        query = (
            f"CONSTRUCT {{ ?thing ?property ?value }} WHERE {{ VALUES ?thing {{ {named} }} ?thing ?property ?value }}"
        )
        yield from view.query(query, graph=_NTRIPLES.name).chunks


def document(triples: Sequence[Triple]) -> list[bytes]:
    """Triples of the view as a document."""
    return [serialise(triples, _NTRIPLES)]
