"""``/partners``: how to harvest this service, in the words of each tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, render_template, request

from fairmap.rdf import negotiate
from fairmap.web.addresses import public
from fairmap.web.conditional import conditional, tag
from fairmap.web.representation import HTML

blueprint: Final = Blueprint("partners", __name__)


@dataclass(frozen=True)
class Way:
    """One way to take the records.

    :ivar name: of the tool or protocol.
    :ivar settings: what to fill in there: name and value.
    :ivar line: for a shell; it works as it stands.
    :ivar note: what else to know.
    """

    name: str
    settings: tuple[tuple[str, str], ...]
    line: str
    note: str


@blueprint.get("/partners")
def partners() -> Response:
    """The page."""
    negotiate(request.headers.get("Accept"), [HTML])

    def make() -> Response:
        return Response(render_template("partners.html", ways=ways(), path="/partners"), mimetype=HTML)

    return conditional(tag(0, "/partners", public("/")), make)


def ways() -> list[Way]:
    """All of them, with the addresses of this deployment."""
    pages, query = public("/catalog"), "SELECT ?title WHERE { ?r a dcat:Dataset ; dct:title ?title } LIMIT 10"
    prefixes = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>"
    return [
        Way(
            "CKAN (ckanext-dcat)",
            (
                ("Harvest source URL", f"{pages}.rdf"),
                ("Source type", "Generic DCAT RDF Harvester"),
                ("Configuration", '{"rdf_format": "application/rdf+xml", "profiles": "euro_dcat_ap_3"}'),
            ),
            f"curl -fsS '{pages}.rdf?size=20'",
            "Pages follow each other by hydra:next; a dataset keeps its IRI. For health catalogues add the profile "
            "euro_health_dcat_ap, and ?profile=healthdcat-ap to the URL.",
        ),
        Way(
            "data.europa.eu, national portals",
            (
                ("Catalogue URL", f"{pages}?profile=dcat-ap"),
                ("Format", "Turtle, RDF/XML or JSON-LD by Accept"),
                ("Paging", "Hydra"),
            ),
            f"curl -fsS -H 'Accept: text/turtle' '{pages}?profile=dcat-ap&kind=dataset'",
            "Only what changed: &modified_since=2026-01-31. What was withdrawn is told by the event stream and by OAI-PMH.",
        ),
        Way(
            "FAIR Data Point index, GDI, Health-RI",
            (
                ("FAIR Data Point", public("/fdp")),
                ("Profile", "specification 1.2"),
                ("Login, where a client needs one", "any name; the password is a token"),
            ),
            f"curl -fsS -H 'Accept: text/turtle' {public('/fdp')}",
            "Catalogues are the map and its repositories; ldp:contains leads to datasets and distributions.",
        ),
        Way(
            "OAI-PMH",
            (
                ("Base URL", public("/oai")),
                ("metadataPrefix", "oai_dc, oai_datacite (datasets), dcat_ap"),
                ("Sets", "catalog, repository, dataset"),
            ),
            f"curl -fsS '{public('/oai')}?verb=ListRecords&metadataPrefix=oai_dc&set=dataset'",
            "Withdrawn records stay listed as deleted.",
        ),
        Way(
            "LDES, DCAT-AP Feeds",
            (("Event stream", public("/feed")), ("Client", f"npx ldes-client {public('/feed')}")),
            f"curl -fsS -H 'Accept: application/trig' {public('/feed')}",
            "One event for each record, its last; full fragments never get another one.",
        ),
        Way(
            "SPARQL",
            (("Endpoint", public("/sparql")), ("Description", public("/.well-known/void"))),
            f"curl -fsS -H 'Accept: text/csv' {public('/sparql')} --data-urlencode 'query={prefixes} {query}'",
            "Queries end at a deadline; take everything with a dump.",
        ),
        Way(
            "Everything at once",
            (("TriG, a graph for each record", public("/dump.trig.gz")), ("N-Triples", public("/dump.nt.gz"))),
            f"curl -fsS {public('/dump.nt.gz')} | gunzip | wc -l",
            "Made once for each revision; ask again with If-None-Match and get 304 while nothing has changed.",
        ),
        Way(
            "One record",
            (
                ("By Accept or suffix", ".ttl, .jsonld, .rdf, .nt"),
                ("Links for machines", public("/linkset/repository/tcia")),
            ),
            f"curl -fsS -H 'Accept: application/ld+json' {public('/catalog/imaging-health-data-map')}",
            "Record pages have Signposting links and schema.org.",
        ),
    ]
