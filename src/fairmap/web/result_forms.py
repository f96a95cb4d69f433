"""In which forms an answer may come: by the Accept header or by ``format=``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fairmap.errors import NotAcceptable, UsageError
from fairmap.rdf import RESULTS, negotiate
from fairmap.web.conditional import tag_of
from fairmap.web.representation import HTML, RDF

if TYPE_CHECKING:
    from fairmap.web.protocol import Operation


@dataclass(frozen=True)
class ResultForms:
    """Names of the forms for the two kinds of answer; ``None``: not wanted in any.

    :ivar results: for SELECT and ASK.
    :ivar graph: for CONSTRUCT and DESCRIBE.
    :ivar html: a page is wanted more than either.
    """

    results: str | None
    graph: str | None
    html: bool = False


_NAMED: Final = {
    "json": ResultForms("json", "jsonld"),
    "xml": ResultForms("xml", "rdfxml"),
    "csv": ResultForms("csv", None),
    "tsv": ResultForms("tsv", None),
    "turtle": ResultForms(None, "turtle"),
    "n3": ResultForms(None, "turtle"),
    "ntriples": ResultForms(None, "ntriples"),
    "jsonld": ResultForms(None, "jsonld"),
    "json-ld": ResultForms(None, "jsonld"),
    "rdfxml": ResultForms(None, "rdfxml"),
    "rdf+xml": ResultForms(None, "rdfxml"),
    "rdf": ResultForms(None, "rdfxml"),
    "html": ResultForms("json", "turtle", html=True),
}
_RESULT_NAMES: Final = {media_type: form.name for form in RESULTS for media_type in form.media_types}
_GRAPH_NAMES: Final = {media_type: form.name for form in RDF for media_type in form.media_types}


def of_name(name: str) -> ResultForms:
    """The forms of ``format=``, with the names that query tools send.

    :raises UsageError: for another name.
    """
    if name.lower() not in _NAMED:
        raise UsageError(f"there is no format {name!r}", where="format", expected=", ".join(_NAMED))
    return _NAMED[name.lower()]


def of_accept(accept: str | None) -> ResultForms:
    """The best form for either kind of answer.

    :raises NotAcceptable: when the header wants no form of either.
    """
    offered = [*_RESULT_NAMES, *_GRAPH_NAMES, HTML]
    if negotiate(accept, offered) == HTML:
        return _NAMED["html"]
    return ResultForms(_best(accept, _RESULT_NAMES), _best(accept, _GRAPH_NAMES))


def answer_tag(run: str, audience: str, operation: Operation, forms: ResultForms, revision: int) -> str:
    """The tag of an answer in its form; also the key under which it is kept."""
    form = HTML if forms.html else None
    graphs = operation.default_graphs, operation.named_graphs
    return tag_of(run, audience, revision, "/sparql", form, forms.results, forms.graph, operation.query, *graphs)


def _best(accept: str | None, names: dict[str, str]) -> str | None:
    try:
        return names[negotiate(accept, list(names))]
    except NotAcceptable:
        return None
