"""Attacks on records that only their organisation may see, by who has no token and by another organisation: no leak."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.parse
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import stores
from attacks import BASE, EVERYTHING, GONE, HIDDEN, MARKER, PAGES, PRIVATE, QUERIES, SHADOWED, UPDATES, Attack, never
from service import Got, Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.server

OTHERS = ("anonymous", "other", "curator")
"""Who must see nothing: no token, a contributor of another organisation, a curator without an organisation."""
IRI = f"{BASE}dataset/{HIDDEN}"
AGENT = f"{BASE}agent/{HIDDEN}"
UPDATE = "application/sparql-update"


@dataclass
class World:
    """A running service in which one organisation has private records.

    :ivar before: answers about everything, by who asked and for what, before those records came.
    :ivar worthless: tokens that were worth something once.
    """

    service: Service
    tokens: dict[str, str]
    before: dict[tuple[str, str], Got]
    worthless: dict[str, str]

    def send(self, who: str, attack: Attack, **more: str) -> Got:
        """Send one request as somebody."""
        headers = {**attack.headers, **more, "X-Request-ID": "same"}
        if who in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        named = {name.replace("-", "_"): value for name, value in headers.items()}
        data = None if attack.body is None else attack.body.encode()
        return self.service.get(attack.path, data=data, method=attack.method, **named)

    def put(self, who: str, iri: str, turtle: str, more: str = "", method: str = "PUT") -> Got:
        """Put a record as somebody."""
        path = f"/store?graph={urllib.parse.quote(iri, safe='')}{more}"
        return self.send(who, Attack("put", path, None, method, turtle, {"Content-Type": "text/turtle"}))

    def update(self, who: str, text: str, more: str = "") -> Got:
        """Run an update as somebody."""
        return self.send(who, Attack("update", f"/sparql/update{more}", None, "POST", text, {"Content-Type": UPDATE}))


def run(service: Service, *arguments: object) -> str:
    done = stores.fairmap(service.store, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def agent(slug: str, name: str, more: str = "") -> str:
    source = f"{BASE}source/d31#"
    return (
        f'<{BASE}agent/{slug}> a <http://xmlns.com/foaf/0.1/Agent> ; <http://xmlns.com/foaf/0.1/name> "{name}" ; {more}'
        f"<http://www.w3.org/ns/prov#wasDerivedFrom> <{source}table-3.1-row-1> ; "
        f"<http://www.w3.org/ns/prov#wasGeneratedBy> <{source}reading> ."
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("attacks")
    with serving(f"oxigraph:{place / 'store'}", log=place / "log", query_workers=2) as service:
        tokens = {}
        for name, *options in (
            ("owner", "contribute", "--organisation", "centre"),
            ("reader", "read", "--organisation", "centre"),
            ("other", "contribute", "--organisation", "elsewhere"),
            ("curator", "curate"),
        ):
            tokens[name] = run(service, "token", "create", name, "--scope", *options).strip()
        made = World(service, tokens, {}, _worthless(service))
        assert made.put("other", f"{BASE}agent/zz-elsewhere", agent("zz-elsewhere", "Elsewhere")).status == 201
        made.before = {(who, attack.name): made.send(who, attack) for who in OTHERS for attack in EVERYTHING}
        made.before |= {(who, "metrics"): made.send(who, Attack("metrics", "/metrics")) for who in OTHERS}
        (place / "private.ttl").write_text(PRIVATE)
        run(service, "load", place / "private.ttl", "--organisation", "centre")
        gone = PRIVATE.replace(HIDDEN, GONE)
        (place / "gone.ttl").write_text(gone)
        run(service, "load", place / "gone.ttl", "--organisation", "centre")
        for kind in ("dataset", "agent"):
            iri = urllib.parse.quote(f"{BASE}{kind}/{GONE}", safe="")
            assert made.send("owner", Attack("delete", f"/store?graph={iri}", None, "DELETE")).status == 204
        note = (
            f'<{BASE}{SHADOWED}> <http://www.w3.org/2004/02/skos/core#editorialNote> "{MARKER} on a public record"@en .'
        )
        assert made.put("owner", f"{BASE}{SHADOWED}", note, method="POST").status == 204
        yield made
    assert "Traceback" not in (place / "log").read_text()


def _worthless(service: Service) -> dict[str, str]:
    """A token of the organisation that was revoked, and one that has expired."""
    made = {}
    for name in ("revoked", "expired"):
        made[name] = run(service, "token", "create", name, "--scope", "read", "--organisation", "centre").strip()
    run(service, "token", "revoke", "revoked")
    with closing(sqlite3.connect(Path(service.store.removeprefix("oxigraph:")) / "state" / "tokens.sqlite")) as base:
        base.execute("UPDATE token SET expires = '2020-01-01T00:00:00+00:00' WHERE name = 'expired'")
        base.commit()
    return made


def same(one: Got, other: Got) -> bool:
    """Whether two answers are one when the names in them are."""
    return _told(one) == _told(other)


def _told(got: Got) -> tuple[object, ...]:
    names = (
        "Content-Type",
        "Cache-Control",
        "Vary",
        "Allow",
        "WWW-Authenticate",
        "Content-Location",
        "Link",
        "Location",
    )
    headers = [never(str(got.headers.get_all(name))) for name in names]
    return got.status, "ETag" in got.headers, got.headers.get("Content-Length"), headers, never(got.body.decode())


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("attack", [*QUERIES, *PAGES], ids=str)
def test_a_private_record_is_like_one_that_has_never_existed(world: World, attack: Attack, who: str) -> None:
    hidden, twin = world.send(who, attack), world.send(who, attack.twin())
    assert MARKER not in hidden.body.decode()
    assert same(hidden, twin), (hidden.status, hidden.body, twin.status, twin.body)


@pytest.mark.parametrize("attack", [one for one in (*QUERIES, *PAGES) if one.owner_sees is not None], ids=str)
def test_its_organisation_sees_it_in_each_of_these_ways(world: World, attack: Attack) -> None:
    for who in ("owner", "reader"):
        seen, other = world.send(who, attack), world.send("anonymous", attack)
        assert (seen.status, never(seen.body.decode())) != (other.status, never(other.body.decode()))
        assert (attack.owner_sees or "") in seen.body.decode()


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("attack", EVERYTHING, ids=str)
def test_what_tells_of_everything_is_as_before(world: World, attack: Attack, who: str) -> None:
    before, now = world.before[who, attack.name], world.send(who, attack)
    assert before.status == now.status == 200
    assert now.body == before.body
    assert now.headers["ETag"] == before.headers["ETag"]
    tag = before.headers["ETag"]
    if tag:
        assert world.send(who, attack, **{"If-None-Match": tag}).status == 304


@pytest.mark.parametrize(
    "attack", [one for one in EVERYTHING if one.name not in {"ready", "countries_page", "scheme_page", "void"}], ids=str
)
def test_its_organisation_finds_it_among_everything(world: World, attack: Attack) -> None:
    assert world.send("owner", attack).body != world.send("anonymous", attack).body


@pytest.mark.parametrize("who", OTHERS)
def test_figures_tell_nothing_of_private_records(world: World, who: str) -> None:
    def figures(got: Got) -> list[str]:
        names = ("fairmap_records", "fairmap_writes", "fairmap_revision")
        return [line for line in got.body.decode().splitlines() if line.startswith(names)]

    assert figures(world.send(who, Attack("metrics", "/metrics"))) == figures(world.before[who, "metrics"])


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("attack", [*QUERIES[:8], *PAGES[:8]], ids=str)
def test_what_its_organisation_was_answered_is_not_given_to_others(world: World, attack: Attack, who: str) -> None:
    """Neither out of a cache, nor as "you have it already"."""
    owned = world.send("owner", attack)
    assert owned.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in owned.headers["Vary"]
    tag = owned.headers["ETag"]
    for more in ({}, {"If-None-Match": tag}, {"If-None-Match": tag.removeprefix("W/")}):
        asked = world.send(who, attack, **more)
        assert asked.status != 304
        assert MARKER not in asked.body.decode()
        assert "Authorization" in asked.headers["Vary"]
    assert world.send("owner", attack, **{"If-None-Match": tag}).status == 304


@pytest.mark.parametrize("update", UPDATES.values(), ids=UPDATES)
def test_an_update_of_others_neither_reads_nor_changes_it(world: World, update: str) -> None:
    before = world.send("owner", Attack("graph", f"/store?graph={urllib.parse.quote(IRI, safe='')}"))
    for who in OTHERS:
        hidden, twin = world.update(who, update), world.update(who, never(update))
        assert same(hidden, twin), (who, hidden.body, twin.body)
        assert hidden.status == 401 or who != "anonymous"
        assert world.update(who, update, "?organisation=centre").status == (401 if who == "anonymous" else 403)
    everything = run(world.service, "export") + run(world.service, "export", "--organisation", "elsewhere")
    assert MARKER not in everything
    after = world.send("owner", Attack("graph", f"/store?graph={urllib.parse.quote(IRI, safe='')}"))
    assert after.body == before.body


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_another_organisation_writes_its_own_record_of_that_name(world: World, method: str) -> None:
    owned = world.send("owner", Attack("graph", f"/agent/{HIDDEN}.nt"))
    for slug in (HIDDEN, never(HIDDEN)):
        put = world.put("other", f"{BASE}agent/{slug}", agent(slug, "Another"), method=method)
        assert put.status == 201
        seen = world.send("other", Attack("graph", f"/agent/{slug}.nt")).body.decode()
        assert seen.count("\n") == 4
        assert "Another" in seen
        assert MARKER not in seen
    assert world.send("owner", Attack("graph", f"/agent/{HIDDEN}.nt")).body == owned.body
    for slug in (HIDDEN, never(HIDDEN)):
        path = f"/store?graph={urllib.parse.quote(f'{BASE}agent/{slug}', safe='')}"
        assert world.send("other", Attack("delete", path, None, "DELETE")).status == 204
    world.service.get(f"/agent/{HIDDEN}")


@pytest.mark.parametrize("who", ["anonymous", "other", "reader", "curator"])
def test_nobody_else_takes_it_out(world: World, who: str) -> None:
    path = f"/store?graph={urllib.parse.quote(IRI, safe='')}"
    hidden = world.send(who, Attack("delete", path, None, "DELETE"))
    assert hidden.status == {"anonymous": 401, "reader": 403}.get(who, 404)
    assert same(hidden, world.send(who, Attack("delete", never(path), None, "DELETE")))
    for more in ("&organisation=centre", "&organisation=never-seen"):
        assert world.send(who, Attack("delete", path + more, None, "DELETE")).status in {401, 403}
    assert MARKER in world.send("owner", Attack("page", f"/dataset/{HIDDEN}")).body.decode()


def test_a_public_write_does_not_tell_that_an_organisation_has_that_name(world: World) -> None:
    for slug in (HIDDEN, never(HIDDEN)):
        iri = f"{BASE}agent/{slug}"
        path = f"/store?graph={urllib.parse.quote(iri, safe='')}"
        assert world.put("curator", iri, agent(slug, "Public of that name")).status == 201
        assert b"Public of that name" in world.send("anonymous", Attack("page", f"/agent/{slug}.ttl")).body
        assert world.send("curator", Attack("delete", path, None, "DELETE")).status == 204
        assert world.send("anonymous", Attack("page", f"/agent/{slug}.ttl")).status == 410
    assert MARKER in world.send("owner", Attack("page", f"/agent/{HIDDEN}.ttl")).body.decode()


@pytest.mark.parametrize("who", ["other", "curator"])
def test_judging_does_not_tell_what_a_private_record_is(world: World, who: str) -> None:
    """A publisher must be an agent: the private one is none to others."""
    found = []
    for slug in (HIDDEN, never(HIDDEN)):
        turtle = PRIVATE.replace(f"dataset/{HIDDEN}", "dataset/zz-judged").replace(f"agent/{HIDDEN}", f"agent/{slug}")
        dataset = turtle[: turtle.index(f"<{BASE}agent/{slug}> a ")].replace(
            f"distribution/{HIDDEN}", "distribution/zz-judged"
        )
        found.append(world.put(who, f"{BASE}dataset/zz-judged", dataset.replace(MARKER, "Judged")))
        path = f"/store?graph={urllib.parse.quote(f'{BASE}dataset/zz-judged', safe='')}"
        world.send(who, Attack("delete", path, None, "DELETE"))
    assert same(*found)


@pytest.mark.parametrize("shown", ["fm_wrong", "revoked", "expired", "", "a b"])
@pytest.mark.parametrize(
    "path", ["/", f"/dataset/{HIDDEN}", "/sparql?query=ASK%7B%7D", "/store?graph=http://e/", "/nowhere"]
)
def test_a_token_that_is_not_valid_opens_nothing_not_even_what_is_public(world: World, path: str, shown: str) -> None:
    got = world.service.get(path, Authorization=f"Bearer {world.worthless.get(shown, shown)}")
    assert got.status == 401
    assert got.headers["WWW-Authenticate"] == "Bearer"
    assert got.headers["Cache-Control"] == "private, no-cache"
    log = Path(world.service.store.removeprefix("oxigraph:")) / "state" / "audit.jsonl"
    last = json.loads(log.read_text().splitlines()[-1])
    assert (last["operation"], last["outcome"], last["principal"]) == ("access", "NotAuthenticated", None)
    assert "fm_" not in log.read_text()


def test_the_audit_log_tells_whose_records_were_written(world: World) -> None:
    log = Path(world.service.store.removeprefix("oxigraph:")) / "state" / "audit.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["organisation"] for line in lines if line["operation"] == "load"} == {"centre"}
    assert MARKER not in log.read_text()


@pytest.mark.parametrize(
    "path", [f"/dataset/{HIDDEN}", f"/store?graph={urllib.parse.quote(IRI, safe='')}", f"/dataset/{GONE}.ttl"]
)
@pytest.mark.parametrize("who", ["anonymous", "other"])
def test_the_time_does_not_tell_that_a_private_record_is_there(world: World, path: str, who: str) -> None:
    """Requests in pairs, each first in turn: by chance one of a pair is slower about as often as the other.

    What else the machine does hits both alike; of 40 equal pairs 34 or more come out one way eight times in a million.
    """
    slower = 0
    for number in range(40):
        took = {path: 0.0, never(path): 0.0}
        for asked in sorted(took, reverse=bool(number % 2)):
            started = time.perf_counter()
            world.send(who, Attack("timed", asked))
            took[asked] = time.perf_counter() - started
        slower += took[path] > took[never(path)]
    assert 6 < slower < 34


def test_there_are_at_least_sixty_attacks() -> None:
    names = [attack.name for attack in (*QUERIES, *PAGES, *EVERYTHING)] + list(UPDATES)
    assert len(names) == len(set(names))
    assert len(names) >= 100
