"""The SPARQL editor comes from npm when the package is made, whole or not at all; without it there is a plain form."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import sys
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT
from fairmap.web import editor
from web.clients import BROWSER, SELECT, client_of
from web.views import Counting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from fairmap import Catalogue

FILES = {
    "yasgui.min.js": b"draw(\"<a style='text-decoration:underline'>\");\n//# sourceMappingURL=yasgui.min.js.map\n",
    "yasgui.min.css": b".yasgui { color: red }",
}


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``hatch_build.py`` with a folder of its own, and no program but those of the folder ``bin``."""
    if not (ROOT / "hatch_build.py").is_file():
        pytest.skip("hatch_build.py is missing: this is an installed package")
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.FOLDER = tmp_path / "yasgui"
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("FAIRMAP_EDITOR", raising=False)
    return module


def _npm(folder: Path, body: str) -> None:
    """A program that does what ``npm pack`` would, or fails as it would."""
    path = folder / "bin" / "npm"
    path.write_text(f"#!{sys.executable}\nimport pathlib, sys\n{body}\n")
    path.chmod(0o755)


def _packed(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/build/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _offered(hook: Any, folder: Path, files: dict[str, bytes]) -> None:
    """An npm that has these files, which are those that are expected."""
    packed = _packed(files)
    hook.INTEGRITY = "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()
    _npm(folder, f"pathlib.Path('yasgui.tgz').write_bytes({packed!r})")


def test_without_npm_the_package_is_made_and_says_what_it_lacks(hook: Any) -> None:
    told: list[str] = []
    hook.ensure(told.append)
    assert told == ["/sparql will be a plain form, without the editor: npm is not installed"]
    assert not hook.FOLDER.exists()


def test_where_the_editor_is_required_its_lack_is_a_failure(hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRMAP_EDITOR", "required")
    with pytest.raises(hook.EditorMissingError, match="npm is not installed"):
        hook.ensure(pytest.fail)


def test_an_editor_that_is_not_wanted_is_not_taken(hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _offered(hook, tmp_path, FILES)
    monkeypatch.setenv("FAIRMAP_EDITOR", "none")
    hook.ensure(pytest.fail)
    assert not hook.FOLDER.exists()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("sys.exit('E404 no such version')", "failed: E404 no such version"),
        ("pathlib.Path('yasgui.tgz').write_bytes(b'something else')", "has integrity sha512-"),
    ],
)
def test_what_npm_cannot_give_or_gives_otherwise_is_not_taken(hook: Any, tmp_path: Path, body: str, told: str) -> None:
    _npm(tmp_path, body)
    said: list[str] = []
    hook.ensure(said.append)
    assert len(said) == 1
    assert told in said[0]
    assert not hook.FOLDER.exists()


def test_an_archive_without_the_files_is_told(hook: Any, tmp_path: Path) -> None:
    _offered(hook, tmp_path, {"other.js": b""})
    said: list[str] = []
    hook.ensure(said.append)
    assert said[0].endswith("has no build/yasgui.min.js")
    assert not (hook.FOLDER / "integrity").exists()


def test_the_editor_is_fitted_to_our_pages_and_taken_once(hook: Any, tmp_path: Path) -> None:
    _offered(hook, tmp_path, FILES)
    hook.ensure(pytest.fail)
    assert (hook.FOLDER / "yasgui.min.js").read_bytes() == b'draw("<a>");\n'
    assert (hook.FOLDER / "yasgui.min.css").read_bytes() == FILES["yasgui.min.css"]
    _npm(tmp_path, "sys.exit('npm was asked again')")
    hook.ensure(pytest.fail)


@pytest.fixture
def plain(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """The app of an installation without the editor."""
    monkeypatch.setattr(editor, "files", lambda _: tmp_path)
    editor.has_editor.cache_clear()
    yield client_of(Counting(catalogue))
    editor.has_editor.cache_clear()


def test_without_the_editor_the_page_is_a_form_that_does_the_same(plain: FlaskClient) -> None:
    page = plain.get("/sparql", headers={"Accept": BROWSER}).text
    assert "yasgui" not in page
    assert "editor" not in page
    assert '<textarea id="query" name="query"' in page
    answered = plain.get("/sparql", query_string={"query": SELECT, "format": "html"}, headers={"Accept": BROWSER})
    assert answered.status_code == 200
    assert "yasgui" not in answered.text
    assert answered.text.count("<tr>") == 48  # a head and 47 repositories
    assert 'href="/repository/tcia"' in answered.text
    broken = plain.get("/sparql", query_string={"query": "SELECT", "format": "html"}, headers={"Accept": BROWSER})
    assert broken.status_code == 400
    assert "The query was not answered" in broken.text
    assert plain.get("/sparql", query_string={"query": SELECT, "format": "csv"}).text.count("\r\n") == 48
