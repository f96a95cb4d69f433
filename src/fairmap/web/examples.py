"""Queries to begin with, shown on the form."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from fairmap.namespaces import DEFAULT_BASE
from fairmap.store import address_of
from fairmap.web.deployment import deployment

_RECORDS: Final = f"{DEFAULT_BASE}repository/"
_TEXT: Final = "fm:textMatch"


@dataclass(frozen=True)
class Example:
    """A query and the question it answers.

    :ivar name: of its file, without suffix; names sort in the order of use.
    """

    name: str
    question: str
    query: str


def examples() -> tuple[Example, ...]:
    """The files in ``example_queries/`` by name; the first line of each is its question. Record IRIs are this deployment's.

    Those that a store elsewhere has no text index for are left out there.
    """
    settings = deployment().settings
    records = f"{settings.base_iri}repository/"
    is_elsewhere = address_of(settings).remote is not None
    folder = files("fairmap.web") / "example_queries"
    found = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        first, _, query = entry.read_text(encoding="utf-8").replace(_RECORDS, records).partition("\n")
        name = entry.name.removesuffix(".rq")
        if not (is_elsewhere and _TEXT in query):
            found.append(Example(name, first.removeprefix("# "), query))
    return tuple(found)
