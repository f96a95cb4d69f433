"""Behind a proxy that serves the service below a path: no link leads elsewhere, and each one leads somewhere."""

from __future__ import annotations

import http.client
import json
import re
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

import stores
from service import Got, Service, serving
from web.clients import BROWSER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.server
PREFIX: Final = "/map"
RDF: Final = (".ttl", ".jsonld", ".rdf", ".nt")


class Proxy(BaseHTTPRequestHandler):
    """Takes the prefix away, as nginx and others do; what lies outside is not the service's."""

    protocol_version = "HTTP/1.1"
    backend: int

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.path.startswith(f"{PREFIX}/"):
            self.send_error(418, "outside the prefix")
            return
        connection = http.client.HTTPConnection("127.0.0.1", self.backend, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        connection.request(self.command, self.path.removeprefix(PREFIX), body or None, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method is handed on."""
        if name.startswith("do_"):
            return self._forward
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Links(HTMLParser):
    """Every address in a page that a browser would follow or fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each tag."""
        self.found += [value or "" for name, value in attrs if name in {"href", "src", "action", "formaction", "data"}]


@dataclass(frozen=True)
class Site:
    """The service as its readers reach it."""

    url: str
    service: Service

    def get(self, address: str, *, method: str = "GET", data: bytes | None = None, **headers: str) -> Got:
        """Ask for an absolute address without following redirects."""
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, data, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Got(answer.status, answer.headers, body)

    def is_inside(self, address: str) -> bool:
        """Whether the service is meant; fails for what looks like it and is not."""
        parts, own = urlsplit(address), urlsplit(self.url)
        assert parts.netloc != urlsplit(self.service.url).netloc, f"{address} is the address behind the proxy"
        if parts.netloc != own.netloc:
            return False
        assert parts.path == PREFIX or parts.path.startswith(f"{PREFIX}/"), f"{address} lies outside the prefix"
        return True


_MANY = {"audit", "compare", "export", "fdp", "linkset", "shapes", "criterion", "validate"}
_SHARE = 8
"""Of the addresses that each record has, one in so many is asked for; of the record tcia all."""
_SEARCHED = {"kind", "sort", "page", "format", "access"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    place = tmp_path_factory.mktemp("public")
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{proxy.server_port}{PREFIX}"
    with serving(f"oxigraph:{place / 'store'}", "--public-url", url, log=place / "log") as service:
        Proxy.backend = int(service.url.rpartition(":")[2])
        yield Site(url, service)
    proxy.shutdown()
    proxy.server_close()


def _linked(site: Site, address: str, got: Got) -> set[str]:
    """The addresses inside the service to which an answer leads by its text and its headers."""
    texts = re.findall(r"<([^>]*)>", ", ".join(got.headers.get_all("Link") or []))
    texts += [got.headers[name] for name in ("Content-Location", "Location") if got.headers[name]]
    if got.headers.get_content_type() == "text/html":
        texts += Links(got.body.decode()).found
    return {link for text in texts if site.is_inside(link := urldefrag(urljoin(address, text)).url)}


def test_every_link_from_the_home_page_on_stays_inside_and_answers(site: Site) -> None:
    """All pages are read, of the states of search and of what each record or rule has some; of RDF, all forms of a few pages, else one."""
    seen, new = set[str](), {f"{site.url}/"}
    pages = 0

    def visit(address: str) -> set[str]:
        got = site.get(address, Accept=BROWSER)
        wanted = (
            401 if address == f"{site.url}/register/proposals" else 200
        )  # who is not signed in gets the form for that
        assert got.status == wanted, f"{address}: {got.status}"
        return _linked(site, address, got)

    with ThreadPoolExecutor(2) as pool:
        while new:
            seen |= new
            pages += sum(not address.endswith(RDF) for address in new)
            found = set().union(*pool.map(visit, sorted(new)))
            new = {address for address in found - seen if _is_wanted(address)}
    assert pages > 400
    for path in ("/static/fairmap.css", "/sparql", "/ns", "/shapes", "/repository/tcia", "/concept/modality/mri.html"):
        assert f"{site.url}{path}" in seen, path


def site_of(address: str) -> str:
    """The part of an address that differs from run to run."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _is_one_of_many(address: str) -> bool:
    """Whether the address is one that each record or rule has, and that takes the service some work to answer."""
    parts = urlsplit(address)
    first, _, rest = parts.path.removeprefix(f"{PREFIX}/").partition("/")
    return bool(parts.query) or (bool(rest) and first in _MANY)


def _is_wanted(address: str) -> bool:
    path = urlsplit(address).path
    if path.endswith("/search"):  # it has a link to each value of each facet, from each of their combinations
        fields = parse_qsl(urlsplit(address).query)
        return len(fields) <= 1 and all(name in _SEARCHED for name, _ in fields)
    if _is_one_of_many(address):
        return "/tcia" in address or zlib.crc32(address.removeprefix(site_of(address)).encode()) % _SHARE == 0
    chosen = RDF[sum(path.rpartition(".")[0].encode()) % len(RDF)]
    return not path.endswith(RDF) or path.endswith(chosen) or "/tcia" in path


@pytest.mark.parametrize("path", ["/sparql", "/.well-known/void"])
def test_the_descriptions_name_public_addresses(site: Site, path: str) -> None:
    got = site.get(f"{site.url}{path}", Accept="application/n-triples")
    terms = {term for quad in parse(got.body, format=RdfFormat.N_TRIPLES) for term in (quad.subject, quad.object)}
    iris = {term.value for term in terms if isinstance(term, NamedNode)}
    assert {f"{site.url}/", f"{site.url}/sparql", f"{site.url}/.well-known/void#dataset"} <= iris
    own = {urldefrag(iri).url for iri in iris if site.is_inside(iri)}
    assert {site.get(address, Accept="text/turtle, */*;q=0.1").status for address in own} == {200}
    assert not any(iri.startswith(site.service.url) for iri in iris)


@pytest.mark.parametrize("path", ["/repository//tcia", "/concept/modality//mri"])
def test_a_redirect_leads_to_the_public_address(site: Site, path: str) -> None:
    address = f"{site.url}{path}?a=b"
    got = site.get(address, Accept=BROWSER)
    assert got.status == 308, got.body
    assert got.headers["Location"] == f"{site.url}{path.replace('//', '/')}?a=b"
    assert site.get(got.headers["Location"], Accept=BROWSER).status == 200


@pytest.mark.parametrize("path", ["/repository/none", "/nowhere", "/sparql?query=SELEC"])
def test_error_pages_stay_inside(site: Site, path: str) -> None:
    address = f"{site.url}{path}"
    page = site.get(address, Accept=BROWSER)
    assert page.status in {400, 404}
    for link in _linked(site, address, page) - {address}:
        assert site.get(link, Accept=BROWSER).status == 200, link
    problem = json.loads(site.get(address, Accept="application/json").body)
    assert problem["instance"] == urlsplit(address).path


def test_other_sites_may_read_it(site: Site) -> None:
    got = site.get(
        f"{site.url}/sparql", method="OPTIONS", Origin="https://example.org", Access_Control_Request_Method="POST"
    )
    assert got.status == 200
    assert got.headers["Access-Control-Allow-Origin"] == "*"
    assert {"GET", "POST"} <= set(got.headers["Access-Control-Allow-Methods"].split(", "))
    assert site.get(f"{site.url}/ns", Accept="text/turtle").headers["Access-Control-Allow-Origin"] == "*"


def test_a_new_graph_is_told_with_its_public_address(tmp_path: Path) -> None:
    store, url = f"oxigraph:{tmp_path / 'store'}", "https://example.org/map"
    arguments = ("--empty", "--no-shapes", "--public-url", url)
    with serving(store, *arguments, log=tmp_path / "log") as service:
        token = stores.token(store, "w", "--scope", "curate")
        got = service.get(
            "/store",
            data=b"<> <urn:p> 1 .",
            method="POST",
            Content_Type="text/turtle",
            Authorization=f"Bearer {token}",
        )
        assert got.status == 201
        location = got.headers["Location"]
        assert location.startswith(f"{url}/store/")
        turtle = service.get(location.removeprefix(url), Accept="application/n-triples").body.decode()
        assert turtle.startswith(f"<{location}> <urn:p> ")
