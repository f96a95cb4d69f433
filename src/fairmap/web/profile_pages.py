"""What each profile is: ``/profile`` and ``/profile/{name}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, render_template
from pyoxigraph import Literal, NamedNode, Triple

from fairmap.export import Source, projection, projection_names
from fairmap.export.rdf_projection import RdfProjection
from fairmap.export.writing import MEDIA_TYPES, SUFFIXES
from fairmap.namespaces import DCT, RDF, compact
from fairmap.profiles import profile
from fairmap.web.addresses import local, public
from fairmap.web.audience import audience
from fairmap.web.deployment import deployment
from fairmap.web.exports import find
from fairmap.web.representation import respond, split_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fairmap.export import Projection

blueprint: Final = Blueprint("profile_pages", __name__)
_PROF: Final = "http://www.w3.org/ns/dx/prof/"
_WORDS: Final = {
    "catalog": "the map",
    "repository": "repositories",
    "dataset": "datasets",
    "agent": "agents",
    "criterion": "criteria",
    "source": "sources",
}


@dataclass(frozen=True)
class Page:
    """A profile, as its page tells of it.

    :ivar counts: its records: kind in words, and how many there are.
    :ivar demands: what it demands of whom, and the property.
    :ivar shapes: the files that its exports are judged by.
    :ivar forms: suffix, media type and address of each form.
    """

    by: Projection
    counts: Sequence[tuple[str, int]]
    demands: Sequence[tuple[str, str, str]]
    shapes: Sequence[str]
    forms: Sequence[tuple[str, str, str]]


@blueprint.get("/profile")
@blueprint.get("/profile<any('.ttl', '.jsonld', '.rdf', '.nt', '.html'):suffix>")
def profiles(suffix: str = "") -> Response:
    """All profiles."""
    found = [projection(name) for name in projection_names()]
    return respond(
        "/profile",
        suffix,
        html=lambda: render_template("profiles.html", profiles=found, path="/profile"),
        triples=lambda: [triple for one in found for triple in _triples(one)],
        shipped=True,
    )


@blueprint.get("/profile/<slug:name>")
def page(name: str) -> Response:
    """One profile: what it is, which records it tells of, what is judged."""
    key, suffix = split_suffix(name)
    by = find(key)
    path = f"/profile/{by.name}"
    return respond(
        path,
        suffix,
        html=lambda: render_template("profile.html", page=_page(by), path=path),
        triples=lambda: _triples(by),
    )


def _page(by: Projection) -> Page:
    source = Source(audience().view)
    counts = [(_WORDS[kind], sum(1 for _ in source.iris({kind}))) for kind in _WORDS if kind in by.kinds]
    demands = by.demands if isinstance(by, RdfProjection) else ()
    return Page(
        by,
        counts,
        [(compact(demand.of), compact(demand.property).strip("<>"), demand.text) for demand in demands],
        _shapes(by),
        [(SUFFIXES[form], MEDIA_TYPES[form], local(f"/export/{by.name}{SUFFIXES[form]}")) for form in by.forms],
    )


def _shapes(by: Projection) -> list[str]:
    if by.judge is None:
        return []
    found = profile(by.judge)
    files = [*found.files, *(file for files in found.levels.values() for file in files)]
    return sorted({f"{file.parent.name}/{file.stem}" for file in files})


def _triples(by: Projection) -> Iterator[Triple]:
    """The profile by the Profiles Vocabulary. Source: W3C, The Profiles Vocabulary, 2019."""
    node = NamedNode(f"{deployment().settings.base_iri}profile/{by.name}")
    yield Triple(node, NamedNode(f"{RDF}type"), NamedNode(f"{_PROF}Profile"))
    yield Triple(node, NamedNode(f"{DCT}title"), Literal(by.title, language="en"))
    yield Triple(node, NamedNode(f"{_PROF}hasToken"), Literal(by.name))
    yield Triple(node, NamedNode(f"{_PROF}isProfileOf"), NamedNode(by.specification))
    for form in by.forms:
        export = NamedNode(public(f"/export/{by.name}{SUFFIXES[form]}"))
        yield Triple(export, NamedNode(f"{DCT}conformsTo"), node)
        yield Triple(export, NamedNode("http://www.w3.org/ns/dcat#mediaType"), Literal(MEDIA_TYPES[form]))
