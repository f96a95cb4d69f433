"""The endpoint: ``/sparql``. Source: SPARQL 1.1 Protocol, query operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from fairmap.errors import FairmapError
from fairmap.rdf import negotiate
from fairmap.sparql import is_deterministic
from fairmap.web.audience import audience
from fairmap.web.begun import of_environ
from fairmap.web.conditional import NO_STORE, conditional, tag
from fairmap.web.deployment import deployment
from fairmap.web.editor import has_editor
from fairmap.web.errors import RETRY_AFTER, status_of
from fairmap.web.examples import examples
from fairmap.web.protocol import FORM, QUERY, Operation
from fairmap.web.representation import HTML, RDF
from fairmap.web.result_forms import ResultForms, answer_tag, of_accept, of_name
from fairmap.web.result_page import Preview, preview
from fairmap.web.void import description

if TYPE_CHECKING:
    from http import HTTPStatus

    from werkzeug.datastructures import MultiDict

    from fairmap.model import Answer

blueprint: Final = Blueprint("sparql", __name__)
_READS: Final = frozenset({"GET", "HEAD"})


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query, or tell about the endpoint when none is given."""
    if request.method in _READS and "query" not in request.args:
        return _about()
    operation = _operation()
    _check_length(operation.query)
    forms = of_name(operation.format) if operation.format else of_accept(request.headers.get("Accept"))
    if not is_deterministic(operation.query):
        response = _answered(operation, forms, None)
        response.headers["Cache-Control"] = NO_STORE
        return response
    begun = of_environ(request.environ)
    revision = begun.revision if begun else audience().view.revision()
    if request.method in _READS:
        return conditional(_tag(operation, forms, revision), lambda: _answered(operation, forms, revision))
    return _answered(operation, forms, revision)


def _answered(operation: Operation, forms: ResultForms, revision: int | None) -> Response:
    """The answer, or a page with its beginning.

    :param revision: of the view, when the answer depends on nothing else; ``None``: it differs each time.
    """
    if forms.html:
        return _result_page(operation, revision)
    answer = _run(operation, forms, revision)
    response = Response(answer.chunks, mimetype=answer.media_type)
    if answer.size is not None:
        response.content_length = answer.size
    response.vary.add("Accept")
    return response


def _tag(operation: Operation, forms: ResultForms, revision: int) -> str:
    return answer_tag(deployment().run, audience().name, operation, forms, revision)


def _operation() -> Operation:
    """The operation in the request: in its address, its form, or as its body.

    :raises BadRequest: without a query, with two, or when it is not UTF-8.
    :raises UnsupportedMediaType: when it comes as something else.
    """
    if request.method in _READS:
        return _of_fields(request.args)
    if request.mimetype == FORM:
        return _of_fields(request.form)
    if request.mimetype != QUERY:
        found = request.mimetype or "nothing"
        raise UnsupportedMediaType(f"a query comes as {QUERY} or {FORM}, not as {found}")
    try:
        text = request.get_data().decode()
    except UnicodeDecodeError as error:
        raise BadRequest("the query is not UTF-8") from error
    return _of_fields(request.args, text)


def _of_fields(fields: MultiDict[str, str], text: str | None = None) -> Operation:
    queries = fields.getlist("query") if text is None else [text]
    if len(queries) != 1:
        raise BadRequest(f"one query was expected, {len(queries) or 'none'} came")
    return Operation(
        queries[0],
        fields.get("format") or None,
        tuple(fields.getlist("default-graph-uri")),
        tuple(fields.getlist("named-graph-uri")),
    )


def _check_length(query: str) -> None:
    allowed = deployment().settings.query_length
    size = len(query.encode(errors="replace"))
    if size > allowed:
        raise RequestEntityTooLarge(f"the query has {size} bytes, at most {allowed} are run")


def _run(operation: Operation, forms: ResultForms, revision: int | None) -> Answer:
    """The answer, kept from an earlier run where that is possible."""
    here = deployment()
    begun = of_environ(request.environ)
    if begun:
        return begun.answer()

    def run() -> Answer:
        return audience().view.query(
            operation.query,
            results=forms.results,
            graph=forms.graph,
            union=here.settings.union,
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
        )

    return run() if revision is None else here.answers.answer(_tag(operation, forms, revision), revision, run)


def _about() -> Response:
    """The form for browsers, the service description for others."""
    offered = [*(form.media_type for form in RDF), HTML]
    chosen = negotiate(request.headers.get("Accept"), offered)
    if chosen == HTML:
        return conditional(tag(0, "/sparql", HTML), lambda: _page(examples()[0].query))
    return description("/sparql", next(form for form in RDF if form.media_type == chosen))


def _result_page(operation: Operation, revision: int | None) -> Response:
    """The form with the answer below it, or with what is wrong with the query."""
    try:
        found = preview(_run(operation, ResultForms("tsv", "turtle"), revision))
    except FairmapError as error:
        status = status_of(type(error))
        response = _page(operation.query, error=error, status=status)
        if status == status.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = RETRY_AFTER
    else:
        response = _page(operation.query, found)
    response.vary.add("Accept")
    return response


def _page(
    query: str, found: Preview | None = None, error: FairmapError | None = None, status: HTTPStatus | int = 200
) -> Response:
    downloads = ("json", "xml", "csv", "tsv") if found is None or found.text is None else tuple(f.name for f in RDF)
    page = render_template(
        "sparql.html",
        query=query,
        found=found,
        error=error,
        downloads=downloads,
        examples=examples(),
        path="/sparql",
        has_editor=has_editor(),
    )
    return Response(page, status, mimetype=HTML)
