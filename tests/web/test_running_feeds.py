"""Feeds of a running service: the lines of the page for partners, organisations, and 304 everywhere."""

from __future__ import annotations

import gzip
import html
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

import stores
from attacks import HIDDEN, MARKER, PRIVATE
from service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.server

PATHS = (
    "/catalog",
    "/catalog.rdf?size=5",
    "/feed",
    "/fdp",
    "/fdp/repository/tcia",
    "/fdp/dataset/tcia-imaging/meta",
    "/oai?verb=Identify",
    "/oai?verb=ListRecords&metadataPrefix=dcat_ap",
    "/sitemap.xml",
    "/robots.txt",
    "/linkset/repository/tcia",
    "/dump.nt.gz",
    "/partners",
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One in which an organisation has records of its own."""
    place = tmp_path_factory.mktemp("feeds")
    (place / "private.ttl").write_text(PRIVATE)
    with serving(f"oxigraph:{place / 'store'}", log=place / "log") as made:
        run(made, "load", place / "private.ttl", "--organisation", "centre")
        yield made
    assert "Traceback" not in (place / "log").read_text()


@pytest.fixture(scope="module")
def token(service: Service) -> str:
    return run(service, "token", "create", "reader", "--scope", "read", "--organisation", "centre").strip()


def run(service: Service, *arguments: object) -> str:
    done = stores.fairmap(service.store, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_line_for_partners_works_when_pasted(service: Service, tmp_path: Path) -> None:
    page = service.get("/partners", Accept="text/html").body.decode()
    lines = [html.unescape(line) for line in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)]
    assert len(lines) == 8
    for line in lines:
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
        assert done.stdout, line


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_source_is_304(service: Service, path: str) -> None:
    first = service.get(path)
    assert first.status == 200
    assert service.get(path, If_None_Match=first.headers["ETag"]).status == 304


def test_an_organisation_s_records_are_in_its_feeds_alone(service: Service, token: str) -> None:
    for path, sees in (
        ("/catalog?kind=dataset&size=250", MARKER),
        ("/oai?verb=ListRecords&metadataPrefix=oai_dc&set=dataset", MARKER),
        ("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set=dataset", HIDDEN),
    ):
        assert sees in service.get(path, Authorization=f"Bearer {token}").body.decode()
        assert sees not in service.get(path).body.decode()
    pages = re.findall(r"/feed/page/\d+", service.get("/feed", Authorization=f"Bearer {token}").body.decode())
    assert MARKER in service.get(max(pages), Authorization=f"Bearer {token}").body.decode()
    assert MARKER not in "".join(service.get(page).body.decode() for page in set(pages))


def test_a_dump_has_what_is_public_whoever_asks(service: Service, token: str) -> None:
    with_token = service.get("/dump.nt.gz", Authorization=f"Bearer {token}")
    assert with_token.body == service.get("/dump.nt.gz").body
    text = gzip.decompress(with_token.body).decode()
    assert MARKER not in text
    assert text.count("\n") > 10_000


def test_a_token_of_this_service_logs_in_at_the_fair_data_point(service: Service, token: str) -> None:
    body = f'{{"email": "x", "password": "{token}"}}'.encode()
    assert service.get("/fdp/tokens", data=body, Content_Type="application/json").json() == {"token": token}
    assert service.get("/fdp/tokens", data=b'{"password": "x"}', Content_Type="application/json").status == 401
