"""Every example of the README works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.server

README = (ROOT / "README.md").read_text()
SHELL = [block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "make serve" not in block]
(PYTHON,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("readme")
    with serving(f"oxigraph:{place / 'store'}", log=place / "log") as running:
        yield running


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.split()[0] + " " + block.split()[1])
def test_shell_examples_work(service: Service, block: str, tmp_path: Path) -> None:
    """With this run's address, store and program in place of the README's."""
    program = f"{sys.executable} -m fairmap --store {service.store}"
    script = block.replace("http://localhost:8080", service.url).replace(".venv/bin/fairmap", program)
    for written in ("map.ttl", "to-tell.txt"):
        script = script.replace(f" {written}", f" {tmp_path}/{written}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout + done.stderr


def test_the_audit_of_the_readme_tells_scores_failures_and_remedies(service: Service) -> None:
    (line,) = [line for line in README.splitlines() if "fairmap audit http" in line]
    program = [sys.executable, "-m", "fairmap", "--store", service.store, *line.split()[1:]]
    text = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for told in ("of 88 testable points", "of 325 testable points", "    why:  ", "    where:  ", "INSERT DATA {"):
        assert told in text


def test_the_python_example_works(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PYTHON], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "access not stated" in done.stdout
    assert len(done.stdout.splitlines()) >= 2


def test_links_of_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
