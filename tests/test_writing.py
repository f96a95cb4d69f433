"""Writing over HTTP: tokens, the Graph Store Protocol, updates; judged like everything else."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, parse

import stores
from conftest import ROOT
from fairmap.access import NOBODY, Principal, Scope, Tokens
from fairmap.errors import AccessDenied, InputError, NotAuthenticated, UsageError
from fairmap.sparql import with_using
from service import Service, serving

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

AGENT = "https://w3id.org/fairmap/agent/example"
TURTLE = (ROOT / "tests" / "shapes" / "valid" / "agent-minimal.ttl").read_bytes()
(RECORD,) = {
    str(q.subject.value).partition("#")[0]
    for q in parse(TURTLE, format=RdfFormat.TURTLE)
    if "/agent/" in str(q.subject)
}


def run(service: Service, *arguments: object) -> subprocess.CompletedProcess[str]:
    return stores.fairmap(service.store, *arguments)


def token(service: Service, name: str, *arguments: str) -> str:
    done = run(service, "token", "create", name, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("writing")
    with serving(f"oxigraph:{place / 'store'}", log=place / "log", query_deadline=3) as running:
        yield running
    assert "Traceback" not in (place / "log").read_text()


@pytest.fixture(scope="module")
def curator(service: Service) -> str:
    return "Bearer " + token(service, "curator", "--scope", "curate")


def store(graph: str) -> str:
    return "/store?" + urllib.parse.urlencode({"graph": graph})


@pytest.mark.server
def test_a_record_is_put_read_added_to_and_taken_out(service: Service, curator: str) -> None:
    at = store(RECORD)
    assert service.get(at).status == 404
    put = service.get(at, data=TURTLE, method="PUT", Content_Type="text/turtle", Authorization=curator)
    assert put.status == 201, put.body
    again = service.get(at, data=TURTLE, method="PUT", Content_Type="text/turtle", Authorization=curator)
    assert again.status == 204
    got = service.get(at, Accept="text/turtle")
    assert {str(q) for q in parse(got.body, format=RdfFormat.TURTLE)} == {
        str(q) for q in parse(TURTLE, format=RdfFormat.TURTLE)
    }
    assert service.get(at, method="HEAD").status == 200
    more = f'<{RECORD}> <http://xmlns.com/foaf/0.1/name> "Another name" .'.encode()
    assert service.get(at, data=more, method="POST", Content_Type="text/turtle", Authorization=curator).status == 204
    page = service.get(RECORD.removeprefix("https://w3id.org/fairmap"), Accept="text/turtle")
    assert b"Another name" in page.body
    assert service.get(at, method="DELETE", Authorization=curator).status == 204
    assert service.get(at, method="DELETE", Authorization=curator).status == 404
    assert service.get(RECORD.removeprefix("https://w3id.org/fairmap"), Accept="text/turtle").status == 410


@pytest.mark.server
def test_what_does_not_conform_is_refused_with_422_and_nothing_is_written(service: Service, curator: str) -> None:
    for body in (f"<{RECORD}> a <http://xmlns.com/foaf/0.1/Agent> .", '<http://other.org/x> <http://e/p> "o" .'):
        got = service.get(
            store(RECORD), data=body.encode(), method="PUT", Content_Type="text/turtle", Authorization=curator
        )
        assert got.status == 422
        assert got.headers["Content-Type"] == "application/problem+json"
    got = service.get("/store?default", data=TURTLE, method="PUT", Content_Type="text/turtle", Authorization=curator)
    assert got.status == 400
    assert service.get(store(RECORD)).status in {404, 410}


@pytest.mark.server
@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Authorization": "Bearer fm_wrong"}, 401), ({"Authorization": "Basic eDp5"}, 401)],
)
def test_without_a_valid_token_nothing_is_written(service: Service, headers: dict[str, str], status: int) -> None:
    def send(path: str, method: str, data: bytes, kind: str) -> int:
        got = service.get(path, data=data, method=method, Content_Type=kind, **headers)
        assert got.headers["WWW-Authenticate"] == "Bearer"
        return got.status

    assert send(store(RECORD), "PUT", TURTLE, "text/turtle") == status
    assert send(store(RECORD), "POST", TURTLE, "text/turtle") == status
    assert send(store("https://w3id.org/fairmap/repository/tcia"), "DELETE", b"", "text/turtle") == status
    assert send("/sparql/update", "POST", b"CLEAR ALL", "application/sparql-update") == status


@pytest.mark.server
def test_a_token_without_the_scope_is_refused_and_a_revoked_one_is_worth_nothing(service: Service) -> None:
    reader = "Bearer " + token(service, "reader", "--scope", "read")
    got = service.get(store(RECORD), data=TURTLE, method="PUT", Content_Type="text/turtle", Authorization=reader)
    assert got.status == 403
    assert "reader\tread" in run(service, "token", "list").stdout
    assert run(service, "token", "revoke", "reader").returncode == 0
    got = service.get(store(RECORD), data=TURTLE, method="PUT", Content_Type="text/turtle", Authorization=reader)
    assert got.status == 401
    assert run(service, "token", "revoke", "reader").returncode == 2
    assert run(service, "token", "create", "curator", "--scope", "read").returncode == 2
    assert run(service, "token", "create", "x", "--scope", "contribute").returncode == 2


@pytest.mark.server
def test_an_update_is_judged_and_seen_by_the_next_query(service: Service, curator: str) -> None:
    tcia = "https://w3id.org/fairmap/repository/tcia"
    note = f'INSERT DATA {{ GRAPH <{tcia}> {{ <{tcia}> <http://www.w3.org/2004/02/skos/core#editorialNote> "A note."@en }} }}'
    form = urllib.parse.urlencode({"update": note}).encode()
    kind = "application/x-www-form-urlencoded"
    assert service.get("/sparql/update", data=form, Content_Type=kind, Authorization=curator).status == 204
    ask = urllib.parse.urlencode({"query": f'ASK {{ <{tcia}> ?p "A note."@en }}'})
    assert service.get(f"/sparql?{ask}").json()["boolean"] is True
    exported = run(service, "export", tcia).stdout
    assert "A note." in exported
    undo = note.replace("INSERT DATA", "DELETE DATA").encode()
    got = service.get("/sparql/update", data=undo, Content_Type="application/sparql-update", Authorization=curator)
    assert got.status == 204
    assert service.get(f"/sparql?{ask}").json()["boolean"] is False
    assert run(service, "export", "https://w3id.org/fairmap/repository/oai").stdout.count("nonNegativeInteger") > 0


@pytest.mark.server
@pytest.mark.parametrize(
    ("update", "status"),
    [
        (
            "DELETE { GRAPH ?g { ?s <http://purl.org/dc/terms/title> ?t } } WHERE { GRAPH ?g { ?s <http://purl.org/dc/terms/title> ?t } }",
            422,
        ),
        ("INSERT DATA { <http://e/s> <http://e/p> <http://e/o> }", 400),
        ("INSERT DATA { <http://e/s> <http://e/p> }", 400),
        ("LOAD <http://127.0.0.1/>", 400),
        (
            "INSERT { GRAPH ?x { ?a ?b ?f } } WHERE { GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } GRAPH ?z { ?g ?h ?i } }",
            503,
        ),
    ],
)
def test_a_bad_update_leaves_the_store_as_it_was(service: Service, curator: str, update: str, status: int) -> None:
    before = run(service, "export").stdout
    got = service.get(
        "/sparql/update", data=update.encode(), Content_Type="application/sparql-update", Authorization=curator
    )
    assert got.status == status, got.body
    assert run(service, "export").stdout == before


@pytest.mark.server
def test_every_write_and_every_refusal_is_in_the_audit_log(service: Service, curator: str) -> None:
    service.get("/sparql/update", data=b"CLEAR ALL", Content_Type="application/sparql-update")
    put = service.get(store(RECORD), data=TURTLE, method="PUT", Content_Type="text/turtle", Authorization=curator)
    assert put.status in {201, 204}
    log = Path(service.store.removeprefix("oxigraph:")) / "state" / "audit.jsonl"
    assert oct(log.stat().st_mode & 0o777) == "0o600"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {name: lines[-2][name] for name in ("operation", "outcome", "principal")} == {
        "operation": "update",
        "outcome": "NotAuthenticated",
        "principal": None,
    }
    assert (lines[-1]["operation"], lines[-1]["outcome"], lines[-1]["principal"]) == ("put", "done", "curator")
    assert lines[-1]["graph"] == RECORD
    assert "CLEAR" not in log.read_text()
    assert "fm_" not in log.read_text()


@pytest.mark.server
def test_in_scratch_mode_any_graph_is_kept_as_it_was_sent(tmp_path: Path) -> None:
    body = b'<http://e/s> <http://e/p> 007 , "5"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> , 1.50 .'
    log = tmp_path / "log"
    with serving(f"oxigraph:{tmp_path / 'store'}", "--empty", "--no-shapes", "--no-union", log=log) as service:
        admin = "Bearer " + token(service, "admin", "--scope", "admin")
        for at in ("/store?default", store("http://e/g"), "/store/direct/name"):
            assert (
                service.get(at, data=body, method="PUT", Content_Type="text/turtle", Authorization=admin).status == 201
            )
            got = service.get(at, Accept="application/n-triples")
            sent = {str(quad) for quad in parse(body, format=RdfFormat.TURTLE)}
            assert {str(quad) for quad in parse(got.body, format=RdfFormat.N_TRIPLES)} == sent
        made = service.get("/store", data=body, method="POST", Content_Type="text/turtle", Authorization=admin)
        assert made.status == 201
        assert service.get(made.headers["Location"].removeprefix(service.url)).status == 200
        boundary = (
            b'--b\r\nContent-Disposition: form-data; name="a"; filename="a.ttl"\r\nContent-Type: text/turtle\r\n\r\n'
        )
        parts = boundary + body + b"\r\n" + boundary + b"<http://e/x> <http://e/y> <http://e/z> .\r\n--b--\r\n"
        kind = "multipart/form-data; boundary=b"
        posted = service.get(store("http://e/m"), data=parts, method="POST", Content_Type=kind, Authorization=admin)
        assert posted.status == 201
        assert len(service.get(store("http://e/m"), Accept="application/n-triples").body.splitlines()) == 4
        empty = service.get(
            store("http://e/empty"), data=b"", method="PUT", Content_Type="text/turtle", Authorization=admin
        )
        assert empty.status == 201
        assert service.get(store("http://e/empty"), Accept="application/n-triples").body == b""
    assert "NO SHAPES" in log.read_text() or service.process.returncode == 0


def test_tokens_are_kept_as_hashes_and_expire(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.sqlite")
    text = tokens.create("a", Scope.CONTRIBUTE, organisation="centre", days=1)
    assert text.encode() not in (tmp_path / "tokens.sqlite").read_bytes()
    assert tokens.principal(text) == Principal("a", Scope.CONTRIBUTE, "centre")
    expired = tokens.create("b", Scope.READ, days=0)
    for wrong in (expired, "fm_x", ""):
        with pytest.raises(NotAuthenticated):
            tokens.principal(wrong)
    with pytest.raises(UsageError, match="already"):
        tokens.create("a", Scope.READ)
    tokens.close()


def test_scopes_cover_those_before_them() -> None:
    assert [[one.covers(other) for other in Scope] for one in Scope] == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]
    with pytest.raises(NotAuthenticated):
        NOBODY.require(Scope.READ, "this")
    with pytest.raises(AccessDenied):
        Principal("x", Scope.READ).require(Scope.ADMIN, "this")


def test_a_dataset_by_protocol_and_one_in_the_update_exclude_each_other() -> None:
    with pytest.raises(InputError, match="no IRI"):
        with_using("CLEAR ALL", ["not an iri"], [])
    with pytest.raises(InputError, match="WITH"):
        with_using("WITH <http://e/g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", ["http://e/h"], [])
    text = with_using("DELETE { ?s ?p 'WHERE' } WHERE { { ?s ?p ?o } }", ["http://e/g"], ["http://e/n"])
    assert text == "DELETE { ?s ?p 'WHERE' } USING <http://e/g> USING NAMED <http://e/n> WHERE { { ?s ?p ?o } }"
