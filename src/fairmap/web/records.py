"""Records and distributions: ``/{kind}/{slug}``."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, redirect, render_template
from pyoxigraph import NamedNode

from fairmap import describe
from fairmap.errors import NotFound
from fairmap.namespaces import DCAT, KINDS
from fairmap.profiles import OWN
from fairmap.web.addresses import local
from fairmap.web.audience import audience
from fairmap.web.beside import beside
from fairmap.web.deployment import deployment
from fairmap.web.exports import record_in_profile, split
from fairmap.web.held import held
from fairmap.web.profile_choice import chosen, tell_others
from fairmap.web.representation import HTML, PAGE_SUFFIXES, respond, split_suffix, wanted
from fairmap.web.signposting import sign
from fairmap.web.structured import structured_data

if TYPE_CHECKING:
    from fairmap.web.view import View

blueprint: Final = Blueprint("records", __name__)
_DISTRIBUTION: Final = re.compile(r"(?P<dataset>.+)-(?P<number>\d+)\Z")


@blueprint.get(f"/<any({', '.join(KINDS)}):kind>/<slug:name>")
def record(kind: str, name: str) -> Response:
    """A record: HTML, its graph, or in the profile that is asked for."""
    by = chosen(kind)
    slug, suffix = split_suffix(name)
    if by and not suffix:
        slug, suffix = split(name)
    view = audience().view
    iri = f"{deployment().settings.base_iri}{kind}/{slug}"
    path = f"/{kind}/{slug}"
    if by and (by.name != OWN or suffix not in PAGE_SUFFIXES):
        return record_in_profile(by, path, suffix, iri)
    response = respond(
        path,
        suffix,
        html=lambda: _page(view, iri, path),
        triples=lambda: describe.graph_triples(view, iri),
        kept=kind != "dataset",  # of those there may be more than are read twice
    )
    tell_others(response, path, kind)
    is_page = response.status_code == HTTPStatus.OK and response.mimetype == HTML
    return sign(response, path, kind, iri) if is_page else response


def _page(view: View, iri: str, path: str) -> str:
    page = describe.record(view, iri)
    structured = structured_data(view, iri, holds=page.datasets or 0)
    many = held(view, page)
    shown = many.in_page(page) if many else page
    told = {"beside": beside(view, page), "held": many, "structured": structured}
    return render_template("record.html", page=shown, path=path, **told)


@blueprint.get("/distribution/<slug:name>")
def distribution(name: str) -> Response:
    """To the place in the dataset's page, or the dataset's graph, that tells of a distribution."""
    stem, suffix = split_suffix(name)
    form = wanted(suffix)
    base_iri = deployment().settings.base_iri
    match = _DISTRIBUTION.match(stem)
    dataset = f"dataset/{match['dataset']}" if match else ""
    if not match or not _holds(f"{base_iri}{dataset}", f"{base_iri}distribution/{stem}"):
        raise NotFound("there is no such distribution", where=f"{base_iri}distribution/{stem}")
    target = f"/{dataset}{form.suffix}" if form else f"/{dataset}#distribution-{match['number']}"
    response = redirect(local(target), 303, Response)
    response.vary.add("Accept")
    assert isinstance(response, Response)  # noqa: S101 - the class was given
    return response


def _holds(dataset: str, iri: str) -> bool:
    """Whether a dataset that is there has this distribution.

    :raises Gone: when the dataset was withdrawn.
    """
    link = NamedNode(f"{DCAT}distribution")
    triples = describe.graph_triples(audience().view, dataset)
    return any(triple.predicate == link and triple.object == NamedNode(iri) for triple in triples)
