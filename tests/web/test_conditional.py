"""Tags: what they tell apart, what they outlive, and what is answered with 304."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import fairmap
from fairmap import errors
from fairmap.namespaces import DEFAULT_BASE
from web.addresses import PATHS, SHIPPED
from web.clients import AGENTS, ask, client_of
from web.documents import agent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from fairmap.catalogue import Catalogue
    from web.views import Counting

RDF = {"Accept": "text/turtle"}


@pytest.fixture
def own() -> Iterator[Catalogue]:
    """The map, for a test that writes to it."""
    with fairmap.open("memory:") as opened:
        opened.load_map()
        yield opened


@pytest.mark.parametrize("path", [*PATHS, *SHIPPED, "/.well-known/void"])
def test_an_answer_has_a_tag_that_gives_304(client: FlaskClient, view: Counting, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert {"Accept", "Accept-Encoding"} <= set(first.vary)
    assert client.get(path).headers["ETag"] == first.headers["ETag"]
    asked = view.queries
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert view.queries == asked
    for name in ("ETag", "Cache-Control", "Vary", "Content-Location"):
        assert again.headers.get(name) == first.headers.get(name)


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/"])
def test_each_form_has_a_tag_of_its_own(client: FlaskClient, path: str) -> None:
    accepted = ("text/html", "text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples")
    tags = {client.get(path, headers={"Accept": accept}).headers["ETag"] for accept in accepted}
    assert len(tags) == len(accepted)


def test_each_thing_has_a_tag_of_its_own(client: FlaskClient) -> None:
    assert len({client.get(path).headers["ETag"] for path in (*PATHS, *SHIPPED)}) == len(PATHS) + len(SHIPPED)


def test_one_form_has_one_tag_however_it_is_asked_for(client: FlaskClient) -> None:
    by_suffix = client.get("/repository/tcia.ttl").headers["ETag"]
    assert client.get("/repository/tcia", headers=RDF).headers["ETag"] == by_suffix


def test_any_of_several_tags_matches_and_another_does_not(client: FlaskClient) -> None:
    tag = client.get("/repository/tcia").headers["ETag"]
    strong = tag.removeprefix("W/")
    for value, status in ((f'"x", {tag}', 304), (strong, 304), ('"x"', 200), ("*", 200)):
        assert client.get("/repository/tcia", headers={"If-None-Match": value}).status_code == status


def test_what_is_not_there_is_told_whatever_tag_comes(client: FlaskClient) -> None:
    for value in ("*", client.get("/repository/tcia").headers["ETag"]):
        missing = client.get("/repository/nowhere", headers={"If-None-Match": value})
        assert missing.status_code == 404
        assert "ETag" not in missing.headers


@pytest.mark.parametrize("path", [*PATHS, *SHIPPED])
def test_head_has_the_headers_of_get(client: FlaskClient, path: str) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}, RDF if path not in {"/", "/context.jsonld"} else {}):
        got, head = client.get(path, headers=headers), client.head(path, headers=headers)
        assert head.data == b""
        again = client.get(path, headers=headers)  # Last-Modified is told from two seconds after a change on
        told = [{name: value for name, value in each.headers if name != "X-Request-ID"} for each in (got, head, again)]
        assert told[1] in (told[0], told[2])


def test_a_write_changes_the_tag_and_the_answer(own: Catalogue) -> None:
    client = client_of(own.view)
    paths = [*PATHS[:1], *PATHS[2:], "/.well-known/void"]
    before = {path: client.get(path).headers["ETag"] for path in paths}
    shipped = {path: client.get(path).headers["ETag"] for path in SHIPPED}
    rows, tag = ask(client, AGENTS, "text/csv"), ask(client, AGENTS, "text/csv").headers["ETag"]
    own.load(agent("added"))
    for path, old in before.items():
        response = client.get(path, headers={"If-None-Match": old})
        assert response.status_code == 200
        assert response.headers["ETag"] != old
    assert {path: client.get(path).headers["ETag"] for path in SHIPPED} == shipped
    after = ask(client, AGENTS, "text/csv", If_None_Match=tag)
    assert after.status_code == 200
    assert set(after.text.split()) - set(rows.text.split()) == {f"{DEFAULT_BASE}agent/added"}


def test_a_tag_does_not_outlive_the_program_that_gave_it(catalogue: Catalogue) -> None:
    tag = client_of(catalogue.view).get("/repository/tcia").headers["ETag"]
    other = client_of(catalogue.view).get("/repository/tcia", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_a_view_that_is_down_is_told_and_shapes_are_served_without_it() -> None:
    class Down:
        base_iri = DEFAULT_BASE

        def revision(self) -> int:
            raise errors.ServiceDown("the view is not up")

    client = client_of(Down())
    assert client.get("/shapes").status_code == 200
    for path in (*PATHS[:1], *PATHS[2:], "/sparql?query=ASK%7B%7D", "/.well-known/void"):
        response = client.get(path)
        assert (response.status_code, "ETag" in response.headers) == (503, False)
