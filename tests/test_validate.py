"""``fairmap validate``: what can be judged, by what, and what exit code comes of it."""

from __future__ import annotations

import io
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest
from click.testing import CliRunner

from conftest import ROOT
from fairmap.catalogue import Document
from fairmap.catalogue.judging import Judge
from fairmap.catalogue.remote import Limits, pages
from fairmap.cli import main
from fairmap.cli.progress import Progress
from fairmap.config import Settings
from fairmap.errors import RemoteFailed, UsageError
from fairmap.namespaces import DEFAULT_BASE
from fairmap.resources import folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

COMPLETE = ROOT / "tests" / "profiles" / "complete"
MAP = folder("data") / "imaging-health-data-map.trig"
TCIA = f"{DEFAULT_BASE}repository/tcia"
DATASET = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://example.org/dataset/1> a dcat:Dataset ; dct:title "One"@en ; dct:description "First."@en .
"""
NO_TITLE = DATASET.replace('dct:title "One"@en ; ', "")


def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["validate", *map(str, arguments)], input=stdin)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    uri = f"oxigraph:{tmp_path_factory.mktemp('validate') / 'store'}"
    done = CliRunner().invoke(main, ["load", "--store", uri, str(MAP)])
    assert done.exit_code == 0, done.stderr
    return uri


def test_standard_input_is_judged_in_the_form_it_looks_like_or_is_said_to_be() -> None:
    assert run("-", "--profile", "dcat-ap", stdin=DATASET).exit_code == 0
    done = run("-", "--profile", "dcat-ap", "--input-format", "turtle", stdin=NO_TITLE)
    assert done.exit_code == 1
    assert "standard input:2" in done.stdout
    assert run("-", "--profile", "dcat-ap", "--format-in", "rdfxml", stdin=DATASET).exit_code == 2


def test_the_store_is_judged_by_profiles_and_shapes_too(store: str, tmp_path: Path) -> None:
    assert run("--store", store).stdout == "162 records: conforms\n"
    by_profile = run("--store", store, "--profile", "dcat-ap", "--format", "json")
    assert by_profile.exit_code == 1
    assert len(json.loads(by_profile.stdout)["records"]) > 47
    shapes = tmp_path / "own.ttl"
    shapes.write_text("""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix fm: <https://w3id.org/fairmap/ns#> .
    <urn:own> a sh:NodeShape ; sh:targetClass fm:Repository ; sh:property [ sh:path fm:never ; sh:minCount 1 ] .""")
    by_shapes = run("--store", store, "--shapes", shapes, "--cap", 0)
    assert by_shapes.exit_code == 1
    assert "47 times" in by_shapes.stdout
    one = run("--store", store, "--shapes", shapes, TCIA)
    assert "1 record: does not conform (1 violation)" in one.stdout


def test_one_record_of_the_store_is_judged_by_its_iri(store: str) -> None:
    assert run("--store", store, TCIA).stdout == "1 record: conforms\n"
    done = run("--store", store, "--profile", "dcat-ap", "--severity", "violation", TCIA)
    assert done.stdout.count("https://w3id.org/fairmap/repository/") == 1
    assert "The Cancer Imaging Archive" in done.stdout
    for profile in ("fairmap", "dcat-ap"):
        unknown = run("--store", store, "--profile", profile, f"{DEFAULT_BASE}repository/none")
        assert (unknown.exit_code, unknown.stdout) == (2, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--shapes", "x.ttl", "--profile", "fairmap", "y.ttl"),
        ("--engine", "pyshacl"),
        ("--input-format", "turtle"),
        ("--organisation", "x", "y.ttl"),
        (TCIA, "x.ttl"),
        ("nowhere.ttl",),
        ("https://example.org/catalog",),
        ("--format", "pdf", "x.ttl"),
    ],
)
def test_wrong_usage_is_2_without_a_report(arguments: tuple[str, ...]) -> None:
    done = run("--store", "memory:", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


def test_shapes_of_ones_own_judge_descriptions_that_are_no_records(tmp_path: Path) -> None:
    shapes, data = tmp_path / "shapes.ttl", tmp_path / "data.ttl"
    shapes.write_text("""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    <urn:own> a sh:NodeShape ; sh:targetClass foaf:Agent ; sh:property [ sh:path foaf:mbox ; sh:minCount 1 ; sh:name "mail" ] .""")
    data.write_text("<urn:a> a <http://xmlns.com/foaf/0.1/Agent> .")
    done = run("--shapes", shapes, data)
    assert done.exit_code == 1
    assert "1 record: does not conform (1 violation)" in done.stdout
    assert "Violation: Mail (foaf:mbox)" in done.stdout
    shapes.write_text("@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:own> a sh:NodeShape ; sh:property 5 .")
    for form in ("text", "sarif"):
        done = run("--shapes", shapes, "--format", form, data)
        assert (done.exit_code, done.stdout) == (2, "")


def test_the_threshold_decides_the_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "one.ttl"
    path.write_text(DATASET)
    codes = [
        run("--profile", "dcat-ap", "--severity", level, path).exit_code for level in ("violation", "warning", "info")
    ]
    assert codes == [0, 1, 1]


def test_the_level_of_health_data_is_told_by_the_access_right(tmp_path: Path) -> None:
    right = "dct:accessRights <http://publications.europa.eu/resource/authority/access-right/"
    path = tmp_path / "one.ttl"
    for level in ("PUBLIC", "NON_PUBLIC"):
        path.write_text(DATASET.replace("dct:title", f"{right}{level}> ; dct:title"))
        found = json.loads(run("--profile", "healthdcat-ap", "--format", "json", path).stdout)["findings"]
        used = {one["shape"].split("/")[-2] for one in found}
        assert ("non-public" in used) is (level == "NON_PUBLIC")


def test_a_vocabulary_that_came_along_is_told_apart_and_never_blamed_on_the_record(tmp_path: Path) -> None:
    theme = "http://publications.europa.eu/resource/authority/data-theme/HEAL"
    text = f"""{DATASET} @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://example.org/dataset/1> dcat:theme <{theme}> .
<{theme}> a skos:Concept ; skos:inScheme "not an IRI" ; dct:title 5 ."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text("""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:s> a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ] .""")
    done = run("-", "--shapes", shapes, stdin=text)
    assert done.exit_code == 0
    assert "in vocabularies and tables that came along" in done.stdout
    found = json.loads(run("-", "--shapes", shapes, "--format", "json", stdin=text).stdout)["findings"]
    assert [(one["focus"], one["record"], one["vocabulary"]) for one in found] == [(theme, None, True)]
    alone = run("-", "--shapes", shapes, stdin=f"<{theme}> a <http://www.w3.org/2004/02/skos/core#Concept> .")
    assert alone.exit_code == 1


class _Site(BaseHTTPRequestHandler):
    """Answers what the test put there; counts who asks."""

    answers: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                try:
                    self.wfile.write(b"#\n")
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.1)
            return
        status, headers, body = self.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _serving(handler: type[_Site]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site() -> Iterator[str]:
    _Site.asked.clear()
    with _serving(_Site) as host:
        yield host


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A host that is not on the list, and who asked it."""
    asked: list[str] = []
    with _serving(type("_Canary", (_Site,), {"asked": asked})) as host:
        yield host, asked


def _page(number: int, following: str | None) -> tuple[int, dict[str, str], bytes]:
    text = NO_TITLE.replace("dataset/1", f"dataset/{number}")
    if following:
        text += f"<#page> <http://www.w3.org/ns/hydra/core#next> <{following}> ."
    return 200, {"Content-Type": "text/turtle; charset=utf-8"}, text.encode()


def test_a_catalogue_on_a_listed_host_is_judged_page_by_page(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _Site.answers = {
        "/c": (302, {"Location": "/c?page=1"}, b""),
        "/c?page=1": _page(1, "?page=2"),
        "/c?page=2": _page(2, None),
    }
    monkeypatch.setenv("FAIRMAP_CATALOGUE_HOSTS", f"example.org, {site}")
    done = run(f"http://{site}/c", "--profile", "dcat-ap", "--severity", "violation")
    assert done.exit_code == 1, done.stderr
    assert done.stdout.startswith("2 records: does not conform (2 violations")
    assert _Site.asked == ["/c", "/c?page=1", "/c?page=2"]


def test_no_request_goes_to_a_host_that_is_not_on_the_list(site: str, canary: tuple[str, list[str]]) -> None:
    other, asked = canary
    _Site.answers = {
        "/next": _page(1, f"http://{other}/stolen"),
        "/moved": (301, {"Location": f"http://{other}/stolen"}, b""),
        "/context": (200, {"Content-Type": "application/ld+json"}, f'{{"@context": "http://{other}/c"}}'.encode()),
    }
    limits = Limits(frozenset({site}), 5, 1)
    for path in ("/next", "/moved"):
        with pytest.raises(UsageError, match="on the list only"):
            list(pages(f"http://{site}{path}", limits))
    with pytest.raises(Exception, match="is not fetched"):
        list(Document.stream(next(pages(f"http://{site}/context", limits))))
    for url in (
        f"http://{other}/x",
        f"http://{site}@{other}/x",
        f"ftp://{site}/x",
        "http://[::1/x",
        "file:///etc/passwd",
    ):
        with pytest.raises(UsageError):
            list(pages(url, limits))
    assert asked == []


def test_a_catalogue_that_is_too_large_too_slow_broken_or_endless_is_given_up(site: str) -> None:
    _Site.answers = {
        "/large": (200, {"Content-Type": "text/turtle"}, b"#" * (1 << 20) + b"\n# more"),
        "/broken": (500, {}, b""),
        "/circle": _page(1, "/circle"),
        "/away": (302, {"Location": "/away"}, b""),
    }
    for path, told in (
        ("large", "larger than 1 MiB"),
        ("broken", "answered 500"),
        ("circle", "no end"),
        ("away", "redirects"),
    ):
        with pytest.raises(RemoteFailed, match=told):
            list(pages(f"http://{site}/{path}", Limits(frozenset({site}), 5, 1)))
    began = time.monotonic()
    with pytest.raises(RemoteFailed, match="not read in"):
        list(pages(f"http://{site}/slow", Limits(frozenset({site}), 0.5, 1)))
    assert time.monotonic() - began < 3
    assert run("http://127.0.0.1:1/", "--profile", "dcat-ap").exit_code == 2


def test_a_catalogue_that_cannot_be_reached_is_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRMAP_CATALOGUE_HOSTS", "127.0.0.1:1")
    done = run("http://127.0.0.1:1/", "--profile", "dcat-ap")
    assert (done.exit_code, done.stdout) == (3, "")
    assert Limits.of(Settings()).hosts == frozenset()


def test_progress_is_told_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr("sys.stderr", terminal)
    with Progress() as progress:
        progress.tell("judging")
    assert terminal.getvalue() == ""
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    with Progress() as progress:
        progress.read(2)
        progress.read(3)
    assert "2 documents read" in terminal.getvalue()
    assert "3 documents" not in terminal.getvalue()


def test_complete_records_conform_by_python_too() -> None:
    path = COMPLETE / "dcat-ap.ttl"
    document = Document(path.read_bytes(), "turtle", path.name)
    assert Judge(DEFAULT_BASE, "dcat-ap").documents([document]).conforms
    assert not Judge(DEFAULT_BASE, "eucaim").documents([document]).conforms
