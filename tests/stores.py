"""What tests of running a service do to stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, Quad

import command
from fairmap.config import Settings
from fairmap.model import Record
from fairmap.rdf import digest
from fairmap.service.doctor import Diagnosis, State, examine
from fairmap.store import address, open_level
from service import free_port

if TYPE_CHECKING:
    from subprocess import CompletedProcess


def record(iri: str, *texts: str) -> Record:
    node = NamedNode(iri)
    return Record(iri, tuple(Quad(node, NamedNode("https://example.org/p"), Literal(text), node) for text in texts))


def fairmap(store: str, *arguments: object) -> CompletedProcess[str]:
    return command.fairmap("--store", store, *arguments)


def token(store: str, name: str, *options: str) -> str:
    """A new token, as ``fairmap token create`` prints it."""
    done = fairmap(store, "token", "create", name, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


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
