"""Compressed bodies are the plain ones."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import brotli
import pytest

from fairmap.model import Answer
from fairmap.namespaces import DEFAULT_BASE
from fairmap.web.compression import SMALLEST
from web.addresses import PATHS, SHIPPED
from web.clients import AGENTS, ask, client_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from web.views import Counting

EVERYTHING = "SELECT * WHERE { ?s ?p ?o }"


OPEN = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(("coding", "accepted"), [("br", "gzip, br"), ("gzip", "gzip, deflate")])
@pytest.mark.parametrize("path", [*PATHS, *SHIPPED, "/static/fairmap.css", "/.well-known/void"])
@pytest.mark.parametrize("accept", [None, "text/turtle, */*;q=0.1"])
def test_the_compressed_body_is_the_plain_one(
    client: FlaskClient, path: str, accept: str | None, coding: str, accepted: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    with (
        client.get(path, headers=headers) as plain,
        client.get(path, headers=headers | {"Accept-Encoding": accepted}) as small,
    ):
        assert len(plain.data) > SMALLEST
        assert OPEN[coding](small.data) == plain.data
        assert small.headers["Content-Encoding"] == coding
        assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data)
        assert "Accept-Encoding" in small.vary
        assert "Accept-Encoding" in plain.vary
        assert small.mimetype == plain.mimetype
        tags = plain.headers["ETag"], small.headers["ETag"]
    assert tags[1].startswith("W/")
    for tag in tags:
        for encoding in ("br", "gzip", "identity"):
            wanted = headers | {"Accept-Encoding": encoding, "If-None-Match": tag}
            with client.get(path, headers=wanted) as again:
                assert again.status_code == 304


@pytest.mark.parametrize(
    "accepted",
    ["", "identity", "gzip;q=0", "*;q=0", "deflate, zstd", "br;q=0, gzip;q=0", "br;q=0.1, gzip;q=0.2, identity;q=0.5"],
)
def test_who_takes_neither_coding_gets_the_plain_body(client: FlaskClient, accepted: str) -> None:
    response = client.get("/repository/tcia", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in response.headers
    assert response.text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("br", "br"),
        ("gzip;q=0.9, br;q=0.9", "br"),
        ("gzip, br;q=0.9", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("identity;q=0, gzip;q=0.5", "gzip"),
        ("identity;q=0, *;q=0.1", "br"),
        ("gzip;q=0.5, identity;q=0.5", "gzip"),
    ],
)
def test_the_coding_is_what_the_reader_likes_best(client: FlaskClient, accepted: str, coding: str) -> None:
    response = client.get("/repository/tcia", headers={"Accept-Encoding": accepted})
    assert response.headers["Content-Encoding"] == coding
    assert OPEN[coding](response.data).startswith(b"<!doctype html>")


def test_short_answers_stay_plain(client: FlaskClient) -> None:
    response = ask(client, "ASK {}", Accept_Encoding="gzip")
    assert "Content-Encoding" not in response.headers
    assert response.get_json(force=True)["boolean"] is True


@pytest.mark.parametrize("coding", ["br", "gzip"])
@pytest.mark.parametrize("room", [0, 64])
@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/csv", "application/sparql-results+xml"])
def test_answers_are_compressed_kept_or_not(view: Counting, room: int, accept: str, coding: str) -> None:
    client = client_of(view, result_cache=room)
    plain = ask(client, EVERYTHING, accept)
    small = ask(client, EVERYTHING, accept, Accept_Encoding=coding)
    assert OPEN[coding](small.data) == plain.data
    assert int(small.headers["Content-Length"]) == len(small.data)


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_an_answer_too_large_for_memory_is_compressed_as_it_goes(coding: str) -> None:
    piece = b"0123456789abcdef" * 4096

    class Large:
        base_iri = DEFAULT_BASE

        def revision(self) -> int:
            return 1

        def query(self, _text: str, **_: Any) -> Answer:
            return Answer("text/csv", iter([piece] * 200), len(piece) * 200, 1)

    client = client_of(Large())
    response = ask(client, AGENTS, "text/csv", Accept_Encoding=coding)
    assert "Content-Length" not in response.headers
    assert OPEN[coding](response.data) == piece * 200
    assert int(ask(client, AGENTS, "text/csv").headers["Content-Length"]) == len(piece) * 200
