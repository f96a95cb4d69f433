"""Links for machines on the pages of records, and all of them at ``/linkset/{kind}/{id}``.

Sources: FAIR Signposting Profile, level 2; RFC 8288 (Link); RFC 9264 (linkset).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode
from werkzeug.urls import iri_to_uri

from fairmap import describe
from fairmap.namespaces import DCAT, DCT, KINDS, PREFIXES, SKOS
from fairmap.rdf import negotiate
from fairmap.web.addresses import public
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.deployment import deployment
from fairmap.web.representation import HTML, RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Triple

blueprint: Final = Blueprint("signposting", __name__)
LINKSET: Final = "application/linkset"
LINKSET_JSON: Final = "application/linkset+json"
_ITEMS: Final = 10
"""Items that stand in headers; the linkset has all."""
_DOI: Final = re.compile(r"10\.\d{4,9}/\S+\Z")
_MEDIA: Final = "https://www.iana.org/assignments/media-types/"
_SAFE: Final = re.compile(r"[!#-;=?-~]+\Z")
"""What may stand between ``<`` and ``>`` in a header."""
_TYPES: Final = {"dataset": "Dataset", "repository": "DataCatalog", "catalog": "DataCatalog", "agent": "Organization"}
"""By kind, the class of schema.org; what else is a page about something."""


@dataclass(frozen=True)
class Link:
    """A typed link.

    :ivar type: media type of what it leads to; empty: not known.
    """

    rel: str
    href: str
    type: str = ""

    @property
    def header(self) -> str:
        """As it stands in a header. Source: RFC 8288, 3."""
        return f'<{self.href}>; rel="{self.rel}"' + (f'; type="{self.type}"' if self.type else "")


def sign(response: Response, path: str, kind: str, iri: str) -> Response:
    """Put the links of a record on its page."""
    items = 0
    for link in links(path, kind, iri, describe.link_triples(audience().view, iri)):
        items += link.rel == "item"
        if link.rel != "item" or items <= _ITEMS:
            response.headers.add("Link", link.header)
    for media_type in (LINKSET, LINKSET_JSON):
        response.headers.add("Link", Link("linkset", public(f"/linkset{path}"), media_type).header)
    return response


def links(path: str, kind: str, iri: str, triples: Sequence[Triple]) -> Iterator[Link]:
    """The links of a record's page.

    :param triples: as :func:`fairmap.describe.link_triples` reads them.
    """
    found = [Link("cite-as", _doi(iri, triples) or iri)]
    found += [Link("type", f"https://schema.org/{name}") for name in (_TYPES.get(kind), "AboutPage") if name]
    found += [Link("describedby", public(path + form.suffix), form.media_type) for form in RDF]
    found += [Link("license", value) for value in _values(iri, f"{DCT}license", triples)]
    found += [Link("author", value) for value in _values(iri, f"{DCT}creator", triples)]
    for distribution in _values(iri, f"{DCAT}distribution", triples):
        found += _items(distribution, triples)
    for link in found:
        href = iri_to_uri(link.href)
        if _SAFE.match(href):
            yield Link(link.rel, href, link.type)


@blueprint.get(f"/linkset/<any({', '.join(KINDS)}):kind>/<slug:name>")
def linkset(kind: str, name: str) -> Response:
    """All links of a record's page, and back to it from its descriptions."""
    chosen = negotiate(request.headers.get("Accept"), [LINKSET, LINKSET_JSON])
    path, iri = f"/{kind}/{name}", f"{deployment().settings.base_iri}{kind}/{name}"
    view = audience().view
    revision = view.revision()

    def make() -> Response:
        found = {public(path): list(links(path, kind, iri, describe.link_triples(view, iri)))}
        found |= {public(path + form.suffix): [Link("describes", public(path), HTML)] for form in RDF}
        body = _json(found.items()) if chosen == LINKSET_JSON else _text(found.items())
        return Response(body, mimetype=chosen)

    return conditional(tag(revision, f"/linkset{path}", chosen), make, latest(revision))


def _text(sets: Iterable[tuple[str, list[Link]]]) -> str:
    """Source: RFC 9264, 4.1."""
    return ",\n".join(f'{link.header}; anchor="{anchor}"' for anchor, found in sets for link in found) + "\n"


def _json(sets: Iterable[tuple[str, list[Link]]]) -> str:
    """Source: RFC 9264, 4.2."""
    told = []
    for anchor, found in sets:
        context: dict[str, object] = {"anchor": anchor}
        for rel in dict.fromkeys(link.rel for link in found):
            targets = [link for link in found if link.rel == rel]
            context[rel] = [{"href": link.href, **({"type": link.type} if link.type else {})} for link in targets]
        told.append(context)
    return json.dumps({"linkset": told}, indent=1) + "\n"


def _values(subject: str, name: str, triples: Iterable[Triple]) -> list[str]:
    """The IRIs that a property of a thing has, in order."""
    node, link = NamedNode(subject), NamedNode(name)
    return sorted(
        triple.object.value
        for triple in triples
        if triple.subject == node and triple.predicate == link and isinstance(triple.object, NamedNode)
    )


def _doi(iri: str, triples: Sequence[Triple]) -> str | None:
    """The address of the record's DOI."""
    identifiers = {
        triple.object
        for triple in triples
        if triple.subject == NamedNode(iri) and triple.predicate == NamedNode(f"{PREFIXES['adms']}identifier")
    }
    notations = sorted(
        triple.object.value
        for triple in triples
        if triple.subject in identifiers
        and triple.predicate == NamedNode(f"{SKOS}notation")
        and isinstance(triple.object, Literal)
    )
    dois = [notation for notation in notations if _DOI.match(notation)]
    return f"https://doi.org/{dois[0]}" if dois else None


def _items(distribution: str, triples: Sequence[Triple]) -> list[Link]:
    """Where the data of a distribution are: its files, or else how to get at them."""
    types = [value.removeprefix(_MEDIA) for value in _values(distribution, f"{DCAT}mediaType", triples)]
    media_type = types[0] if types and re.fullmatch(r"[\w.+-]+/[\w.+-]+", types[0]) else ""
    files = _values(distribution, f"{DCAT}downloadURL", triples)
    if files:
        return [Link("item", file, media_type) for file in files]
    return [Link("item", address) for address in _values(distribution, f"{DCAT}accessURL", triples)]
