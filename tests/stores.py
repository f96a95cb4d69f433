"""What tests of running a service do to stores."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from fairmap.config import Settings
from fairmap.model import Record
from fairmap.rdf import digest
from fairmap.service.doctor import Diagnosis, State, examine
from fairmap.store import address, open_level
from service import free_port


def record(iri: str, *texts: str) -> Record:
    node = NamedNode(iri)
    return Record(iri, tuple(Quad(node, NamedNode("https://example.org/p"), Literal(text), node) for text in texts))


def fairmap(store: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fairmap", "--store", store, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def graph_of(store: str) -> str:
    level = open_level(address(store))
    try:
        return digest(level.dump())
    finally:
        level.close()


def states(found: list[Diagnosis]) -> dict[str, State]:
    """The gravest state of each subject."""
    order = list(State)
    worst: dict[str, State] = {}
    for one in found:
        worst[one.subject] = max(worst.get(one.subject, State.OK), one.state, key=order.index)
        assert (one.remedy is None) == (one.state is State.OK)
    return worst


def examined(store: str, **settings: Any) -> dict[str, State]:
    known = {"publisher": "x", "contact": "y", "query_workers": 1, "query_memory": 1, "port": free_port(), **settings}
    return states(list(examine(Settings(store=store, **known))))
