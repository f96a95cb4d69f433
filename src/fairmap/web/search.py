"""Search: ``/search`` as a page and for programs, and suggestions while somebody types."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from fairmap.errors import UsageError
from fairmap.rdf import negotiate
from fairmap.search import BY_NAME, LARGEST, SORTS, as_sparql
from fairmap.web.addresses import href, local
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, tag
from fairmap.web.deployment import deployment
from fairmap.web.representation import HTML, RDF, document
from fairmap.web.search_forms import as_csv, as_json, next_page, triples
from fairmap.web.search_page import choices, rows
from fairmap.web.search_state import PATH, State

if TYPE_CHECKING:
    from fairmap.model import Found, Suggestion

blueprint: Final = Blueprint("search", __name__)
JSON: Final = "application/json"
CSV: Final = "text/csv"
_FORMS: Final = {"html": HTML, "json": JSON, "csv": CSV, **{form.name: form.media_type for form in RDF}}
_SORT_LABELS: Final = dict(zip(SORTS, ("best match", "title", "newest", "most people"), strict=True))


@blueprint.get(PATH)
def search() -> Response:
    """A page of what is found, in the form that is wanted."""
    state, form = State.of(request.args), _form()
    if form != HTML and "size" not in request.args and form != JSON:
        state = replace(state, size=LARGEST)  # a file has all of it
    view = audience().view

    def make() -> Response:
        return _answer(state, view.find(state.search()), form)

    return conditional(tag(view.revision(), state.address(), form), make)


@blueprint.get(f"{PATH}/suggest")
def suggest() -> Response:
    """What the words so far may mean: concepts and records, each with its address."""
    text = request.args.get("q", "")
    view = audience().view

    def make() -> Response:
        found = [_suggestion(one) for one in view.suggest(text)]
        return Response(json.dumps({"query": text, "suggestions": found}, ensure_ascii=False), mimetype=JSON)

    return conditional(tag(view.revision(), f"{PATH}/suggest", text), make)


def _form() -> str:
    """The media type that is wanted.

    :raises UsageError: for a form that there is not.
    :raises NotAcceptable: when none of ours is wanted.
    """
    name = request.args.get("format")
    if name:
        if name not in _FORMS:
            raise UsageError(f"a search does not come as {name[:80]!r}", where="format", expected=", ".join(_FORMS))
        return _FORMS[name]
    return negotiate(request.headers.get("Accept"), list(dict.fromkeys([HTML, JSON, CSV, *_FORMS.values()])))


def _answer(state: State, found: Found, form: str) -> Response:
    sparql = _sparql(state, found)
    state = state.told(found)
    if form == HTML:
        return Response(_page(state, found, sparql), mimetype=HTML)
    if form == JSON:
        return Response(as_json(state, found, sparql), mimetype=JSON)
    if form == CSV:
        return Response(as_csv(found), content_type=f"{CSV}; charset=utf-8; header=present")
    chosen = next(one for one in RDF if one.media_type == form)
    return Response(document(triples(state, found), chosen), mimetype=form)


def _sparql(state: State, found: Found) -> str | None:
    """The address of the same search in the SPARQL editor; none where queries do not see all graphs at once."""
    if not deployment().settings.union:
        return None
    values = {
        name: [count.iri or count.key for count in found.facets[name] if count.is_chosen] for name in state.chosen
    }
    query = as_sparql(replace(state.search(), text=found.text), values)
    return f"/sparql?{urlencode({'query': query, 'format': 'html'})}"


def _page(state: State, found: Found, sparql: str | None) -> str:
    return render_template(
        "search.html",
        state=state,
        found=found,
        rows=rows(found.records),
        facets=choices(state, found),
        by_name=BY_NAME,
        sparql=sparql,
        sorts=[(sort, label) for sort, label in _SORT_LABELS.items() if sort != "relevance" or state.text],
        after=next_page(state, found),
        forms=[name for name in _FORMS if name != "html"],
        path=PATH,
    )


def _suggestion(found: Suggestion) -> dict[str, object]:
    is_concept = found.kind in BY_NAME
    address = local(State().toggled(found.kind, found.key).address()) if is_concept else href(found.iri)
    label = BY_NAME[found.kind].label if is_concept else found.kind.capitalize()
    return {"text": found.text, "kind": label, "iri": found.iri, "count": found.number or None, "url": address}
