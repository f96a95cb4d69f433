"""Tags, kept answers and compression over a running service."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from fairmap.namespaces import DEFAULT_BASE
from service import Service, serving
from web.addresses import PATHS
from web.clients import AGENTS
from web.documents import agent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("cache")
    with serving(f"oxigraph:{place / 'store'}", log=place / "log") as running:
        yield running


def _sparql_path(query: str) -> str:
    return f"/sparql?query={quote(query)}"


@pytest.mark.server
@pytest.mark.parametrize("path", [*PATHS, "/.well-known/void", _sparql_path(AGENTS)])
def test_the_service_gives_304_and_gzip(service: Service, path: str) -> None:
    plain = service.get(path, Accept="text/html, text/turtle;q=0.5, */*;q=0.1")
    small = service.get(path, Accept="text/html, text/turtle;q=0.5, */*;q=0.1", Accept_Encoding="gzip")
    assert (plain.status, small.headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(small.body) == plain.body
    assert small.headers["ETag"] == plain.headers["ETag"]
    again = service.get(path, Accept="text/html, text/turtle;q=0.5, */*;q=0.1", If_None_Match=plain.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    head = service.get(path, method="HEAD", Accept="text/html, text/turtle;q=0.5, */*;q=0.1", Accept_Encoding="gzip")
    assert (head.status, head.body) == (200, b"")
    for name in ("ETag", "Content-Encoding", "Content-Type", "Cache-Control", "Vary"):
        assert head.headers[name] == small.headers[name]


@pytest.mark.server
def test_a_graph_has_a_tag_of_its_contents(service: Service) -> None:
    path = f"/store?graph={DEFAULT_BASE}repository/tcia"
    first = service.get(path, Accept="text/turtle")
    assert (first.status, first.body != b"") == (200, True)
    again = service.get(path, Accept="text/turtle", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert service.get(path, Accept="application/n-triples", If_None_Match=first.headers["ETag"]).status == 200


@pytest.mark.server
def test_all_web_processes_give_the_same_tag(service: Service) -> None:
    """Each request comes on a connection of its own, which any of the processes may take."""
    with ThreadPoolExecutor(8) as pool:
        tags = set(pool.map(lambda _: service.get("/sparql?query=ASK%7B%7D").headers["ETag"], range(40)))
    assert len(tags) == 1


@pytest.mark.server
def test_the_service_answers_anew_after_a_write(service: Service, tmp_path: Path) -> None:
    path = _sparql_path(AGENTS)
    before, page = service.get(path, Accept="text/csv"), service.get("/")
    assert service.get(path, Accept="text/csv").body == before.body
    for number in range(3):
        document = tmp_path / "agent.ttl"
        document.write_bytes(agent(f"later-{number}"))
        _load(service, document)
        after = service.get(path, Accept="text/csv", If_None_Match=before.headers["ETag"])
        assert after.status == 200
        assert f"agent/later-{number}".encode() in after.body
        assert service.get("/", If_None_Match=page.headers["ETag"]).status == 200
        before, page = after, service.get("/")


@pytest.mark.server
def test_what_is_kept_needs_no_worker(tmp_path: Path) -> None:
    path, endless = _sparql_path(AGENTS), _sparql_path("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    settings = {"query_workers": 1, "query_deadline": 4, "web_workers": 1}  # each web process keeps answers of its own
    with serving(f"oxigraph:{tmp_path / 'store'}", log=tmp_path / "log", **settings) as service:
        kept = service.get(path, Accept="text/csv")
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(service.get, endless)
            time.sleep(0.5)
            assert service.get(path, Accept="text/csv").body == kept.body
            assert service.get(path, Accept="text/csv", If_None_Match=kept.headers["ETag"]).status == 304
            assert not late.done()
            assert late.result().status == 503


def _load(service: Service, document: Path) -> None:
    subprocess.run([sys.executable, "-m", "fairmap", "--store", service.store, "load", str(document)], check=True)
