"""Search over a running service: each audience finds what it may see, and a change is found by the next search."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest

import stores
from service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.server
DATASET = "https://w3id.org/fairmap/dataset/hidden"
BODY = f"""<{DATASET}> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "Zebrafish larynx"@en ;
    <http://purl.org/dc/terms/license> <https://example.org/secret-terms> .""".encode()
ADDRESSES = (
    "/search?q=zebrafsh",
    "/search?q=larynx",
    "/search",
    "/search?kind=dataset&sort=newest",
    "/search/suggest?q=zebra",
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("search")
    with serving(
        f"oxigraph:{folder / 'store'}", "--no-shapes", log=folder / "log", web_workers=1, query_workers=2
    ) as running:
        yield running
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture(scope="module")
def owner(service: Service) -> str:
    return token(service, "owner", "--scope", "contribute", "--organisation", "centre")


def token(service: Service, *arguments: str) -> str:
    return stores.token(service.store, *arguments)


def asked(service: Service, address: str, bearer: str | None = None) -> Any:
    shown = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    got = service.get(address, data=None, method=None, Accept="application/json", **shown)
    assert got.status == 200, got.body
    return got.json()


def change(service: Service, method: str, bearer: str) -> None:
    path = f"/store?graph={urllib.parse.quote(DATASET, safe='')}"
    body = BODY if method == "PUT" else None
    got = service.get(path, data=body, method=method, Content_Type="text/turtle", Authorization=f"Bearer {bearer}")
    assert got.status in {200, 201, 204}, got.body


def test_what_only_an_organisation_sees_is_found_by_it_alone(service: Service, owner: str) -> None:
    """Nothing of it shows in counts, corrections, suggestions or facets of others."""
    before = [asked(service, address) for address in ADDRESSES]
    change(service, "PUT", owner)
    assert [asked(service, address) for address in ADDRESSES] == before
    mended = asked(service, "/search?q=zebrafsh", owner)
    assert (mended["corrected"], [record["iri"] for record in mended["results"]]) == (True, [DATASET])
    assert asked(service, "/search?kind=dataset", owner)["total"] == asked(service, "/search?kind=dataset")["total"] + 1
    assert [one["iri"] for one in asked(service, "/search/suggest?q=zebra", owner)["suggestions"]] == [DATASET]
    change(service, "DELETE", owner)
    assert asked(service, "/search?q=larynx", owner)["total"] == 0
    assert asked(service, "/search/suggest?q=zebra", owner)["suggestions"] == []


def test_a_public_change_is_found_by_the_next_search(service: Service) -> None:
    curator = token(service, "curator", "--scope", "curate")
    for _ in range(3):
        change(service, "PUT", curator)
        found = asked(service, "/search?q=larynx")
        assert found["total"] == 1
        assert [value["value"] for value in found["facets"]["licence"]] == ["https://example.org/secret-terms"]
        change(service, "DELETE", curator)
        assert asked(service, "/search?q=larynx")["total"] == 0


def test_the_page_comes_from_the_service_with_its_script(service: Service) -> None:
    page = service.get("/search?q=brain", Accept="text/html")
    assert page.status == 200
    assert b'src="/static/suggest.js"' in page.body
    script = service.get("/static/suggest.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
