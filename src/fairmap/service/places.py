"""Where the sockets of a service lie."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from fairmap.config import Settings
from fairmap.store import address

if TYPE_CHECKING:
    from fairmap.store import Address

VARIABLE: Final = "FAIRMAP_SERVICE"
"""The environment variable by which the service's own processes hand on settings and places."""

FIGURES: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus-client is told, before it is imported, to keep its counts in files of that folder."""


@dataclass(frozen=True)
class Places:
    """The sockets of one service.

    :ivar control: for the command line (mode 0600).
    :ivar view: for queries (mode 0600).
    """

    control: Path
    view: Path

    @property
    def tokens(self) -> Path:
        """The tokens, as hashes."""
        return self.control.parent / "tokens.sqlite"

    @property
    def judge(self) -> Path:
        """The socket of the judging process (mode 0600)."""
        return self.control.parent / "judge.sock"

    @property
    def organisations(self) -> Path:
        """The folder of the sockets of organisations' views."""
        return self.control.parent / "views"


def places(store: str | Address, folder: Path | None = None) -> Places | None:
    """The places of the service of ``store``; ``folder`` is used for a store in memory.

    :return: ``None`` for a store in memory without ``folder``: nobody else can reach it.
    """
    state = address(store).state or folder
    return Places(state / "control.sock", state / "view.sock") if state else None


@dataclass(frozen=True)
class Assignment:
    """What a process of the service must know.

    :ivar figures: folder in which the web processes count together.
    :ivar run: differs with each start of the service.
    """

    settings: Settings
    places: Places
    load_map: bool
    figures: Path
    run: str = field(default_factory=lambda: secrets.token_hex(8))

    def environment(self) -> dict[str, str]:
        """The environment that tells it to a child."""
        value = {
            "settings": asdict(self.settings),
            "control": str(self.places.control),
            "view": str(self.places.view),
            "load_map": self.load_map,
            "figures": str(self.figures),
            "run": self.run,
        }
        return {**os.environ, VARIABLE: json.dumps(value), FIGURES: str(self.figures)}

    @classmethod
    def from_environment(cls) -> Self:
        """What the parent told."""
        value = json.loads(os.environ[VARIABLE])
        found = Places(Path(value["control"]), Path(value["view"]))
        return cls(Settings(**value["settings"]), found, value["load_map"], Path(value["figures"]), value["run"])
