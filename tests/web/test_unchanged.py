"""What is unchanged is 304: every address that a GET is answered at, or the reason why it cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from conftest import ROOT
from fairmap.catalogue import Catalogue
from fairmap.export import projection_names
from fairmap.namespaces import DEFAULT_BASE
from web.clients import BROWSER, client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.datastructures import Headers

    from fairmap.judging import JudgeClient

RICH: Final = ROOT / "tests" / "shapes" / "valid" / "dataset-rich.ttl"
PROFILES: Final = projection_names()
SUFFIXES: Final = (".ttl", ".jsonld", ".rdf", ".nt")
HEART: Final = f"{DEFAULT_BASE}dataset/ukbiobank-heart-mri"
FRAGMENT: Final = "{fragment}"
"""Stands for the moment at which the first fragment of the map begins."""

ADDRESSES: Final[dict[str, tuple[str, ...]]] = {
    "audit.audit": ("/audit/dataset/tcia-imaging?metrics=access", "/audit/repository/tcia?metrics=d31"),
    "compare.compare": ("/compare", "/compare?record=repository/tcia&record=repository/ria&format=csv"),
    "criteria.criteria": ("/criterion", *(f"/criterion{suffix}" for suffix in (*SUFFIXES, ".html"))),
    "criteria.criterion": ("/criterion/d31-F1", "/criterion/d31-F1.ttl"),
    "criteria.shape": ("/shapes/fair/access",),
    "dcat_pages.catalog": ("/catalog", "/catalog.nt?_profile=eucaim", *(f"/catalog{suffix}" for suffix in SUFFIXES)),
    "dumps.dump": ("/dump.trig.gz", "/dump.nt.gz"),
    "exports.export": ("/export/fairmap", *(f"/export/{name}?iri={HEART}" for name in PROFILES)),
    "fdp.meta": ("/fdp/meta", "/fdp/repository/tcia/meta"),
    "fdp.page": ("/fdp/page/catalog", "/fdp/repository/tcia/page/dataset"),
    "fdp.resource": ("/fdp/catalog/imaging-health-data-map", "/fdp/dataset/tcia-imaging"),
    "fdp.root": ("/fdp",),
    "fdp.spec": ("/fdp/spec", "/fdp/repository/tcia/spec"),
    "feed.feed": ("/feed", "/feed?_profile=fairmap"),
    "feed.fragment": (f"/feed/page/{FRAGMENT}",),
    "home.home": ("/",),
    "oai.oai": (
        *(f"/oai?verb={verb}" for verb in ("Identify", "ListMetadataFormats", "ListSets")),
        *(f"/oai?verb={verb}&metadataPrefix=oai_dc" for verb in ("ListIdentifiers", "ListRecords")),
        f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={DEFAULT_BASE}repository/tcia",
        "/oai?verb=ListRecords&metadataPrefix=none",
    ),
    "partners.partners": ("/partners",),
    "pictures.fair": ("/fair",),
    "pictures.pictures": ("/map",),
    "profile_pages.page": tuple(f"/profile/{name}" for name in PROFILES),
    "profile_pages.profiles": ("/profile", *(f"/profile{suffix}" for suffix in (*SUFFIXES, ".html"))),
    "records.record": (
        "/catalog/imaging-health-data-map",
        "/repository/tcia",
        "/dataset/tcia-imaging",
        "/agent/nci",
        "/criterion/d31-F1",
        "/source/d31",
        *(f"/dataset/example-collection{suffix}" for suffix in SUFFIXES),
        "/dataset/example-collection?_profile=dcat-ap",
    ),
    "register.page": ("/register", "/register?kind=dataset"),
    "search.search": ("/search", "/search?q=brain", "/search?q=brain&format=json", "/search?format=csv"),
    "search.suggest": ("/search/suggest?q=bra",),
    "shapes.shape": ("/shapes/Dataset", "/shapes/Dataset.ttl"),
    "shapes.shapes": ("/shapes", *(f"/shapes{suffix}" for suffix in (*SUFFIXES, ".html"))),
    "signposting.linkset": ("/linkset/dataset/example-collection", "/linkset/repository/tcia"),
    "sitemap.part": (f"/sitemap/{FRAGMENT}.xml",),
    "sitemap.robots": ("/robots.txt",),
    "sitemap.sitemap": ("/sitemap.xml",),
    "sparql.sparql": ("/sparql", "/sparql?query=SELECT * { ?s ?p ?o } LIMIT 3", f"/sparql?query=DESCRIBE <{HEART}>"),
    "static": ("/static/fairmap.css", "/static/favicon.svg"),
    "validate.page": ("/validate",),
    "validate.style": ("/validate/report.css",),
    "vocabularies.concept": ("/concept/modality/mri", "/concept/modality/mri.ttl"),
    "vocabularies.context": ("/context.jsonld",),
    "vocabularies.ontology": ("/ns", *(f"/ns{suffix}" for suffix in (*SUFFIXES, ".html"))),
    "vocabularies.scheme": ("/concept/modality", "/concept/modality.jsonld"),
    "vocabularies.vocabulary": ("/vocabulary/radlex", "/vocabulary/eu"),
    "void.void": ("/.well-known/void",),
}
"""Addresses of each route, by its endpoint."""

UNTAGGED: Final = {
    "fdp.root_with_slash": "leads elsewhere (308)",
    "graph_store.get_graph": "has one, but asks the writer, which only a running service has: see test_running_service.py",
    "home.health": "says that the process answers now",
    "home.ready": "says that the view answers now",
    "operation.metrics": "figures of this moment",
    "records.distribution": "leads to the dataset (303)",
    "proposals.editing": "what waits is seen by curators only, and not stored anywhere (no-store)",
    "proposals.proposal": "what waits is seen by curators only, and not stored anywhere (no-store)",
    "proposals.proposals": "what waits is seen by curators only, and not stored anywhere (no-store)",
    "signing_in.page": "has a form for a secret, and is not stored anywhere (no-store)",
}
"""Routes whose answers have no tag here, and why."""


@pytest.fixture(scope="module")
def app(judge: JudgeClient) -> Iterator[FlaskClient]:
    """The map, and a dataset with distributions."""
    with Catalogue("memory:", DEFAULT_BASE, judging=False) as opened, pytest.MonkeyPatch.context() as patched:
        opened.load_map()
        opened.load(RICH, graph=f"{DEFAULT_BASE}dataset/example-collection")
        patched.setattr("fairmap.web.dating._SETTLED", 0)  # so that times are told at once
        yield client_of(opened.view, judge=judge)


def test_every_route_is_tried_or_has_a_reason(app: FlaskClient) -> None:
    routes = {rule.endpoint for rule in app.application.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert sorted(routes) == sorted([*ADDRESSES, *UNTAGGED])


@pytest.mark.parametrize("path", [path for paths in ADDRESSES.values() for path in paths])
def test_what_is_unchanged_is_304(app: FlaskClient, path: str) -> None:
    first = ask(app, path)
    assert (first.status, first.body != b"") == (200, True)
    held = [("If-None-Match", first.headers["ETag"])]
    held += [("If-Modified-Since", first.headers[name]) for name in ("Last-Modified",) if name in first.headers]
    for name, value in held:
        again = ask(app, path, {name: value})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


@pytest.mark.parametrize("path", ["/", *ADDRESSES["sparql.sparql"], *ADDRESSES["static"]])
def test_a_browser_has_304_too_and_nobody_for_another_tag(app: FlaskClient, path: str) -> None:
    first = ask(app, path, {"Accept": BROWSER})
    again = ask(app, path, {"Accept": BROWSER, "If-None-Match": first.headers["ETag"]})
    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert ask(app, path, {"Accept": BROWSER, "If-None-Match": '"another"'}).status == 200


def test_what_is_of_this_moment_has_no_tag(app: FlaskClient) -> None:
    for path in ("/health", "/ready", "/metrics", "/fdp/", "/distribution/example-collection-1"):
        answer = ask(app, path, {"If-None-Match": "*"})
        assert answer.status in {200, 303, 308}
        assert "ETag" not in answer.headers


def ask(app: FlaskClient, path: str, headers: dict[str, str] | None = None) -> Got:
    if FRAGMENT in path:
        path = path.replace(FRAGMENT, min(re.findall(r"/feed/page/(\d+)", app.get("/feed").text)))
    with app.get(path, headers=headers) as answer:  # files are closed, too
        return Got(answer.status_code, answer.headers, answer.data)


@dataclass(frozen=True)
class Got:
    """An answer that was read."""

    status: int
    headers: Headers
    body: bytes
