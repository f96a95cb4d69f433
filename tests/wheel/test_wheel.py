"""The wheel, made from the sdist, in an environment that has what it asks for and nothing else (``make wheel-test``).

What the package can lack is looked for here: files, dependencies, entry points. What the program does is tested in the source tree.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from fairmap.export import projection_names
from fairmap.profiles import profile_names
from service import Service, started
from web.addresses import PAGES, SHIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = {
    "src/fairmap": "fairmap",
    "ontology": "fairmap/files/ontology",
    "shapes": "fairmap/files/shapes",
    "seeds": "fairmap/files/seeds",
    "data": "fairmap/files/data",
}
"""Where the folders of the source tree are in the wheel."""
IMPORT_ALL = """
import importlib, pkgutil, fairmap
names = [module.name for module in pkgutil.walk_packages(fairmap.__path__, "fairmap.") if not module.name.endswith("__main__")]
for name in names: importlib.import_module(name)
print(len(names), fairmap.__file__)
"""
SHAPES = "https://w3id.org/fairmap/shapes/"
STATIC = ROOT / "src" / "fairmap" / "web" / "static"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of the environment."""
    place = tmp_path_factory.mktemp("environment")
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(place / "bin" / "python"), str(wheel)], check=True)
    return place / "bin"


@pytest.fixture(scope="module")
def service(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("served")
    with started([str(programs / "fairmap"), "serve"], f"oxigraph:{place / 'store'}", log=place / "log") as running:
        yield running


def run(program: Path, *arguments: object, folder: Path, code: int = 0) -> str:
    """What it writes, started outside the source tree."""
    command = [str(program), *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_the_wheel_has_the_files_of_the_source_tree_and_no_other(wheel: Path) -> None:
    expected = {
        f"{place}/{path.relative_to(ROOT / source)}": path.read_bytes()
        for source, place in SOURCES.items()
        for path in (ROOT / source).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        found = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name]] == []


def test_the_wheel_has_its_licence_and_notices(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition(".dist-info/")[2] for name in archive.namelist()}
    assert {"licenses/LICENSE", "licenses/NOTICE", "entry_points.txt"} <= names


def test_every_module_finds_what_it_imports(programs: Path, tmp_path: Path) -> None:
    number, place = run(programs / "python", "-I", "-c", IMPORT_ALL, folder=tmp_path).split(maxsplit=1)
    assert int(number) > 200
    assert str(programs.parent) in place


def test_the_map_is_built_from_what_the_wheel_has(programs: Path, tmp_path: Path) -> None:
    run(programs / "fairmap", "build", "--output", tmp_path, folder=tmp_path)
    for path in (ROOT / "data").iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("profile", profile_names())
def test_a_profile_has_its_shapes_and_tables(programs: Path, tmp_path: Path, profile: str) -> None:
    """A dataset without anything has faults by each profile."""
    (tmp_path / "bare.ttl").write_text("<https://example.org/d> a <http://www.w3.org/ns/dcat#Dataset> .")
    told = run(programs / "fairmap", "validate", "--profile", profile, "bare.ttl", folder=tmp_path, code=1)
    assert f"rule:   {SHAPES}" in told


@pytest.mark.parametrize("profile", projection_names())
def test_a_record_is_exported_by_every_profile(service: Service, programs: Path, tmp_path: Path, profile: str) -> None:
    iri = "https://w3id.org/fairmap/dataset/tcia-imaging"
    told = run(programs / "fairmap", "--store", service.store, "export", "--profile", profile, iri, folder=tmp_path)
    assert "tcia" in told


def test_a_record_is_audited(service: Service, programs: Path, tmp_path: Path) -> None:
    iri = "https://w3id.org/fairmap/dataset/tcia-imaging"
    assert "of 88 testable points" in run(programs / "fairmap", "--store", service.store, "audit", iri, folder=tmp_path)


@pytest.mark.parametrize("path", [*PAGES, *SHIPPED, "/partners", "/profile", "/fdp", "/feed"])
def test_the_service_has_every_page(service: Service, path: str) -> None:
    assert service.get(path, Accept="text/html, */*;q=0.5").status == 200


@pytest.mark.parametrize("name", [str(path.relative_to(STATIC)) for path in sorted(STATIC.rglob("*.*"))])
def test_the_service_has_what_its_pages_load(service: Service, name: str) -> None:
    assert service.get(f"/static/{name}").body == (STATIC / name).read_bytes()
