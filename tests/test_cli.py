"""The command line: data on standard output, messages on standard error, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, parse

from command import fairmap
from conftest import ROOT
from fairmap import errors
from fairmap.cli import main
from fairmap.cli.errors import exit_code
from fairmap.config import Settings, configure
from fairmap.errors import FairmapError, UsageError
from fairmap.rdf import digest
from fairmap.resources import folder

if TYPE_CHECKING:
    from pathlib import Path

MAP = folder("data") / "imaging-health-data-map.trig"
BROKEN = ROOT / "tests" / "shapes" / "invalid"
COUNT = "SELECT (COUNT(DISTINCT ?r) AS ?n) { ?r a <https://w3id.org/fairmap/ns#Repository> }"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    uri = f"oxigraph:{tmp_path_factory.mktemp('cli') / 'store'}"
    done = fairmap("load", "--store", uri, MAP)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "162 records loaded" in done.stderr
    return uri


def test_the_map_conforms() -> None:
    done = fairmap("validate", MAP)
    assert (done.returncode, done.stdout, done.stderr) == (0, "162 records: conforms\n", "")


def test_a_broken_record_exits_1_and_names_record_property_value_and_remedy() -> None:
    done = fairmap("validate", BROKEN / "access-rights--text.ttl")
    assert done.returncode == 1
    for told in ("https://w3id.org/fairmap/", "dct:accessRights", "value:", "remedy:", "rule:"):
        assert told in done.stdout


@pytest.mark.parametrize("form", ["json", "turtle", "jsonld"])
def test_reports_come_as_json_and_rdf(form: str) -> None:
    done = fairmap("validate", "--format", form, BROKEN / "access-rights--text.ttl")
    assert done.returncode == 1
    if form == "json":
        report = json.loads(done.stdout)
        assert report["conforms"] is False
        assert report["findings"][0]["path"] == "http://purl.org/dc/terms/accessRights"
    else:
        quads = list(parse(done.stdout, format=RdfFormat.TURTLE if form == "turtle" else RdfFormat.JSON_LD))
        assert sum("sourceConstraintComponent" in str(quad.predicate) for quad in quads) >= 1


def test_shapes_of_the_users_own(tmp_path: Path) -> None:
    shapes = tmp_path / "own.ttl"
    shapes.write_text("""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    <urn:own> a sh:NodeShape ; sh:targetClass foaf:Agent ; sh:property [ sh:path foaf:mbox ; sh:minCount 1 ; sh:message "No mail." ] .""")
    agent = ROOT / "tests" / "shapes" / "valid" / "agent-minimal.ttl"
    done = fairmap("validate", "--shapes", shapes, agent)
    assert done.returncode == 1
    assert "No mail." in done.stdout
    compared = fairmap("validate", "--engine", "pyshacl", "--shapes", shapes, agent)
    assert (compared.returncode, compared.stdout) == (1, done.stdout)
    shapes.write_text("@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:own> a sh:NodeShape ; sh:property 5 .")
    done = fairmap("validate", "--shapes", shapes, agent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the shapes are ill-formed" in done.stderr
    assert "SHACL 2.1" in done.stderr


@pytest.mark.parametrize(
    ("name", "place"), [("x.ttl", ":2:7"), ("x.rdf", ":1:1"), ("x.jsonld", ":1:1"), ("x.yaml", ":2:5")]
)
def test_a_file_that_is_not_rdf_exits_2_with_line_and_column(tmp_path: Path, name: str, place: str) -> None:
    texts = {
        "x.ttl": "@prefix : <http://e/> .\n:a :b .\n",
        "x.yaml": "a: [1,\nb: 2",
        "x.rdf": "x",
        "x.jsonld": "nonsense",
    }
    path = tmp_path / name
    path.write_text(texts[name])
    for command in (["validate"], ["load", "--store", f"oxigraph:{tmp_path / 'store'}"]):
        done = fairmap(*command, path)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{path}{place}" in done.stderr


def test_bad_input_leaves_the_store_as_it_was(store: str, tmp_path: Path) -> None:
    before = fairmap("export", "--store", store).stdout
    bad = tmp_path / "bad.ttl"
    bad.write_text("rubbish")
    stray = tmp_path / "stray.nq"
    stray.write_text("<http://other.org/x> <http://e/p> <http://e/o> .\n")
    for path, code in ((bad, 2), (stray, 1), (BROKEN / "access-rights--text.ttl", 1), (tmp_path / "missing.ttl", 2)):
        done = fairmap("load", "--store", store, MAP, path)
        assert done.returncode == code, done.stderr
    assert fairmap("export", "--store", store).stdout == before


def test_export_load_export_gives_the_same_graph_with_its_datatypes(store: str, tmp_path: Path) -> None:
    out = tmp_path / "out.trig"
    assert fairmap("export", "--store", store, "-o", out).returncode == 0
    assert digest(parse(out.read_bytes(), format=RdfFormat.TRIG)) == digest(
        parse(MAP.read_bytes(), format=RdfFormat.TRIG)
    )
    assert b"nonNegativeInteger" in out.read_bytes()
    other = f"oxigraph:{tmp_path / 'other'}"
    assert fairmap("load", "--store", other, out).returncode == 0
    again = tmp_path / "again.trig"
    assert fairmap("--store", other, "export", "-o", again).returncode == 0
    assert again.read_bytes() == out.read_bytes()


def test_one_record_is_exported_and_an_unknown_one_is_told(store: str) -> None:
    done = fairmap("export", "--store", store, "https://w3id.org/fairmap/repository/tcia", "--format", "turtle")
    assert "The Cancer Imaging Archive" in done.stdout
    done = fairmap("export", "--store", store, "https://w3id.org/fairmap/repository/none")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("form", "start"), [("csv", "n\r\n47\r\n"), ("tsv", "?n\n47\n"), ("json", "{"), ("xml", "<?xml")]
)
def test_queries_answer_in_every_result_format(store: str, form: str, start: str) -> None:
    command = [sys.executable, "-m", "fairmap", "query", "--store", store, COUNT, "--format", form]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.decode().startswith(start)
    assert b"47" in done.stdout


def test_a_query_from_a_file_and_from_standard_input(store: str, tmp_path: Path) -> None:
    path = tmp_path / "q.rq"
    path.write_text(COUNT)
    assert "47" in fairmap("query", "--store", store, "--file", path).stdout
    assert "47" in fairmap("query", "--store", store, "--file", "-", stdin=COUNT).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "--store", "memory:", "SELECT * { ?s ?p }"],
        ["query", "--store", "memory:", "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"],
        ["query", "--store", "memory:"],
        ["query", "--store", "nowhere:", "ASK {}"],
        ["query", "--store", "memory:", "ASK {}", "--format", "turtle"],
        ["load"],
        ["nonsense"],
        ["validate", "--profile", "fairmap", "--shapes", "x.ttl", "y.ttl"],
        ["serve", "--port", "0"],
    ],
)
def test_wrong_usage_exits_2_with_a_message(arguments: list[str]) -> None:
    done = fairmap(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_disk_trouble_exits_3(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = fairmap("query", "--store", f"oxigraph:{tmp_path / 'file' / 'store'}", "ASK {}")
    assert done.returncode == 3


def test_every_error_has_an_exit_code() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FairmapError)]
    assert len(kinds) > 10
    assert {exit_code(kind) for kind in kinds if kind is not FairmapError} == {1, 2, 3}


def test_settings_come_from_flag_environment_file_and_default(tmp_path: Path) -> None:
    (tmp_path / "fairmap.toml").write_text('port = 1\nhost = "a"\nquery-deadline = 5\n')
    environment = {"FAIRMAP_PORT": "2", "FAIRMAP_UNION": "false", "OTHER": "x"}
    found = configure({"port": 3, "host": None}, environment=environment, directory=tmp_path)
    assert (found.settings.port, found.settings.host, found.settings.union) == (3, "a", False)
    assert found.settings.query_deadline == 5.0
    assert found.origins["port"] == "flag"
    assert found.origins["union"] == "environment FAIRMAP_UNION"
    assert found.origins["host"] == str(tmp_path / "fairmap.toml")
    assert found.origins["store"] == "default"


@pytest.mark.parametrize("text", ['port = "many"', "unknown = 1", "port ==", 'base_iri = "https://e.org/x"'])
def test_a_wrong_setting_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "fairmap.toml").write_text(text)
    with pytest.raises(UsageError, match=r"fairmap\.toml"):
        configure(environment={}, directory=tmp_path)


def test_config_show_tells_every_setting_and_its_origin() -> None:
    done = fairmap("config", "show", "--origin")
    assert done.returncode == 0
    for name in vars(Settings()):
        assert f"{name} = " in done.stdout


def test_every_command_and_setting_is_documented() -> None:
    documentation = (ROOT / "README.md").read_text() + (ROOT / "docs" / "reference.md").read_text()
    for command in main.commands:
        assert f"fairmap {command}" in documentation, f"document `fairmap {command}`"
    for name in vars(Settings()):
        assert f"`{name}`" in documentation, f"document the setting {name}"
