"""The questionnaire over a running service: what is typed, what is told, and who may see what waits."""

from __future__ import annotations

import gzip
import html
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from service import Got, Service, serving
from stores import fairmap as run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HIDDEN = "Unheard Archive"
GOOD = {"title": HIDDEN, "description": "Images of the unheard inner ear.", "contact": "sender@clinic.example"}
NONSENSE: dict[str, tuple[dict[str, str | list[str]], str, str]] = {
    "no name": ({"description": "A text that must stay"}, "title", "cannot be left out"),
    "a name of spaces": ({"title": "   ", "access": "A text that must stay"}, "title", "cannot be left out"),
    "a name of one letter": ({"title": "x"}, "title", "too short"),
    "a name without words": ({"title": "!!! ???"}, "title", "no word"),
    "a name of two lines": ({"title": "Two\nlines"}, "title", "more than one line"),
    "a name that never ends": ({"title": "endless " * 100}, "title", "the most"),
    "a name with a control character": ({"title": "Bell\x07s"}, "title", "U+0007"),
    "markup in place of a link": ({"homepage": "<script>alert(1)</script>"}, "homepage", "no web address"),
    "a link that runs": ({"homepage": "javascript:alert(1)"}, "homepage", "no web address"),
    "a link with a password": ({"homepage": "https://me:secret@a.example/"}, "homepage", "no web address"),
    "a link with spaces": ({"homepage": "https://a.example/x y"}, "homepage", "no web address"),
    "a link to no port": ({"homepage": "https://a.example:99999/"}, "homepage", "no web address"),
    "a description of one word": ({"description": "short"}, "description", "too short"),
    "a modality that is none": ({"modality": ["mri", "banana"]}, "modality", "not among the choices"),
    "markup in place of a topic": ({"topic": '"><b>x</b>'}, "topic", "not among the choices"),
    "no country": ({"spatial": "ESP", "spatial-other": "AUT, ZZZ"}, "spatial", "three letters"),
    "neither yes nor no": ({"downloadable": "perhaps"}, "downloadable", "neither yes nor no"),
    "two conditions of access": ({"accessCondition": ["open", "controlled"]}, "accessCondition", "More than one"),
    "known and unknown": ({"modality": "mri", "unknown-modality": "not-found"}, "modality", "Take one of the two"),
    "a reason that is none": ({"unknown-bodyPart": "because"}, "bodyPart", "no reason for not knowing"),
    "open for a fee": ({"accessCondition": "open", "accessRequirement": "fee"}, "accessRequirement", "PUBLIC"),
    "a contact that is none": ({"contact": "ask me"}, "contact", "no mail address"),
    "a filled trap": ({"website": "https://spam.example"}, "website", "Leave it empty"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("register")
    with serving(f"oxigraph:{place / 'store'}", log=place / "log", web_workers=1) as running:
        yield running


@pytest.fixture(scope="module")
def curator(service: Service) -> str:
    return _token(service, "curator", "--scope", "curate")


def _token(service: Service, name: str, *arguments: str) -> str:
    made = run(service.store, "token", "create", name, *arguments)
    return f"Bearer {made.stdout.strip()}"


def _see(service: Service, path: str, token: str | None) -> Got:
    return service.get(path, Authorization=token) if token else service.get(path)


def _send(service: Service, answers: dict[str, Any], path: str = "/register", **headers: str) -> Got:
    headers = {"Content_Type": "application/x-www-form-urlencoded", "Accept": "application/json", **headers}
    return service.get(path, data=urlencode(answers, doseq=True).encode(), **headers)


def _proposed(service: Service, **answers: str) -> str:
    taken = _send(service, {**GOOD, **answers})
    assert taken.status == 201, taken.body
    name: str = taken.json()["name"]
    return name


@pytest.mark.server
@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_told_next_to_its_question_and_nothing_typed_is_lost(service: Service, kind: str) -> None:
    typed, field, words = NONSENSE[kind]
    answers = {"title": "A name that stays", "access": "Words & <words> that stay", **typed}
    if kind == "no name":
        del answers["title"]
    answer = _send(service, answers, Accept="text/html")
    assert answer.status == 422
    page = answer.body.decode()
    question = page.partition(f'id="q-{field}"')[2].partition('id="q-')[0]
    told = [html.unescape(text) for text in re.findall(r'<p class="wrong"[^>]*>(.*?)</p>', question, re.DOTALL)]
    assert any(words in text for text in told), told
    for name, values in answers.items():
        for text in values if isinstance(values, list) else [values]:
            assert _holds(page, name, text), f"{name}={text} is lost"
    machine = _send(service, answers)
    assert (machine.status, machine.headers["Content-Type"]) == (422, "application/problem+json")
    assert field in {fault["field"] for fault in machine.json()["faults"]}


def _holds(page: str, name: str, text: str) -> bool:
    """Whether a form's field of that name still has the text, or the choice."""
    written = "".join(f"&#{ord(letter)};" if letter in "'\"" else html.escape(letter, quote=False) for letter in text)
    written = written.replace("&#34;", "&#34;")
    area = re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    if area:
        return html.unescape(area[1]) == text
    for tag in re.findall(r"<(?:input|option)\b[^>]*>", page):
        found = re.search(r'value="([^"]*)"', tag)
        if found and html.unescape(found[1]).strip() == text.strip():
            typed = f'name="{name}"' in tag and ("checked" in tag or "type=" not in tag)
            if typed or (tag.startswith("<option") and "selected" in tag):
                return True
    return not text.strip()


@pytest.mark.server
def test_good_answers_are_thanked_for_and_reloading_sends_nothing(service: Service, curator: str) -> None:
    before = len(service.get("/register/proposals", Authorization=curator).json()["proposals"])
    thanks = _send(service, GOOD, Accept="text/html")
    assert thanks.status == 200  # the redirect was followed
    assert "Thank you" in thanks.body.decode()
    assert thanks.headers["Cache-Control"] == "no-store"
    listed = service.get("/register/proposals", Authorization=curator).json()["proposals"]
    assert len(listed) == before + 1


@pytest.mark.server
def test_nobody_but_curators_sees_that_something_waits(service: Service, curator: str) -> None:
    name = _proposed(service)
    shown = service.get(f"/register/proposals/{name}", Authorization=curator).json()
    assert (shown["title"], shown["contact"]) == (HIDDEN, GOOD["contact"])
    path = "/" + shown["iri"].partition("fairmap/")[2]
    readers = [
        None,
        _token(service, "reader", "--scope", "read"),
        _token(service, "centre", "--scope", "contribute", "--organisation", "centre"),
        _token(service, "member", "--scope", "read", "--organisation", "centre"),
    ]
    query = urlencode(
        {
            "query": 'SELECT * { GRAPH ?g { ?s ?p ?o FILTER(CONTAINS(STR(?o), "nheard") || CONTAINS(STR(?g), "/proposal/")) } }'
        }
    )
    empty = service.get(f"/sparql?{query}", Accept="application/json").json()["results"]["bindings"]
    assert empty == []
    public = [
        "/dump.nt.gz",
        "/export/dcat-ap.nt",
        "/export/csv.csv",
        "/search?q=unheard&format=json",
        "/",
        "/feed",
        "/catalog.ttl",
        "/sitemap.xml",
        "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
    ]
    for reader in [*readers, curator]:
        for address in [f"/sparql?{query}", *public]:
            found = _see(service, address, reader)
            assert found.status == 200, address
            body = gzip.decompress(found.body) if address.endswith(".gz") else found.body
            assert b"unheard-archive" not in body
            assert b"clinic.example" not in body
            assert HIDDEN.encode() not in body
        assert _see(service, path, reader).status == 404
        assert _see(service, f"/proposal/{name}", reader).status == 404
        assert _see(service, f"/store?graph={shown['iri']}", reader).status == 404
    for reader in readers:
        refusals = set()
        for asked in (f"/register/proposals/{name}", "/register/proposals/000000000000", "/register/proposals"):
            refused = _see(service, asked, reader)
            refusals.add((refused.status, refused.json()["detail"].replace("list", "show")))
        assert len(refusals) == 1
        assert refusals.pop()[0] == (403 if reader else 401)
        for act in ("", "/accept", "/reject"):
            shown_token = {"Authorization": reader} if reader else {}
            refused = _send(service, {"reason": "no"}, f"/register/proposals/{name}{act}", **shown_token)
            assert refused.status == (403 if reader else 401)
    assert service.get(f"/register/proposals/{name}", Authorization=curator).json() == shown


@pytest.mark.server
def test_a_curator_edits_and_accepts(service: Service, curator: str) -> None:
    name = _proposed(service, title="Plain Archive")
    place = f"/register/proposals/{name}"
    wrong = _send(service, {"title": "", "modality": "banana"}, place, Authorization=curator)
    assert {fault["field"] for fault in wrong.json()["faults"]} == {"title", "modality"}
    edited = _send(service, {"title": "Clear Archive", "modality": "mri"}, place, Authorization=curator)
    assert edited.json() == {"name": name}
    page = service.get(place, Authorization=curator, Accept="text/html").body.decode()
    assert "Clear Archive" in page
    assert str(GOOD["contact"]) in page
    accepted = _send(service, {}, f"{place}/accept", Authorization=curator).json()
    path = "/" + accepted["iri"].partition("fairmap/")[2]
    published = service.get(path, Accept="text/turtle")
    assert published.status == 200
    assert b"Clear Archive" in published.body
    found = service.get("/search?q=clear+archive&format=json").json()["results"]
    assert found[0]["title"] == "Clear Archive"
    assert service.get(place, Authorization=curator).status == 404
    dump = gzip.decompress(service.get("/dump.nt.gz").body)
    assert b"Clear Archive" in dump
    assert b"clinic.example" not in dump


@pytest.mark.server
def test_a_rejected_proposal_is_kept_with_the_reason_alone(service: Service, curator: str) -> None:
    name = _proposed(service)
    place = f"/register/proposals/{name}"
    assert _send(service, {"reason": ""}, f"{place}/reject", Authorization=curator).status == 400
    assert run(service.store, "proposals", "reject", name, "--reason", "No images").returncode == 0
    shown = service.get(place, Authorization=curator).json()
    assert (shown["state"], shown["reason"], shown["contact"], shown["turtle"]) == ("rejected", "No images", None, "")


@pytest.mark.server
def test_each_step_stands_in_the_audit_log_without_the_answers(service: Service, curator: str, tmp_path: Path) -> None:
    name = _proposed(service)
    assert run(service.store, "proposals", "show", name).returncode == 0
    _send(service, {}, f"/register/proposals/{name}/accept", Authorization=curator)
    lines = (tmp_path.parent / service.store.removeprefix("oxigraph:") / "state" / "audit.jsonl").read_text()
    noted = [json.loads(line) for line in lines.splitlines() if name in line]
    steps = [(line["operation"], line["principal"]) for line in noted]
    assert steps == [("proposal submit", None), ("proposal show", "local"), ("proposal accept", "curator")]
    assert HIDDEN not in lines
    assert "clinic.example" not in lines


@pytest.mark.server
def test_what_is_no_form_or_too_large_is_refused(service: Service) -> None:
    assert _send(service, GOOD, Content_Type="text/turtle").status == 415
    assert _send(service, {**GOOD, "access": "x" * (1 << 20)}).status == 413
    told = _send(service, {**GOOD, "access": "word " * 10_000})
    assert (told.status, told.json()["faults"][0]["field"]) == (422, "access")


@pytest.mark.server
def test_one_client_sends_six_a_minute(tmp_path: Path) -> None:
    with serving(
        f"oxigraph:{tmp_path / 'store'}", "--empty", log=tmp_path / "log", web_workers=1, write_rate_limit=60
    ) as running:
        codes = [_send(running, {"title": ""}).status for _ in range(8)]
    assert codes == [422] * 6 + [429] * 2
