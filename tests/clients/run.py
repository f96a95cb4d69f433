"""Let real clients take the whole map from a running fairmap, each in an environment of its own, and compare what they find with ours.

Usage: ``python tests/clients/run.py [CLIENT]...``; ``make clients`` for all. Exit code 1: other numbers, or a change at the second harvest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from service import serving  # it lies beside, in no package

import fairmap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ENVIRONMENTS = ROOT / ".clients"
ASKED = {
    "datasets": "?record a <http://www.w3.org/ns/dcat#Dataset>",
    "repositories": "?record a <https://w3id.org/fairmap/ns#Repository>",
    "entries": "?record a ?class FILTER (?class IN (<http://www.w3.org/ns/dcat#Dataset>, <http://www.w3.org/ns/dcat#Catalog>))",
}
FAIRMAP = (sys.executable, "-m", "fairmap")
MINUTES = 3
"""A client that takes longer has failed."""


@dataclass(frozen=True)
class Client:
    """A client as ``clients.toml`` tells of it."""

    name: str
    title: str
    finds: Mapping[str, str]
    python: Sequence[str] = ()
    node: Sequence[str] = ()

    @property
    def place(self) -> Path:
        """Its environment."""
        return ENVIRONMENTS / self.name

    def install(self) -> None:
        """Make its environment, unless it is there with these requirements."""
        wanted = json.dumps([self.python, self.node])
        stamp = self.place / "installed.json"
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        self.place.mkdir(parents=True, exist_ok=True)
        if self.node:
            run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(self.place), *self.node])
        else:
            uv = str(Path(sys.executable).parent / "uv")
            run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(self.place / "venv")])
            python = str(self.place / "venv" / "bin" / "python")
            run([uv, "pip", "install", "--quiet", "--python", python, *self.python])
        stamp.write_text(wanted)

    def harvest(self, url: str, token: str) -> dict[str, int]:
        """What its check found.

        :param token: with which everybody reads, for clients that must log in.
        :raises RuntimeError: when the check failed; with its last words.
        """
        if self.node:
            command = ["node", str(HERE / "checks" / f"check_{self.name}.mjs"), url, token]
        else:
            python = str(self.place / "venv" / "bin" / "python")
            command = [python, str(HERE / "checks" / f"check_{self.name}.py"), url, token]
        lines = run(command, self.place).strip().splitlines()
        counts: dict[str, int] = json.loads(lines[-1])
        return counts


def run(command: Sequence[str], folder: Path = ROOT) -> str:
    """What a command writes.

    :raises RuntimeError: when it fails or takes too long.
    """
    environment = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60 * MINUTES, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"took longer than {MINUTES} minutes") from error
    if done.returncode:
        raise RuntimeError("\n".join((done.stderr or done.stdout).strip().splitlines()[-8:]))
    return done.stdout


def clients(names: Sequence[str]) -> Iterator[Client]:
    """The clients of these names; without names all.

    :raises SystemExit: for a name that there is not.
    """
    told = tomllib.loads((HERE / "clients.toml").read_text())
    if unknown := set(names) - told.keys():
        raise SystemExit(f"there is no client {', '.join(sorted(unknown))}; there are {', '.join(told)}")
    for name, about in told.items():
        if not names or name in names:
            yield Client(name, **about)


def counts() -> dict[str, int]:
    """How many records of each kind the map has, counted in the map itself, not asked of the service."""
    with fairmap.open("memory:") as catalogue:
        catalogue.load_map()
        found = {
            name: len(list(catalogue.select(f"SELECT DISTINCT ?record WHERE {{ GRAPH ?record {{ {pattern} }} }}")))
            for name, pattern in ASKED.items()
        }
    catalogs = found["entries"] - found["datasets"] - found["repositories"]
    return {**found, "catalogs": catalogs, "all_catalogs": catalogs + found["repositories"], "none": 0}


def judge(client: Client, url: str, token: str, expected: Mapping[str, int]) -> tuple[str, float]:
    """What is wrong, empty when nothing is; and the seconds that it took."""
    start = time.monotonic()
    try:
        client.install()
        found = client.harvest(url, token)
    except RuntimeError as error:
        return str(error), time.monotonic() - start
    wanted = {name: expected[count] for name, count in client.finds.items()}
    return "" if found == wanted else f"found {found}, there are {wanted}", time.monotonic() - start


def main(names: Sequence[str]) -> int:
    expected, wrong, passed = counts(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with serving(f"oxigraph:{place / 'store'}", log=place / "serve.log") as service:
            token = run([*FAIRMAP, "token", "create", "clients", "--scope", "read", "--store", service.store]).strip()
            with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
                outcomes = pool.map(lambda client: judge(client, service.url, token, expected), clients(names))
                for client, (fault, seconds) in zip(clients(names), outcomes, strict=True):
                    wrong, passed = wrong + bool(fault), passed + (not fault)
                    print(f"{'FAILED' if fault else 'ok':6} {seconds:6.1f} s  {client.title}")
                    print(f"         {fault}" if fault else f"         {dict(client.finds)}", flush=True)
    print(f"{passed} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
